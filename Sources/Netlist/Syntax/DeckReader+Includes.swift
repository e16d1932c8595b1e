/// `.include` and `.lib`.
extension DeckReader {
    mutating func include(_ file: SourceFile, _ content: Range<Int>) {
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
        let words = IncludeLine.words(file.bytes, content)
        guard words.count > 1, !words[0].isEmpty else {
            reportMissingSection(file, content, words.first)
            return
        }
        let section = file.bytes[words[1]].lowercasedText
        let name = SourceRange(file: file, bytes: words[0])
        guard let included = open(name, section: section) else { return }
        guard !files.areNamesOnly else {
            return addInclude(file, content, Array(words.prefix(2)))
        }
        _ = readFile(included, section: (section, SourceRange(file: file, bytes: words[1])))
    }

    /// ngspice stops at a `.lib` with one word: where other simulators include a whole file, and where a
    /// section begins that nothing asked for.
    private mutating func reportMissingSection(
        _ file: SourceFile, _ content: Range<Int>, _ word: Range<Int>?
    ) {
        guard let word, !word.isEmpty else {
            diagnostics.error(
                "missing-file-name",
                "a file name and a section must follow; write .lib \"name\" section",
                at: SourceRange(file: file, bytes: content))
            return
        }
        let name = file.bytes[word].text
        diagnostics.error(
            "missing-section",
            "ngspice stops at a .lib line without a section; if \(name) is a file, write "
                + ".include \"\(name)\", and if a section begins here, move it into a file of its own",
            at: SourceRange(file: file, bytes: word))
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
