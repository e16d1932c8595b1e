/// What may be handed to ngspice, said a second time and independently of the code that makes it.
public enum SafeLines {
    private static let cards: Set<String> = [
        ".param", ".para", ".params", ".func", ".subckt", ".macro", ".ends", ".eom", ".model",
        ".global", ".options", ".option", ".opt", ".temp", ".if", ".elseif", ".else", ".endif",
        ".ic", ".nodeset", ".end",
    ]

    /// The first line that ngspice could take for a command, an output or a file to read.
    public static func firstUnsafe(_ lines: some Sequence<String>) -> String? {
        lines.first { !isSafe(Array($0.utf8)) }
    }

    private static func isSafe(_ line: [UInt8]) -> Bool {
        guard let first = line.first else { return true }
        guard !line.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f || $0 == 0x60 }) else {
            return false
        }
        switch first {
        case UInt8(ascii: "."):
            let word = line.prefix { $0 == first || isLetter($0) }
            return cards.contains(String(decoding: word, as: UTF8.self).lowercased())
        case UInt8(ascii: "+"): return true
        default: return isLetter(first)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }
}
