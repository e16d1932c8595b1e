import Testing

@testable import Netlist

extension Deck {
    /// A deck in memory, whose includes are the given texts.
    static func of(
        _ text: String, files: [String: String] = [:], dialect: Dialect = Dialect()
    ) -> Deck {
        parse(
            path: "deck.cir", bytes: Array(text.utf8),
            includes: IncludeReader { path, _ in
                guard let text = files[path] else { throw IncludeReader.Failure("doesn't exist") }
                return IncludeReader.File(path: path, bytes: Array(text.utf8))
            }, dialect: dialect)
    }
}

extension Elaboration {
    var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
    var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }
    var errorIDs: [String] { errors.map(\.id) }
    var warningIDs: [String] { warnings.map(\.id) }
}

/// Checks that a deck has exactly these errors at the places that `«` marks, in this order.
///
/// The marks are taken out before the deck is read; each stands before the first byte to blame.
func expectErrors(
    _ marked: String, _ ids: [String], files: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    var text = ""
    var offsets: [Int] = []
    for character in marked {
        if character == "«" { offsets.append(text.utf8.count) } else { text.append(character) }
    }
    let errors = Deck.of(text, files: files).elaborate().errors
    let formatter = DiagnosticFormatter()
    #expect(
        errors.map(\.id) == ids, "\(errors.map(formatter.format).joined(separator: "\n"))",
        sourceLocation: sourceLocation)
    #expect(
        errors.compactMap { $0.range?.bytes.lowerBound } == offsets,
        "\(errors.map(formatter.format).joined(separator: "\n"))", sourceLocation: sourceLocation)
}

func expectClose(
    _ a: Double?, _ b: Double?, _ comment: Comment? = nil, tolerance: Double = 1e-12,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard let a, let b else {
        Issue.record(
            "one of \(String(describing: a)), \(String(describing: b)) is missing: \(comment.map(String.init(describing:)) ?? "")",
            sourceLocation: sourceLocation)
        return
    }
    #expect(
        abs(a - b) <= tolerance * max(abs(a), abs(b)) + 1e-300, comment,
        sourceLocation: sourceLocation)
}
