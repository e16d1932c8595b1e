/// Values of a device or card that belong together: those known by their place, under the key `""`, or
/// those that a word says the meaning of (`m=2`, `ac 1 90`), under that word.
struct Argument {
    struct Value {
        let token: Token
        /// True for nodes, models and the like, which are no numbers even if they look like some.
        var isName = false
    }

    var key: String
    /// The word as written; nil for values known by their place.
    var label: Token?
    /// Whether a `=` stands between the word and its value.
    var hasEquals = false
    var values: [Value] = []

    /// A value as the deck says it: `m=2`.
    func text(of token: Token, in statement: Statement) -> String {
        guard hasEquals, let label else { return statement.text(of: token) }
        return "\(statement.text(of: label))=\(statement.text(of: token))"
    }
}

extension Argument {
    /// What stands after the name of a device or card. No two have the same key.
    static func all(of statement: Statement) -> [Argument] {
        switch statement.kind {
        case .device(UInt8(ascii: "v")), .device(UInt8(ascii: "i")): ofSource(statement)
        case .device(UInt8(ascii: "b")): ofBehaviouralSource(statement)
        case .device(let letter): withValue(ofDevice: letter, pairs(of: statement))
        case .card:
            switch statement.cardName {
            case ".model", ".subckt", ".macro": pairs(of: statement)
            // Elsewhere the order may matter, as in .meas tran t trig v(a) val=1 targ v(b) val=1.
            default: [Argument(key: "", values: statement.comparableValues())]
            }
        }
    }

    /// The settings on a `.param` or `.options` card; nil for others, or if it has anything else.
    static func settings(of statement: Statement, _ kind: String) -> [Argument]? {
        guard kind == ".param" || kind == ".options" else { return nil }
        let takesFlags = kind == ".options"
        var result: [Argument] = []
        let tokens = statement.tokens
        var index = 1
        while index < tokens.count {
            let token = tokens[index]
            index += 1
            if token.kind == .comma { continue }
            guard token.kind == .word else { return nil }
            var setting = Argument(key: statement.lowercasedText(of: token), label: token)
            if index + 1 < tokens.count, tokens[index].kind == .equals, tokens[index + 1].isValue {
                setting.values = [Value(token: tokens[index + 1])]
                index += 2
            } else if !takesFlags {
                return nil
            }
            result.append(setting)
        }
        return result
    }

    /// Values by place, then `name=value` pairs by name.
    private static func pairs(of statement: Statement) -> [Argument] {
        var positional = Argument(key: "")
        var named: [Argument] = []
        var indices: [String: Int] = [:]
        // Where a comma would add a value: `ic=1,2`.
        var open: Int?
        let values = statement.comparableValues()
        var index = 0
        while index < values.count {
            let value = values[index]
            let isPair =
                value.token.kind == .word && index + 2 < values.count
                && values[index + 1].token.kind == .equals
            guard isPair else {
                if let open, statement.hasComma(before: value.token) {
                    named[open].values.append(value)
                } else {
                    positional.values.append(value)
                    open = nil
                }
                index += 1
                continue
            }
            let key = statement.lowercasedText(of: value.token)
            let place = indices[key] ?? named.count
            if place == named.count {
                indices[key] = place
                named.append(Argument(key: key, label: value.token, hasEquals: true))
            }
            named[place].values.append(values[index + 2])
            open = place
            index += 3
        }
        return (positional.values.isEmpty ? [] : [positional]) + named
    }

    /// `r=1k` and the like as the value in its place that they stand for, if there is no other.
    private static func withValue(ofDevice letter: UInt8, _ arguments: [Argument]) -> [Argument] {
        let names: [String] =
            switch letter {
            case UInt8(ascii: "r"): ["r", "resistance"]
            case UInt8(ascii: "c"): ["c", "cap", "capacitance"]
            case UInt8(ascii: "l"): ["l", "inductance"]
            default: []
            }
        guard !names.isEmpty, arguments.first?.key == "" else { return arguments }
        let places = arguments.indices.filter { names.contains(arguments[$0].key) }
        var result = arguments
        if result[0].values.count == 3, places.isEmpty {
            let value = result[0].values.removeLast()
            result.append(Argument(key: names[0], values: [value]))
        } else if result[0].values.count == 2, places.count == 1 {
            result[places[0]].key = names[0]
        }
        return result
    }

    /// `n+ n- [[dc] value] [ac [magnitude [phase]]] [function(…)]`, in any order, a `=` or none after
    /// each word.
    private static func ofSource(_ statement: Statement) -> [Argument] {
        let values = statement.comparableValues()
        var nodes = Argument(key: "")
        nodes.values = values.filter(\.isName)
        var leading = Argument(key: "value")
        var sections: [Argument] = []
        for value in values where !value.isName {
            let word = statement.lowercasedText(of: value.token)
            if Elaborator.sourceKeywords.contains(word) || word == "m" {
                sections.append(Argument(key: word == "sine" ? "sin" : word, label: value.token))
            } else if value.token.kind == .equals {
                if let last = sections.indices.last { sections[last].hasEquals = true }
            } else if let last = sections.indices.last {
                sections[last].values.append(value)
            } else {
                leading.values.append(value)
            }
        }
        // Beside a leading value, `dc` counts for nothing; without one it is that value.
        if leading.values.isEmpty {
            for index in sections.indices where sections[index].key == "dc" {
                sections[index].key = "value"
            }
        } else {
            sections.insert(leading, at: 0)
        }
        var merged = [nodes]
        for section in sections {
            if let index = merged.firstIndex(where: { $0.key == section.key }) {
                merged[index].values += section.values
            } else {
                merged.append(section)
            }
        }
        return merged
    }

    /// Two nodes and an expression, which spaces do not divide.
    private static func ofBehaviouralSource(_ statement: Statement) -> [Argument] {
        let values = statement.comparableValues()
        var argument = Argument(key: "", values: Array(values.prefix(while: \.isName)))
        if let first = values.dropFirst(argument.values.count).first?.token,
            let last = statement.tokens.last
        {
            let range = first.range.lowerBound..<last.range.upperBound
            argument.values.append(Value(token: Token(kind: .expression, range: range)))
        }
        return [argument]
    }
}

extension Statement {
    fileprivate func hasComma(before token: Token) -> Bool {
        guard let index = tokens.firstIndex(of: token), index > 0 else { return false }
        return tokens[index - 1].kind == .comma
    }

    /// All values after the name, and each `=` among them.
    fileprivate func comparableValues() -> [Argument.Value] {
        var result: [Argument.Value] = []
        var isInCall = false
        var previous: Token?
        let names = leadingNameCount
        for token in tokens.dropFirst() {
            if token.kind == .leftParenthesis {
                isInCall = previous.map(isCallOfNodes) ?? false
            } else if token.kind == .rightParenthesis {
                isInCall = false
            }
            previous = token
            guard token.isValue || token.kind == .equals,
                !self.token(token, is: "params:")
            else { continue }
            result.append(
                Argument.Value(token: token, isName: isInCall || result.count < names))
        }
        return result
    }

    /// `v` in `v(1)`.
    private func isCallOfNodes(_ token: Token) -> Bool {
        Argument.Value.nodeFunctions.contains(lowercasedText(of: token))
    }

    /// How many of the first values are names even where they look like numbers: nodes and models.
    private var leadingNameCount: Int {
        guard case .device(let letter) = kind else {
            switch cardName {
            case ".subckt", ".macro": return callTokens.count
            case ".model": return 2
            default: return 1
            }
        }
        switch letter {
        case UInt8(ascii: "x"): return callTokens.count
        case UInt8(ascii: "e"), UInt8(ascii: "g"): return 2 + controllingNames(nodesEach: 2)
        case UInt8(ascii: "f"), UInt8(ascii: "h"): return 2 + controllingNames(nodesEach: 1)
        case UInt8(ascii: "d"): return 3
        case UInt8(ascii: "q"): return isModelOfTransistor(at: 4) ? 5 : 4
        case UInt8(ascii: "t"), UInt8(ascii: "j"), UInt8(ascii: "z"),
            UInt8(ascii: "u"), UInt8(ascii: "w"):
            return 4
        case UInt8(ascii: "m"), UInt8(ascii: "s"), UInt8(ascii: "o"): return 5
        case UInt8(ascii: "a"), UInt8(ascii: "n"), UInt8(ascii: "p"): return .max
        default: return 2
        }
    }

    /// Whether the model follows a substrate node, rather than an area the model: `2n2222` is no area.
    private func isModelOfTransistor(at place: Int) -> Bool {
        let values = tokens.dropFirst().filter(\.isValue)
        guard values.count > place, values[place].kind == .word else { return false }
        let number = SpiceNumber.parse(utf8: bytes(of: values[place]))
        return number == nil || number?.warning != nil
    }

    /// What a controlled source names after its own nodes: `poly(2) a b c d` has six.
    private func controllingNames(nodesEach: Int) -> Int {
        let values = tokens.dropFirst().filter(\.isValue)
        guard values.count > 2, values[2].kind == .word else { return 0 }
        switch lowercasedText(of: values[2]) {
        case "poly":
            let count = values.count > 3 ? Int(text(of: values[3])) ?? 1 : 1
            return 2 + min(max(count, 0), values.count) * nodesEach
        case "value", "vol", "cur", "table", "laplace", "freq": return 0
        default: return nodesEach
        }
    }
}
