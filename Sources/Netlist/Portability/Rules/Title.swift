extension PortabilityRule {
    static let byteOrderMark = PortabilityRule(
        id: "byte-order-mark", summary: "a byte order mark before the title", fix: "takes it out"
    ) { text in
        guard text.bytes.starts(with: Self.mark) else { return [] }
        // With it, what begins the title is no card.
        let isCard = text.bytes.dropFirst(3).first == Byte.dot
        return [
            Match(
                range: 0..<3,
                message: "spicelib refuses a netlist with a byte order mark; save it without one",
                edits: isCard ? [] : [TextEdit(0..<3, "")])
        ]
    }

    static let titleWithoutStar = PortabilityRule(
        id: "title-without-star", summary: "a title that doesn't begin with *",
        fix: "puts * before it"
    ) { text in
        guard let line = text.lines.first else { return [] }
        var start = line.range.lowerBound
        if text.bytes.starts(with: Self.mark) { start += 3 }
        let title = text.bytes[start..<max(start, line.range.upperBound)]
        guard title.first != Byte.star, !title.starts(with: ".title".utf8) else { return [] }
        // Of some cards in the title ngspice takes notice.
        let isCard = title.drop(while: \.isBlank).first == Byte.dot
        let isEmpty = title.allSatisfy(\.isBlank)
        return [
            Match(
                range: start..<line.range.upperBound,
                message: isCard
                    ? "spicelib refuses a netlist whose first line doesn't begin with *; put a line * and a title above"
                    : "spicelib refuses a netlist whose title doesn't begin with *; write "
                        + (isEmpty ? "*" : "* before it"),
                edits: isCard ? [] : [TextEdit(start..<start, isEmpty ? "*" : "* ")])
        ]
    }

    private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]
}
