/// `.param` and `.func`.
extension ScopeReader {
    mutating func readParameters(_ statement: Statement) {
        if isInCondition {
            diagnostics.warning(
                "param-in-if",
                "ngspice reads .param whatever the .if around it says; put the condition "
                    + "into the value, as in {a ? b : c}",
                at: statement.range(of: statement.name))
        }
        let tokens = statement.tokens
        if tokens.count > 2, tokens[2].kind == .leftParenthesis,
            tokens[1].range.upperBound == tokens[2].range.lowerBound
        {
            readFunction(statement)
            return
        }
        guard tokens.count > 1 else {
            diagnostics.error(
                "missing-value", "a parameter must follow; write .param name=value",
                at: statement.range)
            return
        }
        let count = tokens.count { $0.kind == .equals }
        if count == 1, tokens.count > 4, tokens[1].kind == .word, tokens[2].kind == .equals,
            tokens[3].kind == .word
        {
            // With one parameter on the line, ngspice takes all the rest for its value.
            let rest = tokens[3].range.lowerBound..<statement.range.bytes.upperBound
            add(
                Assignment(
                    name: statement.lowercasedText(of: tokens[1]),
                    nameRange: statement.range(of: tokens[1]),
                    value: ValueText(rest, in: statement)))
            return
        }
        let assignments = statement.assignments(from: 1) {
            unexpected($0, statement, "name=value")
        }
        for assignment in assignments { add(assignment) }
    }

    mutating func add(_ parameter: Assignment) {
        let bytes = parameter.nameRange.file.bytes[parameter.nameRange.bytes]
        guard let first = bytes.first, first.isLetter || first == Byte.underscore,
            bytes.allSatisfy(\.isIdentifierByte)
        else {
            diagnostics.error(
                "bad-parameter-name",
                "a parameter's name consists of letters, digits and _ and begins with no digit",
                at: parameter.nameRange)
            return
        }
        if Dialect.vectorFunctions.contains(parameter.name) {
            diagnostics.warning(
                "function-name",
                "from version 46 on, \(parameter.name) is a function of ngspice's, and this parameter "
                    + "can't be used; give it another name",
                at: parameter.nameRange)
        }
        current.parameters.append(parameter)
    }

    mutating func readFunction(_ statement: Statement) {
        let tokens = statement.tokens
        if tokens.count > 1 { unread.insert(statement.lowercasedText(of: tokens[1])) }
        guard tokens.count > 2, tokens[1].kind == .word, tokens[2].kind == .leftParenthesis,
            let close = tokens.firstIndex(where: { $0.kind == .rightParenthesis }),
            close + 1 < tokens.count
        else {
            diagnostics.error(
                "bad-function", "a function is defined as .func name(x, y) {expression}",
                at: statement.range)
            return
        }
        let parameters = tokens[3..<close].filter { $0.kind == .word }
            .map(statement.lowercasedText(of:))
        var first = close + 1
        if tokens[first].kind == .equals { first += 1 }
        guard first < tokens.count else {
            diagnostics.error(
                "bad-function", "the function's expression is missing", at: statement.range)
            return
        }
        let text: ValueText
        if first == tokens.count - 1, tokens[first].isValue {
            text = ValueText(tokens[first], in: statement)
        } else {
            text = ValueText(
                tokens[first].range.lowerBound..<statement.range.bytes.upperBound, in: statement)
        }
        do throws(ExpressionError) {
            let body = try Expression(parsingUTF8: text.bytes, in: dialect)
            let name = statement.lowercasedText(of: tokens[1])
            current.functions[name] = ExpressionFunction(parameters: parameters, body: body)
            unread.remove(name)
        } catch {
            let offset = min(text.range.lowerBound + error.offset, text.range.upperBound)
            diagnostics.error(
                "bad-expression", error.message,
                at: SourceRange(
                    file: text.file, bytes: offset..<min(offset + 1, text.range.upperBound)))
        }
    }
}
