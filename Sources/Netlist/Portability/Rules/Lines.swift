/// How statements are laid out on lines.
extension PortabilityRule {
    static let splitContinuation = PortabilityRule(
        id: "split-continuation", summary: "a + line behind a comment or an empty line",
        fix: "moves comments above the statement, and takes empty lines out"
    ) { text in
        text.lines.indices.compactMap { index in
            let line = text.lines[index]
            guard line.role == .continuation, let head = line.head else { return nil }
            let before = text.lines[..<index].lastIndex(where: \.isText) ?? head
            let between = text.lines[(before + 1)..<index]
            guard !between.isEmpty else { return nil }
            let place = text.lines[head].range.lowerBound
            let comments = between.filter { $0.role == .comment }
            let edits =
                between.map { TextEdit($0.range.lowerBound..<$0.next, "") }
                + comments.map {
                    TextEdit(place..<place, text.bytes[$0.range.lowerBound..<$0.next])
                }
            let start = line.physical.content.lowerBound
            let plus = max(line.range.lowerBound, start - 1)
            return Match(
                range: plus..<(plus + 1),
                message: comments.isEmpty
                    ? "spicelib refuses a + line behind an empty line; take the empty line out"
                    : "spicelib loses what a + line behind a comment says; move the comment above the statement",
                edits: edits)
        }
    }

    static let backslashContinuation = PortabilityRule(
        id: "backslash-continuation", summary: "a line that goes on by \\\\ at its end",
        fix: "begins the next line with + instead"
    ) { text in
        text.lines.indices.compactMap { index in
            let line = text.lines[index]
            guard line.isText, line.physical.continuesOnNextLine else { return nil }
            let end = line.physical.content.upperBound
            let start =
                text.bytes[end..<line.range.upperBound].firstIndex(of: Byte.backslash) ?? end
            var edits: [TextEdit] = []
            if index + 1 < text.lines.count, text.lines[index + 1].role == .continuation {
                let next = text.lines[index + 1].physical.content.lowerBound
                edits = [TextEdit(end..<line.range.upperBound, ""), TextEdit(next..<next, "+ ")]
            }
            return Match(
                range: start..<line.range.upperBound,
                message:
                    "spicelib and PySpice stop at what follows \\\\, and neospice leaves the device out; "
                    + "begin the next line with + instead",
                edits: edits)
        }
    }

    /// HSPICE's manual.
    private static let longestLine = 1024

    static let longLine = PortabilityRule(
        id: "long-line", summary: "a statement's line of more than \(longestLine) bytes",
        fix: "breaks it between words, into + lines"
    ) { text in
        text.lines.filter { $0.isText && $0.range.count > longestLine }.map { line in
            Match(
                range: line.physical.content.lowerBound..<(line.physical.content.lowerBound + 1),
                message:
                    "this line has \(line.range.count) bytes, and HSPICE's manual allows \(longestLine); "
                    + "break it, and begin what follows with +",
                edits: text.breaks(of: line, at: longestLine))
        }
    }

    static let tab = PortabilityRule(
        id: "tab", summary: "a tab on a statement's line", fix: "writes a blank in its place"
    ) { text in
        text.lines.compactMap { line in
            guard line.isText else { return nil }
            var quote: UInt8?
            var tabs: [Int] = []
            for offset in line.range.lowerBound..<line.physical.content.upperBound {
                let byte = text.bytes[offset]
                if byte == quote {
                    quote = nil
                } else if quote == nil, byte == Byte.doubleQuote || byte == Byte.quote {
                    quote = byte
                } else if quote == nil, byte == Byte.tab {
                    tabs.append(offset)
                }
            }
            guard let first = tabs.first else { return nil }
            return Match(
                range: first..<(first + 1),
                message:
                    "PySpice separates words by blanks only, and takes a tab for a letter; write a blank",
                edits: tabs.map { TextEdit($0..<($0 + 1), " ") })
        }
    }

    static let missingEnd = PortabilityRule(
        id: "missing-end", summary: "no .end", fix: "writes it"
    ) { text in
        let hasEnd = text.lines.contains {
            $0.role == .statement && DeckReader.isEnd(text.bytes[$0.physical.content])
        }
        guard !hasEnd, let last = text.lines.last else { return [] }
        let end = text.bytes.count
        // In a control section, or behind a line that goes on, it would be another's.
        let isOpen =
            last.role == .control
            && !text.bytes[last.physical.content].hasPrefixCaseInsensitively(".endc")
            || last.physical.continuesOnNextLine || text.bytes.last == Byte.endOfFile
        let isWhole = text.bytes.last == Byte.lineFeed
        return [
            Match(
                range: last.range.lowerBound..<last.range.upperBound,
                message: "spicelib refuses a netlist without .end; write it on the last line",
                edits: isOpen
                    ? []
                    : [
                        TextEdit(
                            end..<end, (isWhole ? "" : text.newline) + ".end" + text.newline)
                    ])
        ]
    }
}

extension DeckText {
    /// What breaks a line where blanks separate words, into lines as long as they may be; nothing where it has
    /// no such places.
    fileprivate func breaks(of line: Line, at longest: Int) -> [TextEdit] {
        let content = line.physical.content
        // Both are in the order of the text.
        let next = statements.leadingCount { $0.range.bytes.lowerBound <= content.upperBound }
        guard next > 0, content.lowerBound <= statements[next - 1].range.bytes.upperBound else {
            return []
        }
        let all = statements[next - 1].tokens
        let first = all.leadingCount { $0.range.lowerBound < line.range.lowerBound }
        let tokens = all[first...].prefix { $0.range.lowerBound < line.range.upperBound }
        var edits: [TextEdit] = []
        var start = line.range.lowerBound
        // Of the last gap that is near enough.
        var gap: Range<Int>?
        func cut() {
            guard let place = gap else { return }
            edits.append(TextEdit(place, newline + "+ "))
            start = place.upperBound - 2
            gap = nil
        }
        for (before, after) in zip(tokens, tokens.dropFirst()) {
            let space = before.range.upperBound..<after.range.lowerBound
            if after.range.upperBound - start > longest { cut() }
            guard !space.isEmpty, isBlank(space), before.kind != .equals, after.kind != .equals,
                !NodeTokens.isOpen(before)
            else { continue }
            gap = space
        }
        if line.range.upperBound - start > longest { cut() }
        return edits
    }
}

extension Array {
    /// How many elements at the beginning have a property that no element after them has.
    ///
    /// - Complexity: logarithmic in their number.
    fileprivate func leadingCount(_ has: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if has(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension NodeTokens {
    /// Whether what follows a token belongs to it.
    fileprivate static func isOpen(_ token: Token) -> Bool { token.kind == .leftParenthesis }
}
