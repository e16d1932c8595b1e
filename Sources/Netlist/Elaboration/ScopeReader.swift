/// Sorts a deck's statements into scopes: which parameters, models, functions and devices belong to
/// the top level and which to each `.subckt`.
struct ScopeReader {
    let top = Scope(name: "", parent: nil, statement: nil)
    let dialect: Dialect
    var diagnostics: DiagnosticCollector
    private(set) var globals: Set<String> = []
    /// `.options` and `.temp`, in order.
    private(set) var settings: [Statement] = []
    /// Analyses, output and initial conditions, with the scope they are in.
    private(set) var passives: [(statement: Statement, scope: Scope)] = []

    private(set) var current: Scope
    /// All but the top one. Scopes don't own those around them, and not all have a name to be kept by.
    private var owned: [Scope] = []
    /// The `.if` lines that are open, with the scope each is in.
    private var conditions: [(statement: Statement, scope: Scope)] = []
    private(set) var calls: [(statement: Statement, scope: Scope)] = []
    /// What is defined, but in a way that can't be read.
    var unread: Set<String> = []

    private let deck: Deck

    init(_ deck: Deck, diagnostics: DiagnosticCollector) {
        self.deck = deck
        dialect = deck.dialect
        self.diagnostics = diagnostics
        current = top
        if deck.hasPrelude {
            for statement in DialectPrelude.statements(for: deck.compatibility) { read(statement) }
        }
        for statement in deck.statements { read(statement) }
        finish()
        markMultiplied()
    }

    private mutating func read(_ statement: Statement) {
        guard statement.kind == .card else {
            if case .device(UInt8(ascii: "x")) = statement.kind {
                calls.append((statement, current))
            }
            current.statements.append(statement)
            return
        }
        let name = statement.cardName
        switch DotCard(name) {
        case .refused, nil:
            // ngspice looks at no card that an .if leaves out.
            if isInCondition {
                current.statements.append(statement)
            } else if let fault = statement.unknownCardFault {
                diagnostics.add(fault)
                if let meant = DotCard.meaning(of: name) {
                    unread.insert(String(meant.dropFirst()))
                    unread.formUnion(
                        statement.tokens.dropFirst().prefix(1).map(statement.lowercasedText(of:)))
                }
            }
        case .passive where statement.isForeign:
            let card = statement.text(of: statement.name)
            diagnostics.warning(
                "foreign-card",
                "ngspice can't read this \(card) line, and stops at it; it is passed over, "
                    + wayOut(of: statement),
                at: statement.range(of: statement.name))
        case .passive: passives.append((statement, current))
        case .foreign where Self.isLeftOut(name, by: deck, statement): break
        case .foreign:
            diagnostics.warning(
                "foreign-card",
                "ngspice stops at \(statement.text(of: statement.name)), which belongs to another "
                    + "simulator; it is passed over, " + wayOut(of: statement),
                at: statement.range(of: statement.name))
        case .structure(let structure):
            switch structure {
            case .param: readParameters(statement)
            case .function: readFunction(statement)
            case .subcircuit: openSubcircuit(statement)
            case .endOfSubcircuit: closeSubcircuit(statement)
            case .model: readModel(statement)
            case .global: readGlobals(statement)
            case .options, .temperature: settings.append(statement)
            case .condition:
                conditions.append((statement, current))
                current.statements.append(statement)
            case .otherCondition, .otherwise, .endOfCondition: continueCondition(statement)
            case .initialCondition, .nodeSet: passives.append((statement, current))
            }
        }
    }

    /// How a card that is passed over becomes a comment: included files aren't written.
    private func wayOut(of statement: Statement) -> String {
        let comment = "*\(statement.text(of: statement.name))"
        return statement.file == deck.file
            ? "and a comment in what is written: \(comment)"
            : "but included files aren't written; make it a comment here: \(comment)"
    }

    /// Cards of other simulators that ngspice leaves out where it translates their dialect.
    private static func isLeftOut(_ name: String, by deck: Deck, _ statement: Statement) -> Bool {
        name == ".backanno" && deck.translates(statement, from: .ltspice)
            || name == ".distribution" && deck.translates(statement, from: .pspice)
    }

    /// Whether an `.if` of the present scope is open.
    var isInCondition: Bool { conditions.last?.scope === current }

    mutating func unexpected(_ token: Token, _ statement: Statement, _ expected: String) {
        let text = statement.text(of: token)
        let bytes = statement.file.bytes
        let isDecimal =
            token.kind == .comma && token.range.upperBound < bytes.count
            && bytes[token.range.lowerBound - 1].isDigit && bytes[token.range.upperBound].isDigit
        diagnostics.error(
            "unexpected-text",
            token.kind == .comma
                ? "ngspice can't read a comma here; "
                    + (isDecimal ? "a decimal fraction has a point" : "leave it out")
                : "\(expected) is expected here, not \(text)",
            at: statement.range(of: token))
    }

    // MARK: Subcircuits

    private mutating func openSubcircuit(_ statement: Statement) {
        if isInCondition {
            diagnostics.warning(
                "subckt-in-if", "ngspice reads .subckt whatever the .if around it says",
                at: statement.range(of: statement.name))
        }
        let tokens = statement.tokens
        guard tokens.count > 1, tokens[1].kind == .word else {
            diagnostics.error(
                "missing-name", "a subcircuit needs a name; write .subckt name nodes",
                at: statement.range)
            current = makeScope(named: "", statement)
            return
        }
        let name = statement.lowercasedText(of: tokens[1])
        let scope = makeScope(named: name, statement)
        if current.subcircuits[name] == nil {
            current.subcircuits[name] = scope
        } else {
            diagnostics.warning(
                "duplicate-subcircuit",
                "ngspice ignores this second definition of \(statement.text(of: tokens[1]))",
                at: statement.range(of: tokens[1]))
        }
        current = scope
        let isPSpice = deck.translates(statement, from: .pspice)
        if isPSpice {
            for thermal in DialectPrelude.inSubcircuits { read(thermal) }
        }
        var index = 2
        while index < tokens.count {
            let token = tokens[index]
            if token.kind == .word {
                if statement.token(token, is: "params:") {
                    index += 1
                    continue
                }
                if index + 1 < tokens.count, tokens[index + 1].kind == .equals { break }
                scope.ports.append(
                    Scope.Port(
                        name: NodeTable.ngspiceText(statement.file.bytes[token.range]),
                        range: statement.range(of: token)))
            } else if token.isValue || token.kind == .equals {
                unexpected(token, statement, "a node's name")
            }
            index += 1
        }
        let defaults = statement.assignments(from: index) { token in
            if isPSpice, token.kind == .comma { return }
            unexpected(token, statement, "name=default")
        }
        for parameter in defaults { add(parameter) }
    }

    private mutating func makeScope(named name: String, _ statement: Statement) -> Scope {
        let scope = Scope(name: name, parent: current, statement: statement)
        owned.append(scope)
        return scope
    }

    private mutating func closeSubcircuit(_ statement: Statement) {
        closeConditions(in: current)
        guard let parent = current.parent else {
            diagnostics.error(
                "unmatched-ends", "this .ends closes no .subckt; remove it", at: statement.range)
            return
        }
        current = parent
    }

    private mutating func closeConditions(in scope: Scope) {
        while let last = conditions.last, last.scope === scope {
            diagnostics.error(
                "missing-endif", "this .if has no .endif", at: last.statement.range)
            conditions.removeLast()
        }
    }

    private mutating func finish() {
        while let parent = current.parent {
            closeConditions(in: current)
            diagnostics.error(
                "missing-ends", "this .subckt has no .ends; add .ends after its last line",
                at: current.statement?.range)
            current = parent
        }
        closeConditions(in: top)
        checkPorts()
    }

    // MARK: Globals and conditions

    /// Only blanks separate the names here, so one with a comma or a parenthesis is another node's.
    private mutating func readGlobals(_ statement: Statement) {
        let card = statement.text(of: statement.name)
        if statement.cardName.hasPrefix(".global_par") {
            diagnostics.warning(
                "foreign-card",
                "ngspice takes \(card) for .global, and knows no parameters from it; write .param",
                at: statement.range(of: statement.name))
        }
        let start = statement.name.range.upperBound
        let bytes = statement.bytes(in: start..<statement.range.bytes.upperBound)
        for word in bytes.split(whereSeparator: { $0.isBlank || $0 == Byte.lineFeed }) {
            guard let separator = word.firstIndex(where: { ",()=".utf8.contains($0) }) else {
                globals.insert(NodeTable.ngspiceText(word))
                continue
            }
            if statement.cardName != ".global" { continue }
            let offset = start + separator
            diagnostics.warning(
                "glued-separator",
                "ngspice takes this for a part of the name, so \(word.text) is no global node of "
                    + "the circuit; separate global nodes by blanks",
                at: SourceRange(file: statement.file, bytes: offset..<(offset + 1)))
        }
    }

    /// Warns of ports that stand for another node than the one they are connected to.
    private mutating func checkPorts() {
        for scope in owned {
            for port in scope.ports {
                let isGround = NodeTable.isGround(port.name)
                guard isGround || globals.contains(port.name) else { continue }
                diagnostics.warning(
                    "hidden-port",
                    "within \(scope.name), ngspice takes \(port.name) for "
                        + (isGround ? "ground" : "the global node")
                        + ", and what is connected to this port plays no part; rename the port",
                    at: port.range)
            }
        }
    }

    private mutating func continueCondition(_ statement: Statement) {
        guard let last = conditions.last, last.scope === current else {
            diagnostics.error(
                "unmatched-condition", "this \(statement.cardName) belongs to no .if; remove it",
                at: statement.range)
            return
        }
        current.statements.append(statement)
        if statement.cardName == ".endif" { conditions.removeLast() }
    }
}
