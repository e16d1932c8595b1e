/// One logical line: a device or a dot card, with its continuation lines joined.
public struct Statement: Sendable {
    public enum Kind: Sendable, Hashable {
        /// A device; the letter is lower case.
        case device(UInt8)
        /// A dot card; its name is the first token, `.param`.
        case card
    }

    public let file: SourceFile
    public let kind: Kind
    /// Not empty; the first token is the device's or the card's name.
    public let tokens: [Token]
    /// Which of the netlist's own lines includes it, counted from 1; 0 where it stands there itself.
    let inclusion: Int32
    /// True where the tokens lie on more than one physical line.
    let isContinued: Bool

    /// The file's bytes from the first token to the last.
    public var range: SourceRange {
        let first = tokens.first?.range.lowerBound ?? 0
        return SourceRange(file: file, bytes: first..<(tokens.last?.range.upperBound ?? first))
    }

    /// The name of the device or card.
    public var name: Token { tokens[0] }

    public func range(of token: Token) -> SourceRange {
        SourceRange(file: file, bytes: token.range)
    }

    /// The text of a stretch of this statement: as many bytes as in the file, with line ends,
    /// continuation signs and comments between them blanked, so that offsets stay true.
    func bytes(in range: Range<Int>) -> [UInt8] {
        var result = Array(file.bytes[range])
        if isContinued {
            PhysicalLine.blankJoins(in: &result, hasDollarComments: file.hasDollarComments)
        }
        return result
    }

    func bytes(of token: Token) -> [UInt8] { bytes(in: token.range) }

    public func text(of token: Token) -> String { bytes(of: token).text }

    /// Where a word stands behind the name, in any case; nil where it doesn't.
    public func range(ofWord word: String) -> SourceRange? {
        let wanted = word.lowercasedASCII
        return tokens.dropFirst().first { lowercasedText(of: $0) == wanted }.map(range(of:))
    }

    /// The last word or expression that neither follows a `=` nor stands before one, and is none of some words in
    /// lower case.
    public func lastBareValue(before words: Set<String>) -> SourceRange? {
        tokens.indices.last { index in
            tokens[index].isValue && !words.contains(lowercasedText(of: tokens[index]))
                && (index == 0 || tokens[index - 1].kind != .equals)
                && (index + 1 == tokens.count || tokens[index + 1].kind != .equals)
        }.map { range(of: tokens[$0]) }
    }

    /// The name of the model that this card describes, in lower case; nil for other lines.
    public var modelName: (text: String, range: SourceRange)? {
        guard cardName == ".model", tokens.count > 1 else { return nil }
        return (lowercasedText(of: tokens[1]), range(of: tokens[1]))
    }

    func lowercasedText(of token: Token) -> String {
        isContinued
            ? bytes(of: token).lowercasedText : file.bytes[token.range].lowercasedText
    }

    /// The card's name in lower case, dot included; empty for a device.
    var cardName: String { kind == .card ? lowercasedText(of: name) : "" }

    /// Whether this is a `.param` card, however its name goes on.
    var isParameterCard: Bool {
        kind == .card && file.bytes[name.range].hasPrefixCaseInsensitively(".para")
    }

    /// Whether a token is this word in any case.
    func token(_ token: Token, is word: StaticString) -> Bool {
        file.bytes[token.range].isCaseInsensitively(word)
    }
}

/// A number and what belongs to it, with a blank between: `1 k`, `5 %`.
public struct SplitNumber: Sendable {
    let number: String
    let suffix: String

    /// What is wrong, and what to write.
    public var remedy: String {
        suffix == "%"
            ? "ngspice has no tolerances, make this one a comment: ; \(number) %"
            : "a number and its letters are one word, write \(number)\(suffix)"
    }
}

extension Statement {
    /// The number before a token that can only be the rest of it: a factor, a unit, a percent sign.
    public func splitNumber(endingAt token: Token) -> SplitNumber? {
        guard token.kind == .word, let index = tokens.firstIndex(of: token), index > 1,
            tokens[index - 1].kind == .word
        else { return nil }
        let (number, suffix) = (text(of: tokens[index - 1]), text(of: token))
        guard number.utf8.last.map({ $0.isDigit || $0 == Byte.dot }) == true,
            SpiceNumber.parse(number) != nil,
            suffix == "%" || Self.suffixes.contains(suffix.lowercasedASCII)
        else { return nil }
        return SplitNumber(number: number, suffix: suffix)
    }

    private static let suffixes: Set<String> = {
        let factors = ["", "t", "g", "meg", "k", "m", "u", "n", "p", "f"]
        let units = ["", "ohm", "ohms", "f", "h", "v", "a", "hz", "s"]
        return Set(factors.flatMap { factor in units.map { factor + $0 } }).subtracting([""])
    }()
}
