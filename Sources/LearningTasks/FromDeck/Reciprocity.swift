import Netlist

extension Circuit {
    /// Indices of the devices through which signals may pass one way: a nudge at their output does not
    /// come back to their input. Values drawn at random, and those that depend on the temperature or on
    /// voltages that sources hold, have no input. An input that nothing trained and no output acts on is
    /// as good as held.
    ///
    /// The rules descend their loss because a reciprocal circuit carries a nudge from the outputs back
    /// to every resistor as the adjoint equation would. Resistors that act on the outputs through the
    /// input of a one-way device see nothing of the nudge, unless other devices feed a current back
    /// (Kendall et al. 2020, arXiv:2006.01981, bidirectional amplifiers). It does no harm where sources
    /// hold the controlling nodes; such devices are not among these. Whether a given circuit learns all
    /// the same can't be told from its elements alone.
    ///
    /// - Parameter acting: nodes at which something trained, or an output, acts on the circuit.
    func oneWayDevices(_ names: CircuitNames, acting: [Int]) -> [Int] {
        let candidates = ownDevices.compactMap { index in
            inputs(of: otherDevices[index], names).map { (device: index, inputs: $0) }
        }
        guard !candidates.isEmpty else { return [] }
        let reached = nodesReached(from: acting, names)
        return candidates.filter { candidate in
            candidate.inputs.isEmpty || candidate.inputs.contains { reached[$0] }
        }.map(\.device)
    }

    /// The nodes whose voltages a device follows without acting back on them; empty where these are not
    /// known, nil where there are none.
    private func inputs(of device: Device, _ names: CircuitNames) -> [Int]? {
        if let controls = device.controls {
            let free = controls.filter { !isOwn($0, device) && !isHeld($0, names) }
            return free.isEmpty ? nil : free.flatMap { [$0.positive, $0.negative] }
        }
        switch device.letter {
        case "c", "l", "k", "d", "t", "o", "y": return nil
        case "a" where device.codeModel.map(Self.reciprocalCodeModels.contains) == true:
            return nil
        // out+, out−, control+, control−
        case "e", "g", "s": return inputs(of: device, at: 2, 3, names)
        // collector, base, emitter
        case "q": return inputs(of: device, at: 1, 2, names)
        // drain, gate, source
        case "m", "j", "z": return inputs(of: device, at: 1, 2, names)
        default: return []
        }
    }

    private func inputs(of device: Device, at a: Int, _ b: Int, _ names: CircuitNames) -> [Int]? {
        guard device.nodes.count > max(a, b) else { return [] }
        let pair = NodePair(device.nodes[a], device.nodes[b])
        return isHeld(pair, names) ? nil : [pair.positive, pair.negative]
    }

    /// Which nodes follow what happens at some of them: those that currents lead to, none of which ideal
    /// sources hold, and the outputs of devices that these control.
    private func nodesReached(from acting: [Int], _ names: CircuitNames) -> [Bool] {
        var reached = nodes.map { _ in false }
        var waiting: [Int] = []
        func reach(_ node: Int) {
            guard !reached[node], node != 0 else { return }
            reached[node] = true
            waiting.append(node)
        }
        // What each node leads to.
        var ways = nodes.map { _ in [Int]() }
        func lead(from inputs: [Int], to terminals: [Int]) {
            let ends = terminals.filter { !isHeld(NodePair($0, 0), names) }
            for node in inputs { ways[node] += ends }
        }
        for resistor in resistors {
            let terminals = [resistor.positive, resistor.negative]
            lead(from: terminals, to: terminals)
        }
        for source in sources where source.kind == .voltage {
            let terminals = [source.positive, source.negative]
            lead(from: terminals, to: terminals)
        }
        for device in otherDevices {
            let isControlled = "egs".contains(device.letter) && device.nodes.count == 4
            let terminals = isControlled ? Array(device.nodes.prefix(2)) : device.nodes
            let controls = device.controls?.flatMap { [$0.positive, $0.negative] } ?? []
            lead(from: device.nodes + controls, to: terminals)
            // It may depend on anything.
            if inputs(of: device, names) == [] { terminals.forEach(reach) }
        }
        acting.forEach(reach)
        while let node = waiting.popLast() { ways[node].forEach(reach) }
        return reached
    }

    /// Code models whose terminals are all there is: a nudge passes them both ways.
    private static let reciprocalCodeModels: Set<String> = [
        "potentiometer", "sidiode", "zener", "memristor", "capacitoric", "inductoric",
    ]

    /// A warning that names a potentiometer, which stays as it is.
    var potentiometerWarning: Diagnostic? {
        otherDevices.first { $0.codeModel == "potentiometer" }.map { device in
            Diagnostic(
                "untrained-potentiometer", .warning,
                """
                the position of \(device.name) can't be trained: it belongs to one of ngspice's code \
                models; write the two resistances as resistors to train them
                """, at: device.range)
        }
    }

    /// Whether a device is a transistor's channel between nodes, its gate and bulk held against ground.
    fileprivate func isHeldChannel(_ device: Device, _ names: CircuitNames) -> Bool {
        guard "mjz".contains(device.letter), device.nodes.count > 2 else { return false }
        return device.nodes.enumerated().allSatisfy { place, node in
            place == 0 || place == 2 || isHeld(NodePair(node, 0), names)
        }
    }

    private func isHeld(_ pair: NodePair, _ names: CircuitNames) -> Bool {
        names.isHeld(positive: pair.positive, negative: pair.negative)
    }

    /// Whether a control is the voltage across the device itself, as of a diode: it is then reciprocal.
    private func isOwn(_ pair: NodePair, _ device: Device) -> Bool {
        device.nodes.count == 2 && Set(device.nodes) == [pair.positive, pair.negative]
    }
}

extension LearningTask {
    /// Names of the devices through which signals may pass one way, so that an update need not lower the
    /// loss: controlled and behavioural sources and transistors whose inputs no ideal source holds, and which
    /// something trained or a nudge acts on.
    public var oneWayDevices: [String] {
        oneWayDevices(CircuitNames(circuit)).map { circuit.otherDevices[$0].name }
    }

    private func oneWayDevices(_ names: CircuitNames) -> [Int] {
        let places = Set(parameters.flatMap(\.cards).map(\.owner))
        var acting = outputs.flatMap { [$0.positive, $0.negative] }
        for index in parameters.flatMap({ $0.members.map(\.resistor) }) {
            acting += [circuit.resistors[index].positive, circuit.resistors[index].negative]
        }
        for index in parameters.flatMap(\.sources) + outputs.compactMap(\.source) {
            acting += [circuit.sources[index].positive, circuit.sources[index].negative]
        }
        for (index, device) in circuit.otherDevices.enumerated()
        where places.contains(.device(index))
            || device.card.map({ places.contains(.model($0.model)) }) == true
        {
            acting += device.nodes
        }
        return circuit.oneWayDevices(names, acting: acting)
    }

    /// A warning that names the devices through which a nudge does not travel back.
    ///
    /// A channel whose gate and bulk sources hold is none of them, although its current follows the voltage of
    /// its source terminal more than that of its drain (docs/theory.md, "Imperfect hardware"): `solve` and
    /// `analyze` tell the angle of the update to the gradient.
    var reciprocityWarning: Diagnostic? {
        let names = CircuitNames(circuit)
        let oneWay = oneWayDevices(names).map { circuit.otherDevices[$0] }.filter {
            !circuit.isHeldChannel($0, names)
        }
        guard let first = oneWay.first else { return nil }
        let others = oneWay.count > 1 ? " and \(oneWay.count - 1) more like it" : ""
        return Diagnostic(
            "one-way-device", .warning,
            """
            signals pass one way through \(first.name)\(others): a nudge does not travel back, so \
            resistors that act through an input may learn nothing, and an update need not lower the \
            loss; feed a current back (see netlists/amplifier.cir) if training stalls
            """, at: first.range)
    }
}
