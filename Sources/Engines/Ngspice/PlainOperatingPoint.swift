import Netlist
import NgspiceBridge

extension Simulator {
    /// What `ngspice -b` prints for a deck's `.op`: no inputs, no nudges, ngspice's own tolerances.
    ///
    /// - Parameter circuit: the deck's, whose nodes are wanted.
    /// - Returns: voltages in the order of the circuit's nodes; NaN for nodes of logic.
    /// - Throws: `NgspiceError`, and `DiagnosticsError` for a deck that can't be handed over.
    public func operatingPoint(of deck: Deck, _ circuit: Netlist.Circuit) throws -> OperatingPoint {
        let lines = try deck.ngspiceLines()
        let comparable = circuit.comparableValues()
        let values: [String: Double]
        do {
            values = try plainOperatingPoint(
                lines, traits: circuit.traits, reading: comparable.map(\.quantity))
        } catch {
            throw deck.located(error, circuit)
        }
        let mismatches = comparable.compactMap { value in
            values[value.quantity].flatMap(value.mismatch)
        }
        guard mismatches.isEmpty else { throw DiagnosticsError(mismatches) }
        let hasLogic = circuit.traits.hasCodeModels
        return OperatingPoint(
            voltages: [0]
                + (try circuit.nodes.dropFirst().map { node in
                    if let value = values[node.ngspiceName] { return value }
                    guard hasLogic else {
                        throw NgspiceError(
                            .name, "ngspice has no node \(node.name) in this circuit")
                    }
                    return .nan
                }))
    }
}
