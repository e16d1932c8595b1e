import Netlist
import NgspiceBridge

extension Simulator {
    /// What `ngspice -b` prints for a deck's `.op`: no inputs, no nudges, ngspice's own tolerances.
    ///
    /// - Parameter circuit: the deck's, whose nodes are wanted.
    /// - Returns: voltages in the order of the circuit's nodes; NaN for nodes of logic.
    /// - Throws: `NgspiceError`, and `DiagnosticsError` for a deck that can't be handed over.
    public func operatingPoint(of deck: Deck, _ circuit: Netlist.Circuit) throws -> OperatingPoint {
        try circuit.requireReadableNodes()
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

extension Netlist.Circuit {
    /// Nodes whose names ngspice takes for something else where it is asked for a vector: all of them, a constant,
    /// or a vector of another plot.
    ///
    /// - Throws: `DiagnosticsError` that names a device at such a node.
    fileprivate func requireReadableNodes() throws(DiagnosticsError) {
        let wrong = nodes.indices.dropFirst().filter { index in
            let name = nodes[index].ngspiceName.lowercased()
            return ["all", "allv", "alli", "ally"].contains(name) || name.hasPrefix("const.")
                || name.hasPrefix(".")
                || name.wholeMatch(of: /(op|dc|tran|ac)[0-9]*\..*/) != nil
        }
        guard let first = wrong.first else { return }
        let range =
            resistors.first { $0.positive == first || $0.negative == first }?.range
            ?? otherDevices.first { $0.nodes.contains(first) }?.range
        throw DiagnosticsError([
            Diagnostic(
                "unreadable-node",
                """
                ngspice takes the name \(nodes[first].name) for something else where its voltage is asked \
                for: call this node otherwise
                """, at: range)
        ])
    }
}
