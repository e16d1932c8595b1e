/// How values are written.
extension PortabilityRule {
    static let blankAroundEquals = PortabilityRule(
        id: "blank-around-equals", summary: "blanks around the = of a parameter",
        fix: "takes them out"
    ) { text in
        text.statements.flatMap { statement -> [Match] in
            let passed = [
                ".if", ".elseif", ".print", ".plot", ".save", ".probe", ".four", ".title",
            ]
            guard !passed.contains(where: statement.cardName.hasPrefix), !statement.isForeign else {
                return []
            }
            let tokens = statement.tokens
            return tokens.indices.dropFirst().dropLast().compactMap { index in
                let (name, sign, value) = (tokens[index - 1], tokens[index], tokens[index + 1])
                guard sign.kind == .equals, name.kind == .word, value.isValue,
                    text.bytes[name.range].allSatisfy(\.isIdentifierByte)
                else { return nil }
                let gaps = [
                    name.range.upperBound..<sign.range.lowerBound,
                    sign.range.upperBound..<value.range.lowerBound,
                ].filter { !$0.isEmpty && text.isBlank($0) }
                guard !gaps.isEmpty else { return nil }
                let word = statement.text(of: name)
                return Match(
                    range: sign.range,
                    message:
                        "PySpice knows no = with blanks on a device's line, and neospice leaves a "
                        + "subcircuit with such a parameter out; write \(word)=\(shown(statement.text(of: value)))",
                    edits: gaps.map { TextEdit($0, "") })
            }
        }
    }

    static let nodePunctuation = PortabilityRule(
        id: "node-punctuation", summary: "parentheses or commas among a device's nodes",
        fix: "writes blanks in their place"
    ) { text in
        text.statements.compactMap { statement in
            guard case .device(let letter) = statement.kind, "rclvibdfhegsw".utf8.contains(letter)
            else { return nil }
            let tokens = statement.tokens
            let values = tokens.indices.filter { tokens[$0].isValue }
            guard values.count > 2 else { return nil }
            var last = values[2]
            func isSign(_ index: Int) -> Bool {
                index < tokens.count
                    && (tokens[index].kind == .rightParenthesis || tokens[index].kind == .comma)
            }
            // Controlling nodes, perhaps in parentheses of their own.
            let hasFourNodes =
                "eg".utf8.contains(letter) && values.count > 4
                && (isSign(last + 1) && tokens[values[3] - 1].kind == .leftParenthesis
                    || values.count == 6 && !tokens.contains { $0.kind == .equals }
                        && !statement.token(tokens[values[3]], is: "poly"))
                || letter == UInt8(ascii: "s") && values.count > 5
            if hasFourNodes { last = values[4] }
            while isSign(last + 1) { last += 1 }
            let signs = tokens[1...last].filter { !$0.isValue }
            guard let first = signs.first, signs.allSatisfy({ $0.kind != .equals }) else {
                return nil
            }
            return Match(
                range: first.range,
                message:
                    "spicelib refuses a device whose nodes stand in parentheses or have commas between "
                    + "them, and neospice leaves it out; write blanks",
                edits: signs.map { TextEdit($0.range, " ") })
        }
    }

    static let namedResistance = PortabilityRule(
        id: "named-resistance", summary: "r= before a resistor's value", fix: "takes r= out"
    ) { text in
        text.statements.compactMap { statement in
            let tokens = statement.tokens
            guard statement.kind == .device(UInt8(ascii: "r")), tokens.count > 5,
                tokens[1].isValue, tokens[2].isValue, tokens[4].kind == .equals, tokens[5].isValue,
                statement.token(tokens[3], is: "r") || statement.token(tokens[3], is: "resistance")
            else { return nil }
            let value = tokens[5]
            let isNumber =
                value.kind == .word && SpiceNumber.parse(statement.text(of: value)) != nil
            let isConstant =
                value.kind == .expression
                && !BehaviouralText.isWanted(statement.bytes(of: value))
            // Of two values ngspice would take the other.
            let isAlone =
                tokens.count == 6
                || tokens.count > 7 && tokens[6].kind == .word && tokens[7].kind == .equals
            let range = tokens[3].range.lowerBound..<value.range.lowerBound
            let isMended =
                (isNumber || isConstant) && isAlone && !text.bytes[range].contains(Byte.lineFeed)
            return Match(
                range: tokens[3].range,
                message: "neospice leaves a resistor out whose value has a name; "
                    + (isMended
                        ? "write \(shown(statement.text(of: value))) without \(statement.text(of: tokens[3]))="
                        : "write a number or an expression in braces right behind the nodes"),
                edits: isMended ? [TextEdit(range, "")] : [])
        }
    }

    static let dcWithEquals = PortabilityRule(
        id: "dc-with-equals", summary: "dc= before a source's value", fix: "writes dc without ="
    ) { text in
        text.statements.compactMap { statement in
            let tokens = statement.tokens
            guard
                [.device(UInt8(ascii: "v")), .device(UInt8(ascii: "i"))].contains(statement.kind),
                let index = tokens.indices.dropLast(2).first(where: {
                    $0 > 2 && statement.token(tokens[$0], is: "dc")
                        && tokens[$0 + 1].kind == .equals
                }), tokens[index + 2].isValue
            else { return nil }
            let range = tokens[index].range.upperBound..<tokens[index + 2].range.lowerBound
            let word = statement.text(of: tokens[index])
            return Match(
                range: tokens[index].range,
                message: "neospice takes a source with \(word)= for one of 0; write "
                    + "\(word) \(shown(statement.text(of: tokens[index + 2])))",
                edits: text.bytes[range].contains(Byte.lineFeed) ? [] : [TextEdit(range, " ")])
        }
    }

    /// A text as a message has room for.
    private static func shown(_ text: String) -> String {
        text.count <= 40 ? text : text.prefix(37) + "…"
    }
}
