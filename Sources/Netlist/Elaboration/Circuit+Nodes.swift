extension Circuit {
    /// The circuit without the nodes that are not in `kept`, to which nothing is connected.
    func keeping(_ kept: [Int]) -> Circuit {
        var new = [Int](repeating: 0, count: nodes.count)
        for (index, old) in kept.enumerated() { new[old] = index }
        return Circuit(
            title: title,
            nodes: kept.map { nodes[$0] },
            resistors: resistors.map {
                Resistor(
                    name: $0.name, ngspiceName: $0.ngspiceName, positive: new[$0.positive],
                    negative: new[$0.negative], resistance: $0.resistance,
                    conductanceFactor: $0.conductanceFactor, source: $0.source, range: $0.range)
            },
            sources: sources.map {
                Source(
                    name: $0.name, ngspiceName: $0.ngspiceName, kind: $0.kind,
                    positive: new[$0.positive], negative: new[$0.negative], dcValue: $0.dcValue,
                    multiplicity: $0.multiplicity, range: $0.range)
            },
            otherDevices: otherDevices.map {
                Device(
                    name: $0.name, ngspiceName: $0.ngspiceName, letter: $0.letter,
                    nodes: $0.nodes.map { new[$0] }, isLinear: $0.isLinear,
                    transfer: $0.transfer?.renumbered(new), range: $0.range)
            },
            textUses: textUses)
    }
}
