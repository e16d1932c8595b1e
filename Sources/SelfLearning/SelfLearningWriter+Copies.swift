import Engines
import LearningTasks
import Netlist

/// The copies, with what steers their resistors and what nudges them.
extension SelfLearningWriter {
    /// One copy of the circuit.
    struct Copy {
        /// The subcircuit's instance: `xfree2`. Its node `a` is `xfree2.a`.
        let instance: String
        /// What stands for the instance in other names: `free2`.
        var label: Substring { instance.dropFirst() }
    }

    /// The copies that see one sample, or all samples in turn.
    struct CopySet {
        /// Nil if these copies see all samples.
        let sample: Int?
        let free: Copy
        /// At +h and, centered, at −h.
        let nudged: [Copy]
    }

    var copySets: [CopySet] {
        let suffixes: [(sample: Int?, suffix: String)] =
            switch presentation {
            case .inTurn: [(nil, "")]
            case .together:
                task.samples.count == 1
                    ? [(0, "")] : task.samples.indices.map { ($0, "\($0 + 1)") }
            }
        let nudged = method.nudging.sides == .centered ? ["xplus", "xminus"] : ["xnudged"]
        return suffixes.map { sample, suffix in
            CopySet(
                sample: sample, free: Copy(instance: "xfree" + suffix),
                nudged: nudged.map { Copy(instance: $0 + suffix) })
        }
    }

    func copies(_ set: CopySet) -> [String] {
        var lines: [String] = []
        for copy in [set.free] + set.nudged {
            var words = [copy.instance, "0", Self.subcircuit]
            if let sample = set.sample {
                for (index, value) in task.samples[sample].inputs.enumerated() {
                    words.append(inputParameter(index) + "=" + number(value))
                }
            }
            lines.append(words.joined(separator: " "))
            lines += resistors(copy)
        }
        for (copy, strength) in zip(set.nudged, method.nudging.strengths) {
            lines += nudges(copy, of: set, strength: strength)
        }
        return lines
    }

    /// The voltages from which ngspice looks for the first point.
    func startingVoltages(_ set: CopySet) -> [String] {
        guard let start, !start.free.isEmpty else { return [] }
        let sample = set.sample ?? 0
        let points = [start.free[sample]] + start.nudged(sample)
        return zip([set.free] + set.nudged, points).flatMap { copy, point in
            task.circuit.nodes.indices.dropFirst().map {
                ".ic v(\(node($0, copy)))=\(number(point.voltages[$0]))"
            }
        }
    }

    /// Trained resistors as sources that their conductances steer, and those that moved with them.
    private func resistors(_ copy: Copy) -> [String] {
        let resistors = task.circuit.resistors
        var steering: [Int: String] = [:]
        for (index, parameter) in task.parameters.enumerated() {
            for member in parameter.members {
                steering[member.resistor] = conductance(
                    index, parameter, proportion: member.proportion)
            }
        }
        let moved = movedResistorRanges
        return resistors.indices.compactMap { index in
            let resistor = resistors[index]
            guard moved.contains(resistor.range) else { return nil }
            let (a, b) = (node(resistor.positive, copy), node(resistor.negative, copy))
            let name = "\(copy.label)_\(names.resistors[index])"
            guard let k = steering[index] else {
                return "R\(name) \(a) \(b) \(number(1 / resistor.conductance))"
            }
            return "B\(name) \(a) \(b) I=\(k)*\(drop(resistor.positive, resistor.negative, copy))"
        }
    }

    /// The conductance of a resistor of a parameter, S, as an expression.
    private func conductance(
        _ index: Int, _ parameter: TrainableParameter, proportion: Double
    ) -> String {
        let voltage = "V(\(names.conductanceNode(index)))"
        switch parameter.variable {
        case .logConductance: return factor(proportion) + "exp(\(voltage))"
        default: return factor(proportion * unit) + voltage
        }
    }

    /// The rule's nudge of every output, found from what the rule answers to unit voltages: its value is
    /// p·v + q·d for the free voltage v of the output and its target d.
    private func nudges(_ copy: Copy, of set: CopySet, strength h: Double) -> [String] {
        func nudge(free: Double, target: Double) -> Nudge {
            method.rule.nudge(
                strength: h, free: task.outputs.map { _ in free },
                pull: task.outputs.map { _ in free - target })
        }
        let ofFree = nudge(free: 1, target: 0).values
        let ofTarget = nudge(free: 0, target: 1).values
        return task.outputs.enumerated().map { index, output in
            let (a, b) = (node(output.positive, copy), node(output.negative, copy))
            var terms: [String] = []
            if ofFree[index] != 0 {
                terms.append(
                    factor(ofFree[index]) + drop(output.positive, output.negative, set.free))
            }
            if ofTarget[index] != 0 {
                terms.append(factor(ofTarget[index]) + target(index, sample: set.sample))
            }
            let value = "(" + (terms.isEmpty ? "0" : terms.joined(separator: "+")) + ")"
            let name = nudgeSource(index, copy)
            switch nudge(free: 0, target: 0) {
            case .none: return "* \(name): none"
            // Through the source from its first node to its second: into the output is backwards.
            case .currents: return "\(name) \(b) \(a) I=\(value)"
            case .clamps: return "\(name) \(a) \(b) V=\(value)"
            case .branches(let conductance, _):
                let own = drop(output.positive, output.negative, copy)
                return "\(name) \(a) \(b) I=\(factor(conductance))(\(own)-\(value))"
            }
        }
    }

    func nudgeSource(_ output: Int, _ copy: Copy) -> String {
        "Bnudge\(copy.label)_\(names.outputs[output])"
    }

    private func target(_ output: Int, sample: Int?) -> String {
        sample.map { "(\(number(task.samples[$0].targets[output])))" }
            ?? "V(\(names.targetNode(output)))"
    }
}

extension Nudge {
    /// Amperes or volts at each output.
    fileprivate var values: [Double] {
        switch self {
        case .none: []
        case .currents(let values), .clamps(let values), .branches(_, let values): values
        }
    }
}
