/// What `.options` and `.temp` say that bears on the circuit's equations.
///
/// Of all that ngspice takes, only `temp` and `tnom`, which elaboration follows, and the options kept here move
/// the operating point of a linear circuit; tolerances, limits and gmin bear on how nonlinear ones are found.
struct Settings {
    var conditions = Circuit.Conditions()
    /// What lengths and widths on devices' lines are multiplied by.
    var scale = 1.0
    var equationOptions: [Circuit.EquationOption] = []
    /// The last of each name.
    var optionPlaces: [String: SourceRange] = [:]
    /// `rshunt` connects every node to ground.
    var hasShuntResistance: Bool { equationOptions.contains { $0.name == "rshunt" } }

    /// Options that are no misspelling of those that simulations take: ngspice's for its output, and other
    /// simulators'.
    static let otherOptionNames: Set<String> = [
        "acct", "gshunt", "interp", "limpts", "limtim", "list", "lvltim", "measdgt", "method", "mu",
        "node",
        "numdgt", "opts", "plotwinsize", "post", "savecurrents", "seedinfo", "warn",
    ]

    /// Kelvin at 0 °C.
    static let zeroCelsius = 273.15
}

extension Elaborator {
    /// Reads all `.options` and `.temp` lines; the last one wins, and `.temp` over `.options`.
    func readSettings() {
        for statement in reader.settings where statement.cardName != ".temp" {
            warnOfDecimalCommas(statement)
            reportOptionForms(statement)
            for (name, text) in statement.loosePairs(from: 1) {
                switch name {
                case "temp": set(\.temperature, text, "temp", statement)
                case "tnom": set(\.nominalTemperature, text, "tnom", statement)
                case "gmin":
                    guard let value = number(text, top, "gmin") else { break }
                    noteUse(value, by: "the option gmin", at: statement.range)
                    settings.conditions.gmin = value.number
                case "rshunt":
                    // ngspice takes any that is positive, and never takes it back.
                    guard let value = number(text, top, "rshunt"), value.number > 0 else { break }
                    noteUse(value, by: "the option rshunt", at: statement.range)
                    addOption(
                        name, text.source, "puts a resistor from every node to ground",
                        "write these resistors as devices")
                case "scale":
                    guard let value = number(text, top, "scale"), value.number != 1 else { break }
                    settings.scale = value.number
                    noteUse(value, by: "the option scale", at: statement.range)
                    addOption(
                        name, text.source, "scales the lengths and widths of devices",
                        "write them in full")
                default:
                    warnOfMisspelling(name, text, statement)
                    useMentions(text, by: "the .options", statement.range, top)
                }
            }
            // Any value will do, and none.
            for token in statement.tokens.dropFirst()
            where statement.lowercasedText(of: token) == "rseries" {
                addOption(
                    "rseries", statement.range(of: token),
                    "puts a resistor in series with every inductor",
                    "write these resistors as devices")
            }
        }
        for statement in reader.settings where statement.cardName == ".temp" {
            switch statement.temperature {
            case .missing:
                diagnostics.warning(
                    "bad-temperature",
                    "ngspice takes 0 °C where no temperature follows: write it, .temp 27",
                    at: statement.range)
                settings.conditions.temperature = 0
            case .unreadable:
                let meant = statement.decimalCommas(from: 1).first?.meant ?? "27"
                diagnostics.warning(
                    "bad-temperature",
                    "ngspice reads one temperature here, and takes 27 °C because it can't: .temp \(meant)",
                    at: statement.range)
                settings.conditions.temperature = 27
            case .number(let number, let value):
                settings.conditions.temperature = number
                checkTemperature(number, at: statement.range(of: value))
            case .expression(let value):
                set(\.temperature, ValueText(value, in: statement), "temp", statement)
            }
        }
    }

    /// Spellings by which ngspice passes over an option, or takes another value than one would expect.
    private func reportOptionForms(_ statement: Statement) {
        let tokens = statement.tokens
        func isOption(_ token: Token) -> Bool {
            Statement.simulationOptionNames.contains(statement.lowercasedText(of: token))
        }
        for (index, token) in tokens.enumerated().dropFirst() {
            let next = index + 1 < tokens.count ? tokens[index + 1] : nil
            switch token.kind {
            case .expression, .string:
                guard tokens[index - 1].kind != .equals,
                    next?.kind == .equals || statement.text(of: token).contains("=")
                else { continue }
                diagnostics.error(
                    "option-in-quotes",
                    "quotes and braces are for the value of an option: write name=value",
                    at: statement.range(of: token))
            case .leftParenthesis, .rightParenthesis, .comma:
                guard let next, isOption(next), next.range.lowerBound == token.range.upperBound,
                    token.kind != .comma || index == 1
                else { continue }
                let name = statement.text(of: next)
                diagnostics.error(
                    "option-behind-parenthesis",
                    "ngspice passes over the option \(name) here: put a blank in place of the sign before it",
                    at: statement.range(of: token))
            default: continue
            }
        }
        var values: [String: ValueText] = [:]
        for (name, text) in statement.loosePairs(from: 1) {
            if let other = values[name], other.bytes != text.bytes,
                Statement.simulationOptionNames.contains(name)
            {
                diagnostics.error(
                    "repeated-option",
                    "\(name) stands on this card before, and of the two ngspice takes now the first, now the "
                        + "last: leave one", at: text.source)
            }
            values[name] = text
            if ["temp", "tnom", "gmin", "rshunt", "scale"].contains(name),
                text.bytes.first == Byte.leftParenthesis
            {
                diagnostics.error(
                    "bad-option-value",
                    "ngspice takes a number for \(name): leave the parentheses out", at: text.source
                )
            }
        }
    }

    /// ngspice ends a value at a comma, and takes what follows for another option.
    private func warnOfDecimalCommas(_ statement: Statement) {
        for (whole, meant) in statement.decimalCommas(from: 3) {
            guard let number = literal(ValueText(whole, in: statement)) else { continue }
            diagnostics.warning(
                "decimal-comma",
                "ngspice takes \(SpiceNumber.shortest(number.value)) for this option: for a decimal comma "
                    + "write \(meant)",
                at: statement.range(of: whole))
        }
    }

    /// ngspice takes no notice of an option that it doesn't know; other simulators' own are none of its.
    private func warnOfMisspelling(_ name: String, _ text: ValueText, _ statement: Statement) {
        let known = Statement.simulationOptionNames
        guard !known.contains(name), !Settings.otherOptionNames.contains(name),
            let near = nearestName(to: name, in: known.sorted()),
            let token = statement.tokens.last(where: {
                $0.range.upperBound <= text.range.lowerBound
                    && statement.lowercasedText(of: $0) == name
            })
        else { return }
        diagnostics.warning(
            "unknown-option", "ngspice has no option \(name); did you mean \(near)?",
            at: statement.range(of: token))
    }

    private func addOption(
        _ name: String, _ range: SourceRange, _ effect: String, _ wayOut: String
    ) {
        settings.equationOptions.append(
            Circuit.EquationOption(name: name, effect: effect, wayOut: wayOut, range: range))
    }

    private func set(
        _ path: WritableKeyPath<Circuit.Conditions, Double>, _ text: ValueText, _ what: String,
        _ statement: Statement
    ) {
        guard let value = number(text, top, what) else { return }
        noteUse(value, by: "the option \(what)", at: statement.range)
        settings.conditions[keyPath: path] = value.number
        checkTemperature(value.number, at: text.source)
    }

    private func checkTemperature(_ temperature: Double, at range: SourceRange) {
        guard temperature <= -Settings.zeroCelsius || !temperature.isFinite else { return }
        diagnostics.error(
            "unphysical-value",
            "\(SpiceNumber.shortest(temperature)) °C is no temperature; write more than "
                + SpiceNumber.shortest(-Settings.zeroCelsius), at: range)
    }
}

/// What ngspice makes of a `.temp` card: it reads what follows, after a = or not, by the C library.
enum TemperatureText {
    case number(Double, Token)
    /// In braces or quotes: parameters take part.
    case expression(Token)
    /// It takes 27 °C.
    case unreadable
    /// It takes 0 °C.
    case missing
}

extension Statement {
    var temperature: TemperatureText {
        var values = tokens.dropFirst()
        if values.first?.kind == .equals { values = values.dropFirst() }
        guard let value = values.first else { return .missing }
        guard values.count == 1 else { return .unreadable }
        if value.kind == .expression { return .expression(value) }
        return Double(text(of: value)).map { .number($0, value) } ?? .unreadable
    }
}

extension Statement {
    /// Numbers from a token on that have a decimal comma: the digits before it, and the number that is meant.
    fileprivate func decimalCommas(from start: Int) -> [(whole: Token, meant: String)] {
        tokens.indices.dropFirst(start + 1).dropLast().compactMap { index in
            let (whole, comma, decimals) = (tokens[index - 1], tokens[index], tokens[index + 1])
            guard comma.kind == .comma, whole.range.upperBound == comma.range.lowerBound,
                comma.range.upperBound == decimals.range.lowerBound,
                file.bytes[whole.range].last?.isDigit == true,
                file.bytes[decimals.range].first?.isDigit == true
            else { return nil }
            return (whole, "\(text(of: whole)).\(text(of: decimals))")
        }
    }

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
