import Netlist

/// What a `trainable` line says of one thing that it names.
struct TrainingChoice {
    var min: Located<Double>?
    var max: Located<Double>?
    var variable: Located<String>?
    var local: Located<LearningDirectives.LocalTerm>?
}

/// Which resistors, sources and parameters are trained, within which bounds, and which of them share one text.
extension TaskBuilder {
    /// What is named, by index.
    struct Choices {
        var resistors: [Int: TrainingChoice] = [:]
        var sources: [Int: TrainingChoice] = [:]
        var parameters: [Int: TrainingChoice] = [:]
        var cards: [Circuit.CardPlace: TrainingChoice] = [:]
    }

    /// - Parameter inputs: names of sources that the data sets, in lower case.
    mutating func resolveTrainable(inputs: Set<String>) -> [TrainableParameter] {
        let choices = choose()
        var named = resolveNumbers(choices, inputs: inputs)
        let setTexts = settingTexts
        for (text, place) in named {
            guard let column = setTexts[text] else { continue }
            reportSet(place.name, by: column, at: place.range)
            named[text] = nil
        }
        let origins = circuit.origins(
            training: choices.resistors.keys, alsoWriting: Set(named.keys))
        var members: [NumberText: [Int]] = [:]
        for (index, origin) in origins.enumerated() {
            let resistor = circuit.resistors[index]
            switch origin {
            case nil: break
            case .text where resistor.resistance < 0:
                report(
                    "negative-resistance",
                    """
                    the resistance of \(resistor.name) is negative; learning needs positive ones: \
                    name those to train, like *.learn trainable R1 R2
                    """, at: valueRange(of: resistor))
            case .text where resistor.conductanceFactor == 0:
                report(
                    "zero-multiplicity",
                    """
                    m=0 takes \(resistor.name) out of the circuit, and so it can't be trained: leave m=0 out, \
                    or name those to train, like *.learn trainable R1 R2
                    """, at: resistor.range)
            case .text where !DeviceName.isOneWord(resistor.ngspiceName):
                report(
                    "unsafe-name",
                    """
                    in ngspice's commands a device can't have the name \(resistor.name), so it can't \
                    be trained; use letters, digits and _
                    """, at: resistor.range)
            case .text(let text, _):
                if let column = setTexts[text] {
                    reportSet(resistor.name, by: column, at: resistor.range)
                } else {
                    members[text, default: []].append(index)
                }
            case .unwritable(let reason):
                report(
                    "untrainable", "\(resistor.name) can't be trained: \(reason)",
                    at: resistor.range)
            }
        }
        let numbers = numbersAmong(members, origins, named, choices, inputs: inputs)
        var parameters: [TrainableParameter] = []
        var grouped: Set<NumberText> = []
        for index in choices.resistors.keys.sorted() {
            guard case .text(let text, _) = origins[index], numbers[text] == nil,
                grouped.insert(text).inserted, let tied = members[text]
            else { continue }
            parameters += conductance(of: index, tied, origins, choices, text)
        }
        let order = numbers.keys.sorted { $0.range.bytes.lowerBound < $1.range.bytes.lowerBound }
        for text in order {
            if let effects = numbers[text] {
                parameters += number(text, effects, named[text], choices, inputs: inputs)
            }
        }
        return parameters
    }

    /// Resistors whose conductances are proportional, as one parameter.
    private mutating func conductance(
        of index: Int, _ tied: [Int], _ origins: [ResistanceOrigin?], _ choices: Choices,
        _ text: NumberText
    ) -> [TrainableParameter] {
        let resistor = circuit.resistors[index]
        warnOfFollowers(tied, of: resistor.name, choices, text)
        let ranges = tied.map { bounds(of: $0, choices.resistors[$0] ?? TrainingChoice()) }
        guard let variable = commonVariable(tied, choices) else { return [] }
        do throws(TaskError) {
            return [
                try TrainableParameter(
                    resistors: tied, origins: tied.map { origins[$0] }, in: circuit,
                    resistances: ranges, variable: variable)
            ]
        } catch {
            report("untrainable", error.message, at: resistor.range)
            return []
        }
    }

    /// The variable that all tied resistors are to have; nil after an error.
    private mutating func commonVariable(
        _ tied: [Int], _ choices: Choices
    ) -> TrainableParameter.Variable? {
        let variables = Set(tied.compactMap { choices.resistors[$0]?.variable?.value })
        if variables.count > 1 {
            report(
                "conflicting-vary",
                "\(names(of: tied)) are one number in the deck, but vary= differs",
                at: tied.compactMap { choices.resistors[$0]?.variable?.range }.last)
            return nil
        }
        return TrainableParameter.Variable(
            .conductance, variables.first.flatMap { Chart.named($0, of: .conductance) } ?? .linear)
    }

    private mutating func warnOfFollowers(
        _ tied: [Int], of name: String, _ choices: Choices, _ text: NumberText
    ) {
        guard let follower = tied.first(where: { choices.resistors[$0] == nil }) else { return }
        warnOfFollower(
            circuit.resistors[follower].name, of: name, text, circuit.resistors[follower].range)
    }

    mutating func warnOfFollower(
        _ follower: String, of name: String, _ text: NumberText, _ range: SourceRange
    ) {
        diagnostics.append(
            Diagnostic(
                "follower", .warning,
                """
                \(follower) changes with \(name): both come \
                from the number on line \(text.range.start.line)
                """, at: range))
    }

    func names(of resistors: [Int]) -> String {
        resistors.map { circuit.resistors[$0].name }.joined(separator: ", ")
    }

    // MARK: Names

    private mutating func choose() -> Choices {
        var choices = Choices()
        let named = directives.trainable.contains { !$0.patterns.isEmpty }
        for clause in directives.trainable {
            for pattern in clause.patterns {
                let found = matches(pattern)
                for index in found.resistors.keys {
                    merge(clause, into: &choices.resistors[index, default: TrainingChoice()])
                }
                for index in found.sources.keys {
                    merge(clause, into: &choices.sources[index, default: TrainingChoice()])
                }
                for index in found.parameters.keys {
                    merge(clause, into: &choices.parameters[index, default: TrainingChoice()])
                }
                for place in found.cards.keys {
                    merge(clause, into: &choices.cards[place, default: TrainingChoice()])
                }
            }
        }
        if !named {
            if circuit.resistors.isEmpty {
                report(
                    "no-resistor", "there is no resistor to train in this deck",
                    at: directives.outputs.first?.name.range)
            }
            for index in circuit.resistors.indices {
                choices.resistors[index] = TrainingChoice()
            }
        }
        for clause in directives.trainable where clause.patterns.isEmpty {
            for index in choices.resistors.keys {
                merge(clause, into: &choices.resistors[index, default: TrainingChoice()])
            }
            // Bounds without a name are in ohm where resistors are trained.
            let rest =
                choices.resistors.isEmpty
                ? clause : LearningDirectives.Trainable(patterns: [], local: clause.local)
            for index in choices.sources.keys {
                merge(rest, into: &choices.sources[index, default: TrainingChoice()])
            }
            for index in choices.parameters.keys {
                merge(rest, into: &choices.parameters[index, default: TrainingChoice()])
            }
            for place in choices.cards.keys {
                merge(rest, into: &choices.cards[place, default: TrainingChoice()])
            }
        }
        return choices
    }

    /// Resistors of the name; where there are none, sources; where there are none, parameters; where there are
    /// none, numbers of semiconductors.
    private mutating func matches(_ pattern: Located<String>) -> Choices {
        let glob = Glob(pattern.value)
        var found = Choices()
        for index in circuit.resistors.indices where glob.matches(circuit.resistors[index].name) {
            found.resistors[index] = TrainingChoice()
        }
        guard found.resistors.isEmpty else { return found }
        for index in circuit.sources.indices where glob.matches(circuit.sources[index].name) {
            found.sources[index] = TrainingChoice()
        }
        guard found.sources.isEmpty else { return found }
        for index in circuit.parameters.indices
        where glob.matches(circuit.parameters[index].name)
            && (glob.isLiteral || circuit.parameters[index].origin != .constant)
        {
            found.parameters[index] = TrainingChoice()
        }
        guard found.parameters.isEmpty else { return found }
        for place in cards(matching: glob) { found.cards[place] = TrainingChoice() }
        if found.cards.isEmpty { reportUnknown(pattern, isLiteral: glob.isLiteral) }
        return found
    }

    /// Numbers named `M1.w` (M1's own, or of its model) or `mn.vto` (of the model mn).
    private mutating func cards(matching glob: Glob) -> [Circuit.CardPlace] {
        var found: [Circuit.CardPlace] = []
        for (index, device) in circuit.otherDevices.enumerated() {
            guard let card = device.card else { continue }
            var own: Set<String> = []
            for (number, value) in card.numbers.enumerated()
            where glob.matches("\(device.name).\(value.name)") {
                own.insert(value.name)
                found.append(Circuit.CardPlace(owner: .device(index), number: number))
            }
            for (number, value) in circuit.models[card.model].numbers.enumerated()
            where !own.contains(value.name) && glob.matches("\(device.name).\(value.name)") {
                found.append(Circuit.CardPlace(owner: .model(card.model), number: number))
                if glob.isLiteral { warnOfOthers(of: card.model, value.name, than: device) }
            }
        }
        for (index, model) in circuit.models.enumerated() {
            for (number, value) in model.numbers.enumerated()
            where glob.matches("\(model.name).\(value.name)") {
                found.append(Circuit.CardPlace(owner: .model(index), number: number))
            }
        }
        return found
    }

    /// A model's number that was named by one of its devices.
    private mutating func warnOfOthers(of model: Int, _ number: String, than device: Circuit.Device)
    {
        let others = circuit.otherDevices.filter {
            $0.card?.model == model && $0.ngspiceName != device.ngspiceName
        }
        guard let other = others.first else { return }
        diagnostics.append(
            Diagnostic(
                "follower", .warning,
                "\(other.name)\(others.count > 1 ? " and \(others.count - 1) more" : "") changes with "
                    + "\(device.name): \(number) stands in their model \(circuit.models[model].name)",
                at: other.range))
    }

    /// What is wrong with a name like `D1.is` of which there is the first half.
    private mutating func reportMissingNumber(_ pattern: Located<String>) -> Bool {
        guard let dot = pattern.value.lastIndex(of: ".") else { return false }
        let owner = pattern.value[..<dot].lowercased()
        let number = pattern.value[pattern.value.index(after: dot)...].lowercased()
        let device = circuit.otherDevices.first { $0.name.lowercased() == owner }
        if let device, device.card == nil {
            report(
                "untrainable",
                "\(pattern.value) can't be trained: of semiconductors' numbers, those of diodes, MOSFETs, "
                    + "JFETs and bipolar transistors can, where line and model are plain lists of name=number",
                at: pattern.range)
            return true
        }
        let model =
            device?.card.map { circuit.models[$0.model] }
            ?? circuit.models.first { $0.name.lowercased() == owner }
        guard let model else { return false }
        let given = (device?.card?.numbers ?? []) + model.numbers
        let near = nearestName(to: number, in: given.map(\.name))
        report(
            "untrainable",
            "\(pattern.value) can't be trained: "
                + (device.map { "neither \($0.name) nor its model \(model.name) gives" }
                    ?? "the model \(model.name) doesn't give")
                + " \(number)"
                + (near.map { "; did you mean \($0)?" } ?? "; write it there, with its value"),
            at: pattern.range)
        return true
    }

    private mutating func reportUnknown(_ pattern: Located<String>, isLiteral: Bool) {
        if reportMissingNumber(pattern) { return }
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
                    "\(pattern.value) is not a resistor: only resistors, independent sources, "
                        + "parameters and numbers of semiconductors, like M1.w, can be trained",
                    at: pattern.range)
            }
            return
        }
        let known =
            circuit.resistors.map(\.name) + circuit.sources.map(\.name)
            + circuit.parameters.map(\.name)
        let near = nearestName(to: pattern.value, in: known)
        report(
            "unknown-resistor",
            (isLiteral
                ? "there is no resistor, source or parameter "
                : "no resistor, source or parameter matches ") + pattern.value
                + (near.map { "; did you mean \($0)?" } ?? ""),
            at: pattern.range)
    }

    private mutating func merge(
        _ clause: LearningDirectives.Trainable, into choice: inout TrainingChoice
    ) {
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
        if let vary = clause.vary, !Chart.names.contains(vary.value) {
            let diagnostic = Diagnostic(
                "unknown-variable",
                "vary is \(Chart.names.dropLast().joined(separator: ", ")) or "
                    + "\(Chart.names.last ?? ""), not \(vary.value)", at: vary.range)
            if !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
        }
        choice.local = settle("local", choice.local, clause.local)
    }

    // MARK: Bounds

    /// Whether no value lies between the bounds; says so unless one directive gave both, which its parser
    /// has reported.
    mutating func contradict(_ choice: TrainingChoice) -> Bool {
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

    mutating func bounds(of index: Int, _ choice: TrainingChoice) -> ClosedRange<Double> {
        let resistor = circuit.resistors[index]
        let value = resistor.resistance
        let isEmpty = contradict(choice)
        for (name, bound) in [("min", choice.min), ("max", choice.max)] {
            guard let bound, !isEmpty else { continue }
            if !(bound.value > 0) {
                report("bad-bound", "\(name)= must be a positive resistance", at: bound.range)
            } else if name == "min" ? value < bound.value : value > bound.value {
                reportOutside(
                    resistor.name, value, "Ω", name, bound, at: valueRange(of: resistor))
            }
        }
        let usual = TrainableParameter.defaultResistances
        let lower = choice.min?.value ?? min(usual.lowerBound, value)
        let upper = choice.max?.value ?? max(usual.upperBound, value)
        return min(lower, upper)...max(lower, upper)
    }

    mutating func reportOutside(
        _ name: String, _ value: Double, _ unit: String, _ bound: String, _ given: Located<Double>,
        at range: SourceRange
    ) {
        report(
            "outside-bounds",
            """
            \(name) starts at \(SpiceNumber.shortest(value))\(unit.isEmpty ? "" : " \(unit)"), \
            \(bound == "min" ? "below" : "above") \
            \(bound)=\(SpiceNumber.shortest(given.value)); widen the bounds or move the value inside
            """, at: range)
    }
}
