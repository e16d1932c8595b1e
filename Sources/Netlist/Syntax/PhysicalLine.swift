/// How one line of a file is read before lines are joined: where its text begins and ends once
/// indentation and end-of-line comments are gone.
struct PhysicalLine {
    enum Kind {
        case blank
        case comment
        /// A line that begins with a character that ngspice turns into `*`, with a warning.
        case unusual
        case continuation
        case statement
    }

    let kind: Kind
    /// The text, without indentation, `+`, comment and line end.
    let content: Range<Int>
    /// The whole line without its end.
    let line: Range<Int>
    /// True where `\\` at its end joins the next line to it.
    let continuesOnNextLine: Bool

    /// Reads the line at `range`, which holds no line end.
    ///
    /// Comments are `*` and `$` lines (and `#` lines, in versions that have them) and those that begin with a form feed, `;` and `//` anywhere after
    /// the first character, and `$` after white space or a comma. ngspice looks for them inside quotes and braces too, and so does this.
    init(
        _ bytes: [UInt8], _ range: Range<Int>, joined: Bool = false, hasDollarComments: Bool = true,
        hasHashComments: Bool = false
    ) {
        let range = Self.withoutEndOfFile(bytes, range)
        line = range
        var start = range.lowerBound
        while start < range.upperBound, bytes[start].isBlank { start += 1 }
        guard start < range.upperBound else {
            (kind, content, continuesOnNextLine) = (.blank, start..<start, false)
            return
        }
        let first = bytes[start]
        let isLineComment =
            first == Byte.star || first == Byte.dollar || bytes[range.lowerBound] == Byte.formFeed
            || hasHashComments && first == UInt8(ascii: "#")
        if isLineComment && !joined {
            (kind, content, continuesOnNextLine) = (.comment, start..<range.upperBound, false)
            return
        }
        let (end, continues) = Self.endOfStatement(
            bytes, start..<range.upperBound, hasDollarComments)
        guard end > start || continues && first == Byte.backslash else {
            (kind, content, continuesOnNextLine) = (.comment, start..<range.upperBound, continues)
            return
        }
        continuesOnNextLine = continues
        if joined {
            kind = .continuation
            content = start..<end
        } else if first == Byte.plus {
            kind = .continuation
            content = (start + 1)..<max(end, start + 1)
        } else if Self.unusualFirstBytes.contains(first) {
            kind = .unusual
            content = start..<end
        } else {
            kind = end > start ? .statement : .blank
            content = start..<end
        }
    }

    /// The line without the byte 1A, with which DOS ends a text: at the end of the file, or alone.
    private static func withoutEndOfFile(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        guard !range.isEmpty, bytes[range.upperBound - 1] == Byte.endOfFile,
            range.upperBound == bytes.count || range.count == 1
        else { return range }
        return range.lowerBound..<(range.upperBound - 1)
    }

    /// Whether two backslashes end a text, but for blanks.
    static func endsInBackslashes(_ text: ArraySlice<UInt8>) -> Bool {
        let end = text.lastIndex { !$0.isBlank }.map { $0 + 1 } ?? text.startIndex
        return text[..<end].suffix(2).elementsEqual([Byte.backslash, Byte.backslash])
    }

    /// Where a statement's text ends, and whether `\\` joins the next line to it: ngspice looks for it at the
    /// end of the line before it looks for comments.
    private static func endOfStatement(
        _ bytes: [UInt8], _ range: Range<Int>, _ hasDollarComments: Bool
    ) -> (end: Int, continues: Bool) {
        let textEnd = endOfText(bytes, range, hasDollarComments)
        var end = textEnd
        func trim() { while end > range.lowerBound, bytes[end - 1].isBlank { end -= 1 } }
        trim()
        guard textEnd == range.upperBound else {
            return (end, endsInBackslashes(bytes[textEnd..<range.upperBound]))
        }
        var continues = false
        while end - range.lowerBound >= 2, bytes[end - 1] == Byte.backslash,
            bytes[end - 2] == Byte.backslash
        {
            continues = true
            end -= 2
            trim()
        }
        return (end, continues)
    }

    /// What ngspice replaces by `*` where a line begins with it.
    private static let unusualFirstBytes = Set("=[]?()&%\"!:,;".utf8)

    private static func endOfText(
        _ bytes: [UInt8], _ range: Range<Int>, _ hasDollarComments: Bool
    ) -> Int {
        var index = range.lowerBound
        while index < range.upperBound {
            switch bytes[index] {
            case Byte.semicolon where index > range.lowerBound:
                return index
            case Byte.slash where index + 1 < range.upperBound && bytes[index + 1] == Byte.slash:
                return index
            case Byte.dollar where hasDollarComments && index > range.lowerBound:
                let before = bytes[index - 1]
                if before == Byte.space || before == Byte.tab || before == Byte.comma {
                    return index
                }
            default: break
            }
            index += 1
        }
        return range.upperBound
    }

    /// Blanks line ends, continuation signs, comments and whole comment lines in a stretch of text
    /// that begins and ends inside statement text.
    static func blankJoins(in bytes: inout [UInt8], hasDollarComments: Bool = true) {
        var start = 0
        var isFirst = true
        var joined = false
        while start <= bytes.count {
            let end = bytes[start...].firstIndex(of: Byte.lineFeed) ?? bytes.count
            if isFirst {
                // The first line begins in the middle: its start is text, whatever the byte.
                if end < bytes.count {
                    let first = endOfStatement(bytes, start..<end, hasDollarComments)
                    joined = first.continues
                    for index in first.end..<end { bytes[index] = Byte.space }
                }
            } else {
                let line = PhysicalLine(
                    bytes, start..<end, joined: joined, hasDollarComments: hasDollarComments)
                if line.kind != .blank { joined = line.continuesOnNextLine }
                let keep = line.kind == .continuation ? line.content : start..<start
                for index in start..<end where !keep.contains(index) { bytes[index] = Byte.space }
            }
            isFirst = false
            if end < bytes.count { bytes[end] = Byte.space }
            start = end + 1
        }
    }
}
