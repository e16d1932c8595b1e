/// What `.options` and `.temp` say that bears on resistances.
struct Settings {
    /// Degrees Celsius.
    var temperature = 27.0
    var nominalTemperature = 27.0
    /// `rshunt` connects every node to ground.
    var hasShuntResistance = false

    /// Kelvin at 0 °C.
    static let zeroCelsius = 273.15
}

extension Elaborator {
    /// Reads all `.options` and `.temp` lines; the last one wins, and `.temp` over `.options`.
    func readSettings() {
        for statement in reader.settings where statement.cardName != ".temp" {
            for (name, text) in statement.loosePairs(from: 1) {
                switch name {
                case "temp": set(\.temperature, text, "temp", statement)
                case "tnom": set(\.nominalTemperature, text, "tnom", statement)
                case "rshunt": settings.hasShuntResistance = true
                default: useMentions(text, by: "the .options", statement.range, top)
                }
            }
        }
        for statement in reader.settings where statement.cardName == ".temp" {
            let values = statement.tokens.dropFirst()
            guard values.count == 1, let value = values.first else {
                guard values.count > 1 else {
                    diagnostics.error(
                        "missing-value", "a temperature in °C must follow: .temp 27",
                        at: statement.range)
                    continue
                }
                diagnostics.warning(
                    "bad-temperature",
                    "ngspice reads one temperature here, and takes 27 °C because it can't: .temp 27",
                    at: statement.range)
                settings.temperature = 27
                continue
            }
            set(\.temperature, ValueText(value, in: statement), "temp", statement)
        }
    }

    private func set(
        _ path: WritableKeyPath<Settings, Double>, _ text: ValueText, _ what: String,
        _ statement: Statement
    ) {
        guard let value = number(text, top, what) else { return }
        textUses.use(value, by: "the option \(what)", at: statement.range)
        settings[keyPath: path] = value.number
    }
}

extension Statement {
    /// The pairs `name = value` from a token on; words without a value are passed over.
    func loosePairs(from start: Int) -> [(name: String, value: ValueText)] {
        var result: [(String, ValueText)] = []
        var index = start
        while index + 2 < tokens.count {
            if tokens[index].kind == .word, tokens[index + 1].kind == .equals,
                tokens[index + 2].isValue
            {
                result.append(
                    (lowercasedText(of: tokens[index]), ValueText(tokens[index + 2], in: self)))
                index += 3
            } else {
                index += 1
            }
        }
        return result
    }
}
