/// The card of a VDMOS model in the one spelling that every ngspice reads to its end:
/// `.model name vdmos(pchan vto=-3 kp=2)`.
///
/// ngspice takes such a card apart itself, and goes on for ever, some versions taking memory for it, where a
/// comma or a parenthesis stands at a place at which it expects none. Neither has a meaning there.
enum PowerModelCard {
    /// Whether ngspice would take a card apart: it looks no further than for the letters.
    static func isMeant(_ statement: Statement) -> Bool {
        statement.bytes(in: statement.range.bytes).lowercasedText.contains("vdmos")
    }

    /// Whether ngspice reads the card to its end as it stands: at most one pair of parentheses, around all
    /// that follows the type, and no comma.
    static func endsAsWritten(_ statement: Statement) -> Bool {
        let values = statement.tokens.indices.filter { statement.tokens[$0].isValue }
        guard values.count > 2 else { return true }
        let rest = statement.tokens[(values[2] + 1)...]
        let places = rest.indices.filter {
            [.leftParenthesis, .rightParenthesis, .comma].contains(rest[$0].kind)
        }
        return places.isEmpty
            || places == [rest.startIndex, rest.endIndex - 1]
                && rest.first?.kind == .leftParenthesis && rest.last?.kind == .rightParenthesis
    }

    /// The card's text.
    static func text(_ statement: Statement) -> String {
        let values = statement.tokens.indices.filter { statement.tokens[$0].isValue }
        guard values.count > 2 else { return statement.ngspiceLine }
        var type = statement.lowercasedText(of: statement.tokens[values[2]])
        var words: [String] = []
        if let polarity = ["vdmosn": "nchan", "vdmosp": "pchan"][type] {
            (type, words) = ("vdmos", [polarity])
        }
        let card = [statement.cardName] + [statement.text(of: statement.tokens[values[1]])]
        var isAssigned = false
        for token in statement.tokens[(values[2] + 1)...] {
            switch token.kind {
            case .leftParenthesis, .rightParenthesis, .comma: continue
            case .equals:
                isAssigned = true
                if words.isEmpty { continue }
                words[words.count - 1] += "="
            case .word, .expression, .string:
                let text = spelled(token, statement, isValue: isAssigned)
                if isAssigned, !words.isEmpty {
                    words[words.count - 1] += text
                } else {
                    words.append(text)
                }
                isAssigned = false
            }
        }
        let list = words.joined(separator: " ")
        // Of another model whose name has these letters, ngspice makes something else.
        return card.joined(separator: " ")
            + (type == "vdmos" ? " vdmos(\(list))" : " \(type) \(list)")
    }

    /// A value with parentheses becomes an expression in braces.
    private static func spelled(_ token: Token, _ statement: Statement, isValue: Bool) -> String {
        let text = statement.line(of: [token])
        guard token.kind == .word, isValue, text.contains(where: { "(),".contains($0) }) else {
            return text
        }
        return "{" + text + "}"
    }
}
