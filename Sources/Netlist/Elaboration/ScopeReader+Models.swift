/// `.model`.
extension ScopeReader {
    mutating func readModel(_ statement: Statement) {
        let tokens = statement.tokens
        let words = tokens.indices.filter { tokens[$0].isValue }
        guard words.count > 2, tokens[1].kind == .word else {
            diagnostics.error(
                "bad-model", "a model needs a name and a type; write .model name type(…)",
                at: statement.range)
            return
        }
        if statement.openParentheses > 0 {
            diagnostics.warning(
                "unbalanced-delimiter", "a parenthesis on this line is never closed",
                at: statement.range)
        }
        let after = tokens[words[1]].range.upperBound
        if after < statement.range.bytes.upperBound,
            statement.file.bytes[after] == Byte.leftParenthesis
                || statement.file.bytes[after] == Byte.rightParenthesis
        {
            diagnostics.error(
                "glued-parenthesis",
                "ngspice takes the parenthesis for a part of the model's name; put a space before it",
                at: SourceRange(file: statement.file, bytes: after..<(after + 1)))
        }
        let name = statement.lowercasedText(of: tokens[words[1]])
        if isInCondition {
            current.hasConditionalModels = true
            current.statements.append(statement)
            return
        }
        if current.models[name] != nil {
            diagnostics.warning(
                "duplicate-model",
                "ngspice ignores this second definition of "
                    + statement.text(of: tokens[words[1]]),
                at: statement.range(of: tokens[words[1]]))
            return
        }
        current.models[name] = Self.modelCard(statement)
    }

    /// The card of a `.model` statement that is well formed.
    static func modelCard(_ statement: Statement) -> Scope.ModelCard? {
        let words = statement.tokens.indices.filter { statement.tokens[$0].isValue }
        guard words.count > 2 else { return nil }
        let third = statement.lowercasedText(of: statement.tokens[words[2]])
        let base = third.hasPrefix("ako:") ? String(third.dropFirst(4)) : nil
        let type = base == nil ? words[2] : words.dropFirst(3).first ?? words[2]
        return Scope.ModelCard(
            name: statement.lowercasedText(of: statement.tokens[words[1]]),
            type: statement.lowercasedText(of: statement.tokens[type]), base: base,
            statement: statement, firstParameter: type + 1)
    }
}

extension Statement {
    /// How many parentheses are open at the end.
    fileprivate var openParentheses: Int {
        tokens.reduce(0) { depth, token in
            switch token.kind {
            case .leftParenthesis: depth + 1
            case .rightParenthesis: max(0, depth - 1)
            default: depth
            }
        }
    }
}
