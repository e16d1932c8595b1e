/// What stands on a resistor's line.
struct ResistorLine {
    var value: (token: Token, value: ParameterValue)?
    /// True where the value stands before the model's name.
    var isValueBeforeModel = false
    var model: Scope.ModelCard?
    var modelFrame: Frame?
    var width: Double?
    var length: Double?
    var multiplicity = 1.0
    var corrections = ResistorCorrections()
    var kind = Kind.constant

    enum Kind {
        case constant
        /// ngspice draws a value at random.
        case random
        /// A value depends on the simulation.
        case behavioural
    }
}

extension Elaborator {
    private static let resistorKeys = [
        "r", "resistance", "ac", "temp", "dtemp", "l", "w", "m", "tc", "tc1", "tc2", "tce",
        "bv_max", "scale", "noisy", "noise",
    ]

    /// Reads in ngspice's order: a value, a model or the word `r`, another value, then parameters. The
    /// second value wins over `r=`, and that over the first.
    func readResistorLine(
        _ arguments: inout DeviceArguments, _ statement: Statement, _ frame: Frame
    ) -> ResistorLine? {
        var line = ResistorLine()
        _ = arguments.skipEquals()
        guard readLeadingValue(&arguments, &line, statement, frame) else { return nil }
        if let token = arguments.peek, token.kind == .word {
            if statement.token(token, is: "r") {
                _ = arguments.next()
                _ = arguments.skipEquals()
                if line.value == nil, line.kind == .constant {
                    guard let value = arguments.nextValue() else {
                        diagnostics.error(
                            "missing-value", "r needs a value", at: statement.range(of: token))
                        return nil
                    }
                    guard readValue(value, &line, statement, frame) else { return nil }
                }
            } else if arguments.second?.kind != .equals {
                guard readModel(token, &arguments, &line, statement, frame) else { return nil }
            }
        }
        _ = arguments.skipEquals()
        let first = line.value?.token
        guard readLeadingValue(&arguments, &line, statement, frame) else { return nil }
        let second = line.value
        let hasSecond = second != nil && second?.token != first
        while let key = arguments.next() {
            guard readParameter(key, &arguments, &line, statement, frame) else { return nil }
        }
        if hasSecond {
            if let first, let second { warnOfTwoValues(first, second.token, statement) }
            line.value = second
        }
        return line
    }

    /// Of two values on a line ngspice takes the last: a tolerance, a decimal comma, a comment without
    /// its `;`.
    private func warnOfTwoValues(_ first: Token, _ second: Token, _ statement: Statement) {
        let (kept, lost) = (statement.text(of: second), statement.text(of: first))
        let isComma =
            second.range.lowerBound == first.range.upperBound + 1
            && statement.file.bytes[first.range.upperBound] == Byte.comma
        let remedy: String
        if isComma {
            remedy = "for a decimal comma write " + SpiceNumber.withoutComma(lost, kept)
        } else if kept.contains("%") {
            remedy = "it has no tolerances, make this one a comment: ; \(kept)"
        } else {
            remedy = "leave one of them out"
        }
        diagnostics.warning(
            "two-values",
            "ngspice takes \(kept) for the resistance, not \(lost): \(remedy)",
            at: statement.range(of: second))
    }

    /// Takes a word as a model's name, unless it is a parameter's. False after an error.
    private func readModel(
        _ token: Token, _ arguments: inout DeviceArguments, _ line: inout ResistorLine,
        _ statement: Statement, _ frame: Frame
    ) -> Bool {
        let name = statement.lowercasedText(of: token)
        guard let (card, modelFrame) = model(named: name, frame) else {
            guard line.value == nil, line.kind == .constant, !Self.resistorKeys.contains(name)
            else {
                return true
            }
            diagnostics.error(
                "unknown-model",
                "\(statement.text(of: token)) is neither a number, a parameter nor a model"
                    + suggestion(for: name, in: parameterNames(frame) + modelNames(frame)),
                at: statement.range(of: token))
            return false
        }
        _ = arguments.next()
        if statement.file.bytes[token.range.lowerBound - 1] == Byte.comma {
            diagnostics.error(
                "glued-comma", "ngspice finds no model right after a comma; put a space before it",
                at: statement.range(of: token))
            return false
        }
        guard ["r", "res"].contains(card.type) else {
            diagnostics.error(
                "wrong-model-type",
                "\(statement.text(of: token)) is a model of type \(card.type), not r",
                at: statement.range(of: token))
            return false
        }
        (line.model, line.modelFrame) = (card, modelFrame)
        line.isValueBeforeModel = line.value != nil
        guard let model = resistorModel(card, modelFrame) else { return false }
        if model.kind != .constant { line.kind = model.kind }
        return true
    }

    /// Takes one number, expression or name of a parameter as the resistance, if there is one here.
    /// False after an error.
    private func readLeadingValue(
        _ arguments: inout DeviceArguments, _ line: inout ResistorLine, _ statement: Statement,
        _ frame: Frame
    ) -> Bool {
        guard let token = arguments.peek, token.isValue else { return true }
        let number = resistorLiteral(ValueText(token, in: statement))
        if token.kind == .word, number == nil {
            // A parameter's name before its `=`.
            guard arguments.second?.kind != .equals else { return true }
            let name = statement.lowercasedText(of: token)
            guard hasParameter(name, in: frame) else {
                // A number that is spelled wrong is no name.
                guard let first = name.utf8.first,
                    first.isDigit || first == Byte.plus || first == Byte.minus || first == Byte.dot
                else { return true }
                diagnostics.error(
                    "bad-number",
                    "\(statement.text(of: token)) is not a number that ngspice reads; "
                        + "put an expression in braces",
                    at: statement.range(of: token))
                return false
            }
        }
        _ = arguments.next()
        if let number {
            line.value = (token, ParameterValue(number))
            line.isValueBeforeModel = false
            return true
        }
        return readValue(token, &line, statement, frame)
    }

    private func readValue(
        _ token: Token, _ line: inout ResistorLine, _ statement: Statement, _ frame: Frame
    ) -> Bool {
        let text = ValueText(token, in: statement)
        if token.kind != .string, literal(text) == nil, BehaviouralText.isWanted(text.bytes) {
            // Only ngspice's other parser reads it, whose grammar is wider.
            line.kind = .behavioural
            warnOfHiddenParameters(text, frame)
            return true
        }
        switch evaluate(text, frame, isPassive: true) {
        case .number(let value):
            line.value = (token, value)
            line.isValueBeforeModel = false
            return true
        case .simulation, .text:
            line.kind = .behavioural
            return true
        case .random:
            warnOfRandomValue(text, of: statement.text(of: statement.name))
            if line.kind == .constant { line.kind = .random }
            return true
        case nil: return false
        }
    }

    /// The second value of `tc=a,b`, after which ngspice drops the rest of the line.
    private func readPSpiceCoefficient(
        _ arguments: inout DeviceArguments, _ line: inout ResistorLine, _ statement: Statement,
        _ frame: Frame
    ) -> Bool {
        guard let token = arguments.nextValue() else { return true }
        guard let second = number(ValueText(token, in: statement), frame, "tc") else {
            return false
        }
        line.corrections.tc2 = second.number
        guard let rest = arguments.peek else { return true }
        diagnostics.error(
            "unexpected-text",
            "ngspice drops what follows tc=a,b; put it before tc", at: statement.range(of: rest))
        return false
    }

    private func readParameter(
        _ key: Token, _ arguments: inout DeviceArguments, _ line: inout ResistorLine,
        _ statement: Statement, _ frame: Frame
    ) -> Bool {
        let name = statement.lowercasedText(of: key)
        if name == "noiseless", deck.translates(statement, from: .ltspice) { return true }
        guard key.kind == .word, Self.resistorKeys.contains(name) else {
            let isNumber = literal(ValueText(key, in: statement)) != nil
            let split = statement.splitNumber(endingAt: key)
            diagnostics.error(
                "unknown-device-parameter",
                isNumber
                    ? "a value must stand right after the nodes or the model"
                    : split.map(\.remedy)
                        ?? "a resistor has no parameter \(statement.text(of: key))"
                        + suggestion(for: name, in: Self.resistorKeys + modelNames(frame)),
                at: statement.range(of: key))
            return false
        }
        _ = arguments.skipEquals()
        guard let token = arguments.nextValue() else {
            diagnostics.error(
                "missing-value", "\(name) needs a value", at: statement.range(of: key))
            return false
        }
        if name == "r" || name == "resistance" {
            return readValue(token, &line, statement, frame)
        }
        guard line.kind != .behavioural else { return true }
        let text = ValueText(token, in: statement)
        guard !isRandom(text, frame, of: statement.text(of: statement.name)) else {
            line.kind = .random
            return true
        }
        guard let value = number(text, frame, name) else { return false }
        noteUse(
            value, by: "\(name)= of \(statement.text(of: statement.name))",
            at: statement.range(of: token))
        switch name {
        case "temp": line.corrections.temperature = value.number
        case "dtemp": line.corrections.temperatureDifference = value.number
        case "l": line.length = value.number
        case "w": line.width = value.number
        case "m": line.multiplicity = value.number
        case "scale": line.corrections.scale = value.number
        case "tc1": line.corrections.tc1 = value.number
        case "tc2": line.corrections.tc2 = value.number
        case "tce": line.corrections.tce = value.number
        case "tc" where deck.translates(statement, from: .pspice):
            line.corrections.tc1 = value.number
            return readPSpiceCoefficient(&arguments, &line, statement, frame)
        case "tc":
            line.corrections.tc1 = value.number
            if let comma = statement.tokens[..<arguments.index].last, comma.kind == .comma,
                let next = arguments.peek,
                next.range.lowerBound == comma.range.upperBound
                    || comma.range.lowerBound != token.range.upperBound
            {
                // Where it rewrites a table, ngspice may read all lines without their commas.
                let severity = deck.hasTables ? severityOfOpen : .error
                diagnostics.add(
                    Diagnostic(
                        "unexpected-text", severity,
                        "ngspice can't read tc=a,b; write tc1=a tc2=b, or let it read the whole netlist "
                            + "as PSpice's: --compat ps,a",
                        at: statement.range(of: key)))
                if severity == .error { return false }
            }
            if let next = arguments.peek, next.kind == .word, arguments.second?.kind != .equals,
                let second = literal(ValueText(next, in: statement))
            {
                _ = arguments.next()
                line.corrections.tc2 = second.value
            }
        default: break
        }
        return true
    }
}

extension Deck {
    /// Whether a controlled source is given by a table.
    fileprivate var hasTables: Bool {
        statements.contains { statement in
            guard case .device(let letter) = statement.kind, "eg".utf8.contains(letter) else {
                return false
            }
            return statement.tokens.contains { statement.lowercasedText(of: $0) == "table" }
        }
    }
}
