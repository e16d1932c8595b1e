extension PortabilityRule {
    static let inlineComment = PortabilityRule(
        id: "inline-comment", summary: "a comment behind a statement, by ;, $ or //",
        fix: "makes it a line of its own above the statement"
    ) { text in
        text.lines.compactMap { line in
            guard line.isText, let range = line.physical.inlineComment(in: text.bytes),
                let head = line.head
            else { return nil }
            let sign = sign(at: range.lowerBound, text.bytes)
            let isGlued = range.lowerBound == line.physical.content.upperBound
            var words = text.bytes[range].dropFirst(sign.utf8.count).drop(while: \.isBlank)
            while words.last?.isBlank == true { words.removeLast() }
            var edits = [
                TextEdit(line.physical.content.upperBound..<line.physical.line.upperBound, "")
            ]
            if !words.isEmpty {
                let place = text.lines[head].range.lowerBound
                edits.append(TextEdit(place..<place, Array("* ".utf8) + words + text.newline.utf8))
            }
            let fault =
                switch sign {
                case ";" where isGlued:
                    "spicelib takes a comment that touches a value for a part of it"
                case ";":
                    "spicelib takes a comment behind ; for a part of a controlled source's value, and "
                        + "refuses it where a + line follows"
                case "$": "spicelib reads no comment behind $, and refuses a resistor with one"
                default: "spicelib reads no comment behind //, and refuses a resistor with one"
                }
            return Match(
                range: range, message: "\(fault); put it on a line of its own, behind *",
                edits: text.endsInBackslashes(range) ? [] : edits)
        }
    }

    static let commentSign = PortabilityRule(
        id: "comment-sign", summary: "a line that $, // or # makes a comment",
        fix: "writes * in its place"
    ) { text in
        text.lines.compactMap { line in
            guard line.role == .comment else { return nil }
            let start = line.physical.content.lowerBound
            let sign = sign(at: start, text.bytes)
            guard ["$", "//", "#"].contains(sign) else { return nil }
            return Match(
                range: start..<(start + sign.utf8.count),
                message:
                    "spicelib refuses a line that begins with \(sign), and PySpice fails at it; "
                    + "begin comments with *",
                edits: [text.starComment(at: start, insteadOf: sign)])
        }
    }

    private static func sign(at offset: Int, _ bytes: [UInt8]) -> String {
        bytes[offset] == Byte.slash
            ? "//" : String(UnicodeScalar(bytes[offset]))
    }
}

extension DeckText {
    /// What makes a comment of the line that a sign begins. No directive comes of it.
    fileprivate func starComment(at start: Int, insteadOf sign: String) -> TextEdit {
        let end = start + sign.utf8.count
        let isSpaced = end == bytes.count || bytes[end] <= Byte.space
        return TextEdit(start..<end, isSpaced ? "*" : "* ")
    }

    /// What mends what the deck's reader warns of.
    func edits(mending diagnostic: Diagnostic) -> [TextEdit] {
        guard let range = diagnostic.range, range.file == deck.file else { return [] }
        switch diagnostic.id {
        case "unusual-first-character":
            let index = deck.file.line(at: range.bytes.lowerBound) - 1
            let line = lines[index]
            // What continues it would continue the statement before.
            let next = lines[(index + 1)...].first { $0.role != .blank && $0.role != .comment }
            guard line.role == .junk, !line.physical.continuesOnNextLine,
                next?.role != .looseContinuation
            else { return [] }
            let start = range.bytes.lowerBound
            return [
                bytes[start] == Byte.semicolon
                    ? starComment(at: start, insteadOf: ";") : TextEdit(start..<start, "* ")
            ]
        default: return []
        }
    }
}
