/// A stretch of a statement that says a value: a number or an expression, without braces or quotes.
struct ValueText: Hashable {
    let file: SourceFile
    /// Without the delimiters.
    let range: Range<Int>
    /// The bytes at `range` with line joins blanked and inner braces as parentheses, kept only where
    /// there are any.
    let joined: [UInt8]?
    /// Whether ngspice takes it for a text: several in quotes, in braces or bare without a blank between,
    /// as in `or{and}`, or one that `.param` gives in double quotes.
    let isString: Bool
    /// Whether it stands in double quotes on the line of an X device or a `.subckt`, which makes a text of
    /// it in later versions only (`Dialect.passesTexts`).
    let isQuotedArgument: Bool
    /// Whether numparam reads it, whose numbers differ from those on devices' lines: an expression, or a
    /// parameter's value.
    let isFormula: Bool

    var bytes: [UInt8] { joined ?? Array(file.bytes[range]) }
    var source: SourceRange { SourceRange(file: file, bytes: range) }

    init(_ token: Token, in statement: Statement) {
        let isDelimited = token.kind == .expression || token.kind == .string
        let inner =
            isDelimited
            ? (token.range.lowerBound + 1)..<(token.range.upperBound - 1) : token.range
        self.init(
            inner, in: statement,
            isString: token.kind == .string && statement.isParameterCard,
            isQuotedArgument: token.kind == .string && statement.givesParameters,
            isFormula: token.kind == .expression)
    }

    init(
        _ range: Range<Int>, in statement: Statement, isString: Bool = false,
        isQuotedArgument: Bool = false, isFormula: Bool = false
    ) {
        self.isQuotedArgument = isQuotedArgument
        file = statement.file
        self.isFormula = isFormula || statement.givesParameters
        self.range = range
        let text = file.bytes[range]
        self.isString =
            isString || statement.isParameterCard && isConcatenation(of: text)
        // On a device's line, and in what a function puts there, ngspice evaluates braces from the inside
        // out; of a parameter that mentions temper it makes a function; on other cards it can't.
        let hasBraces =
            text.contains(Byte.leftBrace)
            && (statement.kind != .card || statement.cardName.hasPrefix(".func")
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

extension Statement {
    /// Whether the values on this line are those of parameters.
    fileprivate var givesParameters: Bool {
        switch kind {
        case .card:
            isParameterCard || cardName.hasPrefix(".func")
                || [".subckt", ".macro"].contains(cardName)
        case .device(let letter): letter == UInt8(ascii: "x")
        }
    }
}

/// Whether `text` consists of two or more texts without a blank between, each in double quotes, the
/// name of a parameter in braces or such a name alone (numparam's `string_expr`).
private func isConcatenation(of text: ArraySlice<UInt8>) -> Bool {
    var rest = text
    var count = 0
    while let first = rest.first {
        switch first {
        case Byte.doubleQuote:
            guard let end = rest.dropFirst().firstIndex(of: Byte.doubleQuote) else { return false }
            rest = rest[(end + 1)...]
        case Byte.leftBrace:
            guard let end = rest.firstIndex(of: Byte.rightBrace),
                rest[(rest.startIndex + 1)..<end].allSatisfy(\.isIdentifierByte)
            else { return false }
            rest = rest[(end + 1)...]
        case _ where first.isIdentifierByte && !first.isDigit:
            rest = rest.drop(while: \.isIdentifierByte)
        default: return false
        }
        count += 1
    }
    return count > 1
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
    ///
    /// - Parameter end: the token before which they end; nil for all that follow.
    func assignments(
        from start: Int, to end: Int? = nil, unexpected: (Token) -> Void
    ) -> [Assignment] {
        let tokens = tokens[..<(end ?? tokens.count)]
        var result: [Assignment] = []
        var index = start
        while index < tokens.endIndex {
            let token = tokens[index]
            if token.kind == .word, index + 2 < tokens.endIndex, tokens[index + 1].kind == .equals,
                tokens[index + 2].isValue
            {
                let first = tokens[index + 2]
                var last = first
                index += 3
                // Texts are joined where they touch: "01"{rest}.
                while isParameterCard, index < tokens.endIndex, tokens[index].isValue,
                    tokens[index].range.lowerBound == last.range.upperBound
                {
                    last = tokens[index]
                    index += 1
                }
                let value =
                    last == first
                    ? ValueText(first, in: self)
                    : ValueText(first.range.lowerBound..<last.range.upperBound, in: self)
                result.append(
                    Assignment(
                        name: lowercasedText(of: token), nameRange: range(of: token),
                        value: value))
            } else if self.token(token, is: "params:") {
                index += 1
            } else {
                unexpected(token)
                index += 1
                // Pass over the rest of a broken assignment, so that it is reported once.
                while index < tokens.endIndex,
                    !(tokens[index].kind == .word && index + 1 < tokens.endIndex
                        && tokens[index + 1].kind == .equals)
                {
                    index += 1
                }
            }
        }
        return result
    }
}
