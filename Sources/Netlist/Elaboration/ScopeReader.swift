/// Sorts a deck's statements into scopes: which parameters, models, functions and devices belong to
/// the top level and which to each `.subckt`.
struct ScopeReader {
    let top = Scope(name: "", parent: nil, statement: nil)
    private(set) var diagnostics: DiagnosticCollector
    private(set) var globals: Set<String> = []
    /// `.options` and `.temp`, in order.
    private(set) var settings: [Statement] = []
    /// Analyses, output and initial conditions, with the scope they are in.
    private(set) var passives: [(statement: Statement, scope: Scope)] = []

    private var current: Scope
    /// All but the top one. Scopes don't own those around them, and not all have a name to be kept by.
    private var owned: [Scope] = []
    /// The `.if` lines that are open, with the scope each is in.
    private var conditions: [(statement: Statement, scope: Scope)] = []
    private var calls: [(statement: Statement, scope: Scope)] = []

    init(_ statements: [Statement], diagnostics: DiagnosticCollector) {
        self.diagnostics = diagnostics
        current = top
        for statement in statements { read(statement) }
        finish()
        markMultiplied()
    }

    private mutating func read(_ statement: Statement) {
        guard statement.kind == .card else {
            if case .device(UInt8(ascii: "x")) = statement.kind {
                checkParentheses(statement)
                calls.append((statement, current))
            }
            current.statements.append(statement)
            return
        }
        let name = statement.cardName
        switch DotCard(name) {
        case nil: reportUnknownCard(statement, name)
        case .passive: passives.append((statement, current))
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

    private mutating func reportUnknownCard(_ statement: Statement, _ name: String) {
        let range = statement.range(of: statement.name)
        if name == ".learn" {
            diagnostics.error(
                "unknown-card",
                "ngspice stops at a card that it doesn't know; write *.learn, "
                    + "which it takes for a comment",
                at: range)
        } else {
            diagnostics.error(
                "unknown-card",
                "ngspice has no card \(statement.text(of: statement.name))"
                    + suggestion(for: name, in: DotCard.names),
                at: range)
        }
    }

    private mutating func unexpected(_ token: Token, _ statement: Statement, _ expected: String) {
        let text = statement.text(of: token)
        diagnostics.error(
            "unexpected-text",
            token.kind == .comma
                ? "ngspice can't read a comma here; leave it out"
                : "\(expected) is expected here, not \(text)",
            at: statement.range(of: token))
    }

    // MARK: Parameters and functions

    private mutating func readParameters(_ statement: Statement) {
        if !conditions.isEmpty, conditions.last?.scope === current {
            diagnostics.warning(
                "param-in-if",
                "ngspice reads .param whatever the .if around it says; put the condition "
                    + "into the value, as in {a ? b : c}",
                at: statement.range(of: statement.name))
        }
        let tokens = statement.tokens
        if tokens.count > 2, tokens[2].kind == .leftParenthesis,
            tokens[1].range.upperBound == tokens[2].range.lowerBound
        {
            readFunction(statement)
            return
        }
        guard tokens.count > 1 else {
            diagnostics.error(
                "missing-value", "a parameter must follow; write .param name=value",
                at: statement.range)
            return
        }
        let count = tokens.count { $0.kind == .equals }
        if count == 1, tokens.count > 4, tokens[1].kind == .word, tokens[2].kind == .equals,
            tokens[3].kind == .word
        {
            // With one parameter on the line, ngspice takes all the rest for its value.
            let rest = tokens[3].range.lowerBound..<statement.range.bytes.upperBound
            current.parameters.append(
                Assignment(
                    name: statement.lowercasedText(of: tokens[1]),
                    nameRange: statement.range(of: tokens[1]),
                    value: ValueText(rest, in: statement)))
            return
        }
        let assignments = statement.assignments(from: 1) {
            unexpected($0, statement, "name=value")
        }
        for assignment in assignments { add(assignment) }
    }

    private mutating func add(_ parameter: Assignment) {
        let bytes = parameter.nameRange.file.bytes[parameter.nameRange.bytes]
        guard let first = bytes.first, first.isLetter || first == Byte.underscore,
            bytes.allSatisfy(\.isIdentifierByte)
        else {
            diagnostics.error(
                "bad-parameter-name",
                "a parameter's name consists of letters, digits and _ and begins with no digit",
                at: parameter.nameRange)
            return
        }
        current.parameters.append(parameter)
    }

    private mutating func readFunction(_ statement: Statement) {
        let tokens = statement.tokens
        guard tokens.count > 2, tokens[1].kind == .word, tokens[2].kind == .leftParenthesis,
            let close = tokens.firstIndex(where: { $0.kind == .rightParenthesis }),
            close + 1 < tokens.count
        else {
            diagnostics.error(
                "bad-function", "a function is defined as .func name(x, y) {expression}",
                at: statement.range)
            return
        }
        let parameters = tokens[3..<close].filter { $0.kind == .word }
            .map(statement.lowercasedText(of:))
        var first = close + 1
        if tokens[first].kind == .equals { first += 1 }
        guard first < tokens.count else {
            diagnostics.error(
                "bad-function", "the function's expression is missing", at: statement.range)
            return
        }
        let text: ValueText
        if first == tokens.count - 1, tokens[first].isValue {
            text = ValueText(tokens[first], in: statement)
        } else {
            text = ValueText(
                tokens[first].range.lowerBound..<statement.range.bytes.upperBound, in: statement)
        }
        do throws(ExpressionError) {
            let body = try Expression(parsingUTF8: text.bytes)
            current.functions[statement.lowercasedText(of: tokens[1])] = ExpressionFunction(
                parameters: parameters, body: body)
        } catch {
            let offset = min(text.range.lowerBound + error.offset, text.range.upperBound)
            diagnostics.error(
                "bad-expression", error.message,
                at: SourceRange(
                    file: text.file, bytes: offset..<min(offset + 1, text.range.upperBound)))
        }
    }

    // MARK: Subcircuits

    private mutating func openSubcircuit(_ statement: Statement) {
        if !conditions.isEmpty, conditions.last?.scope === current {
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
        checkParentheses(statement)
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
        let defaults = statement.assignments(from: index) {
            unexpected($0, statement, "name=default")
        }
        for parameter in defaults { add(parameter) }
    }

    private mutating func makeScope(named name: String, _ statement: Statement) -> Scope {
        let scope = Scope(name: name, parent: current, statement: statement)
        owned.append(scope)
        return scope
    }

    private mutating func checkParentheses(_ statement: Statement) {
        var depth = 0
        for token in statement.tokens {
            if token.kind == .leftParenthesis { depth += 1 }
            if token.kind == .rightParenthesis { depth -= 1 }
            guard depth < 0 else { continue }
            diagnostics.error(
                "unbalanced-delimiter",
                "this ) closes no (, and ngspice takes it for a part of a name; remove it",
                at: statement.range(of: token))
            return
        }
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
    }

    // MARK: Models, globals, conditions

    private mutating func readModel(_ statement: Statement) {
        let tokens = statement.tokens
        let words = tokens.indices.filter { tokens[$0].isValue }
        guard words.count > 2, tokens[1].kind == .word else {
            diagnostics.error(
                "bad-model", "a model needs a name and a type; write .model name type(…)",
                at: statement.range)
            return
        }
        if statement.openParentheses > 0 {
            diagnostics.warning(
                "unbalanced-delimiter", "a parenthesis on this line is never closed",
                at: statement.range)
        }
        let after = tokens[words[1]].range.upperBound
        if after < statement.range.bytes.upperBound,
            statement.file.bytes[after] == Byte.leftParenthesis
                || statement.file.bytes[after] == Byte.rightParenthesis
        {
            diagnostics.error(
                "glued-parenthesis",
                "ngspice takes the parenthesis for a part of the model's name; put a space before it",
                at: SourceRange(file: statement.file, bytes: after..<(after + 1)))
        }
        let name = statement.lowercasedText(of: tokens[words[1]])
        if !conditions.isEmpty, conditions.last?.scope === current {
            current.hasConditionalModels = true
            current.statements.append(statement)
            return
        }
        if current.models[name] != nil {
            diagnostics.warning(
                "duplicate-model",
                "ngspice ignores this second definition of "
                    + statement.text(of: tokens[words[1]]),
                at: statement.range(of: tokens[words[1]]))
            return
        }
        current.models[name] = Self.modelCard(statement)
    }

    /// The card of a `.model` statement that is well formed.
    static func modelCard(_ statement: Statement) -> Scope.ModelCard? {
        let words = statement.tokens.indices.filter { statement.tokens[$0].isValue }
        guard words.count > 2 else { return nil }
        return Scope.ModelCard(
            name: statement.lowercasedText(of: statement.tokens[words[1]]),
            type: statement.lowercasedText(of: statement.tokens[words[2]]),
            statement: statement, firstParameter: words[2] + 1)
    }

    private mutating func readGlobals(_ statement: Statement) {
        for token in statement.tokens.dropFirst() where token.kind == .word {
            globals.insert(NodeTable.ngspiceText(statement.file.bytes[token.range]))
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

    // MARK: Multiplicity

    /// Finds the subcircuits to whose lines ngspice appends `m={m}`.
    ///
    /// It goes through the X lines once, in the order of the text, and so an X line that stands before
    /// the one through which it gets its `m` passes none on; ngspice then stops, and so do we.
    private mutating func markMultiplied() {
        var seen = [Bool](repeating: false, count: calls.count)
        for (index, call) in calls.enumerated() {
            let explicit = call.statement.assignedNames.contains("m")
            guard explicit || call.scope.isMultiplied else { continue }
            seen[index] = true
            guard let target = call.scope.subcircuit(named: call.statement.calledSubcircuit),
                !target.parameters.contains(where: { $0.name == "m" })
            else { continue }
            target.isMultiplied = true
            if !target.subcircuits.isEmpty {
                diagnostics.error(
                    "multiplied-nesting",
                    "ngspice applies m= to a part only of a subcircuit that defines others; "
                        + "define them outside of it",
                    at: call.statement.range)
            }
        }
        for (index, call) in calls.enumerated() where call.scope.isMultiplied && !seen[index] {
            guard let target = call.scope.subcircuit(named: call.statement.calledSubcircuit),
                !target.isMultiplied, !target.parameters.contains(where: { $0.name == "m" })
            else { continue }
            diagnostics.error(
                "multiplicity-lost",
                "ngspice can't pass m= on through this line; define \(call.scope.name) after "
                    + "the X line that gives the m=, or give \(target.name) a parameter m=1",
                at: call.statement.range)
        }
    }
}

extension Statement {
    /// How many parentheses are open at the end.
    var openParentheses: Int {
        tokens.reduce(0) { depth, token in
            switch token.kind {
            case .leftParenthesis: depth + 1
            case .rightParenthesis: max(0, depth - 1)
            default: depth
            }
        }
    }

    /// The name of the subcircuit that an X line calls, in lower case; empty where there is none.
    var calledSubcircuit: String {
        let values = callTokens
        return values.last.map(lowercasedText(of:)) ?? ""
    }

    /// The nodes and the subcircuit's name of an X line.
    var callTokens: [Token] {
        var result: [Token] = []
        for (index, token) in tokens.enumerated().dropFirst() where token.isValue {
            if self.token(token, is: "params:") { break }
            if index + 1 < tokens.count, tokens[index + 1].kind == .equals { break }
            result.append(token)
        }
        return result
    }

    /// The names to the left of an `=`, in lower case.
    var assignedNames: [String] {
        tokens.indices.dropFirst().filter {
            tokens[$0].kind == .equals && tokens[$0 - 1].kind == .word
        }.map { lowercasedText(of: tokens[$0 - 1]) }
    }
}
