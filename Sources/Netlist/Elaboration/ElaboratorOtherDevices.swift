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
        if letter == UInt8(ascii: "e"), let fault = statement.multiInputFault(values) {
            diagnostics.add(fault)
        }
        if form.isControlled, !form.isLinear,
            let fault = statement.polynomialFault(letter, name) ?? statement.tableFault()
        {
            diagnostics.add(fault)
        }
        if form.isControlled, form.isLinear, let fault = statement.missingGain(letter, name) {
            diagnostics.add(fault)
            guard fault.severity == .warning else {
                excuse(nodes)
                return
            }
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
        if letter == UInt8(ascii: "b"), let key = statement.behaviourKeys.first {
            otherDevices[otherDevices.count - 1].givesVoltage = statement.token(key, is: "v")
        }
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
            let found = model(named: word, frame)?.0
            if let found {
                refuseDerived(found)
                warnOfIgnoredParameters(found)
            }
            if found != nil || hasBinnedModel(word, frame) { return index }
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
        let token = statement.likelyModel(among: values, at: range)
        diagnostics.error(
            "unknown-model",
            "there is no model \(statement.text(of: token))"
                + suggestion(
                    for: statement.lowercasedText(of: token), in: modelNames(frame)),
            at: statement.range(of: token))
        return nil
    }

    /// Models that are made of others are PSpice's: elsewhere ngspice finds no type in them.
    private func refuseDerived(_ card: Scope.ModelCard) {
        let statement = card.statement
        guard card.base != nil, !deck.translates(statement, from: .pspice),
            let word = statement.tokens.first(where: {
                statement.lowercasedText(of: $0).hasPrefix("ako:")
            })
        else { return }
        let range = statement.range(of: word)
        // Once, however many devices use it.
        guard reservedNames.insert("\(range.bytes.lowerBound) \(card.name)").inserted else {
            return
        }
        diagnostics.error(
            "derived-model",
            "ngspice reads a model that is made of another as PSpice only: --compat ps,a, "
                + "or *.learn compat ps,a; or write out all of its parameters", at: range)
    }

    /// Whether there are models `name.1`, `name.2` … for different sizes.
    private func hasBinnedModel(_ name: String, _ frame: Frame) -> Bool {
        let prefix = name + "."
        return frame.scope.chain.contains { $0.models.keys.contains { $0.hasPrefix(prefix) } }
    }
}

extension Statement {
    /// What is wrong with an E line whose output is made by `nand(2)` or its kin: ngspice knows it without a
    /// blank only, and ends where nodes have commas between them or where two points with commas don't follow.
    fileprivate func multiInputFault(_ values: [Token]) -> Diagnostic? {
        let functions: [StaticString] = ["nand", "and", "nor", "or"]
        guard values.count > 3, functions.contains(where: { token(values[2], is: $0) }),
            let count = Int(text(of: values[3])), (1...1000).contains(count),
            let open = tokens.firstIndex(of: values[2]), open + 1 < tokens.count,
            tokens[open + 1].kind == .leftParenthesis
        else { return nil }
        let name = text(of: values[2])
        guard values[2].range.upperBound == tokens[open + 1].range.lowerBound else {
            return Diagnostic(
                "glued-parenthesis",
                "ngspice reads no blank here: write \(name)(\(count))", at: range(of: values[2]))
        }
        let inputs = values.dropFirst(4).prefix(2 * count)
        if let last = inputs.last {
            let text = tokens.dropFirst(open + 4).prefix { $0 != last }
            let parenthesis = text.first { $0.kind == .leftParenthesis }
            if parenthesis != nil || values.count == 8 + 2 * count,
                let comma = text.first(where: { $0.kind == .comma })
            {
                return Diagnostic(
                    "unexpected-text",
                    parenthesis == nil
                        ? "ngspice reads no commas between the inputs of \(name): leave them out"
                        : "ngspice reads no parentheses with commas around the inputs of \(name): "
                            + "leave them out",
                    at: range(of: parenthesis ?? comma))
            }
        }
        let numbers = Array(values.dropFirst(4 + 2 * count))
        func gap(_ index: Int) -> [UInt8] {
            bytes(in: numbers[index].range.upperBound..<numbers[index + 1].range.lowerBound)
        }
        guard
            numbers.count != 4 || !gap(0).contains(Byte.comma) || !gap(2).contains(Byte.comma)
                || !gap(1).contains(where: \.isBlank)
        else { return nil }
        return Diagnostic(
            "bad-points",
            "behind \(name)(\(count)), ngspice reads the two nodes of each input and two points, with a comma "
                + "in each and a blank between: x1,y1 x2,y2",
            at: range(of: numbers.dropFirst(4).first ?? values.last ?? values[2]))
    }

    /// The value that is to name a model where none does: the last one before parameters that is no number, for
    /// nodes may be names, too.
    fileprivate func likelyModel(among values: [Token], at range: ClosedRange<Int>) -> Token {
        var words = values[...]
        if let equals = tokens.first(where: { $0.kind == .equals }) {
            words = words.prefix { $0.range.lowerBound < equals.range.lowerBound }.dropLast()
        }
        let candidates = words.dropFirst(range.lowerBound).prefix(range.count)
            .prefix { !token($0, is: "off") }
        return candidates.last {
            let number = SpiceNumber.parse(text(of: $0))
            return number == nil || number?.suspicion?.isCutShort == true
        } ?? values[range.lowerBound]
    }

    /// On the line of a B source, the second `v` or `i` before a `=`; nil where there is one only.
    fileprivate var secondExpression: Token? { behaviourKeys.dropFirst().first }

    /// On the line of a B source, each `v` or `i` before a `=`.
    fileprivate var behaviourKeys: [Token] {
        tokens.indices.filter { index in
            (token(tokens[index], is: "v") || token(tokens[index], is: "i"))
                && index + 2 < tokens.count && tokens[index + 1].kind == .equals
                && tokens[index + 2].kind != .equals
        }.map { tokens[$0] }
    }
}
