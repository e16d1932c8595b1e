extension Elaborator {
    /// Finds the models that the `.if` lines of a scope select.
    func selectModels(_ frame: Frame) {
        for statement in frame.scope.statements where statement.kind == .card {
            if statement.cardName != ".model" {
                readCondition(statement, frame)
            } else if frame.conditions.isActive, let card = ScopeReader.modelCard(statement),
                frame.conditionalModels[card.name] == nil
            {
                frame.conditionalModels[card.name] = card
            }
        }
        frame.conditions = ConditionStack()
    }

    func readCondition(_ statement: Statement, _ frame: Frame) {
        switch statement.cardName {
        case ".if":
            // ngspice evaluates each condition, also where it doesn't matter.
            let condition = isTrue(statement, frame)
            frame.conditions.open(condition)
        case ".elseif":
            frame.conditions.next(isTrue(statement, frame))
        case ".else": frame.conditions.next(true)
        case ".endif": frame.conditions.close()
        default: break
        }
    }

    private func isTrue(_ statement: Statement, _ frame: Frame) -> Bool {
        guard statement.tokens.count > 2, statement.tokens[1].kind == .leftParenthesis else {
            diagnostics.error(
                "bad-condition",
                "ngspice stops at a condition without parentheses; write .if (a == b)",
                at: statement.range)
            return false
        }
        let range = statement.tokens[1].range.lowerBound..<statement.range.bytes.upperBound
        if let equals = statement.unreadableEquals(in: range) {
            diagnostics.error(
                "bad-condition", "ngspice compares with ==, and with = only to a number",
                at: SourceRange(file: statement.file, bytes: equals..<(equals + 1)))
            return false
        }
        guard let value = evaluate(ValueText(range, in: statement), frame) else { return false }
        guard case .number(let value) = value else {
            diagnostics.error(
                "bad-condition", "the condition must be known before the simulation",
                at: statement.range)
            return false
        }
        noteUse(value, by: "the .if", at: statement.range)
        return value.number != 0
    }
}

extension Statement {
    /// Where in a condition a single `=` stands that is no part of `==`, `<=`, `>=` or `!=`, and has no
    /// number behind it: ngspice puts anything else there into braces, which it then can't read.
    fileprivate func unreadableEquals(in range: Range<Int>) -> Int? {
        let bytes = bytes(in: range)
        func isPart(_ index: Int, of others: String) -> Bool {
            bytes.indices.contains(index) && others.utf8.contains(bytes[index])
        }
        func isNumber(from index: Int) -> Bool {
            let rest = bytes[index...].drop(while: \.isBlank)
            let word = rest.prefix { !$0.isBlank && !")&|=".utf8.contains($0) }
            return SpiceNumber.parse(utf8: word) != nil
        }
        return bytes.indices.first {
            bytes[$0] == Byte.equals && !isPart($0 - 1, of: "=<>!") && !isPart($0 + 1, of: "=")
                && !isNumber(from: $0 + 1)
        }.map { $0 + range.lowerBound }
    }
}
