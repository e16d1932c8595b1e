/// Splits a logical line, given as stretches of one file's bytes, into tokens.
///
/// One pass over the bytes; nesting is counted, not recursed into, so no text can exhaust the stack.
struct Tokenizer {
    /// A delimiter without its counterpart, and where it stands.
    struct Imbalance {
        let delimiter: UInt8
        let offset: Int
    }

    private enum State {
        case between
        case word(start: Int)
        /// A value after `=`, with the parentheses it has open.
        case value(start: Int, depth: Int)
        case braces(start: Int, depth: Int)
        case quote(start: Int)
        case string(start: Int)
    }

    private(set) var tokens: [Token] = []
    private(set) var imbalances: [Imbalance] = []
    private var state = State.between
    private var followsEquals = false

    /// Splits the stretches of `bytes`; between two of them lies a line end, which separates.
    static func tokenize(_ bytes: [UInt8], _ segments: [Range<Int>]) -> Tokenizer {
        var tokenizer = Tokenizer()
        tokenizer.tokens.reserveCapacity(6)
        var end = 0
        for segment in segments {
            for offset in segment { tokenizer.consume(bytes[offset], at: offset) }
            tokenizer.breakLine(at: segment.upperBound)
            end = segment.upperBound
        }
        tokenizer.finish(at: end)
        return tokenizer
    }

    private mutating func emit(_ kind: Token.Kind, _ range: Range<Int>) {
        tokens.append(Token(kind: kind, range: range))
        followsEquals = kind == .equals
        state = .between
    }

    private mutating func consume(_ byte: UInt8, at offset: Int) {
        switch state {
        case .braces(let start, let depth):
            if byte == Byte.leftBrace { state = .braces(start: start, depth: depth + 1) }
            guard byte == Byte.rightBrace else { return }
            if depth == 1 {
                emit(.expression, start..<(offset + 1))
            } else {
                state = .braces(start: start, depth: depth - 1)
            }
        case .quote(let start):
            if byte == Byte.quote { emit(.expression, start..<(offset + 1)) }
        case .string(let start):
            if byte == Byte.doubleQuote { emit(.string, start..<(offset + 1)) }
        case .value(let start, let depth):
            consumeValue(byte, at: offset, start: start, depth: depth)
        case .word(let start):
            guard Self.endsWord(byte) else { return }
            emit(.word, start..<offset)
            begin(byte, at: offset)
        case .between:
            begin(byte, at: offset)
        }
    }

    private mutating func consumeValue(_ byte: UInt8, at offset: Int, start: Int, depth: Int) {
        switch byte {
        case Byte.leftParenthesis:
            state = .value(start: start, depth: depth + 1)
        case Byte.rightParenthesis where depth > 0:
            state = .value(start: start, depth: depth - 1)
        case _ where depth > 0: break
        case Byte.rightParenthesis, Byte.comma, Byte.equals, Byte.leftBrace, Byte.rightBrace,
            Byte.quote,
            _ where byte.isBlank:
            emit(.word, start..<offset)
            begin(byte, at: offset)
        default: break
        }
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case Byte.comma, Byte.equals, Byte.leftParenthesis, Byte.rightParenthesis, Byte.leftBrace,
            Byte.rightBrace, Byte.quote:
            true
        default: byte.isBlank
        }
    }

    /// Takes a byte that stands between tokens.
    private mutating func begin(_ byte: UInt8, at offset: Int) {
        switch byte {
        case _ where byte.isBlank: break
        case Byte.comma: emit(.comma, offset..<(offset + 1))
        case Byte.equals: emit(.equals, offset..<(offset + 1))
        case Byte.leftParenthesis:
            // After `=` a parenthesis opens an expression, not a list.
            if followsEquals {
                state = .value(start: offset, depth: 1)
            } else {
                emit(.leftParenthesis, offset..<(offset + 1))
            }
        case Byte.rightParenthesis: emit(.rightParenthesis, offset..<(offset + 1))
        case Byte.leftBrace: state = .braces(start: offset, depth: 1)
        case Byte.rightBrace:
            imbalances.append(Imbalance(delimiter: byte, offset: offset))
            emit(.word, offset..<(offset + 1))
        case Byte.quote: state = .quote(start: offset)
        case Byte.doubleQuote: state = .string(start: offset)
        default:
            state =
                followsEquals ? .value(start: offset, depth: 0) : .word(start: offset)
        }
    }

    private mutating func breakLine(at offset: Int) {
        switch state {
        case .word(let start), .value(let start, 0): emit(.word, start..<offset)
        default: break
        }
    }

    private mutating func finish(at offset: Int) {
        let open: (delimiter: UInt8, start: Int)
        switch state {
        case .between, .word: return
        case .value(let start, _): open = (Byte.leftParenthesis, start)
        case .braces(let start, _): open = (Byte.leftBrace, start)
        case .quote(let start): open = (Byte.quote, start)
        case .string(let start): open = (Byte.doubleQuote, start)
        }
        imbalances.append(Imbalance(delimiter: open.delimiter, offset: open.start))
        emit(.word, open.start..<max(offset, open.start + 1))
    }
}
