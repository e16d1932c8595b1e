/// Nodes named as KiCad names nets, `Net-(R1-Pad2)`, and devices, `R(1)`: inside a name, ngspice ends it at a
/// closing parenthesis, but not at an opening one.
enum NodeTokens {
    /// The tokens of a device's line with such a name in one token, its closing parenthesis left beside it.
    static func joined(_ tokens: [Token], _ bytes: [UInt8]) -> [Token] {
        guard let letter = tokens.first.map({ bytes[$0.range.lowerBound].lowercased }),
            opensInWord(tokens)
        else { return tokens }
        let count = nodeCount(of: letter)
        var result: [Token] = []
        result.reserveCapacity(tokens.count)
        var values = 0
        var index = 0
        while index < tokens.count {
            var token = tokens[index]
            index += 1
            if token.kind == .equals { values = .max }
            if token.isValue, values < count {
                if values == 0 {
                    if "rc".utf8.contains(letter), holdsOneWord(tokens[index...], behind: token) {
                        token = Token(
                            kind: .word,
                            range: token.range.lowerBound..<tokens[index + 1].range.upperBound)
                        index += 2
                    }
                } else if token.kind == .word, !isKeyword(bytes[token.range]) {
                    while index + 1 < tokens.count, tokens[index].kind == .leftParenthesis,
                        tokens[index].range.lowerBound == token.range.upperBound,
                        tokens[index + 1].kind == .word,
                        tokens[index + 1].range.lowerBound == tokens[index].range.upperBound
                    {
                        token = Token(
                            kind: .word,
                            range: token.range.lowerBound..<tokens[index + 1].range.upperBound)
                        index += 2
                    }
                }
                values += 1
            }
            result.append(token)
        }
        return result
    }

    /// Whether a parenthesis opens right behind a word.
    private static func opensInWord(_ tokens: [Token]) -> Bool {
        zip(tokens, tokens.dropFirst()).contains {
            $0.kind == .word && $1.kind == .leftParenthesis
                && $0.range.upperBound == $1.range.lowerBound
        }
    }

    /// Whether `(1)` follows, with no blank before or in it. Of devices whose names commands or other lines
    /// mention, ngspice can't read such names there.
    private static func holdsOneWord(_ tokens: ArraySlice<Token>, behind name: Token) -> Bool {
        let three = tokens.prefix(3)
        return three.map(\.kind) == [.leftParenthesis, .word, .rightParenthesis]
            && zip([name] + three, three).allSatisfy {
                $0.range.upperBound == $1.range.lowerBound
            }
    }

    /// Up to which value a device's line may name such nodes. On those of diodes, bipolar and MOS
    /// transistors, behavioural and controlled sources ngspice can't read them.
    private static func nodeCount(of letter: UInt8) -> Int {
        switch letter {
        case _ where "abdefghkmq".utf8.contains(letter): 0
        case UInt8(ascii: "x"), UInt8(ascii: "p"): .max
        case _ where "jonstuyz".utf8.contains(letter): 5
        default: 3
        }
    }

    /// What may follow the first nodes and opens a list.
    private static func isKeyword(_ word: ArraySlice<UInt8>) -> Bool {
        keywords.contains(word.lowercasedText)
    }

    private static let keywords: Set<String> = [
        "poly", "params:", "v", "i", "pulse", "sin", "sine", "exp", "pwl", "dc", "ac",
    ]
}
