extension Elaborator {
    /// Evaluates what else is on the line, for errors and to know which parameters it depends on.
    ///
    /// - Returns: what a semiconductor's line and its model say, where that can be read as numbers.
    func readValues(
        _ statement: Statement, _ letter: UInt8, _ name: String, nodeCount: Int, _ form: DeviceForm,
        _ frame: Frame
    ) -> Circuit.Card? {
        if letter == UInt8(ascii: "a") {
            useMentions(of: statement, after: 1, by: name, frame)
            noteModel(statement.tokens.last(where: \.isValue), statement, frame)
            return nil
        }
        checkBounds(statement, letter, name, frame)
        if letter == UInt8(ascii: "m") { checkDrain(statement, nodeCount: nodeCount, frame) }
        let first = Self.tokenIndex(statement, afterValues: nodeCount)
        if form.isControlled, readFrequencyTable(statement, by: name, frame) { return nil }
        if !form.isLinear {
            readBehaviouralLine(
                statement, from: Self.tokenIndex(statement, afterValues: 2),
                isAll: letter == UInt8(ascii: "b"), by: name, frame)
            return nil
        }
        if let card = readCard(statement, letter, nodeCount: nodeCount, frame) {
            checkModelBounds(statement.tokens[first], statement, frame)
            return card
        }
        for index in first..<max(first, statement.tokens.count)
        where statement.tokens[index].isValue {
            let token = statement.tokens[index]
            let text = ValueText(token, in: statement)
            if token.kind == .expression {
                read(text, name, frame)
                continue
            }
            // For what it may have to be warned of: but 2N3904 is the name of a model.
            if model(named: statement.lowercasedText(of: token), frame) == nil {
                _ = literal(text)
                if !form.isControlled, statement.tokens[index - 1].kind != .equals {
                    refuseInfinite(text, "a number of \(name)")
                }
            }
            useMentions(text, by: name, statement.range, frame)
            if statement.tokens[index - 1].kind != .equals { noteModel(token, statement, frame) }
        }
        return nil
    }

    /// The model's part of `noteModel` where its numbers are kept, and so what depends on texts.
    private func checkModelBounds(_ token: Token, _ statement: Statement, _ frame: Frame) {
        guard let (card, owner) = model(named: statement.lowercasedText(of: token), frame),
            owner.checkedModels.insert(card.name).inserted
        else { return }
        checkBounds(card, owner)
    }

    /// Reads the expressions of the model that a token names, if it does, once for each use of its scope.
    private func noteModel(_ token: Token?, _ statement: Statement, _ frame: Frame) {
        guard let token, token.kind == .word,
            let (card, owner) = model(named: statement.lowercasedText(of: token), frame),
            owner.notedModels.insert(card.name).inserted
        else { return }
        if owner.checkedModels.insert(card.name).inserted { checkBounds(card, owner) }
        let user = "the model \(card.name)"
        let tokens = card.statement.tokens
        for index in tokens.indices.dropFirst(card.firstParameter) where tokens[index].isValue {
            let token = tokens[index]
            let text = ValueText(token, in: card.statement)
            if token.kind == .expression {
                read(text, user, owner)
            } else {
                // ngspice keeps the version of a model, 3.2.4, as text.
                let isVersion =
                    index > 1 && tokens[index - 1].kind == .equals
                    && card.statement.lowercasedText(of: tokens[index - 2]) == "version"
                if !isVersion { _ = literal(text) }
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
        noteUse(value, by: user, at: text.source)
    }

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
                noteUse(value, by: user, at: range)
            }
        }
    }

    /// Warns of cards with which plain `ngspice -b` prints no operating point of this deck, or another one.
    /// Measured with ngspice 39.3.
    private func checkAnalyses() {
        let cards = reader.passives.filter { $0.1 === top.scope && !$0.0.isForeign }.map(\.0)
        let names = Set(cards.map { DotCard.canonicalName(of: $0.cardName) })
        let isSaved = !names.isDisjoint(with: [".save", ".probe"])
        func isPrinted(_ analysis: StaticString) -> Bool {
            cards.contains { card in
                [".print", ".plot"].contains(card.cardName)
                    && card.tokens.contains { card.token($0, is: analysis) }
            }
        }
        for card in cards {
            let effect: String
            switch DotCard.canonicalName(of: card.cardName) {
            case ".tf" where names.contains(".op") && !isSaved:
                effect =
                    "beside this card, ngspice -b ends with an error after the .op; add .save all"
            case ".dc"
            where names.contains(".op") && !isSaved && !isPrinted("dc") && card.changesCircuit:
                effect =
                    "ngspice -b prints the first point of this card in place of the .op; add .save all"
            case ".disto" where !isSaved && !isPrinted("disto"):
                effect = "without a card such as .save all, ngspice -b crashes at this one; add it"
            case ".probe" where card.tokens.contains { card.token($0, is: "alli") }:
                guard let fault = unprobed else { continue }
                effect = "at this card ngspice -b fails on \(fault); make it a comment"
            default: continue
            }
            diagnostics.warning("analysis-beside", effect, at: card.range(of: card.name))
        }
    }

    /// A node at the top level in which ngspice can't put an ammeter.
    private var unprobed: String? {
        for (index, node) in nodes.all.enumerated().dropFirst()
        where !nodes.firstDevices[index].contains(".") {
            if node.name.contains("(") { return "the parentheses in the name \(node.name)" }
            if !connections.isUsed(index) {
                return "the node \(node.name), to which nothing is connected"
            }
        }
        return nil
    }

    /// Analyses, output and initial conditions: no part of the circuit, but ngspice stops at an
    /// expression that it can't evaluate, and a changed parameter would change them.
    func readPassives() {
        checkAnalyses()
        for (statement, scope) in reader.passives where scope === top.scope {
            let name = "the \(statement.cardName) line"
            let card = DotCard.canonicalName(of: statement.cardName)
            for token in statement.tokens.dropFirst() {
                if token.kind == .expression, !DotCard.unevaluated.contains(card) {
                    read(ValueText(token, in: statement), name, top)
                } else if token.isValue {
                    useMentions(
                        ValueText(token, in: statement), by: name, statement.range, top)
                }
            }
        }
    }
}

extension Statement {
    /// Whether a `.dc` card sweeps what ngspice can: an independent source, a resistor or the temperature.
    fileprivate var changesCircuit: Bool {
        guard let swept = tokens.dropFirst().first(where: \.isValue) else { return false }
        return token(swept, is: "temp")
            || file.bytes[swept.range].first.map { "vir".utf8.contains($0.lowercased) } ?? false
    }
}
