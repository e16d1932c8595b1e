/// Gathers diagnostics, each once however often the text that causes it is used.
struct DiagnosticCollector {
    private(set) var all: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []

    /// A deck with more errors than this is not a deck; the rest would only cost memory.
    private static let maximumCount = 1000

    var hasErrors: Bool { all.contains { $0.severity == .error } }

    mutating func add(_ diagnostic: Diagnostic) {
        guard all.count < Self.maximumCount, seen.insert(diagnostic).inserted else { return }
        all.append(diagnostic)
    }

    mutating func error(_ id: String, _ message: String, at range: SourceRange?) {
        add(Diagnostic(id, .error, message, at: range))
    }

    mutating func warning(_ id: String, _ message: String, at range: SourceRange?) {
        add(Diagnostic(id, .warning, message, at: range))
    }

    /// In the order of the text: the deck's own file first, included ones as they were read.
    func sorted(files: [SourceFile]) -> [Diagnostic] {
        var rank: [SourceFile: Int] = [:]
        for (index, file) in files.enumerated() { rank[file] = index }
        func key(_ diagnostic: Diagnostic) -> (Int, Int) {
            guard let range = diagnostic.range else { return (Int.max, 0) }
            return (rank[range.file] ?? files.count, range.bytes.lowerBound)
        }
        return all.enumerated()
            .sorted { a, b in
                let (x, y) = (key(a.element), key(b.element))
                return x == y ? a.offset < b.offset : x < y
            }
            .map(\.element)
    }
}
