/// What stands behind a `.control` line.
enum ControlSection {
    /// Whether a line is part of a circuit or of what is said about it, and no command: without an `.endc`
    /// before it, ngspice takes it for one.
    static func swallows(_ kind: PhysicalLine.Kind, _ content: ArraySlice<UInt8>) -> Bool {
        switch kind {
        case .comment: return LearningDirectives.isDirective(content)
        case .statement: break
        default: return false
        }
        let words = content.split(whereSeparator: \.isBlank)
        guard let name = words.first, let initial = name.first else { return false }
        guard initial != Byte.dot else {
            let text = name.lowercasedText
            guard !text.hasPrefix(".inc"), !text.hasPrefix(".lib") else { return true }
            if case .structure = DotCard(text) { return true }
            return false
        }
        guard initial.isLetter, name.allSatisfy(\.isIdentifierByte), words.count > 2,
            words[1].first != Byte.equals
        else { return false }
        // Commands have no digits in their names, and few of them end in a number.
        return name.contains(where: \.isDigit)
            || "rclvi".utf8.contains(initial.lowercased) && words.count > 3
                && !commands.contains(name.lowercasedText)
                && SpiceNumber.parse(utf8: words[words.count - 1]) != nil
    }

    /// Of ngspice's commands those that begin with the letter of a device with two nodes and a value.
    private static let commands: Set<String> = [
        "compose", "cross", "cutout", "if", "iplot", "label", "let", "linearize", "load", "repeat",
        "reshape", "resume", "rspice", "run", "version",
    ]
}

extension Deck {
    /// What `ngspice -b` runs beside the operating point: the names of other analyses, each once, and the
    /// `.control` section.
    public var runsBesideOperatingPoint: [String] {
        var names: [String] = []
        for statement in statements where AnalysisCard.names.contains(statement.cardName) {
            let name = statement.cardName
            if !statement.isForeign, !names.contains(name) { names.append(name) }
        }
        return names + (hasControl ? [".control"] : [])
    }
}
