/// A deck's devices and cards, each under the key by which its counterpart is found.
struct ComparableDeck {
    struct Entry {
        let key: String
        /// For people: `div/R3` within a subcircuit's definition.
        let name: String
        let statement: Statement
        /// What the entry is named by in the text.
        let range: SourceRange
        let arguments: [Argument]
    }

    private(set) var entries: [Entry] = []
    private(set) var indices: [String: Int] = [:]
    private var counts: [String: Int] = [:]
    /// The subcircuits that are being defined, outermost first.
    private var scopes: [String] = []

    init(_ deck: Deck) {
        for statement in deck.statements { add(statement) }
    }

    private mutating func add(_ statement: Statement) {
        // Where one deck has such a card, the other has a comment.
        guard !statement.isForeign else { return }
        let name = statement.lowercasedText(of: statement.name)
        guard statement.kind == .card else {
            add(name, statement, Argument.all(of: statement), at: [statement.name])
            return
        }
        let kind =
            name.hasPrefix(".inc")
            ? ".include" : Self.kinds[name] ?? DotCard.canonicalName(of: name)
        let values = statement.tokens.dropFirst().filter(\.isValue)
        if let settings = Argument.settings(of: statement, kind) {
            // Each on its own: neither their order nor how many share a card matters.
            for setting in settings {
                let label = [statement.name] + (setting.label.map { [$0] } ?? [])
                add(kind + "\u{0}" + setting.key, statement, [setting], at: label)
            }
            return
        }
        switch kind {
        case ".model", ".subckt", ".func":
            let named = values.first.map { "\u{0}" + statement.lowercasedText(of: $0) } ?? ""
            add(
                kind + named, statement, Argument.all(of: statement),
                at: [statement.name] + values.prefix(1))
            guard kind == ".subckt" else { return }
            scopes.append(values.first.map(statement.lowercasedText(of:)) ?? "")
        case ".ends": _ = scopes.popLast()
        default: add(kind, statement, Argument.all(of: statement), at: [statement.name])
        }
    }

    /// - Parameter label: the tokens that name the entry.
    private mutating func add(
        _ name: String, _ statement: Statement, _ arguments: [Argument], at label: [Token]
    ) {
        let scope = scopes.joined(separator: "/")
        var key = scope + "\u{0}" + name
        let count = counts[key, default: 0]
        counts[key] = count + 1
        if count > 0 { key += "\u{0}\(count)" }
        indices[key] = entries.count
        let shown = label.map(statement.text(of:)).joined(separator: " ")
        entries.append(
            Entry(
                key: key, name: (scope.isEmpty ? "" : scope + "/") + shown, statement: statement,
                range: statement.range(of: label.last ?? statement.name), arguments: arguments))
    }

    /// Other names for the same card.
    private static let kinds = [
        ".macro": ".subckt", ".eom": ".ends", ".measure": ".meas", ".fourier": ".four",
    ]
}
