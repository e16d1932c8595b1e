/// The line of a controlled source given by its response: `Ename n+ n- FREQ {expression} [=] [DB] (f, magnitude,
/// phase) …`, from which ngspice makes a code model.
private struct FrequencyTable {
    let keyword: Token
    /// What the response multiplies.
    let input: Token
    /// The tokens behind the words that say in which form numbers are given.
    let numbers: ArraySlice<Token>
    /// Whether these words follow, or a `=` stands right before the numbers.
    let isAssigned: Bool

    private static let forms: [StaticString] = ["mag", "db", "rad", "deg", "r_i"]

    init?(_ statement: Statement) {
        let tokens = statement.tokens
        guard let place = tokens.indices.dropFirst(2).first(where: { tokens[$0].isValue }),
            let keyword = tokens[place...].filter(\.isValue).prefix(2).first(where: {
                statement.token($0, is: "freq")
            }), let index = tokens.firstIndex(of: keyword), index + 1 < tokens.count,
            tokens[index + 1].kind == .expression
        else { return nil }
        self.keyword = keyword
        input = tokens[index + 1]
        var rest = tokens[(index + 2)...]
        var isAssigned = false
        if rest.first?.kind == .equals {
            _ = rest.popFirst()
            isAssigned = true
        }
        while let word = rest.first, Self.forms.contains(where: { statement.token(word, is: $0) }) {
            _ = rest.popFirst()
            isAssigned = false
        }
        numbers = rest
        self.isAssigned = isAssigned
    }
}

extension Elaborator {
    /// Reads the line of a source that is given by a table of its response, and refuses what ngspice can't read.
    ///
    /// - Returns: false for any other line.
    func readFrequencyTable(_ statement: Statement, by user: String, _ frame: Frame) -> Bool {
        guard let table = FrequencyTable(statement) else { return false }
        func fail(_ message: String, at token: Token) -> Bool {
            diagnostics.error("frequency-table", message, at: statement.range(of: token))
            return true
        }
        guard deck.dialect.hasFrequencyTables else {
            return fail("ngspice reads FREQ from version 42 on", at: table.keyword)
        }
        guard Self.tokenIndex(statement, afterValues: 2) < statement.tokens.count,
            statement.tokens[Self.tokenIndex(statement, afterValues: 2)] == table.keyword
        else { return fail("two nodes must stand before FREQ", at: table.keyword) }
        guard let first = table.numbers.first(where: { $0.isValue }) else {
            return fail("numbers must follow: FREQ {V(a)} DB ( 1k, 0, 0)", at: table.input)
        }
        if table.isAssigned {
            return fail("ngspice can't read these numbers behind the =; leave it out", at: first)
        }
        readInput(ValueText(table.input, in: statement), statement, by: user, frame)
        if let start = table.numbers.first, firstWordLength(of: table.numbers) > 3 {
            return fail(
                "ngspice looks here for a word, and can't read this line; write a blank after the first ( "
                    + "and after the frequency", at: start)
        }
        var values: [Double] = []
        for token in table.numbers {
            if token.kind == .equals {
                return fail("a controlled source with FREQ has no parameters", at: token)
            }
            guard token.isValue else { continue }
            let text = ValueText(token, in: statement)
            guard let value = number(text, frame, "a number of the FREQ table") else { return true }
            noteUse(value, by: user, at: statement.range)
            values.append(value.number)
        }
        let frequencies = stride(from: 0, to: values.count, by: 3).map { values[$0] }
        guard values.count.isMultiple(of: 3), frequencies.allSatisfy({ $0 >= 0 }),
            zip(frequencies, frequencies.dropFirst()).allSatisfy(<=)
        else {
            return fail(
                "a table has three numbers for each frequency, and frequencies that don't fall",
                at: first)
        }
        return true
    }

    /// How many characters stand before the first blank, by which ngspice tells numbers from words.
    private func firstWordLength(of tokens: ArraySlice<Token>) -> Int {
        var end = tokens.first?.range.lowerBound ?? 0
        let start = end
        for token in tokens {
            guard token.range.lowerBound == end else { break }
            end = token.range.upperBound
        }
        return end - start
    }

    /// An expression, or the name of a node.
    private func readInput(
        _ text: ValueText, _ statement: Statement, by user: String, _ frame: Frame
    ) {
        let bytes = text.bytes
        guard !bytes.isEmpty, !bytes[0].isDigit, bytes.allSatisfy(\.isIdentifierByte) else {
            readBehavioural(text.range, statement, by: user, frame)
            return
        }
        let candidates = nodeCandidates(bytes[...], frame)
        references.read.append(References.Read(candidates: candidates, range: text.source))
        references.controls[otherDevices.count, default: []].append([candidates])
    }
}
