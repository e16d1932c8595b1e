/// A stretch of a statement that says a value: a number or an expression, without braces or quotes.
struct ValueText: Hashable {
    let file: SourceFile
    /// Without the delimiters.
    let range: Range<Int>
    /// The bytes at `range` with line joins blanked and inner braces as parentheses, kept only where
    /// there are any.
    let joined: [UInt8]?

    var bytes: [UInt8] { joined ?? Array(file.bytes[range]) }
    var source: SourceRange { SourceRange(file: file, bytes: range) }

    init(_ token: Token, in statement: Statement) {
        let isDelimited = token.kind == .expression || token.kind == .string
        let inner =
            isDelimited
            ? (token.range.lowerBound + 1)..<(token.range.upperBound - 1) : token.range
        self.init(inner, in: statement)
    }

    init(_ range: Range<Int>, in statement: Statement) {
        file = statement.file
        self.range = range
        let text = file.bytes[range]
        // On a device's line, and in what a function puts there, ngspice evaluates braces from the inside
        // out; of a parameter that mentions temper it makes a function; on other cards it can't.
        let hasBraces =
            text.contains(Byte.leftBrace)
            && (statement.kind != .card || statement.cardName == ".func"
                || text.lowercasedText.contains("temper"))
        guard hasBraces || statement.isContinued && text.contains(Byte.lineFeed) else {
            joined = nil
            return
        }
        var bytes = statement.bytes(in: range)
        if hasBraces {
            for index in bytes.indices {
                if bytes[index] == Byte.leftBrace { bytes[index] = Byte.leftParenthesis }
                if bytes[index] == Byte.rightBrace { bytes[index] = Byte.rightParenthesis }
            }
        }
        joined = bytes
    }

    static func == (a: ValueText, b: ValueText) -> Bool {
        a.range == b.range && a.file == b.file
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(range)
        hasher.combine(file)
    }
}

/// `name = value`, as it stands in a list of parameters.
struct Assignment {
    let name: String
    let nameRange: SourceRange
    let value: ValueText
}

extension Statement {
    /// The assignments from token `start` on.
    ///
    /// Anything that is no assignment is handed to `unexpected`.
    func assignments(from start: Int, unexpected: (Token) -> Void) -> [Assignment] {
        var result: [Assignment] = []
        var index = start
        while index < tokens.count {
            let token = tokens[index]
            if token.kind == .word, index + 2 < tokens.count, tokens[index + 1].kind == .equals,
                tokens[index + 2].isValue
            {
                result.append(
                    Assignment(
                        name: lowercasedText(of: token), nameRange: range(of: token),
                        value: ValueText(tokens[index + 2], in: self)))
                index += 3
            } else if self.token(token, is: "params:") {
                index += 1
            } else {
                unexpected(token)
                index += 1
                // Pass over the rest of a broken assignment, so that it is reported once.
                while index < tokens.count,
                    !(tokens[index].kind == .word && index + 1 < tokens.count
                        && tokens[index + 1].kind == .equals)
                {
                    index += 1
                }
            }
        }
        return result
    }
}
