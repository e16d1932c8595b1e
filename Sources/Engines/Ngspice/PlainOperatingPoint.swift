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
        guard
            let first = nodes.indices.dropFirst().first(where: {
                Self.isReadOtherwise(nodes[$0].ngspiceName)
            })
        else { return }
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

    /// `all` and its kin, or what has the form `plot.vector`, with a plot such as `const`, `op` or `tran3`.
    private static func isReadOtherwise(_ node: String) -> Bool {
        let name = node.lowercased()
        guard let dot = name.firstIndex(of: ".") else {
            return ["all", "allv", "alli", "ally"].contains(name)
        }
        let plot = name[..<dot]
        guard let digits = plot.firstIndex(where: { ("0"..."9").contains($0) }) else {
            return ["", "all", "const", "op", "dc", "tran", "ac"].contains(plot)
        }
        return ["op", "dc", "tran", "ac"].contains(plot[..<digits])
            && plot[digits...].allSatisfy { ("0"..."9").contains($0) }
    }
}
