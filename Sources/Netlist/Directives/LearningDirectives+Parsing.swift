extension LearningDirectives {
    /// Reads one directive, with or without the leading `*.learn`: a deck's line, or what the command
    /// line says in the same words.
    ///
    /// ```swift
    /// let text = SourceFile(path: "command line", bytes: Array("output V(b)=0.2".utf8))
    /// let (directives, diagnostics) = LearningDirectives.parse(text)
    /// ```
    public static func parse(_ file: SourceFile) -> (
        directives: LearningDirectives, diagnostics: [Diagnostic]
    ) {
        var directives = LearningDirectives()
        var diagnostics = DiagnosticCollector()
        directives.add(
            SourceRange(file: file, bytes: 0..<file.bytes.count), diagnostics: &diagnostics)
        return (directives, diagnostics.all)
    }

    private static let prefix: StaticString = "*.learn"
    private static let prefixLength = 7

    /// Whether a comment line is a directive.
    static func isDirective(_ content: ArraySlice<UInt8>) -> Bool {
        guard content.hasPrefixCaseInsensitively(prefix) else { return false }
        let next = content.startIndex + prefixLength
        return next == content.endIndex || content[next].isBlank
    }

    /// Adds what one directive says to what earlier ones said.
    mutating func add(_ range: SourceRange, diagnostics: inout DiagnosticCollector) {
        let file = range.file
        var start = range.bytes.lowerBound
        while start < range.bytes.upperBound, file.bytes[start].isBlank { start += 1 }
        if Self.isDirective(file.bytes[start..<range.bytes.upperBound]) {
            start += Self.prefixLength
        }
        let end = Self.endOfText(file.bytes, start..<range.bytes.upperBound)
        let tokenizer = Tokenizer.tokenize(file.bytes, [start..<end])
        var parser = DirectiveParser(
            file: file, tokens: tokenizer.tokens, whole: range, directives: self,
            diagnostics: diagnostics)
        for imbalance in tokenizer.imbalances {
            parser.report(
                "unbalanced-delimiter", "this is never closed",
                imbalance.offset..<(imbalance.offset + 1))
        }
        if tokenizer.imbalances.isEmpty { parser.parse() }
        self = parser.directives
        diagnostics = parser.diagnostics
    }

    /// Where a comment at the end of a directive begins. Unlike on a device's line it needs white space
    /// before it, because file names may contain these characters.
    private static func endOfText(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var quoted = false
        for index in range {
            if bytes[index] == Byte.doubleQuote { quoted.toggle() }
            guard !quoted, index == range.lowerBound || bytes[index - 1].isBlank else { continue }
            let next = index + 1 < range.upperBound ? bytes[index + 1] : Byte.space
            switch bytes[index] {
            case Byte.semicolon: return index
            case Byte.dollar where next.isBlank: return index
            case Byte.slash where next == Byte.slash: return index
            default: break
            }
        }
        return range.upperBound
    }
}
