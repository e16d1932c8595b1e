/// Gathers diagnostics, each once however often the text that causes it is used.
struct DiagnosticCollector {
    private(set) var all: [Diagnostic] = []
    private var seen: Set<Diagnostic> = []
    private var counts: [Diagnostic.Severity: Int] = [:]

    /// Of each severity. A deck with more errors is not a deck; the rest would only cost memory.
    private static let maximumCount = 1000

    var hasErrors: Bool { counts[.error] != nil }

    mutating func add(_ diagnostic: Diagnostic) {
        guard counts[diagnostic.severity, default: 0] < Self.maximumCount,
            seen.insert(diagnostic).inserted
        else { return }
        counts[diagnostic.severity, default: 0] += 1
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
