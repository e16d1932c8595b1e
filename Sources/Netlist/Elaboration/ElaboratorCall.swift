extension Elaborator {
    /// `Xname nodes… subcircuit [params:] [name=value …]`.
    func elaborateCall(_ statement: Statement, _ frame: Frame) {
        guard let (name, ngspiceName) = callNames(statement, frame) else { return }
        let tokens = statement.callTokens
        guard let last = tokens.last else {
            diagnostics.error(
                "missing-subcircuit", "\(name) needs nodes and the name of a subcircuit",
                at: statement.range)
            return
        }
        let called = statement.lowercasedText(of: last)
        guard let scope = frame.scope.subcircuit(named: called) else {
            // One search for each name: thousands of calls may miss the same one.
            let hint =
                missingSubcircuits[called]
                ?? suggestion(
                    for: called, in: frame.scope.chain.flatMap { $0.subcircuits.keys.sorted() })
            missingSubcircuits[called] = hint
            diagnostics.error(
                "unknown-subcircuit",
                "there is no subcircuit \(statement.text(of: last))" + hint,
                at: statement.range(of: last))
            attach(tokens.dropLast(), statement, frame)
            return
        }
        guard tokens.count - 1 == scope.ports.count else {
            diagnostics.error(
                "wrong-node-count",
                "\(called) has \(scope.ports.count) nodes, but \(tokens.count - 1) are given",
                at: statement.range(of: last))
            attach(tokens.dropLast(), statement, frame)
            return
        }
        guard !frame.chain.contains(where: { $0.scope === scope }) else {
            diagnostics.error(
                "recursive-subcircuit", "the subcircuit \(called) contains itself",
                at: statement.range(of: last))
            isStopped = true
            return
        }
        guard frame.chain.count < Self.maximumDepth else {
            diagnostics.error(
                "too-deep", "subcircuits nest deeper than \(Self.maximumDepth) levels",
                at: statement.range(of: last))
            isStopped = true
            return
        }
        guard canHold(scope, at: statement) else { return }
        let inner = Frame(scope, name: name, ngspiceName: ngspiceName, caller: frame)
        for (port, token) in zip(scope.ports, tokens) {
            let index = node(token, statement, frame)
            // Of two ports with one name ngspice takes the first.
            if inner.ports[port.name] == nil { inner.ports[port.name] = index }
        }
        setParameters(of: inner, statement, tokens.count, frame)
        elaborate(inner)
    }

    private func callNames(_ statement: Statement, _ frame: Frame) -> (String, String)? {
        guard names(statement, UInt8(ascii: "x"), frame) != nil else { return nil }
        let bytes = statement.file.bytes[statement.name.range]
        return (bytes.text, DeviceName.ngspiceText(bytes))
    }

    private func attach(_ tokens: some Sequence<Token>, _ statement: Statement, _ frame: Frame) {
        excuse(tokens.map { node($0, statement, frame) })
    }

    /// Sets the subcircuit's parameters as numparam does: all in the new frame, one after the other,
    /// first those that are given as numbers, then the others in the order of their definition. A name
    /// that is not set yet is looked for further out, and so `r={r}` means the caller's.
    private func setParameters(
        of inner: Frame, _ statement: Statement, _ callCount: Int, _ frame: Frame
    ) {
        let scope = inner.scope
        var given: [String: ValueText] = [:]
        for assignment in callAssignments(statement) {
            given[assignment.name] = assignment.value
            let isKnown =
                assignment.name == "m"
                || scope.parameters.contains { $0.name == assignment.name }
            if !isKnown {
                diagnostics.warning(
                    "unused-parameter",
                    "ngspice ignores \(assignment.name), which \(scope.name) doesn't have"
                        + suggestion(
                            for: assignment.name, in: scope.parameters.map(\.name)),
                    at: assignment.nameRange)
            }
        }
        var later: [(name: String, text: ValueText)] = []
        for parameter in scope.orderedParameters {
            let text = given[parameter.name] ?? parameter.value
            if let literal = literal(text) {
                inner.values[parameter.name] = ParameterValue(literal)
            } else {
                later.append((parameter.name, text))
            }
        }
        let multiplicity = callMultiplicity(scope, given["m"], frame)
        for (name, text) in later {
            let value = evaluate(text, inner)
            switch value {
            case .random:
                warnOfRandomValue(text, of: name)
                inner.unknown[name] = .random(name)
            case .text:
                inner.unknown[name] = .text(name)
            case .simulation where given[name] == nil && becomesFunction(text, inner):
                inner.unknown[name] = .simulation(name)
            case .number, .simulation, nil:
                // Where there is none, it is reported, and any number will do to look for further errors.
                inner.values[name] = number(value, text, name) ?? ParameterValue(1)
            }
        }
        for parameter in scope.orderedParameters {
            guard let value = inner.values[parameter.name], value.origin != .constant else {
                continue
            }
            instanceParameters.append(
                Circuit.Parameter(
                    prefix: inner.prefix, ownName: parameter.name, value: value.number,
                    origin: value.origin, range: statement.range(of: statement.name)))
        }
        if scope.isMultiplied { inner.values["m"] = multiplicity }
    }

    /// Whether ngspice makes a function of a parameter of `frame` that is defined so: with `temper`, or with
    /// another such parameter beside it.
    private func becomesFunction(_ definition: ValueText, _ frame: Frame) -> Bool {
        let bytes = definition.bytes
        var index = 0
        while let word = bytes.nextWord(from: &index) {
            let name = bytes[word].lowercasedText
            if name == "temper" || frame.unknown[name] != nil { return true }
        }
        return false
    }

    private func callMultiplicity(_ scope: Scope, _ given: ValueText?, _ frame: Frame)
        -> ParameterValue
    {
        guard scope.isMultiplied else { return ParameterValue(1) }
        if frame.scope.isMultiplied, let m = frame.values["m"] {
            guard deck.compatibility.contains(.hspice), let given,
                let own = number(given, frame, "m")
            else { return m }
            return ParameterValue(multiplicity(own.number, inherited: m))
        }
        guard let given else { return ParameterValue(1) }
        return number(given, frame, "m") ?? ParameterValue(1)
    }

    private func callAssignments(_ statement: Statement) -> [Assignment] {
        guard
            let equals = statement.tokens.firstIndex(where: { $0.kind == .equals }), equals > 1
        else { return [] }
        return statement.assignments(from: equals - 1) { token in
            if token.kind == .comma, deck.translates(statement, from: .pspice) { return }
            diagnostics.error(
                "unexpected-text",
                token.kind == .comma
                    ? "ngspice can't read a comma between parameters; leave it out"
                    : "name=value is expected here",
                at: statement.range(of: token))
        }
    }
}
