/// A `.model` of type r, evaluated; nil stands for what the card leaves open.
struct ResistorModel {
    var resistance: Double?
    var sheetResistance = 0.0
    var width = 10e-6
    var length = 10e-6
    var narrowing = 0.0
    var shortening = 0.0
    /// Degrees Celsius.
    var nominalTemperature: Double?
    /// What the card says in place of the devices' own lines.
    var defaultResistance: Double?
    var corrections = ResistorCorrections()
    /// The card's `tc`, which wins over its `tc1`.
    var tc: Double?
    /// Whether all its values are known.
    var kind = ResistorLine.Kind.constant
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

extension Elaborator {
    /// The model that a card of type r describes; nil after an error.
    func resistorModel(_ card: Scope.ModelCard, _ frame: Frame) -> ResistorModel? {
        if let known = frame.resistorModels[card.name] { return known }
        var model = ResistorModel()
        if let base = card.base {
            guard deck.translates(card.statement, from: .pspice),
                let (card, owner) = self.model(named: base, frame), card.base == nil
            else {
                diagnostics.error(
                    "unknown-model", "there is no model \(base) that this one could be a kind of",
                    at: card.statement.range)
                return nil
            }
            guard let other = resistorModel(card, owner) else { return nil }
            model = other
        }
        let values = card.statement.tokens[card.firstParameter...].filter {
            $0.isValue || $0.kind == .equals
        }
        var index = 0
        while index < values.count {
            let token = values[index]
            let written = card.statement.lowercasedText(of: token)
            let isPSpice = deck.translates(card.statement, from: .pspice)
            let key = isPSpice ? Self.pspiceModelKeys[written] ?? written : written
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
            // PSpice's spread of values, which ngspice leaves out.
            if isPSpice, key.hasPrefix("dev") || key.hasPrefix("lot") { continue }
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
                model.kind = .behavioural
                continue
            }
            if isRandom(text, frame, of: "the model \(card.name)") {
                model.kind = .random
                continue
            }
            guard let value = number(text, frame, key) else { return nil }
            noteUse(value, by: "the model \(card.name)", at: text.source)
            if key == "r" || key == "res", !deck.dialect.takesModelResistance(value.number) {
                diagnostics.warning(
                    "small-resistance",
                    "ngspice ignores this resistance of a model: it is "
                        + (value.number > 0 ? "too small" : "not positive"),
                    at: text.source)
                continue
            }
            set(&model, value.number)
        }
        model.corrections.tc1 = model.tc ?? model.corrections.tc1
        frame.resistorModels[card.name] = model
        return model
    }

    private static let ignoredModelKeys: Set<String> = [
        "kf", "af", "bv_max", "lf", "wf", "ef", "level", "version", "m", "ac", "noisy", "noise",
    ]

    private static let pspiceModelKeys = [
        "t_abs": "temp", "t_rel_global": "dtemp", "t_measured": "tnom",
    ]

    private static let modelKeys: [String: @Sendable (inout ResistorModel, Double) -> Void] = [
        "r": { $0.resistance = $1 }, "res": { $0.resistance = $1 },
        "rsh": { $0.sheetResistance = $1 },
        "w": { $0.width = $1 }, "defw": { $0.width = $1 }, "l": { $0.length = $1 },
        "narrow": { $0.narrowing = $1 }, "dw": { $0.narrowing = $1 },
        "short": { $0.shortening = $1 }, "dlr": { $0.shortening = $1 },
        "tc1": { $0.corrections.tc1 = $1 }, "tc1r": { $0.corrections.tc1 = $1 },
        "tc2": { $0.corrections.tc2 = $1 }, "tc2r": { $0.corrections.tc2 = $1 },
        "resistance": { $0.defaultResistance = $1 }, "tc": { $0.tc = $1 },
        "scale": { $0.corrections.scale = $1 }, "temp": { $0.corrections.temperature = $1 },
        "dtemp": { $0.corrections.temperatureDifference = $1 },
        "tce": { $0.corrections.tce = $1 }, "tnom": { $0.nominalTemperature = $1 },
    ]
}
