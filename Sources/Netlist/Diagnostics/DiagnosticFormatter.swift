/// Draws a diagnostic like a compiler: place, message, the line and a caret under what is to blame.
///
/// ```
/// deck.cir:12:5: error: there is no parameter rload; did you mean r_load?
/// R1 a {rload} 1k
///      ^~~~~~~
/// ```
public struct DiagnosticFormatter: Sendable {
    /// How much of a long line is shown, in characters.
    public var width: Int

    public init(width: Int = 100) { self.width = max(20, width) }

    public func format(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map(format).joined(separator: "\n")
    }

    /// Three lines, or one where no text is to blame; no line end after the last.
    public func format(_ diagnostic: Diagnostic) -> String {
        let message =
            "\(diagnostic.severity.rawValue): "
            + String(Self.printable(Array(diagnostic.message.utf8)[...]))
        guard let range = diagnostic.range else { return message }
        let header = "\(range.place): \(message)"
        guard !range.file.bytes.isEmpty else { return header }
        let (line, caret) = excerpt(range)
        return "\(header)\n\(line)\n\(caret)"
    }

    /// The line, cut to the width around the caret, and the caret line: blank but for tabs, which are
    /// kept so that both lines align however wide a terminal sets them.
    private func excerpt(_ range: SourceRange) -> (line: String, caret: String) {
        let file = range.file
        let whole = file.range(ofLine: file.line(at: range.bytes.lowerBound))
        let start = min(range.bytes.lowerBound, whole.upperBound)
        let end = min(max(range.bytes.upperBound, start), whole.upperBound)
        // A window in bytes around the caret bounds the work on a line of any length.
        let window =
            max(whole.lowerBound, start - 4 * width)..<min(whole.upperBound, start + 4 * width)
        let before = Self.printable(file.bytes[window.lowerBound..<start])
        let marked = Self.printable(file.bytes[start..<min(end, window.upperBound)])
        let after = Self.printable(file.bytes[min(end, window.upperBound)..<window.upperBound])

        let room = before.count + marked.count + after.count
        var shownBefore = before[...]
        var isCutBefore = window.lowerBound > whole.lowerBound
        if room > width {
            let keep = max(width / 2, width - marked.count - after.count)
            if shownBefore.count > keep {
                shownBefore = shownBefore.suffix(keep)
                isCutBefore = true
            }
        }
        let shownMarked = marked.prefix(max(1, width - shownBefore.count))
        let shownAfter = after.prefix(max(0, width - shownBefore.count - shownMarked.count))
        let isCutAfter =
            shownMarked.count < marked.count || shownAfter.count < after.count
            || window.upperBound < whole.upperBound
        let line =
            (isCutBefore ? "…" : "") + String(shownBefore) + String(shownMarked)
            + String(shownAfter) + (isCutAfter ? "…" : "")
        let caret =
            (isCutBefore ? " " : "") + String(shownBefore.map { $0 == "\t" ? "\t" : " " }) + "^"
            + String(repeating: "~", count: max(0, shownMarked.count - 1))
        return (line, caret)
    }

    /// The characters, with control characters other than tabs replaced, and those that turn the
    /// direction of writing: text from a foreign deck must not steer the terminal.
    fileprivate static func printable(_ bytes: ArraySlice<UInt8>) -> [Character] {
        bytes.text.map { character in
            character != "\t"
                && character.unicodeScalars.contains(where: {
                    $0.properties.generalCategory == .control
                        || $0.properties.generalCategory == .format
                })
                ? "\u{fffd}" : character
        }
    }
}

extension SourceRange {
    /// Line and column of the first byte, both from 1; the column counts characters.
    public var start: (line: Int, column: Int) {
        let line = file.line(at: bytes.lowerBound)
        let whole = file.range(ofLine: line)
        let offset = min(max(bytes.lowerBound, whole.lowerBound), whole.upperBound)
        return (line, file.bytes[whole.lowerBound..<offset].text.count + 1)
    }

    /// `deck.cir:4:10`, in which a file's name steers no terminal.
    public var place: String {
        let start = start
        let path = String(DiagnosticFormatter.printable(Array(file.path.utf8)[...]))
        return "\(path):\(start.line):\(start.column)"
    }
}
