extension Circuit {
    /// The circuit without the nodes that no terminal is at: what is connected to a subcircuit's port that
    /// nothing inside uses. ngspice has no such node, and no equation is for it.
    ///
    /// - Parameter isUsed: whether a terminal is at the node of this index; ground stays in any case.
    func droppingNodes(unless isUsed: (Int) -> Bool) -> Circuit {
        let kept = nodes.indices.filter { $0 == 0 || isUsed($0) }
        guard kept.count < nodes.count else { return self }
        var place = [Int](repeating: 0, count: nodes.count)
        for (new, old) in kept.enumerated() { place[old] = new }
        return Circuit(
            title: title, nodes: kept.map { nodes[$0] },
            resistors: resistors.map { resistor in
                Resistor(
                    name: resistor.name, ngspiceName: resistor.ngspiceName,
                    positive: place[resistor.positive], negative: place[resistor.negative],
                    resistance: resistor.resistance,
                    conductanceFactor: resistor.conductanceFactor,
                    source: resistor.source, range: resistor.range)
            },
            sources: sources.map { source in
                Source(
                    name: source.name, ngspiceName: source.ngspiceName, kind: source.kind,
                    positive: place[source.positive], negative: place[source.negative],
                    dcValue: source.dcValue, multiplicity: source.multiplicity,
                    range: source.range)
            },
            otherDevices: otherDevices.map { device in
                Device(
                    name: device.name, ngspiceName: device.ngspiceName, letter: device.letter,
                    nodes: device.nodes.map { place[$0] }, isLinear: device.isLinear,
                    transfer: device.transfer?.moved { place[$0] }, codeModel: device.codeModel,
                    range: device.range)
            },
            equationOptions: equationOptions, options: traits.options,
            compiledModels: traits.compiledModels, textUses: textUses)
    }
}

extension Circuit.Transfer {
    /// The same with other indices of nodes.
    fileprivate func moved(to place: (Int) -> Int) -> Self {
        guard case .voltage(let positive, let negative) = control else { return self }
        return Self(
            gain: gain,
            control: .voltage(positive: place(positive), negative: place(negative)))
    }
}
