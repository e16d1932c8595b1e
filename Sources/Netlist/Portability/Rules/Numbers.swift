/// Numbers that tools read differently.
extension PortabilityRule {
    static let unequalNumber = PortabilityRule(
        id: "unequal-number", summary: "a suffix or an exponent that tools read differently",
        fix: "writes the number as all read it"
    ) { text in
        text.numberTokens.compactMap { statement, token in
            let word = statement.text(of: token)
            // What the deck's reader warns of is said.
            guard !statement.isContinued || !word.contains("\n"),
                let number = SpiceNumber.parse(word, in: text.deck.dialect), number.warning == nil,
                let odd = OddNumber(Array(word.utf8))
            else { return nil }
            let range = token.range
            func match(_ read: String, _ remedy: String, _ edits: [TextEdit]) -> Match {
                Match(
                    range: range,
                    message:
                        "ngspice reads \(word) as \(SpiceNumber.shortest(number.value)), and spicelib "
                        + "as \(read); write \(remedy)", edits: edits)
            }
            let start = range.lowerBound + odd.digits
            let digits = String(decoding: word.utf8.prefix(odd.digits), as: UTF8.self)
            let rest = String(decoding: word.utf8.dropFirst(odd.digits), as: UTF8.self)
            switch odd.kind {
            case .mega:
                return match(
                    digits + (rest.utf8.first == UInt8(ascii: "m") ? "m" : "Meg"), "\(digits)Meg",
                    [TextEdit(start..<(start + 3), "Meg")])
            case .mil:
                let text = SpiceNumber.shortest(number.value)
                return match(
                    digits + (rest.utf8.first == UInt8(ascii: "m") ? "m" : "Meg"), text,
                    [TextEdit(range, text)])
            case .farad:
                // What was meant is not for a program to say.
                return match(digits, "\(digits)f, or \(digits) for farads", [])
            case .exponent:
                return match(
                    digits, "\(digits)e\(rest.dropFirst())",
                    [TextEdit(start..<(start + 1), "e")])
            }
        }
    }

    static let microSign = PortabilityRule(
        id: "micro-sign", summary: "µ in a number or a name", fix: "writes u"
    ) { text in
        text.statements.flatMap { statement in
            statement.tokens.filter { $0.kind == .word }.compactMap { token -> Match? in
                let bytes = Array(text.bytes[token.range])
                guard bytes.contains(0xb5), String(validating: bytes, as: UTF8.self) != nil else {
                    return nil
                }
                let edits = bytes.indices.dropLast().filter {
                    bytes[$0] == 0xc2 && bytes[$0 + 1] == 0xb5
                }.map {
                    TextEdit(
                        (token.range.lowerBound + $0)..<(token.range.lowerBound + $0 + 2), "u")
                }
                guard !edits.isEmpty else { return nil }
                return Match(
                    range: token.range,
                    message:
                        "neospice takes no notice of a µ in a number, and in a name for another letter "
                        + "than u, which ngspice reads; write u", edits: edits)
            }
        }
    }

    static let extremeResistance = PortabilityRule(
        id: "extreme-resistance", summary: "a resistor outside of 10 mΩ to 100 MΩ", fix: nil
    ) { text in
        var seen: Set<Int> = []
        return text.circuit.resistors.compactMap { resistor in
            let resistance = resistor.resistance.magnitude
            guard resistor.range.file == text.deck.file, !(resistance >= 1e-2 && resistance <= 1e8),
                seen.insert(resistor.range.bytes.lowerBound).inserted
            else { return nil }
            let value = SpiceNumber.shortest(resistor.resistance)
            return Match(
                range: resistor.range.bytes,
                message: "\(resistor.name) has \(value) Ω: "
                    + (resistance < 1e-2
                        ? "1 mA makes less than 10 uV across it, and a simulator's own tolerance of voltages is 1 uV "
                            + "in ngspice; take a source of 0 V for a wire, or at least 10m"
                        : "1 V makes less than 10 nA through it, where a junction of ngspice has 1 pA by gmin, and "
                            + "currents a tolerance of 1 pA; take at most 100Meg, or leave it out"))
        }
    }
}

/// What of a number's spelling tools read differently.
private struct OddNumber {
    enum Kind { case mega, mil, farad, exponent }
    let kind: Kind
    /// How many bytes stand before it.
    let digits: Int

    init?(_ word: [UInt8]) {
        var index = word.first == Byte.plus || word.first == Byte.minus ? 1 : 0
        while index < word.count, word[index].isDigit || word[index] == Byte.dot { index += 1 }
        if index < word.count, word[index] | 0x20 == UInt8(ascii: "e") {
            var end = index + 1
            if end < word.count, word[end] == Byte.plus || word[end] == Byte.minus { end += 1 }
            if end < word.count, word[end].isDigit {
                index = end
                while index < word.count, word[index].isDigit { index += 1 }
            }
        }
        digits = index
        let rest = word[index...]
        if rest.count > 1, rest[index] | 0x20 == UInt8(ascii: "d"), rest[index + 1].isDigit {
            kind = .exponent
        } else if rest.hasPrefixCaseInsensitively("meg"), !rest.starts(with: "Meg".utf8),
            !rest.starts(with: "MEG".utf8)
        {
            kind = .mega
        } else if rest.hasPrefixCaseInsensitively("mil") {
            kind = .mil
        } else if rest.first == UInt8(ascii: "F") {
            kind = .farad
        } else {
            return nil
        }
    }
}

extension DeckText {
    /// The words that can only be numbers: behind =, and behind the nodes of resistors, capacitors, inductors and
    /// sources.
    fileprivate var numberTokens: [(statement: Statement, token: Token)] {
        statements.flatMap { statement -> [(statement: Statement, token: Token)] in
            let tokens = statement.tokens
            var firstValue = Int.max
            if case .device(let letter) = statement.kind, "rclvi".utf8.contains(letter) {
                let values = tokens.indices.filter { tokens[$0].isValue }
                if values.count > 3 { firstValue = values[3] }
            }
            return tokens.indices.dropFirst().filter {
                tokens[$0].kind == .word
                    && ($0 >= firstValue || tokens[$0 - 1].kind == .equals)
            }.map { (statement, tokens[$0]) }
        }
    }
}
