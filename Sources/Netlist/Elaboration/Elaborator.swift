/// Walks the scopes of a deck and builds the circuit.
final class Elaborator {
    let deck: Deck
    let purpose: Elaboration.Purpose
    let reader: ScopeReader
    let top: Frame
    var diagnostics: DiagnosticCollector
    var settings = Settings()

    var nodes = NodeTable()
    var connections = Connections()
    var resistors: [Circuit.Resistor] = []
    var sources: [Circuit.Source] = []
    var otherDevices: [Circuit.Device] = []
    var models: [Circuit.Model] = []
    var references = References()
    var textUses: TextUses
    let recorder = ValueRecorder()
    /// Parameters of subcircuits' instances that depend on the text.
    var instanceParameters: [Circuit.Parameter] = []
    var deviceNames: [String: SourceRange] = [:]
    /// Those that were reported, in lower case.
    var reservedNames: Set<String> = []
    /// Subcircuits that only lines left out call, and in which names were looked for.
    var scopesLeftOut: Set<ObjectIdentifier> = []
    var expressions: [ValueText: Result<Expression, ExpressionError>] = [:]
    var topParameters: TopParameters
    /// True once the reason why the expression that is being evaluated has no value was reported.
    var isReported = false
    /// False where statements could not be read, and their devices are missing in the circuit.
    private let isComplete: Bool
    /// True once there is no point in going on: calls may multiply without bound.
    var isStopped = false
    /// What is said of subcircuits that are not there, by name.
    var missingSubcircuits: [String: String] = [:]

    /// ngspice gives up at 21 levels.
    static let maximumDepth = 20
    /// Subcircuits that call one another could make any number of devices.
    let deviceLimit: Int
    var expandedSize = ExpandedSize()

    init(_ deck: Deck, for purpose: Elaboration.Purpose, deviceLimit: Int) {
        self.deck = deck
        self.purpose = purpose
        self.deviceLimit = deviceLimit
        textUses = TextUses(mainFile: deck.file)
        var collector = DiagnosticCollector()
        for diagnostic in deck.diagnostics { collector.add(diagnostic) }
        reader = ScopeReader(deck, diagnostics: collector)
        diagnostics = reader.diagnostics
        isComplete = !diagnostics.hasErrors
        top = Frame(top: reader.top)
        topParameters = TopParameters(reader.top.parameters)
    }

    func run() -> Elaboration {
        for name in topParameters.definitions.keys.sorted() { _ = parameter(name, in: top) }
        readSettings()
        let options = simulatorOptions()
        elaborate(top)
        checkThatThereIsACircuit()
        refuseIncludedCards()
        refuseEndlessCards()
        warnOfCommands()
        readPassives()
        checkReferences()
        resolveControls()
        checkConnections()
        let unread = deck.unreadWords.union(reader.unread)
        let sorted = diagnostics.sorted(files: deck.files).filter { !$0.follows(from: unread) }
        var understood = Circuit(
            title: deck.title, nodes: nodes.all,
            resistors: resistors, sources: sources,
            otherDevices: otherDevices, models: models, conditions: settings.conditions,
            equationOptions: settings.equationOptions, optionPlaces: settings.optionPlaces,
            traits: CircuitTraits(
                nodeCount: nodes.all.count, devices: otherDevices, options: options,
                compiledModels: deck.compiledModels,
                isTranslated: !deck.compatibility.isEmpty),
            parameters: topLevelParameters + instanceParameters, tape: recorder.tape,
            textUses: textUses)
        if !diagnostics.hasErrors {
            understood = understood.droppingNodes(unless: connections.isUsed)
        }
        return Elaboration(
            circuit: diagnostics.hasErrors ? nil : understood, understood: understood,
            directives: deck.directives, diagnostics: sorted)
    }

    /// Handed to ngspice, they are spelled in another way; in a deck that is written, they stay as they are.
    private func refuseEndlessCards() {
        guard purpose == .learning, deck.dialect.takesPowerModelsApart else { return }
        for statement in deck.statements
        where statement.cardName == ".model" && PowerModelCard.isMeant(statement)
            && !PowerModelCard.endsAsWritten(statement)
        {
            diagnostics.error(
                "endless-card",
                "ngspice never comes to the end of this card in a deck that is written; spell it "
                    + PowerModelCard.text(statement),
                at: statement.range(of: statement.name))
        }
    }

    /// Other simulators' cards become comments in a deck that is written, but included files are not.
    private func refuseIncludedCards() {
        guard purpose == .learning else { return }
        for statement in deck.statements where statement.isForeign && statement.file != deck.file {
            diagnostics.error(
                "included-foreign-card",
                "ngspice stops at this card of another simulator, and included files aren't "
                    + "written; make it a comment here: *\(statement.text(of: statement.name))",
                at: statement.range(of: statement.name))
        }
    }

    /// Without a device ngspice crashes.
    private func checkThatThereIsACircuit() {
        let whole = SourceRange(file: deck.file, bytes: 0..<0)
        if deck.file.bytes.isEmpty {
            diagnostics.error(
                "empty-file", "the file is empty; a deck is a title line and devices", at: whole)
        } else if !diagnostics.hasErrors, resistors.isEmpty, sources.isEmpty, otherDevices.isEmpty {
            diagnostics.error(
                "no-devices",
                "the deck has no devices; its first line is the title, whatever it says, "
                    + "and a subcircuit counts only where an X line calls it",
                at: whole)
        }
    }

    /// Of what the circuit leaves open, and ngspice decides.
    var severityOfOpen: Diagnostic.Severity { purpose == .learning ? .error : .warning }

    /// Of a resistance that ngspice replaces by its own: fit for solving, but not for training, and where the
    /// deck doesn't name what it trains, that is every resistor.
    var severityOfReplaced: Diagnostic.Severity {
        deck.directives.trainable.isEmpty ? severityOfOpen : .warning
    }

    private func checkConnections() {
        let severity = severityOfOpen
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
            case .card:
                if frame.conditions.isActive, let fault = statement.unknownCardFault {
                    diagnostics.add(fault)
                }
                readCondition(statement, frame)
            case .device(let letter):
                guard frame.conditions.isActive else {
                    refuseReservedNames(leftOut: statement, frame.scope)
                    continue
                }
                elaborate(statement, letter, frame)
            }
        }
    }

    private func elaborate(_ statement: Statement, _ letter: UInt8, _ frame: Frame) {
        checkSeparation(after: statement.name, statement)
        refuseReservedName(statement)
        switch letter {
        case UInt8(ascii: "r"): elaborateResistor(statement, frame)
        case UInt8(ascii: "v"): elaborateSource(statement, .voltage, frame)
        case UInt8(ascii: "i"): elaborateSource(statement, .current, frame)
        case UInt8(ascii: "x"): elaborateCall(statement, frame)
        default: elaborateOther(statement, letter, frame)
        }
    }
}

extension Diagnostic {
    /// Whether it says that something is missing which the text has, in a line that can't be read.
    fileprivate func follows(from unread: Set<String>) -> Bool {
        guard severity == .error, let range else { return false }
        // What belongs to a subcircuit whose first line can't be read stands at the top level.
        if ["unmatched-ends", "duplicate-device"].contains(id) {
            return unread.contains("subckt") || unread.contains("macro")
        }
        return id.hasPrefix("unknown-")
            && unread.contains(range.file.bytes[range.bytes].lowercasedText)
    }
}
