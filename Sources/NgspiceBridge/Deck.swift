/// The lines that are handed to ngspice: checked, with options and the sources of the sweep.
///
/// ngspice runs commands that it finds in decks, and reads files that they name. Whoever made the
/// lines has removed all that; here it is only refused.
struct Deck {
    let lines: [String]
    /// True where every device is known to be linear at DC.
    let isLinear: Bool
    let memory: DeviceMemory
    /// The options that the deck sets itself.
    let ownOptions: Set<String>
    /// Those of them, with their values, that say how ngspice searches where Newton's iteration fails.
    let searchOptions: [String]
    /// True where there are code models by themselves (A devices): logic with events, and analog ones
    /// with a memory of their own.
    let hasCodeModels: Bool
    /// True where ngspice may need its code models.
    let needsCodeModels: Bool
    /// What code models read.
    let dataFiles: DataFiles

    /// - Parameters:
    ///   - deck: a title and the lines after it, up to `.end` if there is one.
    ///   - options: ngspice options; those that the deck sets itself are left to it.
    ///   - isSwept: whether the sources of the sweep are added.
    /// - Throws: `refusedLine`.
    init(
        _ deck: [String], options: [String: Double], isSwept: Bool = true
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
            let mayNameFiles = card.word == ".model" || card.text.hasPrefix("+")
            lines.append(mayNameFiles ? dataFiles.linking(line) : line)
            if card.isComment { continue }
            if card.text.hasPrefix("+"), !cards.isEmpty {
                cards[cards.count - 1].append(card)
            } else {
                cards.append(card)
            }
        }
        for card in cards { try card.checkBrackets() }
        isLinear = cards.allSatisfy(\.isLinear)
        memory = isLinear ? .none : cards.map(\.memory).max() ?? .none
        needsCodeModels = cards.contains(where: \.needsCodeModels)
        hasCodeModels = cards.contains { $0.text.first == "a" }

        ownOptions = Set(cards.flatMap(\.options))
        searchOptions = cards.flatMap(\.searchOptions)
        let added = options.filter { [ownOptions] in !ownOptions.contains($0.key.lowercased()) }
            .sorted { $0.key < $1.key }
        if !added.isEmpty {
            lines.append(".options " + added.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
        }
        if isSwept { lines += Sweep.cards(isLinear: isLinear) }
        lines.append(".end")
        self.lines = lines
        self.dataFiles = dataFiles
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

    /// The words of an `.options` line.
    var options: [String] {
        guard word.hasPrefix(".opt") else { return [] }
        return text.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    var searchOptions: [String] {
        let words = options
        return words.indices.compactMap { index in
            if words[index] == "noopiter" { return words[index] }
            guard ["gminsteps", "srcsteps", "itl6"].contains(words[index]),
                let value = words.dropFirst(index + 1).first.flatMap({ Int($0) })
            else { return nil }
            return "\(words[index])=\(value)"
        }
    }

    var needsCodeModels: Bool {
        guard let letter = text.first, "abefgh".contains(letter) else { return false }
        return letter == "a"
            || ["poly", "table", "pwl", "and(", "or("].contains { text.contains($0) }
            || hasSeveralGains
    }

    /// Whether more than a gain and its multiplicity follows what controls an E, F, G or H device: ngspice
    /// takes several numbers for the coefficients of a polynomial, which is a code model.
    private var hasSeveralGains: Bool {
        guard let letter = text.first, "efgh".contains(letter) else { return false }
        var plain = ""
        var expression: Character?
        for character in text {
            switch (expression, character) {
            case (nil, "{"), (nil, "'"): expression = character == "{" ? "}" : "'"
            case (nil, _): plain.append(character)
            case (character, _):
                plain.append("x ")
                expression = nil
            default: break
            }
        }
        let words = plain.split { " \t,()=".contains($0) }.filter { $0 != "gain" }
        // The name, two nodes, two nodes or a source, the gain.
        let count = "eg".contains(letter) ? 6 : 5
        return words.count > count && words[count] != "m"
    }

    /// Beside nonlinear devices.
    var memory: DeviceMemory {
        switch text.first {
        case "d": .none
        case "q", "m", "j", "z", "b", "r", "e", "f", "g", "h":
            text.first == "r" && isLinear ? .none : .rounding
        default: isLinear ? .none : .state
        }
    }

    var isLinear: Bool {
        switch text.first {
        // Subcircuits' devices are cards of their own.
        case ".", "x", "c", "l", "k", "v", "i": true
        case "r", "e", "f", "g", "h":
            !["v(", "i(", "poly", "table", "and(", "or("].contains { text.contains($0) }
                && !hasSeveralGains
        default: false
        }
    }
}
