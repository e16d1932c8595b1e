#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A `.model` of type r, evaluated; nil stands for what the card leaves open.
struct ResistorModel {
    var resistance: Double?
    var sheetResistance = 0.0
    var width = 10e-6
    var length = 10e-6
    var narrowing = 0.0
    var shortening = 0.0
    var tc1 = 0.0
    var tc2 = 0.0
    var tce: Double?
    /// Degrees Celsius.
    var nominalTemperature: Double?
    /// What the card says in place of the devices' own lines.
    var defaultResistance: Double?
    var defaultTC1: Double?
    var defaultScale: Double?
    var defaultTemperature: Double?
    var defaultTemperatureDifference: Double?
    /// True where a value depends on the simulation.
    var isBehavioural = false
}

/// What stands on a resistor's line.
private struct ResistorLine {
    var value: (token: Token, value: ParameterValue)?
    /// True where the value stands before the model's name.
    var isValueBeforeModel = false
    var model: Scope.ModelCard?
    var modelFrame: Frame?
    var width: Double?
    var length: Double?
    var multiplicity = 1.0
    var scale: Double?
    var temperature: Double?
    var temperatureDifference: Double?
    var tc1: Double?
    var tc2: Double?
    var tce: Double?
    var isBehavioural = false
}

extension Elaborator {
    /// `Rname n+ n- [value] [model] [value] [name=value …]`, as ngspice's own parser goes through it: of
    /// several values the last one wins.
    func elaborateResistor(_ statement: Statement, _ frame: Frame) {
        guard let (name, ngspiceName) = names(statement, UInt8(ascii: "r"), frame) else { return }
        var arguments = DeviceArguments(statement)
        guard let (positive, negative) = twoNodes(&arguments, frame) else { return }
        connections.attach(positive, negative)

        guard let line = readLine(&arguments, statement, frame) else {
            // What is wrong was reported; that the nodes are connected still holds.
            connections.conduct(positive, negative)
            return
        }
        if line.isBehavioural {
            connections.conduct(positive, negative)
            readBehaviouralLine(
                statement, from: Self.tokenIndex(statement, afterValues: 2), isAll: false, by: name,
                frame)
            otherDevices.append(
                Circuit.Device(
                    name: name, ngspiceName: ngspiceName, letter: "r",
                    nodes: [positive, negative], isLinear: false,
                    range: statement.range(of: statement.name)))
            return
        }
        guard let (resistance, source) = resistance(line, statement, frame) else {
            connections.conduct(positive, negative)
            return
        }
        guard let factor = conductanceFactor(line, statement, frame) else {
            connections.conduct(positive, negative)
            return
        }
        if factor != 0 { connections.conduct(positive, negative) }
        resistors.append(
            Circuit.Resistor(
                name: name, ngspiceName: ngspiceName, positive: positive, negative: negative,
                resistance: resistance, conductanceFactor: factor, source: source,
                range: statement.range(of: statement.name)))
    }

    private static let keys = [
        "r", "resistance", "ac", "temp", "dtemp", "l", "w", "m", "tc", "tc1", "tc2", "tce",
        "bv_max", "scale", "noisy", "noise",
    ]

    /// Reads in ngspice's order: a value, a model or the word `r`, another value, then parameters. The
    /// second value wins over `r=`, and that over the first.
    private func readLine(
        _ arguments: inout DeviceArguments, _ statement: Statement, _ frame: Frame
    ) -> ResistorLine? {
        var line = ResistorLine()
        _ = arguments.skipEquals()
        guard readLeadingValue(&arguments, &line, statement, frame) else { return nil }
        if let token = arguments.peek, token.kind == .word {
            if statement.token(token, is: "r") {
                _ = arguments.next()
                _ = arguments.skipEquals()
                if line.value == nil, !line.isBehavioural {
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
        if hasSecond { line.value = second }
        return line
    }

    /// Takes a word as a model's name, unless it is a parameter's. False after an error.
    private func readModel(
        _ token: Token, _ arguments: inout DeviceArguments, _ line: inout ResistorLine,
        _ statement: Statement, _ frame: Frame
    ) -> Bool {
        let name = statement.lowercasedText(of: token)
        guard let (card, modelFrame) = model(named: name, frame) else {
            guard line.value == nil, !line.isBehavioural, !Self.keys.contains(name) else {
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
        if model.isBehavioural { line.isBehavioural = true }
        return true
    }

    /// Takes one number, expression or name of a parameter as the resistance, if there is one here.
    /// False after an error.
    private func readLeadingValue(
        _ arguments: inout DeviceArguments, _ line: inout ResistorLine, _ statement: Statement,
        _ frame: Frame
    ) -> Bool {
        guard let token = arguments.peek, token.isValue else { return true }
        if token.kind == .word, literal(ValueText(token, in: statement)) == nil {
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
        return readValue(token, &line, statement, frame)
    }

    private func readValue(
        _ token: Token, _ line: inout ResistorLine, _ statement: Statement, _ frame: Frame
    ) -> Bool {
        let text = ValueText(token, in: statement)
        if token.kind != .string, literal(text) == nil, BehaviouralText.isWanted(text.bytes) {
            // Only ngspice's other parser reads it, whose grammar is wider.
            line.isBehavioural = true
            return true
        }
        switch evaluate(text, frame) {
        case .number(let value):
            line.value = (token, value)
            line.isValueBeforeModel = false
            return true
        case .simulation:
            line.isBehavioural = true
            return true
        case nil: return false
        }
    }

    private func readParameter(
        _ key: Token, _ arguments: inout DeviceArguments, _ line: inout ResistorLine,
        _ statement: Statement, _ frame: Frame
    ) -> Bool {
        let name = statement.lowercasedText(of: key)
        guard key.kind == .word, Self.keys.contains(name) else {
            let isNumber = literal(ValueText(key, in: statement)) != nil
            diagnostics.error(
                "unknown-device-parameter",
                isNumber
                    ? "a value must stand right after the nodes or the model"
                    : "a resistor has no parameter \(statement.text(of: key))"
                        + suggestion(for: name, in: Self.keys + modelNames(frame)),
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
        guard !line.isBehavioural else { return true }
        guard let value = number(ValueText(token, in: statement), frame, name) else { return false }
        textUses.use(
            value, by: "\(name)= of \(statement.text(of: statement.name))",
            at: statement.range(of: token))
        switch name {
        case "temp": line.temperature = value.number
        case "dtemp": line.temperatureDifference = value.number
        case "l": line.length = value.number
        case "w": line.width = value.number
        case "m": line.multiplicity = value.number
        case "scale": line.scale = value.number
        case "tc1": line.tc1 = value.number
        case "tc2": line.tc2 = value.number
        case "tce": line.tce = value.number
        case "tc":
            line.tc1 = value.number
            if statement.tokens[..<arguments.index].last?.kind == .comma {
                diagnostics.error(
                    "unexpected-text", "ngspice can't read tc=a,b; write tc1=a tc2=b",
                    at: statement.range(of: key))
                return false
            }
            if let next = arguments.peek, next.kind == .word, arguments.second?.kind != .equals,
                let second = literal(ValueText(next, in: statement))
            {
                _ = arguments.next()
                line.tc2 = second.value
            }
        default: break
        }
        return true
    }

    // MARK: Value

    private func resistance(
        _ line: ResistorLine, _ statement: Statement, _ frame: Frame
    ) -> (Double, ResistanceSource)? {
        let name = statement.text(of: statement.name)
        if line.isValueBeforeModel, let card = line.model, let frame = line.modelFrame,
            resistorModel(card, frame)?.defaultResistance != nil
        {
            diagnostics.error(
                "overridden-value",
                "ngspice takes the resistance= of the model \(card.name) and not this value; "
                    + "write r= on the line, or in the model",
                at: line.value.map { statement.range(of: $0.token) } ?? statement.range)
            return nil
        }
        if let (token, value) = line.value {
            let range = statement.range(of: token)
            guard value.number.isFinite else {
                diagnostics.error(
                    "not-finite",
                    "the resistance of \(name) is "
                        + "\(value.number.isNaN ? "not a number" : "infinite")",
                    at: range)
                return nil
            }
            guard value.number != 0 else {
                diagnostics.error(
                    "zero-resistance",
                    "the resistance is zero, for which ngspice silently takes 1 mOhm; "
                        + "write a value, or a voltage source of 0 V for a short circuit",
                    at: range)
                return nil
            }
            if value.sources.count == 1, let text = value.sources.first,
                text.value == .some(.identity), text.key.range.bytes == range.bytes,
                text.key.range.file == range.file
            {
                return (value.number, .literal(text.key))
            }
            return (value.number, .computed(value.sources))
        }
        guard let card = line.model, let modelFrame = line.modelFrame,
            let model = resistorModel(card, modelFrame)
        else {
            if line.model == nil {
                diagnostics.error(
                    "missing-value",
                    "\(name) has no value, for which ngspice silently takes 1 mOhm; "
                        + "write one after the nodes",
                    at: statement.range(of: statement.tokens.last ?? statement.name))
            }
            return nil
        }
        guard let resistance = model.resistance(width: line.width, length: line.length) else {
            diagnostics.error(
                "missing-value",
                "neither \(name) nor its model \(card.name) gives a resistance, "
                    + "for which ngspice silently takes 1 mOhm",
                at: statement.range)
            return nil
        }
        guard resistance.isFinite, resistance != 0 else {
            diagnostics.error(
                "zero-resistance",
                "the model \(card.name) makes the resistance of \(name) \(resistance)",
                at: statement.range)
            return nil
        }
        return (
            resistance,
            .unwritable(
                reason: "its value comes from the model \(card.name); write a value on its line")
        )
    }

    /// m / (scale · temperature factor), in the order of operations of ngspice's REStemp.
    private func conductanceFactor(
        _ line: ResistorLine, _ statement: Statement, _ frame: Frame
    ) -> Double? {
        var multiplicity = line.multiplicity
        if frame.scope.isMultiplied, let m = frame.values["m"] {
            // ngspice appends m={m}, and so the X line's m replaces the resistor's own.
            multiplicity = m.number
            textUses.use(m, by: "the multiplicity", at: statement.range)
        }
        var model = ResistorModel()
        if let card = line.model, let modelFrame = line.modelFrame {
            guard let evaluated = resistorModel(card, modelFrame) else { return nil }
            model = evaluated
        }
        let own = (line.temperature ?? model.defaultTemperature).map { $0 + Settings.zeroCelsius }
        let temperature = own ?? (settings.temperature + Settings.zeroCelsius)
        let difference =
            own == nil
            ? line.temperatureDifference ?? model.defaultTemperatureDifference ?? 0 : 0
        let nominal =
            (model.nominalTemperature ?? settings.nominalTemperature) + Settings.zeroCelsius
        let rise = (temperature + difference) - nominal
        let factor: Double
        if let tce = line.tce ?? model.tce {
            factor = pow(1.01, tce * rise)
        } else {
            factor =
                ((line.tc2 ?? model.tc2) * rise + (line.tc1 ?? model.defaultTC1 ?? model.tc1))
                * rise + 1
        }
        let scale = line.scale ?? model.defaultScale ?? 1
        let result = multiplicity / (factor * scale)
        guard result.isFinite, result >= 0 else {
            diagnostics.error(
                "bad-conductance",
                "multiplicity \(multiplicity), scale \(scale) and temperature factor \(factor) "
                    + "make the conductance of \(statement.text(of: statement.name)) "
                    + "\(result.isFinite ? "negative" : "infinite")",
                at: statement.range)
            return nil
        }
        return result
    }

    // MARK: Models

    /// A model, and the frame in which its parameters are evaluated.
    func model(named name: String, _ frame: Frame) -> (Scope.ModelCard, Frame)? {
        for scope in frame.scope.chain {
            var user: Frame? = frame
            while let candidate = user, candidate.scope !== scope { user = candidate.caller }
            let owner = user ?? top
            if let card = owner.scope === scope ? owner.conditionalModels[name] : nil {
                return (card, owner)
            }
            if let card = scope.models[name] { return (card, owner) }
        }
        return nil
    }

    func modelNames(_ frame: Frame) -> [String] {
        frame.scope.chain.flatMap { $0.models.keys.sorted() }
            + frame.conditionalModels.keys.sorted()
    }

    private func resistorModel(_ card: Scope.ModelCard, _ frame: Frame) -> ResistorModel? {
        if let known = frame.resistorModels[card.name] { return known }
        var model = ResistorModel()
        let values = card.statement.tokens[card.firstParameter...].filter {
            $0.isValue || $0.kind == .equals
        }
        var index = 0
        while index < values.count {
            let token = values[index]
            let key = card.statement.lowercasedText(of: token)
            index += 1
            if index < values.count, values[index].kind == .equals { index += 1 }
            guard token.kind == .word, key.utf8.first?.isLetter == true, index < values.count,
                values[index].isValue
            else {
                diagnostics.error(
                    "unexpected-text", "a model's parameters are written name=value",
                    at: card.statement.range(of: token))
                return nil
            }
            let text = ValueText(values[index], in: card.statement)
            index += 1
            guard let set = Self.modelKeys[key] else {
                if !Self.ignoredModelKeys.contains(key) {
                    diagnostics.warning(
                        "unknown-model-parameter",
                        "ngspice ignores \(key), which a resistor's model doesn't have"
                            + suggestion(for: key, in: Self.modelKeys.keys.sorted()),
                        at: card.statement.range(of: token))
                }
                // ngspice stops at an unknown parameter here, too.
                guard evaluate(text, frame) != nil else { return nil }
                continue
            }
            if case .simulation = evaluate(text, frame) {
                model.isBehavioural = true
                continue
            }
            guard let value = number(text, frame, key) else { return nil }
            textUses.use(value, by: "the model \(card.name)", at: text.source)
            set(&model, value.number)
        }
        frame.resistorModels[card.name] = model
        return model
    }

    private static let ignoredModelKeys: Set<String> = [
        "kf", "af", "bv_max", "lf", "wf", "ef", "level", "version", "m", "ac", "noisy", "noise",
    ]

    private static let modelKeys: [String: @Sendable (inout ResistorModel, Double) -> Void] = [
        "r": { $0.resistance = $1 }, "res": { $0.resistance = $1 },
        "rsh": { $0.sheetResistance = $1 },
        "w": { $0.width = $1 }, "defw": { $0.width = $1 }, "l": { $0.length = $1 },
        "narrow": { $0.narrowing = $1 }, "dw": { $0.narrowing = $1 },
        "short": { $0.shortening = $1 }, "dlr": { $0.shortening = $1 },
        "tc1": { $0.tc1 = $1 }, "tc1r": { $0.tc1 = $1 },
        "tc2": { $0.tc2 = $1 }, "tc2r": { $0.tc2 = $1 },
        "resistance": { $0.defaultResistance = $1 }, "tc": { $0.defaultTC1 = $1 },
        "scale": { $0.defaultScale = $1 }, "temp": { $0.defaultTemperature = $1 },
        "dtemp": { $0.defaultTemperatureDifference = $1 },
        "tce": { $0.tce = $1 }, "tnom": { $0.nominalTemperature = $1 },
    ]
}

extension ResistorModel {
    /// The resistance of a device of this width and length, nil where the model gives none.
    func resistance(width: Double?, length: Double?) -> Double? {
        if let defaultResistance { return defaultResistance }
        let width = width ?? self.width
        let length = length ?? self.length
        if length * width * sheetResistance > 0 {
            return (length - 2 * shortening) / (width - 2 * narrowing) * sheetResistance
        }
        return resistance
    }
}
