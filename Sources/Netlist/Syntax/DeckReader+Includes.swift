/// `.include` and `.lib`.
extension DeckReader {
    mutating func include(_ file: SourceFile, _ content: Range<Int>) {
        guard !reportOpenQuote(file, content) else { return }
        guard let path = IncludeLine.words(file.bytes, content).first, !path.isEmpty else {
            diagnostics.error(
                "missing-file-name", "a file name must follow; write .include \"name\"",
                at: SourceRange(file: file, bytes: content))
            return
        }
        let range = SourceRange(file: file, bytes: path)
        guard let included = open(range, section: nil) else { return }
        guard !files.areNamesOnly else { return addInclude(file, content, [path]) }
        _ = readFile(included, section: nil)
    }

    mutating func includeSection(_ file: SourceFile, _ content: Range<Int>) {
        guard !reportOpenQuote(file, content) else { return }
        let words = IncludeLine.words(file.bytes, content)
        guard let first = words.first, !first.isEmpty else {
            diagnostics.error(
                "missing-file-name",
                "a file name and a section must follow; write .lib \"name\" section",
                at: SourceRange(file: file, bytes: content))
            return
        }
        // With one word, as other simulators include a whole file and where a section begins that nothing
        // asked for, ngspice takes it for a card, which it doesn't know.
        guard words.count > 1 else { return addInclude(file, content, [first]) }
        let section = file.bytes[words[1]].lowercasedText
        let name = SourceRange(file: file, bytes: words[0])
        guard let included = open(name, section: section) else { return }
        guard !files.areNamesOnly else {
            return addInclude(file, content, Array(words.prefix(2)))
        }
        _ = readFile(included, section: (section, SourceRange(file: file, bytes: words[1])))
    }

    private mutating func reportOpenQuote(_ file: SourceFile, _ content: Range<Int>) -> Bool {
        guard let quote = IncludeLine.openQuote(file.bytes, content) else { return false }
        let sign = file.bytes[quote...quote].text
        diagnostics.error(
            "unbalanced-delimiter",
            "this \(sign) is never closed, and so ngspice finds no file; put another one behind the name",
            at: SourceRange(file: file, bytes: quote..<(quote + 1)))
        return true
    }

    private mutating func open(_ range: SourceRange, section: String?) -> SourceFile? {
        let found = files.open(range, section: section, &diagnostics)
        if files.textBytes > InputLimits.textBytes {
            refuse(
                "with this file the deck has more than \(InputLimits.textBytes >> 20) MiB of text",
                at: range)
            return nil
        }
        return found
    }
}
