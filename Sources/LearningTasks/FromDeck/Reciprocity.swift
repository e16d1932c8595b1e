import Netlist

extension Circuit {
    /// Indices of the devices through which signals may pass one way: a nudge at their output does not
    /// come back to their input. Values drawn at random, and those that depend on the temperature or on
    /// voltages that sources hold, have no input.
    ///
    /// The rules descend their loss because a reciprocal circuit carries a nudge from the outputs back
    /// to every resistor as the adjoint equation would. Resistors that act on the outputs through the
    /// input of a one-way device see nothing of the nudge, unless other devices feed a current back
    /// (Kendall et al. 2020, arXiv:2006.01981, bidirectional amplifiers). It does no harm where sources
    /// hold the controlling nodes; such devices are not among these. Whether a given circuit learns all
    /// the same can't be told from its elements alone.
    func oneWayDevices(_ names: CircuitNames) -> [Int] {
        ownDevices.filter { index in
            let device = otherDevices[index]
            if let controls = device.controls {
                return !controls.allSatisfy { isOwn($0, device) || isHeld($0, names) }
            }
            switch device.letter {
            case "c", "l", "k", "d", "t", "o", "y": return false
            case "a" where device.codeModel.map(Self.reciprocalCodeModels.contains) == true:
                return false
            // out+, out−, control+, control−
            case "e", "g", "s": return !isHeld(device, 2, 3, names)
            // collector, base, emitter
            case "q": return !isHeld(device, 1, 2, names)
            // drain, gate, source
            case "m", "j", "z": return !isHeld(device, 1, 2, names)
            default: return true
            }
        }
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
    private func isHeldChannel(_ device: Device, _ names: CircuitNames) -> Bool {
        guard "mjz".contains(device.letter), device.nodes.count > 2 else { return false }
        return device.nodes.enumerated().allSatisfy { place, node in
            place == 0 || place == 2 || isHeld(NodePair(node, 0), names)
        }
    }

    /// Whether ideal sources hold the voltage between two of a device's nodes.
    private func isHeld(_ device: Device, _ a: Int, _ b: Int, _ names: CircuitNames) -> Bool {
        device.nodes.count > max(a, b)
            && isHeld(NodePair(device.nodes[a], device.nodes[b]), names)
    }

    private func isHeld(_ pair: NodePair, _ names: CircuitNames) -> Bool {
        names.isHeld(positive: pair.positive, negative: pair.negative)
    }

    /// Whether a control is the voltage across the device itself, as of a diode: it is then reciprocal.
    private func isOwn(_ pair: NodePair, _ device: Device) -> Bool {
        device.nodes.count == 2 && Set(device.nodes) == [pair.positive, pair.negative]
    }

    /// A warning that names the devices through which a nudge does not travel back.
    ///
    /// A channel whose gate and bulk sources hold is none of them, although its current follows the voltage of
    /// its source terminal more than that of its drain (docs/theory.md, "Imperfect hardware"): `solve` and
    /// `analyze` tell the angle of the update to the gradient.
    func reciprocityWarning(_ names: CircuitNames) -> Diagnostic? {
        let oneWay = oneWayDevices(names).map { otherDevices[$0] }.filter {
            !isHeldChannel($0, names)
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

extension LearningTask {
    /// Names of the devices through which signals may pass one way, so that an update need not lower the
    /// loss: controlled and behavioural sources and transistors whose inputs no ideal source holds.
    public var oneWayDevices: [String] {
        circuit.oneWayDevices(CircuitNames(circuit)).map { circuit.otherDevices[$0].name }
    }
}
