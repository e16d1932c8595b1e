import Devices
import Netlist

/// What follows from an operating point.
extension NonlinearCircuit {
    /// A, injected at each output; empty where nothing is.
    public func nudgeCurrents(_ state: [Double], _ hold: Hold) -> [Double] {
        switch hold {
        case .nothing: []
        case .currents(let currents): currents
        case .voltages: nudgeBranches.map { state[$0] }
        }
    }

    /// A, from the positive terminal of each voltage source through it to the negative one; NaN for current sources.
    ///
    /// The current of a source that ties nodes to ground is what leaves the nodes beyond it.
    ///
    /// - Parameters:
    ///   - sources: V or A, in the circuit's order.
    ///   - hold: at this operating point.
    public func sourceCurrents(
        _ state: [Double], sources: [Double], hold: Hold
    ) -> [Double] {
        var leaving = [Double](repeating: 0, count: circuit.nodes.count)
        func flow(_ current: Double, _ positive: Int, _ negative: Int) {
            leaving[positive] += current
            leaving[negative] -= current
        }
        for (resistor, conductance) in zip(circuit.resistors, conductances) {
            flow(
                conductance * (state[resistor.positive] - state[resistor.negative]),
                resistor.positive, resistor.negative)
        }
        for placed in devices.all {
            let nodes = devices.nodes[placed.start..<placed.start + placed.count]
            let (currents, _) = placed.device.evaluate(nodes.map { state[Int($0)] })
            for (node, current) in zip(nodes, currents) where node < circuit.nodes.count {
                leaving[Int(node)] += current
            }
        }
        for (nodes, current) in zip(branches.nodes, state[firstBranch...]) {
            flow(current, nodes.positive, nodes.negative)
        }
        for device in circuit.otherDevices where "fg".contains(device.letter) {
            guard let transfer = device.transfer else { continue }
            let control =
                switch transfer.control {
                case .voltage(let positive, let negative): state[positive] - state[negative]
                case .current(let name): state[firstBranch + (branches.byName[name] ?? 0)]
                }
            flow(transfer.gain * control, device.nodes[0], device.nodes[1])
        }
        for (source, value) in zip(circuit.sources, sources) where source.kind == .current {
            flow(source.multiplicity * value, source.positive, source.negative)
        }
        for (output, current) in zip(outputs, nudgeCurrents(state, hold)) {
            flow(-current, output.positive, output.negative)
        }
        var currents = branches.ofSources.map { $0 < 0 ? Double.nan : state[firstBranch + $0] }
        for tie in branches.ties.ties.reversed() {
            currents[tie.source] = -tie.sign * leaving[tie.node]
            leaving[tie.parent] += leaving[tie.node]
        }
        return currents
    }

    /// ∂I/∂V, S: how the current into one terminal of a device follows the voltage of another, those of all but
    /// this one held, at the operating point that was solved last.
    ///
    /// - Parameter index: among `circuit.otherDevices`, of a semiconductor.
    public func conductance(ofDevice index: Int, from voltage: Int, to current: Int) -> Double {
        guard let placed = devices.places[index].map({ devices.all[$0] }) else { return .nan }
        return terminalJacobians[placed.firstSlot + current * placed.terminals + voltage]
    }

    /// Whether no direct current can flow through a voltage source: beyond it there are only gates of MOSFETs.
    public func carriesNoCurrent(_ index: Int) -> Bool {
        guard let tie = branches.ties.ties.first(where: { $0.source == index }) else {
            return false
        }
        let node = tie.node
        let isHeld =
            branches.ties.ties.contains { $0.parent == node }
            || branches.nodes.contains { $0.positive == node || $0.negative == node }
            || circuit.resistors.contains { $0.positive == node || $0.negative == node }
            || circuit.sources.enumerated().contains { other, source in
                other != index && (source.positive == node || source.negative == node)
            }
            || outputs.contains { $0.positive == node || $0.negative == node }
        guard !isHeld else { return false }
        return circuit.otherDevices.allSatisfy { device in
            device.nodes.enumerated().allSatisfy { terminal, other in
                other != node || "ck".contains(device.letter)
                    || device.letter == "m" && terminal == 1
            }
        }
    }
}
