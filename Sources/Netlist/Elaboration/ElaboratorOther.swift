/// How many of a device's first values are nodes, and how it conducts at DC.
private struct DeviceShape {
    enum NodeCount {
        case fixed(Int)
        /// Up to the model's name, which stands after at least and at most so many nodes.
        case upToModel(ClosedRange<Int>)
    }

    enum Conduction {
        /// Fixes the voltage between its first two nodes.
        case voltage
        case between(Int, Int)
        /// Between all its nodes, as far as can be told.
        case all
        case none
        /// Not by voltages and currents: nothing can be said of its nodes.
        case unknown
    }

    let nodes: NodeCount
    let conduction: Conduction
    var isLinear = false

    static let shapes: [UInt8: DeviceShape] = {
        func fixed(_ count: Int, _ conduction: Conduction, linear: Bool = false) -> DeviceShape {
            DeviceShape(nodes: .fixed(count), conduction: conduction, isLinear: linear)
        }
        func model(_ range: ClosedRange<Int>, _ conduction: Conduction) -> DeviceShape {
            DeviceShape(nodes: .upToModel(range), conduction: conduction)
        }
        let shapes: KeyValuePairs<Character, DeviceShape> = [
            "a": fixed(0, .unknown), "b": fixed(2, .between(0, 1)),
            "c": fixed(2, .none, linear: true), "d": model(2...3, .all),
            "e": fixed(4, .voltage, linear: true), "f": fixed(2, .between(0, 1), linear: true),
            "g": fixed(4, .between(0, 1), linear: true), "h": fixed(2, .voltage, linear: true),
            "j": model(3...3, .all), "k": fixed(0, .none, linear: true),
            "l": fixed(2, .voltage, linear: true), "m": model(3...7, .all),
            "n": model(1...20, .unknown), "o": model(4...4, .all),
            "p": model(2...100, .unknown), "q": model(3...5, .all),
            "s": model(4...4, .between(0, 1)),
            "t": fixed(4, .all), "u": model(3...3, .all), "w": fixed(2, .between(0, 1)),
            "y": model(4...4, .all), "z": model(3...3, .all),
        ]
        var table: [UInt8: DeviceShape] = [:]
        for (letter, shape) in shapes { table[letter.asciiValue ?? 0] = shape }
        return table
    }()
}

/// What devices mention by name and may be defined later.
struct References {
    enum Node {
        case index(Int)
        case name(String)

        func index(in table: NodeTable) -> Int? {
            switch self {
            case .index(let index): index
            case .name(let name): table.index(of: name)
            }
        }
    }

    struct Read {
        let candidates: [Node]
        let range: SourceRange
    }

    struct Device {
        let ngspiceName: String
        /// Whether the current through it is read, which ngspice has only for sources of voltage.
        let isCurrentRead: Bool
        let range: SourceRange
    }

    /// Nodes that a device may drive.
    var driven: [[Node]] = []
    /// Nodes whose voltage an expression takes.
    var read: [Read] = []
    var devices: [Device] = []
}

extension Elaborator {
    /// Every device that is no resistor, independent source or subcircuit call.
    func elaborateOther(_ statement: Statement, _ letter: UInt8, _ frame: Frame) {
        guard let (name, ngspiceName) = names(statement, letter, frame),
            let shape = DeviceShape.shapes[letter]
        else { return }
        let values = statement.tokens.dropFirst().filter(\.isValue)
        let form = Form(statement, letter, values)
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
        for node in nodes { connections.attach(node) }
        if letter == UInt8(ascii: "a") { noteCodeModelNodes(values, statement, frame) }
        noteReferences(statement, letter, values, form, frame)
        connect(nodes, shape.conduction, form, name, statement.range(of: statement.name))
        readValues(statement, letter, name, nodeCount: count, form, frame)
        var isLinear = shape.isLinear && form.isLinear
        var transfer: Circuit.Transfer?
        if isLinear, form.isControlled {
            switch readTransfer(statement, letter, nodes: nodes, frame) {
            case .transfer(let read): transfer = read
            case .unknown: break
            case .other: isLinear = false
            }
        }
        otherDevices.append(
            Circuit.Device(
                name: name, ngspiceName: ngspiceName,
                letter: Character(UnicodeScalar(letter)), nodes: nodes, isLinear: isLinear,
                transfer: transfer, range: statement.range(of: statement.name)))
    }

    /// How a controlled source, capacitor or inductor gives its value.
    private struct Form {
        var isLinear = true
        var isCurrent = false
        /// E, F, G or H.
        let isControlled: Bool

        init(_ statement: Statement, _ letter: UInt8, _ values: [Token]) {
            isControlled = "efgh".utf8.contains(letter)
            guard values.count > 2 else { return }
            switch letter {
            case UInt8(ascii: "e"), UInt8(ascii: "g"), UInt8(ascii: "f"), UInt8(ascii: "h"):
                let words: [StaticString] = [
                    "poly", "value", "vol", "cur", "table", "laplace", "freq", "vcvs", "vccs",
                ]
                isLinear = !values.dropFirst(2).contains { token in
                    words.contains { statement.token(token, is: $0) }
                }
                if values[2].kind == .expression { isLinear = false }
            case UInt8(ascii: "b"):
                isLinear = false
                isCurrent = values.dropFirst(2).contains { statement.token($0, is: "i") }
            case UInt8(ascii: "c"), UInt8(ascii: "l"):
                // A value that depends on the circuit's state.
                isLinear = !BehaviouralText.isWanted(statement.bytes(in: statement.range.bytes))
            default: isLinear = true
            }
        }
    }

    private func connect(
        _ nodes: [Int], _ conduction: DeviceShape.Conduction, _ form: Form, _ name: String,
        _ range: SourceRange
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
        // The lossy and coupled lines' models and those that plug-ins bring may be elsewhere.
        if letter == UInt8(ascii: "n") || letter == UInt8(ascii: "p") || letter == UInt8(ascii: "y")
        {
            return min(range.lowerBound, values.count)
        }
        let name = statement.text(of: statement.name)
        guard values.count > range.lowerBound else {
            diagnostics.error(
                "missing-model", "\(name) needs \(range.lowerBound) nodes and a model",
                at: statement.range)
            return nil
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

    // MARK: References

    /// The nodes of an A device, each of which it may drive. Its spelling (`[a`, `~b`, `%vd(a b)`) doesn't
    /// tell analog nodes from those of logic, which have no voltage.
    private func noteCodeModelNodes(_ values: [Token], _ statement: Statement, _ frame: Frame) {
        for token in values.dropLast() where token.kind == .word {
            let bytes = statement.file.bytes[token.range]
            let name = bytes.drop { "[]~".utf8.contains($0) }.prefix { $0 != UInt8(ascii: "]") }
            guard let first = name.first, first != UInt8(ascii: "%"),
                !name.isCaseInsensitively("null")
            else { continue }
            let range = name.startIndex..<name.endIndex
            let index = node(Token(kind: .word, range: range), statement, frame)
            references.driven.append([.index(index)])
        }
    }

    /// The nodes that a name in a frame can mean, the likeliest first.
    func nodeCandidates(_ bytes: ArraySlice<UInt8>, _ frame: Frame) -> [References.Node] {
        let name = NodeTable.ngspiceText(bytes)
        if name == "0" || name == "gnd" { return [.index(0)] }
        if let port = frame.ports[name] { return [.index(port)] }
        if frame.isTop { return [.name(name)] }
        return [.name(frame.ngspicePrefix + name), .name(name)]
    }

    /// The voltage source of F, H and W, the inductors of K.
    private func noteReferences(
        _ statement: Statement, _ letter: UInt8, _ values: [Token], _ form: Form, _ frame: Frame
    ) {
        let tokens: ArraySlice<Token>
        let isCurrentRead = letter != UInt8(ascii: "k")
        switch letter {
        case UInt8(ascii: "f"), UInt8(ascii: "h"), UInt8(ascii: "w"):
            guard form.isLinear else { return }
            tokens = values.dropFirst(2).prefix(1)
            if tokens.isEmpty {
                diagnostics.error(
                    "missing-source",
                    "the name of a voltage source must follow the nodes", at: statement.range)
            }
        case UInt8(ascii: "k"):
            tokens = values.prefix(2)
            if values.count < 3 {
                diagnostics.error(
                    "missing-value", "a coupling needs two inductors and a factor",
                    at: statement.range)
            }
        default: return
        }
        for token in tokens {
            guard let name = deviceName(token, statement, frame) else { continue }
            references.devices.append(
                References.Device(
                    ngspiceName: name, isCurrentRead: isCurrentRead,
                    range: statement.range(of: token)))
        }
    }

    /// ngspice's name of the device that a token names; nil where it is no name.
    func deviceName(_ token: Token, _ statement: Statement, _ frame: Frame) -> String? {
        guard token.kind == .word else { return nil }
        let local = NodeTable.ngspiceText(statement.file.bytes[token.range])
        return local.utf8.first.map { frame.deviceName(local, letter: $0) }
    }

    /// Looks up what devices mention, once all devices are known.
    func checkReferences() {
        for candidates in references.driven {
            for index in candidates.compactMap({ $0.index(in: nodes) }).prefix(1) {
                connections.attach(index, index)
                connections.conduct(index, 0)
            }
        }
        for read in references.read {
            if let index = read.candidates.lazy.compactMap({ $0.index(in: self.nodes) }).first {
                connections.attach(index)
            } else if references.driven.isEmpty {
                let name = read.range.file.bytes[read.range.bytes].text
                diagnostics.error(
                    "unknown-node",
                    "no device is connected to the node \(name)"
                        + suggestion(for: name, in: nodes.all.map(\.name)),
                    at: read.range)
            }
        }
        for device in references.devices {
            let name = device.range.file.bytes[device.range.bytes].text
            if !hasDevice(device.ngspiceName) {
                diagnostics.error(
                    "unknown-device",
                    "there is no device \(name)"
                        + suggestion(for: name, in: sources.map(\.name)),
                    at: device.range)
            } else if device.isCurrentRead,
                !"vehb".utf8.contains(device.ngspiceName.utf8.first ?? 0)
            {
                diagnostics.error(
                    "no-branch-current",
                    "ngspice knows the current through sources of voltage only; "
                        + "put one of 0 V in series with \(name)",
                    at: device.range)
            }
        }
    }

    /// Evaluates what else is on the line, for errors and to know which parameters it depends on.
    private func readValues(
        _ statement: Statement, _ letter: UInt8, _ name: String, nodeCount: Int, _ form: Form,
        _ frame: Frame
    ) {
        if letter == UInt8(ascii: "a") {
            useMentions(of: statement, after: 1, by: name, frame)
            noteModel(statement.tokens.last(where: \.isValue), statement, frame)
            return
        }
        let first = Self.tokenIndex(statement, afterValues: nodeCount)
        if !form.isLinear {
            readBehaviouralLine(
                statement, from: Self.tokenIndex(statement, afterValues: 2),
                isAll: letter == UInt8(ascii: "b"), by: name, frame)
            return
        }
        for index in first..<max(first, statement.tokens.count)
        where statement.tokens[index].isValue {
            let token = statement.tokens[index]
            let text = ValueText(token, in: statement)
            if token.kind == .expression {
                read(text, name, frame)
                continue
            }
            useMentions(text, by: name, statement.range, frame)
            if statement.tokens[index - 1].kind != .equals { noteModel(token, statement, frame) }
        }
    }

    /// Reads the expressions of the model that a token names, if it does, once for each use of its scope.
    private func noteModel(_ token: Token?, _ statement: Statement, _ frame: Frame) {
        guard let token, token.kind == .word,
            let (card, owner) = model(named: statement.lowercasedText(of: token), frame),
            owner.notedModels.insert(card.name).inserted
        else { return }
        let user = "the model \(card.name)"
        for token in card.statement.tokens[card.firstParameter...] where token.isValue {
            let text = ValueText(token, in: card.statement)
            if token.kind == .expression {
                read(text, user, owner)
            } else {
                useMentions(text, by: user, card.statement.range, owner)
            }
        }
    }

    /// The index of the first token after the name and so many values.
    static func tokenIndex(_ statement: Statement, afterValues count: Int) -> Int {
        var left = count
        for (index, token) in statement.tokens.enumerated().dropFirst() where token.isValue {
            if left == 0 { return index }
            left -= 1
        }
        return statement.tokens.count
    }

    private func read(_ text: ValueText, _ user: String, _ frame: Frame) {
        guard case .number(let value) = evaluate(text, frame) else { return }
        textUses.use(value, by: user, at: text.source)
    }

    // MARK: Mentions

    /// Notes that a statement depends on each parameter that its text names.
    func useMentions(of statement: Statement, after first: Int, by user: String, _ frame: Frame) {
        guard statement.tokens.count > first else { return }
        let range =
            statement.tokens[first].range.lowerBound..<statement.range.bytes.upperBound
        useMentions(ValueText(range, in: statement), by: user, statement.range, frame)
    }

    func useMentions(
        _ text: ValueText, by user: String, _ range: SourceRange, _ frame: Frame
    ) {
        guard !hasNoParameters(frame) else { return }
        let bytes = text.bytes
        var index = 0
        while let word = bytes.nextWord(from: &index) {
            guard !bytes[word.lowerBound].isDigit else { continue }
            let name = bytes[word].lowercasedText
            if case .success(let value) = parameter(name, in: frame) {
                textUses.use(value, by: user, at: range)
            }
        }
    }

    /// Analyses, output and initial conditions: no part of the circuit, but ngspice stops at an
    /// expression that it can't evaluate, and a changed parameter would change them.
    func readPassives() {
        for (statement, scope) in reader.passives where scope === top.scope {
            let name = "the \(statement.cardName) line"
            for token in statement.tokens.dropFirst() {
                if token.kind == .expression, !statement.cardName.hasPrefix(".meas"),
                    ![".print", ".plot", ".save", ".probe"].contains(statement.cardName)
                {
                    read(ValueText(token, in: statement), name, top)
                } else if token.isValue {
                    useMentions(
                        ValueText(token, in: statement), by: name, statement.range, top)
                }
            }
        }
    }
}
