/// The words of a model's card as ngspice's own readers split it, which is not how the lines of devices
/// are split: for finding what they would take for the name of a file.
enum ModelWords {
    struct Word {
        /// Without its quotes.
        let text: String
        let isQuoted: Bool
    }

    /// A code model's card as `MIFgettok` reads it: `=`, commas and round brackets separate, other
    /// brackets, `~` and `%` are words of their own, quotes count only where a word begins.
    static func ofCodeModel(_ card: String) -> [Word] {
        split(card, quotes: [Byte.doubleQuote], alone: Set("<>[]~%".utf8))
    }

    /// A line of a numerical device's description, as `INPgetTok` and `INPgetStr` read it; the `+` at its
    /// start is a word of its own.
    static func ofNumericalDevice(_ line: String) -> [Word] {
        split(line, quotes: [Byte.doubleQuote, Byte.quote], alone: [Byte.plus])
    }

    private static func split(_ line: String, quotes: Set<UInt8>, alone: Set<UInt8>) -> [Word] {
        func separates(_ byte: UInt8) -> Bool { byte.isBlank || "=(),".utf8.contains(byte) }
        var words: [Word] = []
        var rest = line.utf8[...]
        while true {
            rest = rest.drop(while: separates)
            guard let first = rest.first else { return words }
            let text: Substring.UTF8View
            if quotes.contains(first) {
                text = rest.dropFirst().prefix { $0 != first }
                rest = rest[text.endIndex...].dropFirst()
            } else {
                text =
                    alone.contains(first)
                    ? rest.prefix(1) : rest.prefix { !separates($0) && !alone.contains($0) }
                rest = rest[text.endIndex...]
            }
            words.append(Word(text: text.text, isQuoted: quotes.contains(first)))
        }
    }
}
