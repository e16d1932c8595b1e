/// Walks the scopes of a deck and builds the circuit.
final class Elaborator {
    let deck: Deck
    private let purpose: Elaboration.Purpose
    let reader: ScopeReader
    let top: Frame
    var diagnostics: DiagnosticCollector
    var settings = Settings()

    var nodes = NodeTable()
    var connections = Connections()
    var resistors: [Circuit.Resistor] = []
    var sources: [Circuit.Source] = []
    var otherDevices: [Circuit.Device] = []
    var references = References()
    var textUses: TextUses
    private var deviceNames: [String: SourceRange] = [:]
    private var expressions: [ValueText: Result<Expression, ExpressionError>] = [:]

    /// The top level's parameters, and those that are being evaluated.
    private var topDefinitions: [String: Assignment] = [:]
    private var underEvaluation: Set<String> = []
    /// Those of which an error was reported already.
    private var failed: [String: EvaluationError] = [:]
    private var reportedWithin = false
    /// False where statements could not be read, and their devices are missing in the circuit.
    private let isComplete: Bool
    /// True once there is no point in going on: calls may multiply without bound.
    var isStopped = false

    /// ngspice gives up at 21 levels.
    static let maximumDepth = 20
    /// Subcircuits that call one another could make any number of devices.
    private let deviceLimit: Int
    private var expandedSize = ExpandedSize()

    init(_ deck: Deck, for purpose: Elaboration.Purpose, deviceLimit: Int) {
        self.deck = deck
        self.purpose = purpose
        self.deviceLimit = deviceLimit
        textUses = TextUses(mainFile: deck.file)
        var collector = DiagnosticCollector()
        for diagnostic in deck.diagnostics { collector.add(diagnostic) }
        reader = ScopeReader(deck.statements, diagnostics: collector)
        diagnostics = reader.diagnostics
        isComplete = !diagnostics.hasErrors
        top = Frame(top: reader.top)
        for parameter in reader.top.parameters { topDefinitions[parameter.name] = parameter }
    }

    func run() -> Elaboration {
        checkThatThereIsACircuit()
        for name in topDefinitions.keys.sorted() { _ = parameter(name, in: top) }
        readSettings()
        elaborate(top)
        readPassives()
        checkReferences()
        checkConnections()
        let sorted = diagnostics.sorted(files: deck.files)
        let understood = Circuit(
            title: deck.title, nodes: nodes.all,
            resistors: resistors, sources: sources,
            otherDevices: otherDevices, textUses: textUses)
        return Elaboration(
            circuit: diagnostics.hasErrors ? nil : understood, understood: understood,
            directives: deck.directives, diagnostics: sorted)
    }

    private func checkThatThereIsACircuit() {
        let whole = SourceRange(file: deck.file, bytes: 0..<0)
        if deck.file.bytes.isEmpty {
            diagnostics.error(
                "empty-file", "the file is empty; a deck is a title line and devices", at: whole)
        } else if reader.deviceCount == 0 {
            diagnostics.error(
                "no-devices",
                "the deck has no devices; its first line is the title, whatever it says",
                at: whole)
        }
    }

    private func checkConnections() {
        let severity = purpose == .learning ? Diagnostic.Severity.error : .warning
        if !settings.hasShuntResistance, isComplete, !isStopped {
            connections.check(
                nodes, outputs: deck.directives.outputs, severity: severity, &diagnostics)
        }
        connections.checkLoops(nodes, severity: severity, &diagnostics)
    }

    // MARK: Statements

    func elaborate(_ frame: Frame) {
        if frame.scope.hasConditionalModels { selectModels(frame) }
        for statement in frame.scope.statements {
            guard !isStopped else { return }
            switch statement.kind {
            case .card: readCondition(statement, frame)
            case .device(let letter):
                guard frame.conditions.isActive else { continue }
                elaborate(statement, letter, frame)
            }
        }
    }

    private func selectModels(_ frame: Frame) {
        for statement in frame.scope.statements where statement.kind == .card {
            if statement.cardName != ".model" {
                readCondition(statement, frame)
            } else if frame.conditions.isActive, let card = ScopeReader.modelCard(statement),
                frame.conditionalModels[card.name] == nil
            {
                frame.conditionalModels[card.name] = card
            }
        }
        frame.conditions = ConditionStack()
    }

    private func readCondition(_ statement: Statement, _ frame: Frame) {
        switch statement.cardName {
        case ".if":
            // ngspice evaluates each condition, also where it doesn't matter.
            let condition = isTrue(statement, frame)
            frame.conditions.open(condition)
        case ".elseif":
            frame.conditions.next(isTrue(statement, frame))
        case ".else": frame.conditions.next(true)
        case ".endif": frame.conditions.close()
        default: break
        }
    }

    private func isTrue(_ statement: Statement, _ frame: Frame) -> Bool {
        guard statement.tokens.count > 2, statement.tokens[1].kind == .leftParenthesis else {
            diagnostics.error(
                "bad-condition",
                "ngspice stops at a condition without parentheses; write .if (a == b)",
                at: statement.range)
            return false
        }
        let range = statement.tokens[1].range.lowerBound..<statement.range.bytes.upperBound
        if let equals = statement.loneEquals(in: range) {
            diagnostics.error(
                "bad-condition", "ngspice compares with ==",
                at: SourceRange(file: statement.file, bytes: equals..<(equals + 1)))
            return false
        }
        guard let value = evaluate(ValueText(range, in: statement), frame) else { return false }
        guard case .number(let value) = value else {
            diagnostics.error(
                "bad-condition", "the condition must be known before the simulation",
                at: statement.range)
            return false
        }
        textUses.use(value, by: "the .if", at: statement.range)
        return value.number != 0
    }

    private func elaborate(_ statement: Statement, _ letter: UInt8, _ frame: Frame) {
        checkSeparation(after: statement.name, statement)
        switch letter {
        case UInt8(ascii: "r"): elaborateResistor(statement, frame)
        case UInt8(ascii: "v"): elaborateSource(statement, .voltage, frame)
        case UInt8(ascii: "i"): elaborateSource(statement, .current, frame)
        case UInt8(ascii: "x"): elaborateCall(statement, frame)
        default: elaborateOther(statement, letter, frame)
        }
    }

    /// ngspice takes a parenthesis right behind a device's or node's name for a part of it, and puts a
    /// number there where braces follow.
    private func checkSeparation(after token: Token, _ statement: Statement) {
        let end = token.range.upperBound
        let bytes = statement.file.bytes
        let place = SourceRange(
            file: statement.file, bytes: end..<min(end + 1, bytes.count))
        guard token.kind != .expression else {
            diagnostics.error(
                "expression-as-name", "a node can't be named by an expression",
                at: statement.range(of: token))
            return
        }
        let text = bytes[token.range]
        if (token.kind == .word ? text : text.dropFirst().dropLast()).contains(Byte.doubleQuote) {
            diagnostics.error(
                "quote-in-name", "ngspice ends a name at a quote; leave it out",
                at: statement.range(of: token))
            return
        }
        guard end < bytes.count else { return }
        switch bytes[end] {
        case Byte.leftParenthesis:
            diagnostics.error(
                "glued-parenthesis",
                "ngspice takes the parenthesis for a part of the name; put a space before it",
                at: place)
        case Byte.leftBrace, Byte.quote:
            diagnostics.error(
                "expression-as-name",
                "an expression can't be a part of a name; put a space before it",
                at: place)
        default: break
        }
    }

    /// The device's names, or nil where another one has the same.
    func names(_ statement: Statement, _ letter: UInt8, _ frame: Frame) -> (
        name: String, ngspiceName: String
    )? {
        guard canHold(1, at: statement) else { return nil }
        let bytes = statement.file.bytes[statement.name.range]
        let local = NodeTable.ngspiceText(bytes)
        if bytes.contains(where: { Self.unsafeBytes.contains($0) }) {
            diagnostics.error(
                "unsafe-name",
                "in ngspice's commands a device can't have this name; "
                    + "use letters, digits and _",
                at: statement.range(of: statement.name))
        }
        let ngspiceName = frame.deviceName(local, letter: letter)
        let range = statement.range(of: statement.name)
        if let other = deviceNames.updateValue(range, forKey: ngspiceName) {
            diagnostics.error(
                "duplicate-device",
                "there is already a device \(frame.prefix)\(bytes.text), on line "
                    + "\(other.start.line); give this one another name",
                at: range)
            return nil
        }
        return (frame.prefix.isEmpty ? bytes.text : frame.prefix + bytes.text, ngspiceName)
    }

    /// Whether there is room for another use of a subcircuit; otherwise an error that ends it all.
    func canHold(_ scope: Scope, at statement: Statement) -> Bool {
        canHold(expandedSize.leastDeviceCount(of: scope), at: statement)
    }

    private func canHold(_ count: Int, at statement: Statement) -> Bool {
        guard count > deviceLimit - deviceNames.count else { return true }
        diagnostics.error(
            "too-large",
            "with this \(count > 1 ? "subcircuit" : "device"), the circuit has more than "
                + "\(deviceLimit) devices",
            at: statement.range(of: statement.name))
        isStopped = true
        return false
    }

    /// What redirects, substitutes or runs something where a device's name is part of a command.
    private static let unsafeBytes = Set("$;\\\"".utf8)

    func hasDevice(_ ngspiceName: String) -> Bool { deviceNames[ngspiceName] != nil }

    // MARK: Nodes

    func node(_ token: Token, _ statement: Statement, _ frame: Frame) -> Int {
        checkSeparation(after: token, statement)
        var bytes = statement.file.bytes[token.range]
        if token.kind == .string { bytes = bytes.dropFirst().dropLast() }
        let name = NodeTable.ngspiceText(bytes)
        if name == "0" || name == "gnd" { return 0 }
        if let port = frame.ports[name] { return port }
        let range = statement.range(of: token)
        let isFlat = frame.isTop || reader.globals.contains(name)
        let (ngspicePrefix, prefix) = isFlat ? ("", "") : (frame.ngspicePrefix, frame.prefix)
        return nodes.index(
            of: ngspicePrefix + name, name: { prefix + bytes.text }, at: range,
            device: { frame.prefix + statement.text(of: statement.name) }, &diagnostics)
    }

    // MARK: Parameters

    /// The value of a parameter, looked for from the frame outwards; nil if there is none.
    func parameter(_ name: String, in frame: Frame) -> Result<ParameterValue, EvaluationError>? {
        var current: Frame? = frame
        while let frame = current {
            if let value = frame.values[name] { return .success(value) }
            current = frame.caller
        }
        guard let definition = topDefinitions[name] else { return nil }
        if let error = failed[name] {
            if !error.dependsOnSimulation { reportedWithin = true }
            return .failure(error)
        }
        guard underEvaluation.insert(name).inserted else {
            diagnostics.error(
                "circular-parameter", "the value of \(name) depends on itself",
                at: definition.nameRange)
            reportedWithin = true
            return .failure(
                EvaluationError(.other, offset: 0, message: "\(name) depends on itself"))
        }
        defer { underEvaluation.remove(name) }
        guard underEvaluation.count <= 500 else {
            let error = EvaluationError(
                .other, offset: 0,
                message: "parameters depend on one another more than 500 levels deep")
            return .failure(error)
        }
        switch evaluate(definition.value, top) {
        case .number(let value):
            top.values[name] = value
            return .success(value)
        case .simulation:
            let error = EvaluationError(
                .dependsOnSimulation, offset: 0,
                message: "\(name) is known only to the simulation")
            failed[name] = error
            return .failure(error)
        case nil:
            let error = EvaluationError(.other, offset: 0, message: "\(name) has no value")
            failed[name] = error
            reportedWithin = true
            return .failure(error)
        }
    }

    func hasParameter(_ name: String, in frame: Frame) -> Bool {
        var current: Frame? = frame
        while let frame = current {
            if frame.values[name] != nil { return true }
            current = frame.caller
        }
        return topDefinitions[name] != nil
    }

    /// True where no parameter at all can be meant.
    func hasNoParameters(_ frame: Frame) -> Bool {
        topDefinitions.isEmpty && frame.caller == nil
    }

    /// The names that could have been meant.
    func parameterNames(_ frame: Frame) -> [String] {
        var names = Set(topDefinitions.keys)
        var current: Frame? = frame
        while let frame = current {
            names.formUnion(frame.values.keys)
            current = frame.caller
        }
        return names.sorted()
    }

    // MARK: Values

    /// What a text on a device line or in a parameter comes to.
    enum Value {
        case number(ParameterValue)
        /// It is known only to the simulation.
        case simulation
    }

    /// Evaluates a number or an expression; nil where an error was reported.
    func evaluate(_ text: ValueText, _ frame: Frame) -> Value? {
        if let literal = literal(text) { return .number(ParameterValue(literal)) }
        let expression: Expression
        switch parse(text) {
        case .success(let parsed): expression = parsed
        case .failure(let error):
            report("bad-expression", error.message, text, error.offset)
            return nil
        }
        let outer = reportedWithin
        reportedWithin = false
        defer { reportedWithin = reportedWithin || outer }
        do throws(EvaluationError) {
            return .number(
                try expression.evaluate(in: Environment(elaborator: self, frame: frame)))
        } catch {
            if error.dependsOnSimulation { return .simulation }
            guard !reportedWithin else { return nil }
            switch error.kind {
            case .unknownParameter(let name):
                report(
                    "unknown-parameter",
                    "there is no parameter \(name)"
                        + suggestion(for: name, in: parameterNames(frame)),
                    text, error.offset, length: name.utf8.count)
            case .unknownFunction(let name):
                report(
                    "unknown-function",
                    "there is no function \(name)"
                        + suggestion(
                            for: name,
                            in: frame.scope.chain.flatMap { $0.functions.keys.sorted() }
                                + BuiltInFunction.named.keys.sorted()),
                    text, error.offset, length: name.utf8.count)
            default: report("bad-expression", error.message, text, error.offset)
            }
            return nil
        }
    }

    /// The number, if the text is just one.
    func literal(_ text: ValueText) -> NumberText? {
        let file = text.file
        guard text.joined == nil, let first = file.bytes[text.range].first,
            first.isDigit || first == Byte.dot || first == Byte.minus || first == Byte.plus,
            let parsed = file.bytes.withUnsafeBufferPointer({
                SpiceNumber.parse(utf8: UnsafeBufferPointer(rebasing: $0[text.range]))
            })
        else { return nil }
        if let warning = parsed.warning {
            diagnostics.warning("suspicious-number", warning, at: text.source)
        }
        return NumberText(range: text.source, value: parsed.value)
    }

    private func parse(_ text: ValueText) -> Result<Expression, ExpressionError> {
        if let known = expressions[text] { return known }
        let bytes = text.bytes
        // Only a text that is a number as a whole can be written; in `{2*rx}` the 2 is the writer's.
        let isBlank = { (range: Range<Int>) in bytes[range].allSatisfy(\.isBlank) }
        let parsed = Result { () throws(ExpressionError) in
            try Expression(parsingUTF8: bytes) { number in
                guard isBlank(0..<number.lowerBound), isBlank(number.upperBound..<bytes.count)
                else { return nil }
                let start = text.range.lowerBound
                return SourceRange(
                    file: text.file,
                    bytes: (start + number.lowerBound)..<(start + number.upperBound))
            }
        }
        expressions[text] = parsed
        return parsed
    }

    private func report(
        _ id: String, _ message: String, _ text: ValueText, _ offset: Int, length: Int = 1
    ) {
        let start = min(text.range.lowerBound + offset, text.range.upperBound)
        let end = min(start + length, text.range.upperBound)
        diagnostics.error(
            id, message, at: SourceRange(file: text.file, bytes: start..<max(start, end)))
    }

    /// Evaluates a text that must be a finite number before the simulation.
    func number(_ text: ValueText, _ frame: Frame, _ what: String) -> ParameterValue? {
        switch evaluate(text, frame) {
        case .number(let value):
            guard value.number.isFinite else {
                diagnostics.error(
                    "not-finite",
                    "\(what) is \(value.number.isNaN ? "not a number" : "infinite"), "
                        + "which ngspice can't read",
                    at: text.source)
                return nil
            }
            return value
        case .simulation:
            diagnostics.error(
                "depends-on-simulation", "\(what) must be known before the simulation",
                at: text.source)
            return nil
        case nil: return nil
        }
    }

    private struct Environment: ExpressionEnvironment {
        let elaborator: Elaborator
        let frame: Frame

        func parameter(named name: String) throws(EvaluationError) -> ParameterValue? {
            switch elaborator.parameter(name, in: frame) {
            case .success(let value): value
            case .failure(let error): throw error
            case nil: nil
            }
        }

        func function(named name: String) -> ExpressionFunction? {
            frame.scope.function(named: name)
        }
    }
}

extension Statement {
    /// Where in a condition a single `=` stands that is no part of `==`, `<=`, `>=` or `!=`.
    fileprivate func loneEquals(in range: Range<Int>) -> Int? {
        let bytes = bytes(in: range)
        func isPart(_ index: Int, of others: String) -> Bool {
            bytes.indices.contains(index) && others.utf8.contains(bytes[index])
        }
        return bytes.indices.first {
            bytes[$0] == Byte.equals && !isPart($0 - 1, of: "=<>!") && !isPart($0 + 1, of: "=")
        }.map { $0 + range.lowerBound }
    }
}
