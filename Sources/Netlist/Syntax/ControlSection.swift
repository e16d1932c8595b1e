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
        // Commands have no digits in their names, and devices at least a node and a value.
        return initial.isLetter && words.count > 2 && name.contains(where: \.isDigit)
            && name.allSatisfy(\.isIdentifierByte) && words[1].first != Byte.equals
    }
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
