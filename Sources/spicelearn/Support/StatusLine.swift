import Foundation

/// What a command says on standard error while it is at work: on a terminal one line that is rewritten, elsewhere, as
/// in a log, lines of their own, of which there may be one a minute.
enum StatusLine {
    static let isTerminal = isatty(STDERR_FILENO) == 1

    /// How soon the first line may come, and how soon the next.
    static let interval: Duration = isTerminal ? .milliseconds(200) : .seconds(60)

    /// - Parameter parts: the most important first: as many as fit on one line of the terminal.
    static func show(_ parts: [String]) {
        guard isTerminal else {
            printError("spicelearn: " + parts.joined(separator: "  "))
            return
        }
        let width = width
        var line = ""
        for part in parts {
            let longer = line.isEmpty ? part : line + "  " + part
            guard longer.count < width else { break }
            line = longer
        }
        rewrite(line)
    }

    /// Text short enough for a few digits behind it.
    static func fitted(_ text: String) -> String { String(text.prefix(max(width - 12, 0))) }

    /// What goes back to the start of an empty line.
    static let beginning = "\r\u{1B}[K"

    static func clear() {
        if isTerminal { rewrite("") }
    }

    /// Columns; 80 where the terminal doesn't say.
    private static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func rewrite(_ line: String) {
        _ = StandardStreams.write((beginning + line).utf8, to: STDERR_FILENO)
    }
}
