/// How names are spelled.
extension PortabilityRule {
    static let lowerCaseDevice = PortabilityRule(
        id: "lower-case-device", summary: "a device whose name begins with a small letter",
        fix: "writes a capital"
    ) { text in
        text.statements.compactMap { statement in
            guard case .device = statement.kind else { return nil }
            let range = statement.name.range
            let first = text.bytes[range.lowerBound]
            guard first.lowercased == first else { return nil }
            let capital = String(UnicodeScalar(first & ~0x20))
            let name = statement.text(of: statement.name)
            return Match(
                range: range,
                message:
                    "spicelib refuses a netlist with a device whose name begins with a small letter; write "
                    + "\(capital)\(name.dropFirst())",
                edits: [TextEdit(range.lowerBound..<(range.lowerBound + 1), capital)])
        }
    }

    static let mixedCase = PortabilityRule(
        id: "mixed-case", summary: "one node, model or source in different spellings",
        fix: "writes the first spelling of a node, and the one of the model or source itself"
    ) { text in
        var matches: [Match] = []
        var definitions = Definitions(text)
        for statement in text.statements {
            for use in definitions.uses(in: statement) {
                let name = statement.text(of: use.token)
                guard let spelling = definitions.spelling(of: use, in: statement), spelling != name,
                    spelling.lowercasedASCII == name.lowercasedASCII
                else { continue }
                let fault =
                    switch use.kind {
                    case .node:
                        "PySpice and neospice take the nodes \(spelling) and \(name) for two"
                    case .model: "neospice finds no model \(name), only \(spelling)"
                    case .source: "PySpice finds no element \(name), only \(spelling)"
                    }
                matches.append(
                    Match(
                        range: use.token.range, message: "\(fault); write \(spelling)",
                        edits: [TextEdit(use.token.range, spelling)]))
            }
            definitions.pass(statement)
        }
        return matches
    }

    static let nonASCIIParameter = PortabilityRule(
        id: "non-ascii-parameter", summary: "a parameter's name with letters beyond ASCII", fix: nil
    ) { text in
        text.statements.flatMap { statement -> [Match] in
            guard statement.isParameterCard else { return [] }
            let tokens = statement.tokens
            return tokens.indices.dropFirst().dropLast().compactMap { index in
                guard tokens[index].kind == .word, tokens[index + 1].kind == .equals,
                    text.bytes[tokens[index].range].contains(where: { !$0.isASCII })
                else { return nil }
                return Match(
                    range: tokens[index].range,
                    message:
                        "ngspice takes letters beyond ASCII in a parameter's name for underscores, and so two "
                        + "names may be one; write it in ASCII")
            }
        }
    }

    static let notUTF8 = PortabilityRule(
        id: "not-utf-8", summary: "bytes that are no UTF-8",
        fix: "writes those of titles and comments, as Latin-1, in UTF-8"
    ) { text in
        text.lines.compactMap { line in
            let bytes = Array(text.bytes[line.range])
            guard !bytes.allSatisfy(\.isASCII), String(validating: bytes, as: UTF8.self) == nil,
                let first = bytes.firstIndex(where: { !$0.isASCII })
            else { return nil }
            let place = line.range.lowerBound + first
            // The data have the names of a directive in the same bytes; and what is UTF-8 in a part was not Latin-1.
            let isRemark =
                [.title, .comment].contains(line.role)
                && !LearningDirectives.isDirective(text.bytes[line.physical.content])
                && !holdsUTF8(bytes)
            return Match(
                range: place..<(place + 1),
                message: "PySpice can't read a netlist that is no UTF-8; save it as UTF-8",
                edits: isRemark
                    ? bytes.indices.filter { !bytes[$0].isASCII }.map {
                        let offset = line.range.lowerBound + $0
                        return TextEdit(
                            offset..<(offset + 1), [0xc0 | bytes[$0] >> 6, 0x80 | bytes[$0] & 0x3f])
                    } : [])
        }
    }

    /// Whether a letter beyond ASCII stands in UTF-8 among these bytes.
    private static func holdsUTF8(_ bytes: [UInt8]) -> Bool {
        var (rest, decoder) = (bytes.makeIterator(), UTF8())
        while true {
            switch decoder.decode(&rest) {
            case .scalarValue(let scalar): if !scalar.isASCII { return true }
            case .error: continue
            case .emptyInput: return false
            }
        }
    }
}

/// What names mean as a netlist is read: nodes of the subcircuit at hand, and models and sources.
private struct Definitions {
    enum Kind { case node, model, source }

    struct Use {
        let kind: Kind
        let token: Token
    }

    /// Nil of a name that two of them have in different spellings: which of them is meant, other tools decide.
    private var models: [String: String?] = [:]
    private var sources: [String: String?] = [:]
    /// By the subcircuit around it, outermost first.
    private var nodes: [[String: String]] = [[:]]
    /// In lower case, the nodes that are the same ones in all subcircuits.
    private var globals: Set<String> = []

    init(_ text: DeckText) {
        for statement in text.deck.statements {
            if statement.cardName == ".global" {
                globals.formUnion(statement.tokens.dropFirst().map(statement.lowercasedText))
            } else if let model = statement.modelName {
                Self.note(statement.text(of: statement.tokens[1]), as: model.text, in: &models)
            } else if case .device(let letter) = statement.kind, "vl".utf8.contains(letter) {
                Self.note(
                    statement.text(of: statement.name),
                    as: statement.lowercasedText(of: statement.name), in: &sources)
            }
        }
    }

    private static func note(
        _ spelling: String, as name: String, in spellings: inout [String: String?]
    ) {
        guard let known = spellings[name] else { return spellings[name] = .some(spelling) }
        if known != spelling { spellings[name] = .some(nil) }
    }

    /// The tokens of a statement that name something.
    func uses(in statement: Statement) -> [Use] {
        let values = statement.tokens.dropFirst().filter(\.isValue)
        func nodes(_ tokens: some Sequence<Token>) -> [Use] {
            tokens.filter { $0.kind == .word }.map { Use(kind: .node, token: $0) }
        }
        switch statement.kind {
        case .card:
            guard [".subckt", ".macro"].contains(statement.cardName) else { return [] }
            // Behind the name, up to the first parameter.
            return nodes(statement.callTokens.dropFirst())
        case .device(UInt8(ascii: "x")): return nodes(statement.callTokens.dropLast())
        case .device(let letter):
            let model = values.firstIndex {
                $0.kind == .word && models[statement.lowercasedText(of: $0)] != nil
            }
            var uses: [Use] = []
            switch letter {
            case UInt8(ascii: "a"): return []
            case _ where "rclvibfh".utf8.contains(letter): uses = nodes(values.prefix(2))
            case _ where "eg".utf8.contains(letter):
                let isPlain =
                    values.count == 5 && !statement.tokens.contains { $0.kind == .equals }
                    && !statement.token(values[2], is: "poly")
                uses = nodes(values.prefix(isPlain ? 4 : 2))
            case UInt8(ascii: "k"):
                uses = values.prefix(2).map { Use(kind: .source, token: $0) }
            default:
                guard let model else { return [] }
                // Its type stands behind at least two nodes.
                uses = nodes(values.prefix(model))
            }
            if "fhw".utf8.contains(letter), values.count > 2 {
                if letter == UInt8(ascii: "w") { uses = nodes(values.prefix(2)) }
                uses.append(Use(kind: .source, token: values[2]))
            }
            if let model, model > 1, "rclwdqmjszuo".utf8.contains(letter) {
                uses.append(Use(kind: .model, token: values[model]))
            }
            return uses
        }
    }

    /// How the name of a use is spelled; the first use of a node decides.
    mutating func spelling(of use: Use, in statement: Statement) -> String? {
        let name = statement.lowercasedText(of: use.token)
        switch use.kind {
        case .model: return models[name] ?? nil
        case .source: return sources[name] ?? nil
        case .node:
            // Which tools know as ground in any case.
            guard name != "gnd" else { return nil }
            var scope = globals.contains(name) ? 0 : nodes.count - 1
            // The ports of a definition are its own.
            if statement.kind == .card {
                nodes.append([:])
                scope += 1
                defer { nodes.removeLast() }
                let before = opened[name]
                opened[name] = before ?? statement.text(of: use.token)
                return before
            }
            if let known = nodes[scope][name] { return known }
            nodes[scope][name] = statement.text(of: use.token)
            return nil
        }
    }

    /// The ports of the definition that is being read.
    private var opened: [String: String] = [:]

    /// Enters and leaves subcircuits.
    mutating func pass(_ statement: Statement) {
        switch statement.cardName {
        case ".subckt", ".macro":
            nodes.append(opened)
            opened = [:]
        case ".ends", ".eom": if nodes.count > 1 { nodes.removeLast() }
        default: break
        }
    }
}
