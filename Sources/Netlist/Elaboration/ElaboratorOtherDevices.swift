extension Elaborator {
    /// Every device that is no resistor, independent source or subcircuit call.
    func elaborateOther(_ statement: Statement, _ letter: UInt8, _ frame: Frame) {
        guard let (name, ngspiceName) = names(statement, letter, frame),
            let shape = DeviceShape.shapes[letter]
        else { return }
        let values = statement.tokens.dropFirst().filter(\.isValue)
        let form = DeviceForm(statement, letter, values)
        let count: Int
        switch shape.nodes {
        case .fixed(4) where !form.isLinear: count = 2
        case .fixed(let fixed): count = fixed
        case .upToModel(let range):
            guard let found = nodeCount(statement, letter, values, range, frame) else {
                excuse(values.prefix(range.lowerBound).map { node($0, statement, frame) })
                return
            }
            count = found
        }
        guard values.count >= count else {
            excuse(values.map { node($0, statement, frame) })
            diagnostics.error(
                "missing-node", "\(name) needs \(count) nodes",
                at: statement.range(of: statement.tokens.last ?? statement.name))
            return
        }
        let nodes = values.prefix(count).map { node($0, statement, frame) }
        if letter == UInt8(ascii: "b"), values.count == count {
            excuse(nodes)
            diagnostics.error(
                "missing-value",
                "\(name) has no expression; write v=… or i=… after the nodes",
                at: statement.range(of: statement.name))
            return
        }
        if letter == UInt8(ascii: "b"), let second = statement.secondExpression {
            diagnostics.error(
                "two-values",
                "\(name) gives both a voltage and a current; keep v=… or i=…",
                at: statement.range(of: second))
        }
        for node in nodes { connections.attach(node) }
        if letter == UInt8(ascii: "n"), deck.compiledModels.isEmpty {
            diagnostics.error(
                "no-compiled-model",
                "\(name) is a device of a compiled Verilog-A model; name its file with --osdi",
                at: statement.range(of: statement.name))
        }
        if letter == UInt8(ascii: "a") { noteCodeModelNodes(values, statement, frame) }
        noteReferences(statement, letter, values, form, frame)
        connect(nodes, shape.conduction, name, statement.range(of: statement.name))
        let card = readValues(statement, letter, name, nodeCount: count, form, frame)
        var isLinear = shape.isLinear && form.isLinear
        var transfer: Circuit.Transfer?
        if isLinear, form.isControlled {
            switch readTransfer(statement, letter, nodes: nodes, frame) {
            case .transfer(let read): transfer = read
            case .random: break
            case .unknown: isLinear = false
            case .other: isLinear = false
            }
        }
        if !form.isLinear, "beg".utf8.contains(letter) {
            references.behaviours[otherDevices.count] = readBehaviour(statement, letter, frame)
        }
        otherDevices.append(
            Circuit.Device(
                name: name, ngspiceName: ngspiceName,
                letter: Character(UnicodeScalar(letter)), nodes: nodes, isLinear: isLinear,
                transfer: transfer,
                codeModel: letter == UInt8(ascii: "a") ? codeModel(values, statement, frame) : nil,
                card: card,
                controls: isBehavioural(statement, letter, form) ? [] : nil,
                range: statement.range(of: statement.name)))
    }

    /// Whether all that the device depends on stands in expressions.
    private func isBehavioural(_ statement: Statement, _ letter: UInt8, _ form: DeviceForm) -> Bool
    {
        guard !form.isLinear else { return false }
        let isControlled = letter == UInt8(ascii: "e") || letter == UInt8(ascii: "g")
        return letter == UInt8(ascii: "b")
            || isControlled && !statement.tokens.contains { statement.token($0, is: "poly") }
                && statement.tokens.contains { $0.kind == .expression }
    }

    /// The type of the model that the last value on an A device's line names.
    private func codeModel(_ values: [Token], _ statement: Statement, _ frame: Frame) -> String? {
        values.last.flatMap { model(named: statement.lowercasedText(of: $0), frame)?.0.type }
    }

    private func connect(
        _ nodes: [Int], _ conduction: DeviceShape.Conduction, _ name: String, _ range: SourceRange
    ) {
        switch conduction {
        case .voltage where nodes.count >= 2:
            connections.fixVoltage(nodes[0], nodes[1], name, range)
        case .between where nodes.count >= 2:
            connections.conduct(nodes[0], nodes[1])
        case .all:
            for node in nodes.dropFirst() { connections.conduct(nodes[0], node) }
        case .unknown: excuse(nodes)
        default: break
        }
    }

    /// The number of nodes before the model's name.
    private func nodeCount(
        _ statement: Statement, _ letter: UInt8, _ values: [Token], _ range: ClosedRange<Int>,
        _ frame: Frame
    ) -> Int? {
        for index in range where index < values.count {
            let word = statement.lowercasedText(of: values[index])
            if model(named: word, frame) != nil || hasBinnedModel(word, frame) { return index }
        }
        let name = statement.text(of: statement.name)
        guard values.count > range.lowerBound else {
            diagnostics.error(
                "missing-model", "\(name) needs \(range.lowerBound) nodes and a model",
                at: statement.range)
            return nil
        }
        // The lossy and coupled lines' models and those that plug-ins bring may be elsewhere.
        if letter == UInt8(ascii: "n") || letter == UInt8(ascii: "p") || letter == UInt8(ascii: "y")
        {
            return range.lowerBound
        }
        let token = values[range.lowerBound]
        diagnostics.error(
            "unknown-model",
            "there is no model \(statement.text(of: token))"
                + suggestion(
                    for: statement.lowercasedText(of: token), in: modelNames(frame)),
            at: statement.range(of: token))
        return nil
    }

    /// Whether there are models `name.1`, `name.2` … for different sizes.
    private func hasBinnedModel(_ name: String, _ frame: Frame) -> Bool {
        let prefix = name + "."
        return frame.scope.chain.contains { $0.models.keys.contains { $0.hasPrefix(prefix) } }
    }
}

extension Statement {
    /// On the line of a B source, the second `v` or `i` before a `=`; nil where there is one only.
    fileprivate var secondExpression: Token? {
        tokens.indices.filter { index in
            (token(tokens[index], is: "v") || token(tokens[index], is: "i"))
                && index + 2 < tokens.count && tokens[index + 1].kind == .equals
                && tokens[index + 2].kind != .equals
        }.dropFirst().first.map { tokens[$0] }
    }
}
