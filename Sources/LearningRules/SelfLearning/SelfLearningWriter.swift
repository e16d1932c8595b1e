import Foundation
import Netlist

/// Writes the text of a self-learning deck, part by part in the order of the file.
struct SelfLearningWriter {
    let deck: Deck
    let task: LearningTask
    let method: LearningMethod
    let timing: SelfLearningDeck.Timing
    let presentation: SelfLearningDeck.Presentation
    let unit: Double
    let names: SelfLearningNames

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

    func lines() throws(DiagnosticsError) -> [String] {
        try header() + circuit() + section("the training", options + analysis(copySets)) + [".end"]
    }

    /// See `SelfLearningDeck.circuitLines(pausingAt:)`.
    func circuitLines(pausingAt times: [Double]) throws(DiagnosticsError) -> [String] {
        let corners = times.map { "\(number($0)) 0" }.joined(separator: " ")
        let pauses =
            times.isEmpty
            ? [] : ["Vspicelearn_pauses spicelearn_pauses 0 PWL(0 0 \(corners))"]
        return try ["self-learning circuit"] + circuit() + options + pauses + [".end"]
    }

    private func circuit() throws(DiagnosticsError) -> [String] {
        let parts = try circuitParts()
        var lines: [String] = []
        lines += section("parameters, models and subcircuits of the deck", parts.cards)
        lines += section(
            "the circuit, but for its trained resistors",
            [([".subckt", Self.subcircuit, Self.port] + parameterNames).joined(separator: " ")]
                + parts.devices + [".ends " + Self.subcircuit])
        let sets = copySets
        if case .inTurn(let period) = presentation {
            lines += section("what the copies should show, sample by sample", targets(period))
        }
        for set in sets {
            let title = set.sample.map { sets.count > 1 ? "sample \($0 + 1)" : "the sample" }
            lines += section("copies for " + (title ?? "all samples in turn"), copies(set))
        }
        lines += section("conductances, and the rule that charges them", conductances(sets))
        return lines + section("outputs, for reading", observers(sets))
    }

    private func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["*", "* " + title, "*"] + lines
    }

    // MARK: The circuit

    private static let subcircuit = "spicelearn_copy"
    private static let port = "spicelearn_port"
    private func inputParameter(_ input: Int) -> String { "spicelearn_input\(input + 1)" }

    private var parameterNames: [String] {
        guard presentation == .together, !task.inputs.isEmpty else { return [] }
        return ["params:"] + task.inputs.indices.map { inputParameter($0) + "=0" }
    }

    /// Options that this deck sets itself.
    private static let ownOptions: Set<String> = [
        "reltol", "abstol", "vntol", "chgtol", "trtol", "itl4", "method", "maxord", "interp",
    ]

    /// The deck's text without the lines of trained resistors, inputs taking their values from the
    /// copy and all other sources at their DC values.
    private func circuitParts() throws(DiagnosticsError) -> CircuitParts {
        var replacements: [SourceRange: String] = [:]
        for range in movedResistorRanges { replacements[range] = "" }
        let varying = deck.timeVaryingSources
        var diagnostics: [Diagnostic] = []
        for source in task.circuit.sources {
            let input = task.inputs.firstIndex { $0.ngspiceName == source.ngspiceName }
            let isInner = source.ngspiceName != source.name.lowercased()
            guard input != nil || varying.contains(source.range) else { continue }
            if isInner {
                // The other case, an inner time function, is found with the text.
                guard input != nil else { continue }
                diagnostics.append(
                    Diagnostic(
                        "external-source",
                        "\(source.name) is in a subcircuit, where its value can't be supplied; "
                            + "move the source to the top level", at: source.range))
                continue
            }
            let nodes = [source.positive, source.negative].map {
                task.circuit.nodes[$0].ngspiceName
            }
            var words = [source.name] + nodes
            if let input {
                words.append(inputValue(input))
            } else {
                words.append(number(source.dcValue))
                if source.multiplicity != 1 { words.append("m=" + number(source.multiplicity)) }
            }
            replacements[source.range] = words.joined(separator: " ")
        }
        guard diagnostics.isEmpty else { throw DiagnosticsError(diagnostics) }
        return try deck.circuitParts(replacing: replacements, omittingOptions: Self.ownOptions)
    }

    private func inputValue(_ input: Int) -> String {
        switch presentation {
        case .together: "{\(inputParameter(input))}"
        case .inTurn(let period): staircase(task.samples.map { $0.inputs[input] }, period: period)
        }
    }

    /// The lines in the deck that at least one trained resistor comes from. Resistors of other instances
    /// of the same subcircuit come from them too, and move with them.
    private var movedResistorRanges: Set<SourceRange> {
        Set(
            task.parameters.lazy.flatMap(\.members).map {
                task.circuit.resistors[$0.resistor].range
            })
    }

    // MARK: Copies

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

    private func copies(_ set: CopySet) -> [String] {
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
        case .conductance: return factor(proportion * unit) + voltage
        case .logConductance: return factor(proportion) + "exp(\(voltage))"
        }
    }

    /// The rule's nudge of every output, found from what the rule answers to unit voltages: its value is
    /// p·v + q·d for the free voltage v of the output and its target d.
    private func nudges(_ copy: Copy, of set: CopySet, strength h: Double) -> [String] {
        func nudge(free: Double, target: Double) -> Nudge {
            method.rule.nudge(
                strength: h, free: task.outputs.map { _ in free },
                targets: task.outputs.map { _ in target })
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

    // MARK: Conductances

    /// s: the update is counted in kV per duration. A difference of nearly equal states, it has noise
    /// that ngspice must not take for a failure to converge; the conductance, its integral, is what has
    /// to converge. For the same reason the duration counts only up to 10⁶ fastest time constants.
    private var updateScale: Double { 1e-3 * timing.updateTime }

    /// For each parameter: a capacitor, the rule's update as the voltage across 1 Ω, and the source that
    /// charges the capacitor by it within the bounds.
    private func conductances(_ sets: [CopySet]) -> [String] {
        let initial = TrainedConductances(initial: task).values
        return task.parameters.enumerated().flatMap { index, parameter in
            let name = names.parameters[index]
            let k = names.conductanceNode(index)
            let u = "u_" + name
            var scale = timing.rate * updateScale / (2 * method.nudging.span)
            scale /= Double(sets.count)
            var speed = ""
            switch parameter.variable {
            case .conductance: scale /= unit
            case .logConductance: speed = "exp(V(\(k)))*"
            }
            var lines: [String] = []
            for set in sets {
                for member in parameter.members {
                    let resistor = task.circuit.resistors[member.resistor]
                    func across(_ copy: Copy) -> String {
                        drop(resistor.positive, resistor.negative, copy)
                    }
                    let first = across(set.nudged[0])
                    let reference = across(set.nudged.count > 1 ? set.nudged[1] : set.free)
                    let device =
                        "Bu\(set.sample.map { "\($0 + 1)" } ?? "")_\(names.resistors[member.resistor])"
                    lines.append(
                        "\(device) 0 \(u) I=\(factor(scale * member.proportion))\(speed)"
                            + "(\(reference)-\(first))*(\(reference)+\(first))")
                }
            }
            let bounds = Bounds(parameter, initial: initial[index], unit: unit)
            lines.append("R\(u) \(u) 0 1")
            lines.append(
                "B\(k) 0 \(k) I=\(factor(1 / updateScale))V(\(u))*\(bounds.gate(of: k, by: u))"
            )
            lines.append("C\(k) \(k) 0 1")
            lines.append(".ic v(\(k))=\(number(bounds.start))")
            return lines
        }
    }

    /// Bounds on the voltage that stands for a conductance.
    private struct Bounds {
        let start: Double
        private let lower: Double
        private let upper: Double
        /// Within this distance of a bound the current towards it fades: a step would make the time
        /// step vanish.
        private let margin: Double

        init(_ parameter: TrainableParameter, initial g: Double, unit: Double) {
            let range = parameter.bounds
            let within = min(max(g, range.lowerBound), range.upperBound)
            switch parameter.variable {
            case .conductance:
                (lower, upper) = (range.lowerBound / unit, range.upperBound / unit)
                start = within / unit
                margin = min(1e-4 * start, (upper - lower) / 10)
            case .logConductance:
                (lower, upper) = (log(range.lowerBound), log(range.upperBound))
                start = log(within)
                margin = min(1e-4, (upper - lower) / 10)
            }
        }

        /// 1 within the bounds; 0 where the update u pushes k out of them.
        func gate(of k: String, by u: String) -> String {
            guard margin > 0 else { return "0" }
            let perMargin = number(1 / margin)
            return "(V(\(u))<0 ? min(1,max(0,(V(\(k))-(\(number(lower))))*\(perMargin))) : "
                + "min(1,max(0,(\(number(upper))-V(\(k)))*\(perMargin))))"
        }
    }

    // MARK: Samples in turn

    private func targets(_ period: Double) -> [String] {
        var lines = task.outputs.indices.map { index in
            let node = names.targetNode(index)
            let steps = staircase(task.samples.map { $0.targets[index] }, period: period)
            return "V\(node) \(node) 0 \(steps)"
        }
        // ngspice forgets the corners of a repeated PWL after its first period. A pulse's are kept, and
        // this one has corners where they have theirs.
        let slot = period / Double(task.samples.count)
        let edge = slot * Self.edge
        let times = [slot - edge, edge, edge, slot / 2, slot].map { number($0) }
        lines.append(
            "Vclock clock 0 PULSE(0 1 " + times.joined(separator: " ") + ")")
        return lines
    }

    /// The part of a sample's time in which the inputs go over to the next one.
    private static let edge = 1e-3

    private func staircase(_ values: [Double], period: Double) -> String {
        let slot = period / Double(values.count)
        var points: [String] = []
        for (index, value) in values.enumerated() {
            let start = index == 0 ? 0 : Double(index) * slot
            let end = Double(index + 1) * slot - Self.edge * slot
            points += [start, value, end, value].map { number($0) }
        }
        points += [number(period), number(values[0])]
        return "PWL(" + points.joined(separator: " ") + ") r=0"
    }

    // MARK: Text

    private func observers(_ sets: [CopySet]) -> [String] {
        sets.flatMap { set in
            task.outputs.indices.map { index in
                let output = task.outputs[index]
                let name = outputNode(index, set, sets)
                return "E\(name) \(name) 0 \(node(output.positive, set.free)) "
                    + "\(node(output.negative, set.free)) 1"
            }
        }
    }

    private func outputNode(_ output: Int, _ set: CopySet, _ sets: [CopySet]) -> String {
        names.outputNode(output, sample: sets.count > 1 ? set.sample : nil)
    }

    /// Gear's method, since trapezoidal steps longer than a time constant ring; chgtol because a
    /// conductance that falls towards its lower bound needs no more digits than others.
    private var options: [String] {
        [
            ".options method=gear reltol=\(number(timing.relativeTolerance)) trtol=1 vntol=1e-6 "
                + "abstol=\(number(min(1e-12, 1e-9 * unit))) chgtol=\(number(chargeTolerance)) itl4=50"
        ]
    }

    /// C: in ngspice the error of a step is relative to a charge or to this. A thousandth of the least
    /// conductance at the start, as for `ContinuousTrainer`; 1 for logarithms.
    private var chargeTolerance: Double {
        zip(task.parameters, TrainedConductances(initial: task).values).map { parameter, g in
            parameter.variable == .logConductance ? 1 : 1e-3 * g / unit
        }.min() ?? 1
    }

    private func analysis(_ sets: [CopySet]) -> [String] {
        var vectors = sets.flatMap { set in
            task.outputs.indices.map { outputNode($0, set, sets) }
        }
        if presentation != .together { vectors += task.outputs.indices.map(names.targetNode) }
        let analysis = timing.analysis
        let steps = [analysis.step, analysis.duration, 0, analysis.largestStep].map(number)
        var lines = [
            ".options nopage noacct",
            ".width out=132",
            ".tran \(steps.joined(separator: " ")) uic",
        ]
        for group in [vectors, task.parameters.indices.map(names.conductanceNode)] {
            for start in stride(from: 0, to: group.count, by: 6) {
                let some = group[start..<min(start + 6, group.count)]
                lines.append(".print tran " + some.map { "v(\($0))" }.joined(separator: " "))
            }
        }
        // The last point may lie a rounding before the end, where a measurement would fail.
        let last = number(timing.duration * (1 - 1e-9))
        for (index, parameter) in task.parameters.enumerated() {
            let k = names.conductanceNode(index)
            lines.append(".meas tran \(k) find v(\(k)) at=\(last)")
            for member in parameter.members {
                let resistor = task.circuit.resistors[member.resistor]
                let name = names.resistors[member.resistor]
                let factor = resistor.conductanceFactor / member.proportion
                switch parameter.variable {
                case .conductance:
                    lines.append(".meas tran \(name) param='\(number(factor / unit))/\(k)'")
                case .logConductance:
                    lines.append(".meas tran \(name) param='\(number(factor))*exp(-(\(k)))'")
                }
            }
        }
        return lines
    }

    func node(_ index: Int, _ copy: Copy) -> String {
        index == 0 ? "0" : copy.instance + "." + task.circuit.nodes[index].ngspiceName
    }

    private func drop(_ positive: Int, _ negative: Int, _ copy: Copy) -> String {
        "V(\(node(positive, copy)),\(node(negative, copy)))"
    }

    /// `x*`, or nothing for 1.
    private func factor(_ x: Double) -> String { x == 1 ? "" : "(\(number(x)))*" }
}

private func number(_ x: Double) -> String { SpiceNumber.shortest(x) }

extension Nudge {
    /// Amperes or volts at each output.
    fileprivate var values: [Double] {
        switch self {
        case .none: []
        case .currents(let values), .clamps(let values), .branches(_, let values): values
        }
    }
}
