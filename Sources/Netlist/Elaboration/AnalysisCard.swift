/// Whether ngspice can read an analysis or output card as it stands.
///
/// Where it can't, plain `ngspice -b` solves nothing of the deck, or ends without a word. Other simulators
/// write such forms: `.tran 10m` (LTspice), `.ac list 1k 2k`. Measured with ngspice 39.3.
enum AnalysisCard {
    /// All analyses but `.op`.
    static let names: Set<String> = [
        ".ac", ".dc", ".tran", ".tf", ".pz", ".sens", ".noise", ".disto", ".pss", ".sp",
    ]

    static func isReadable(_ statement: Statement) -> Bool {
        guard !readsVoltages(statement) else { return false }
        let values = Array(statement.tokens.dropFirst().filter(\.isValue))
        let words = values.map(statement.lowercasedText(of:))
        switch DotCard.canonicalName(of: statement.cardName) {
        case ".tran":
            let step = words.first.flatMap { SpiceNumber.parse($0)?.value }
            return values.count > 1 && step ?? 1 > 0
                && values.indices.allSatisfy {
                    $0 > 1 && words[$0] == "uic" || isNumber(values[$0], words[$0])
                }
        case ".ac", ".sp", ".disto": return isSweep(words.first) && values.count > 3
        case ".noise": return words.contains(where: isSweep)
        case ".dc":
            return values.count.isMultiple(of: 4) && !values.isEmpty && words[1] != "list"
        case ".tf": return values.count > 1
        case ".pz": return values.count > 5
        case ".sens": return !values.isEmpty
        case ".csparam": return statement.tokens.contains { $0.kind == .equals }
        case ".meas", ".measure": return values.count > 2
        case ".four", ".fourier": return values.count > 1
        default: return true
        }
    }

    /// Whether an expression in braces asks for a voltage, a current or a power: ngspice evaluates it when it
    /// reads the deck, and knows no such function then.
    private static func readsVoltages(_ statement: Statement) -> Bool {
        statement.tokens.contains { token in
            token.kind == .expression
                && statement.lowercasedText(of: token)
                    .contains(/(^|[^a-z0-9_])[vipw]\s*\(/)
        }
    }

    private static func isSweep(_ word: String?) -> Bool {
        word.map(["dec", "oct", "lin"].contains) ?? false
    }

    /// A number, or a text that may be one: an expression.
    private static func isNumber(_ token: Token, _ word: String) -> Bool {
        token.kind != .word || SpiceNumber.parse(word) != nil
    }
}
