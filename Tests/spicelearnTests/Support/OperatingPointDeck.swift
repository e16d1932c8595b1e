import Foundation

/// A deck for one `op` alone: without what would run in it, which are its own analyses, output and
/// `.control` sections.
///
/// ngspice answers from what an analysis before has left behind: a sweep that it refuses, for want of a
/// `.print`, leaves its first value in the source.
enum OperatingPointDeck {
    private static let cardsLeftOut: Set = [
        ".op", ".tran", ".ac", ".dc", ".noise", ".sens", ".pz", ".tf", ".disto", ".pss", ".sp",
        ".hb", ".print", ".plot", ".save", ".probe", ".four", ".fourier", ".meas", ".measure",
        ".width",
    ]

    /// The deck's lines, bytes as they are, with those of a `.control` section behind the title and what
    /// backslashes at its end join to it.
    static func lines(of deck: Data, running control: [String]) -> [Data] {
        let section = ([".control"] + control + [".endc"]).map { Data($0.utf8) }
        let joins = Data("\\\\".utf8)
        var lines: [Data] = []
        var isTitle = true
        var isControl = false
        var isLeftOut = false
        for line in deck.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let words = String(decoding: line, as: UTF8.self).lowercased()
                .split(whereSeparator: \.isWhitespace)
            let first = words.first ?? ""
            switch first {
            case _ where isTitle:
                lines.append(line)
                isTitle = line.suffix(2) == joins
                if !isTitle { lines += section }
            case _ where first.hasPrefix(".endc"): isControl = false
            case _ where isControl: break
            case _ where first.hasPrefix(".control"): isControl = true
            case _ where first.hasPrefix("+") && isLeftOut: break
            case _ where cardsLeftOut.contains(String(first)): isLeftOut = true
            default:
                if !first.isEmpty, !first.hasPrefix("*") { isLeftOut = false }
                lines.append(line)
            }
        }
        return lines
    }
}
