extension Elaborator {
    /// What a text on a device line or in a parameter comes to.
    enum Value {
        case number(ParameterValue)
        /// It is known only to the simulation.
        case simulation
        /// ngspice draws it at random each time it reads the deck, and it is constant from then on.
        case random
        /// It is a text, which ngspice hands to a code model or puts in place of `{name}`.
        case text
    }

    /// Evaluates a number or an expression; nil where an error was reported.
    ///
    /// - Parameter isPassive: on the line of a resistor, ngspice takes `time` and `hertz`, in functions too,
    ///   for the simulation's own, whatever parameters have these names.
    func evaluate(_ text: ValueText, _ frame: Frame, isPassive: Bool = false) -> Value? {
        if let literal = literal(text) { return .number(ParameterValue(literal)) }
        if text.isString || text.isQuotedArgument && deck.dialect.passesTexts { return .text }
        let expression: Expression
        switch parse(text) {
        case .success(let parsed):
            expression = parsed
            for call in parsed.shortCalls
            where frame.scope.function(named: call.function) == nil { warn(of: call, text) }
            for number in parsed.suspiciousNumbers { warn(of: number, text) }
        case .failure(let error):
            report("bad-expression", error.message, text, error.offset)
            return nil
        }
        let outer = isReported
        isReported = false
        defer { isReported = isReported || outer }
        do throws(EvaluationError) {
            return .number(
                try expression.evaluate(
                    in: Environment(elaborator: self, frame: frame, isPassive: isPassive)))
        } catch {
            switch error.kind {
            case .random: return .random
            case .text: return .text
            case .dependsOnSimulation: return .simulation
            case _ where isReported: break
            case .unknownParameter(let name):
                report(
                    "unknown-parameter",
                    "there is no parameter \(name)"
                        + suggestion(for: name, in: parameterNames(frame)),
                    text, error.offset, length: name.utf8.count)
            case .unknownFunction(let name) where text.callee(at: error.offset) != name:
                // It stands in the definition of the one that is called, which may be ngspice's own.
                let called = text.callee(at: error.offset)
                report(
                    "unknown-function",
                    "\(called) is made of a function \(name), which ngspice doesn't have before the "
                        + "simulation; write this in another way"
                        + (called == "int" ? ", such as floor(x)" : ""),
                    text, error.offset, length: called.utf8.count)
            case .unknownFunction(let name):
                report(
                    "unknown-function",
                    "there is no function \(name)"
                        + suggestion(
                            for: name,
                            in: frame.scope.chain.flatMap { $0.functions.keys.sorted() }
                                + BuiltInFunction.named.keys.sorted()),
                    text, error.offset, length: name.utf8.count)
            case .other: report("bad-expression", error.message, text, error.offset)
            }
            return nil
        }
    }

    /// The number, if the text is just one.
    func literal(_ text: ValueText) -> NumberText? {
        let file = text.file
        guard text.joined == nil, let first = file.bytes[text.range].first,
            first.isDigit || first == Byte.dot || first == Byte.minus || first == Byte.plus
        else { return nil }
        if text.isFormula {
            guard case .success(let expression) = parse(text), let literal = expression.literal
            else { return nil }
            for number in expression.suspiciousNumbers { warn(of: number, text) }
            return literal
        }
        guard
            let parsed = file.bytes.withUnsafeBufferPointer({
                SpiceNumber.parse(
                    utf8: UnsafeBufferPointer(rebasing: $0[text.range]), in: deck.dialect)
            })
        else { return nil }
        if let warning = parsed.warning {
            diagnostics.warning("suspicious-number", warning, at: text.source)
        }
        return NumberText(range: text.source, value: parsed.value)
    }

    private func parse(_ text: ValueText) -> Result<Expression, ExpressionError> {
        if let known = expressions[text] { return known }
        let bytes = text.bytes
        // Only a text that is a number as a whole can be written; in `{2*rx}` the 2 is the writer's.
        let isBlank = { (range: Range<Int>) in bytes[range].allSatisfy(\.isBlank) }
        let parsed = Result { () throws(ExpressionError) in
            try Expression(
                parsingUTF8: bytes, in: deck.dialect,
                isPSpice: deck.compatibility.contains(.pspice)
                    && (deck.compatibility.contains(.whole) || text.file != deck.file)
            ) { number in
                guard isBlank(0..<number.lowerBound), isBlank(number.upperBound..<bytes.count)
                else { return nil }
                let start = text.range.lowerBound
                return SourceRange(
                    file: text.file,
                    bytes: (start + number.lowerBound)..<(start + number.upperBound))
            }
        }
        expressions[text] = parsed
        return parsed
    }

    private func warn(of call: Expression.ShortCall, _ text: ValueText) {
        let start = min(text.range.lowerBound + call.offset, text.range.upperBound)
        diagnostics.warning(
            "missing-argument",
            "\(call.function) takes two arguments; with one, ngspice takes 1 for the first",
            at: SourceRange(
                file: text.file,
                bytes: start..<min(start + call.function.utf8.count, text.range.upperBound)))
    }

    private func warn(of number: Expression.SuspiciousNumber, _ text: ValueText) {
        let start = min(text.range.lowerBound + number.range.lowerBound, text.range.upperBound)
        diagnostics.warning(
            "suspicious-number", number.warning,
            at: SourceRange(
                file: text.file,
                bytes: start..<min(start + number.range.count, text.range.upperBound)))
    }

    private func report(
        _ id: String, _ message: String, _ text: ValueText, _ offset: Int, length: Int = 1
    ) {
        let start = min(text.range.lowerBound + offset, text.range.upperBound)
        let end = min(start + length, text.range.upperBound)
        diagnostics.error(
            id, message, at: SourceRange(file: text.file, bytes: start..<max(start, end)))
    }

    /// Evaluates a text that must be a finite number before the simulation.
    func number(_ text: ValueText, _ frame: Frame, _ what: String) -> ParameterValue? {
        number(evaluate(text, frame), text, what)
    }

    /// The same of what the text came to.
    func number(_ value: Value?, _ text: ValueText, _ what: String) -> ParameterValue? {
        switch value {
        case .number(let value):
            guard value.number.isFinite else {
                diagnostics.error(
                    "not-finite",
                    "\(what) is \(value.number.isNaN ? "not a number" : "infinite"), "
                        + "which ngspice can't read",
                    at: text.source)
                return nil
            }
            return value
        case .simulation:
            diagnostics.error(
                "depends-on-simulation", "\(what) must be known before the simulation",
                at: text.source)
            return nil
        case .random:
            diagnostics.error(
                "random-value",
                "\(what) is drawn at random by ngspice, which is not possible here; "
                    + "write a number", at: text.source)
            return nil
        case .text:
            diagnostics.error(
                "not-a-number", "\(what) must be a number, not a text in quotes", at: text.source)
            return nil
        case nil: return nil
        }
    }

    /// Whether a value is drawn at random; it is then left to ngspice, which the user is told.
    ///
    /// - Parameter device: whose value it is.
    func isRandom(_ text: ValueText, _ frame: Frame, of device: String) -> Bool {
        guard literal(text) == nil, case .random = evaluate(text, frame) else { return false }
        warnOfRandomValue(text, of: device)
        return true
    }

    func warnOfRandomValue(_ text: ValueText, of device: String) {
        warnOfRandomValue(at: text.source, of: device)
    }

    func warnOfRandomValue(at place: SourceRange, of device: String) {
        diagnostics.warning(
            "random-value",
            "ngspice draws this anew each time it reads the deck; \(device) keeps what ngspice has",
            at: place)
    }

    private struct Environment: ExpressionEnvironment {
        let elaborator: Elaborator
        let frame: Frame
        let isPassive: Bool

        var powers: PowerRule { elaborator.powers }
        var recorder: ValueRecorder? { elaborator.recorder }

        func parameter(named name: String) throws(EvaluationError) -> ParameterValue? {
            if isPassive, name == "time" || name == "hertz" { throw .simulation(name) }
            return switch elaborator.parameter(name, in: frame) {
            case .success(let value): value
            case .failure(let error): throw error
            case nil: nil
            }
        }

        func function(named name: String) -> ExpressionFunction? {
            frame.scope.function(named: name)
        }
    }
}

extension ValueText {
    /// The word there, in lower case.
    fileprivate func callee(at offset: Int) -> String {
        let bytes = bytes
        guard offset < bytes.count else { return "" }
        return bytes[offset...].prefix(while: \.isParameterByte).lowercasedText
    }
}
