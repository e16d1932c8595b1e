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
        var traits = traits
        traits.nodeCount = kept.count
        return Circuit(
            title: title, nodes: kept.map { nodes[$0] },
            resistors: resistors.map { resistor in
                var moved = resistor
                moved.positive = place[resistor.positive]
                moved.negative = place[resistor.negative]
                return moved
            },
            sources: sources.map { source in
                var moved = source
                moved.positive = place[source.positive]
                moved.negative = place[source.negative]
                return moved
            },
            otherDevices: otherDevices.map { device in
                var moved = device
                moved.nodes = device.nodes.map { place[$0] }
                moved.transfer = device.transfer?.moved { place[$0] }
                moved.controls = device.controls?.map {
                    NodePair(place[$0.positive], place[$0.negative])
                }
                moved.behaviour = device.behaviour?.moved { place[$0] }
                return moved
            },
            models: models, conditions: conditions, equationOptions: equationOptions,
            optionPlaces: optionPlaces, traits: traits,
            parameters: parameters, tape: tape, textUses: textUses)
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

extension Behaviour.Reading {
    /// The same with other indices of nodes.
    fileprivate func moved(to place: (Int) -> Int) -> Self {
        guard case .known(let behaviour) = self else { return self }
        return .known(
            Behaviour(
                quantity: behaviour.quantity,
                variables: behaviour.variables.map { variable in
                    guard case .voltage(let positive, let negative) = variable else {
                        return variable
                    }
                    return .voltage(positive: place(positive), negative: place(negative))
                }, formula: behaviour.formula))
    }
}
