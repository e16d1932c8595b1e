import Netlist
import NgspiceBridge

/// Which resistors are trained, within which bounds, and which of them share one text.
extension TaskBuilder {
    private struct Choice {
        var min: Located<Double>?
        var max: Located<Double>?
        var variable: Located<LearningDirectives.TrainedVariable>?
    }

    mutating func resolveTrainable() -> [TrainableParameter] {
        let choices = chooseResistors()
        let origins = circuit.origins(training: choices.keys)
        var members: [NumberText: [Int]] = [:]
        for (index, origin) in origins.enumerated() {
            switch origin {
            case nil: break
            case .text where circuit.resistors[index].resistance < 0:
                let resistor = circuit.resistors[index]
                report(
                    "negative-resistance",
                    """
                    the resistance of \(resistor.name) is negative; learning needs positive ones: \
                    name those to train, like *.learn trainable R1 R2
                    """, at: valueRange(of: resistor))
            case .text where !LoadedCircuit.canAlter(circuit.resistors[index].ngspiceName):
                let resistor = circuit.resistors[index]
                report(
                    "unsafe-name",
                    """
                    in ngspice's commands a device can't have the name \(resistor.name), so it can't \
                    be trained; use letters, digits and _
                    """, at: resistor.range)
            case .text(let text, _): members[text, default: []].append(index)
            case .unwritable(let reason):
                let resistor = circuit.resistors[index]
                report(
                    "untrainable", "\(resistor.name) can't be trained: \(reason)",
                    at: resistor.range)
            }
        }
        var parameters: [TrainableParameter] = []
        var grouped: Set<Int> = []
        for index in choices.keys.sorted() where !grouped.contains(index) {
            let resistor = circuit.resistors[index]
            guard case .text(let text, _) = origins[index], let tied = members[text] else {
                continue
            }
            grouped.formUnion(tied)
            if let follower = tied.first(where: { choices[$0] == nil }) {
                diagnostics.append(
                    Diagnostic(
                        "follower", .warning,
                        """
                        \(circuit.resistors[follower].name) changes with \(resistor.name): both come \
                        from the number on line \(text.range.start.line)
                        """, at: circuit.resistors[follower].range))
            }
            let ranges = tied.map { bounds(of: $0, choices[$0] ?? Choice()) }
            let variables = Set(tied.compactMap { choices[$0]?.variable?.value })
            if variables.count > 1 {
                report(
                    "conflicting-vary",
                    "\(names(of: tied)) are one number in the deck, but vary= differs",
                    at: tied.compactMap { choices[$0]?.variable?.range }.last)
            }
            do throws(TaskError) {
                parameters.append(
                    try TrainableParameter(
                        resistors: tied, origins: tied.map { origins[$0] }, in: circuit,
                        resistances: ranges,
                        variable: variables.first == .log ? .logConductance : .conductance))
            } catch {
                report("untrainable", error.message, at: resistor.range)
            }
        }
        return parameters
    }

    private func names(of resistors: [Int]) -> String {
        resistors.map { circuit.resistors[$0].name }.joined(separator: ", ")
    }

    private mutating func chooseResistors() -> [Int: Choice] {
        var choices: [Int: Choice] = [:]
        let named = directives.trainable.contains { !$0.patterns.isEmpty }
        for clause in directives.trainable {
            for pattern in clause.patterns {
                for index in matches(pattern) {
                    merge(clause, into: &choices[index, default: Choice()])
                }
            }
        }
        if !named {
            if circuit.resistors.isEmpty {
                report(
                    "no-resistor", "there is no resistor to train in this deck",
                    at: directives.outputs.first?.name.range)
            }
            for index in circuit.resistors.indices { choices[index] = Choice() }
        }
        for clause in directives.trainable where clause.patterns.isEmpty {
            for index in choices.keys { merge(clause, into: &choices[index, default: Choice()]) }
        }
        return choices
    }

    private mutating func matches(_ pattern: Located<String>) -> [Int] {
        let glob = Glob(pattern.value)
        let found = circuit.resistors.indices.filter { glob.matches(circuit.resistors[$0].name) }
        guard found.isEmpty else { return found }
        if let device = names.device(pattern.value) {
            if device == "r" {
                report(
                    "untrainable",
                    "\(pattern.value) can't be trained: it is a behavioural resistor; only one with a fixed value can",
                    at: names.range(pattern.value))
            } else if circuit.otherDevices.contains(where: {
                $0.codeModel == "potentiometer"
                    && $0.name.lowercased() == pattern.value.lowercased()
            }) {
                report(
                    "untrainable",
                    "the position of \(pattern.value) can't be trained: it belongs to one of "
                        + "ngspice's code models; write the two resistances as resistors",
                    at: pattern.range)
            } else {
                report(
                    "untrainable",
                    "\(pattern.value) is not a resistor: only resistors can be trained",
                    at: pattern.range)
            }
        } else {
            let near = nearestName(to: pattern.value, in: circuit.resistors.map(\.name))
            report(
                "unknown-resistor",
                (glob.isLiteral ? "there is no resistor " : "no resistor matches ") + pattern.value
                    + (near.map { "; did you mean \($0)?" } ?? ""),
                at: pattern.range)
        }
        return []
    }

    private mutating func merge(_ clause: LearningDirectives.Trainable, into choice: inout Choice) {
        func settle<Value: Equatable>(
            _ name: String, _ old: Located<Value>?, _ new: Located<Value>?
        )
            -> Located<Value>?
        {
            guard let new, let old, old.value != new.value else { return new ?? old }
            let message =
                "\(name)=\(new.value) contradicts \(name)=\(old.value) for the same resistor"
            let diagnostic = Diagnostic("conflicting-bounds", message, at: new.range)
            if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
            return old
        }
        choice.min = settle("min", choice.min, clause.min)
        choice.max = settle("max", choice.max, clause.max)
        choice.variable = settle("vary", choice.variable, clause.vary)
    }

    /// Whether no value lies between the bounds; says so unless one directive gave both, which its parser
    /// has reported.
    private mutating func contradict(_ choice: Choice) -> Bool {
        guard let min = choice.min, let max = choice.max, min.value > max.value else {
            return false
        }
        let lines = [min, max].map { ($0.range.file, $0.range.start.line) }
        guard lines[0] != lines[1] else { return true }
        let values = [min, max].map { SpiceNumber.shortest($0.value) }
        let diagnostic = Diagnostic(
            "empty-bounds", "max=\(values[1]) is below min=\(values[0]) for the same resistor",
            at: max.range)
        if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
        return true
    }

    /// The value on the resistor's own line where it is there, its name otherwise.
    private func valueRange(of resistor: Circuit.Resistor) -> SourceRange {
        if case .literal(let text) = resistor.source { return text.range }
        return resistor.range
    }

    private mutating func bounds(of index: Int, _ choice: Choice) -> ClosedRange<Double> {
        let resistor = circuit.resistors[index]
        let value = resistor.resistance
        let isEmpty = contradict(choice)
        for (name, bound) in [("min", choice.min), ("max", choice.max)] {
            guard let bound, !isEmpty else { continue }
            if !(bound.value > 0) {
                report("bad-bound", "\(name)= must be a positive resistance", at: bound.range)
            } else if name == "min" ? value < bound.value : value > bound.value {
                report(
                    "outside-bounds",
                    """
                    \(resistor.name) starts at \(SpiceNumber.shortest(value)) Ω, \
                    \(name == "min" ? "below" : "above") \
                    \(name)=\(SpiceNumber.shortest(bound.value)); widen the bounds or move the value inside
                    """, at: valueRange(of: resistor))
            }
        }
        let usual = TrainableParameter.defaultResistances
        let lower = choice.min?.value ?? min(usual.lowerBound, value)
        let upper = choice.max?.value ?? max(usual.upperBound, value)
        return min(lower, upper)...max(lower, upper)
    }
}
