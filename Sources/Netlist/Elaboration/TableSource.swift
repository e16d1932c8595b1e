extension Statement {
    /// That the points of a controlled source with `TABLE {expression}` end within a pair: ngspice loads no such deck.
    func tableFault() -> Diagnostic? {
        guard
            let table = tokens.indices.dropFirst(3).first(where: {
                token(tokens[$0], is: "table")
            }),
            let input = tokens[table...].dropFirst().first(where: { $0.kind != .equals }),
            input.kind == .expression
        else { return nil }
        let start = input.range.upperBound
        let text = bytes(in: start..<max(start, range.bytes.upperBound))
        var words: [Range<Int>] = []
        var braces = 0
        var isQuoted = false
        for (offset, byte) in text.enumerated() {
            if byte == Byte.leftBrace { braces += 1 }
            if byte == Byte.quote { isQuoted.toggle() }
            let separates = byte.isBlank || ",()=".utf8.contains(byte)
            if braces > 0 || isQuoted || !separates {
                let place = start + offset
                if let last = words.last, last.upperBound == place {
                    words[words.count - 1] = last.lowerBound..<(place + 1)
                } else {
                    words.append(place..<(place + 1))
                }
            }
            if byte == Byte.rightBrace { braces -= 1 }
        }
        guard !words.count.isMultiple(of: 2), let last = words.last else { return nil }
        return Diagnostic(
            "bad-points", "the points of a TABLE are pairs of numbers, and here one is missing",
            at: SourceRange(file: file, bytes: last))
    }
}
