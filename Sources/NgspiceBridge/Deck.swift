import Netlist

/// The lines that are handed to ngspice: checked, with options and the sources of the sweep.
///
/// ngspice runs commands that it finds in decks, and reads files that they name. Whoever made the
/// lines has removed all that; here it is only refused. What the circuit is, its traits say.
struct Deck {
    let lines: [String]
    let traits: CircuitTraits
    /// What code models read, and compiled models.
    let dataFiles: DataFiles
    /// The names by which ngspice finds the compiled models, and their paths.
    let compiledModels: [(name: String, path: String)]

    /// - Parameters:
    ///   - deck: a title and the lines after it, up to `.end` if there is one.
    ///   - options: ngspice options; those that the deck sets itself are left to it.
    ///   - isSwept: whether the sources of the sweep are added.
    /// - Throws: `refusedLine`.
    init(
        _ deck: [String], traits: CircuitTraits, options: [String: Double], isSwept: Bool = true
    ) throws(NgspiceError) {
        // The title has no meaning, and ngspice takes some for something else.
        var lines = ["spicelearn"]
        var cards: [Card] = []
        var dataFiles = DataFiles()
        for (index, line) in deck.enumerated() {
            let card = Card(line, number: index + 1)
            try card.check()
            if index == 0 { continue }
            if card.word == ".end" { break }
            // Continuations are those of a model: other cards are one line each.
            let isModel = card.word == ".model" || card.text.hasPrefix("+")
            lines.append(dataFiles.linking(line, afterEqualsOnly: !isModel))
            if card.isComment { continue }
            if card.text.hasPrefix("+"), !cards.isEmpty {
                cards[cards.count - 1].append(card)
            } else {
                cards.append(card)
            }
        }
        for card in cards { try card.checkBrackets() }
        compiledModels = traits.compiledModels.map { (dataFiles.name(of: $0), $0) }

        let added = options.filter { !traits.options.given.contains($0.key.lowercased()) }
            .sorted { $0.key < $1.key }
        if !added.isEmpty {
            lines.append(".options " + added.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
        }
        if let solver = traits.options.matrixSolver ?? (isSwept ? Self.solver(for: traits) : nil) {
            lines.append(".options \(solver.rawValue)")
        }
        if isSwept { lines += Sweep.cards(isLinear: traits.isLinear) }
        lines.append(".end")
        self.lines = lines
        self.traits = traits
        self.dataFiles = dataFiles
    }

    /// From how many nodes on KLU takes less time: twelve by twelve of a lattice. Versions of ngspice
    /// without it ignore the option.
    private static let leastNodesForKLU = 150

    private static func solver(for traits: CircuitTraits) -> SimulatorOptions.MatrixSolver? {
        traits.nodeCount >= leastNodesForKLU ? .klu : nil
    }
}

/// One line, or a device or directive with its continuation lines.
private struct Card {
    let number: Int
    /// As given.
    let line: String
    /// As ngspice reads it: in lower case, with `_` for every byte beyond ASCII, which could make one
    /// character with a byte that has a meaning; without leading white space and comments.
    private(set) var text: Substring

    init(_ line: String, number: Int) {
        self.line = line
        self.number = number
        let bytes = line.utf8.map { $0 < 0x80 ? $0 : UInt8(ascii: "_") }
        let ascii = String(decoding: bytes, as: UTF8.self).lowercased()
        text = Self.withoutComment(ascii.drop { $0 == " " || $0 == "\t" })
    }

    var isComment: Bool { text.isEmpty || text.hasPrefix("*") }

    var word: Substring { text.prefix { $0 != " " && $0 != "\t" } }

    private var words: [Substring] {
        text.split { $0 == " " || $0 == "\t" || $0 == "(" || $0 == ")" || $0 == "," || $0 == "\"" }
    }

    mutating func append(_ continuation: Card) {
        text += " " + continuation.text.dropFirst()
    }

    /// Comments are `;`, `//`, and `$` after white space, to the end of the line.
    private static func withoutComment(_ text: Substring) -> Substring {
        var previous: UInt8 = 0x20
        for index in text.utf8.indices {
            let byte = text.utf8[index]
            switch byte {
            case 0x3B where index != text.startIndex: return text[..<index]
            case 0x2F where previous == 0x2F: return text[..<text.utf8.index(before: index)]
            case 0x24 where previous == 0x20 || previous == 0x09: return text[..<index]
            default: previous = byte
            }
        }
        return text
    }

    private func refused(_ reason: String) -> NgspiceError {
        NgspiceError(.refusedLine, "line \(number) of the deck \(reason): \(line.debugDescription)")
    }

    func check() throws(NgspiceError) {
        if line.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) {
            throw refused("contains a control character")
        }
        // Comments in which ngspice looks for commands.
        if text.hasPrefix("*#") || text.hasPrefix(";#") {
            throw refused("could run commands")
        }
        // ngspice looks at no more of these words than their beginning.
        if word.hasPrefix(".control") || word.hasPrefix(".endc") {
            throw refused("could run commands")
        }
        if word.hasPrefix(".inc") || word.hasPrefix(".lib") {
            throw refused("reads a file, which has to be put in its place")
        }
        if word == ".model", words.contains(where: { $0 == "d_process" || $0 == "d_cosim" }) {
            throw refused("has a code model that runs programs")
        }
        for name in Sweep.reservedNames where text.contains(name) {
            throw refused("uses the name \(name), which the solver needs")
        }
    }

    /// ngspice crashes on some brackets that are not closed, and gives up on others.
    func checkBrackets() throws(NgspiceError) {
        for (open, close) in [("(", ")"), ("{", "}")] as [(Character, Character)] {
            var depth = 0
            for character in withoutPoints where depth >= 0 {
                depth += character == open ? 1 : character == close ? -1 : 0
            }
            if depth != 0 { throw refused("has a \(depth > 0 ? open : close) without its partner") }
        }
    }

    /// The card up to the expression of a TABLE: brackets among its points are mere separators, one more
    /// or less of which is in amplifiers that vendors publish.
    private var withoutPoints: Substring {
        guard let letter = text.first, "eg".contains(letter), text.contains("table"),
            let end = text.lastIndex(of: "}")
        else { return text }
        return text[...end]
    }
}
