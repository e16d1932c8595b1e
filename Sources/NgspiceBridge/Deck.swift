/// The lines that are handed to ngspice: checked, with the sweep source that paces operating points.
///
/// ngspice runs commands that it finds in decks, and reads files that they name. Whoever made the
/// lines has removed all that; here it is only refused.
struct Deck {
    /// The source whose endless sweep solves one point per step. It drives nothing.
    static let sweepSource = "vspicelearnsweep"
    static let sweepNode = "spicelearnsweep"

    let lines: [String]

    /// - Parameters:
    ///   - deck: a title and the lines after it, up to `.end` if there is one.
    ///   - options: ngspice options; those that the deck sets itself are left to it.
    /// - Throws: `refusedLine`.
    init(_ deck: [String], options: [String: Double]) throws(NgspiceError) {
        var lines = ["spicelearn"]
        var ownOptions: Set<String> = []
        var inOptions = false
        var open = Brackets()
        for (index, line) in deck.enumerated() {
            let card = try Self.check(line, number: index + 1)
            if index == 0 { continue }
            if card == ".end" || card.hasPrefix(".end ") || card.hasPrefix(".end\t") { break }
            if !card.hasPrefix("+"), !card.hasPrefix("*"), !card.isEmpty {
                try open.close()
                open = Brackets(line: index + 1)
                inOptions = card.hasPrefix(".opt")
            }
            open.read(card)
            if inOptions {
                ownOptions.formUnion(
                    card.split { !$0.isLetter && !$0.isNumber }.map(String.init))
            }
            lines.append(line)
        }
        try open.close()
        let added = options.filter { !ownOptions.contains($0.key.lowercased()) }
            .sorted { $0.key < $1.key }
        if !added.isEmpty {
            lines.append(".options " + added.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
        }
        lines.append("\(Self.sweepSource) \(Self.sweepNode) 0 0")
        lines.append(".end")
        self.lines = lines
    }

    /// The line without leading white space, in lower case.
    private static func check(_ line: String, number: Int) throws(NgspiceError) -> String {
        func refuse(_ reason: String) -> NgspiceError {
            NgspiceError(
                .refusedLine, "line \(number) of the deck \(reason): \(line.debugDescription)")
        }
        if line.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) {
            throw refuse("contains a control character")
        }
        let card = line.drop { $0 == " " || $0 == "\t" }.lowercased()
        // Comments in which ngspice looks for commands.
        if card.hasPrefix("*#") || card.hasPrefix(";#") {
            throw refuse("could run commands")
        }
        switch card.prefix(while: { $0 != " " && $0 != "\t" }) {
        case ".control", ".endc":
            throw refuse("could run commands")
        case ".include", ".incl", ".inc", ".lib":
            throw refuse("reads a file, which has to be put in its place")
        default:
            break
        }
        if card.contains(sweepNode) {
            throw refuse("uses the name \(sweepNode), which the solver needs")
        }
        return card
    }
}

/// Parentheses and braces of one card with its continuations. ngspice crashes or dies on some that
/// are not closed.
private struct Brackets {
    var line = 0
    private var depth = (round: 0, curly: 0)

    init(line: Int = 0) {
        self.line = line
    }

    mutating func read(_ card: String) {
        guard !card.hasPrefix("*") else { return }
        var previous: UInt8 = 0x20
        for byte in card.utf8 {
            switch byte {
            case 0x28: depth.round += 1
            case 0x29: depth.round -= 1
            case 0x7B: depth.curly += 1
            case 0x7D: depth.curly -= 1
            // Comments: `;`, `//`, and `$` after white space.
            case 0x3B: return
            case 0x2F where previous == 0x2F: return
            case 0x24 where previous == 0x20 || previous == 0x09: return
            default: break
            }
            previous = byte
        }
    }

    func close() throws(NgspiceError) {
        guard depth == (0, 0) else {
            throw NgspiceError(
                .load, "line \(line) of the deck: a bracket is not closed, or not open")
        }
    }
}
