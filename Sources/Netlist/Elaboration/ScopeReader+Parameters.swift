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
        if let places = statement.functionPlaces {
            readParametersAndFunctions(statement, places)
            return
        }
        if tokens.count > 2, tokens[2].kind == .leftParenthesis,
            tokens[1].range.upperBound == tokens[2].range.lowerBound
        {
            readFunction(statement)
            return
        }
        guard tokens.count > 1 else {
            diagnostics.warning(
                "missing-value",
                "ngspice takes no notice of this card, which defines nothing; write .param name=value",
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
            guard let rest = statement.cutValue(from: $0) else {
                return unexpected($0, statement, "name=value")
            }
            let cut = SourceRange(file: statement.file, bytes: rest)
            if let bracket = cut.unpairedBracket {
                return diagnostics.error(
                    "unbalanced-delimiter",
                    "this bracket has no partner in its expression; remove it, or write the expression in "
                        + "braces", at: bracket)
            }
            warnOfCut(cut)
        }
        for assignment in assignments { add(asNgspiceNames(assignment, in: statement)) }
    }

    private mutating func warnOfCut(_ range: SourceRange) {
        diagnostics.warning(
            "cut-expression",
            "of several definitions on a line, ngspice reads each up to its first blank, and "
                + "leaves this out; write the expression in braces", at: range)
    }

    /// Of a name with other characters in it, `dev/gauss`, ngspice takes the first run of letters, digits and
    /// underscores that begins with no digit.
    private mutating func asNgspiceNames(
        _ parameter: Assignment, in statement: Statement
    ) -> Assignment {
        let range = parameter.nameRange
        let bytes = range.file.bytes[range.bytes]
        guard !bytes.allSatisfy(\.isParameterByte) || bytes.first?.isDigit ?? false else {
            return parameter
        }
        let name = bytes.drop { !$0.isParameterByte || $0.isDigit }.prefix(while: \.isParameterByte)
        guard !name.isEmpty else { return parameter }
        diagnostics.warning(
            "odd-parameter-name",
            "ngspice takes this for the parameter \(name.text); write its name in letters, digits and _",
            at: range)
        return Assignment(
            name: name.lowercasedText,
            nameRange: SourceRange(file: range.file, bytes: name.startIndex..<name.endIndex),
            value: parameter.value)
    }

    /// `.param a=1 f(x)=x*2 b=2`.
    private mutating func readParametersAndFunctions(
        _ statement: Statement, _ places: [Statement.FunctionPlace]
    ) {
        var start = 1
        func readParameters(to end: Int) {
            let assignments = statement.assignments(from: start, to: end) {
                unexpected($0, statement, "name=value")
            }
            for assignment in assignments { add(asNgspiceNames(assignment, in: statement)) }
        }
        for place in places {
            readParameters(to: place.name)
            start = place.end
            let tokens = statement.tokens
            let value = tokens[(place.equals + 1)..<max(place.end, place.equals + 1)]
            guard let first = value.first, let last = value.last else {
                diagnostics.error(
                    "bad-function", "the function's expression is missing",
                    at: statement.range(of: tokens[place.name]))
                continue
            }
            // ngspice leaves out what stands behind a blank.
            if place.valueEnd < last.range.upperBound {
                let rest = place.valueEnd..<last.range.upperBound
                let cut = SourceRange(file: statement.file, bytes: rest)
                if let bracket = cut.unpairedBracket {
                    return diagnostics.error(
                        "unbalanced-delimiter",
                        "this bracket has no partner in its expression; remove it, or write the expression in "
                            + "braces", at: bracket)
                }
                warnOfCut(cut)
            }
            define(
                tokens[place.name],
                parameters: tokens[place.name..<place.equals].dropFirst(2),
                as: value.count == 1 && first.isValue
                    ? ValueText(first, in: statement)
                    : ValueText(first.range.lowerBound..<place.valueEnd, in: statement),
                in: statement)
        }
        readParameters(to: statement.tokens.count)
    }

    mutating func add(_ parameter: Assignment) {
        let bytes = parameter.nameRange.file.bytes[parameter.nameRange.bytes]
        guard let first = bytes.first, !first.isDigit, bytes.allSatisfy(\.isParameterByte)
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
        let other = bytes.allSatisfy(\.isASCII) ? nil : collision(with: bytes)
        if let other {
            diagnostics.error(
                "colliding-names",
                "ngspice reads both \(other) and \(bytes.text) as "
                    + "\(NodeTable.ngspiceText(bytes)); rename one of them in ASCII",
                at: parameter.nameRange)
        }
        current.parameters.append(parameter)
    }

    /// A parameter of another name that is the same one for ngspice.
    private func collision(with name: ArraySlice<UInt8>) -> String? {
        let text = NodeTable.ngspiceText(name)
        return current.parameters.first {
            let other = $0.nameRange.file.bytes[$0.nameRange.bytes]
            return other.lowercasedText != name.lowercasedText
                && NodeTable.ngspiceText(other) == text
        }.map { $0.nameRange.file.bytes[$0.nameRange.bytes].text }
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
        define(tokens[1], parameters: tokens[3..<close], as: text, in: statement)
    }

    private mutating func define(
        _ name: Token, parameters: ArraySlice<Token>, as text: ValueText, in statement: Statement
    ) {
        let name = statement.lowercasedText(of: name)
        unread.insert(name)
        do throws(ExpressionError) {
            let body = try Expression(parsingUTF8: text.bytes, in: dialect)
            current.functions[name] = ExpressionFunction(
                parameters: parameters.filter { $0.kind == .word }
                    .map(statement.lowercasedText(of:)), body: body, text: text.bytes)
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

extension Statement {
    /// What stands behind the value of a parameter among several on a line, from a token on: the rest of an
    /// expression with blanks and without braces. Nil for what is none.
    fileprivate func cutValue(from token: Token) -> Range<Int>? {
        guard let index = tokens.firstIndex(of: token), index > 3, token.kind != .comma,
            token.kind != .equals, tokens[index - 2].kind == .equals,
            tokens.count(where: { $0.kind == .equals }) > 1
        else { return nil }
        let next = tokens[index...].firstIndex { $0.kind == .equals }.map { $0 - 1 } ?? tokens.count
        guard next > index, next == tokens.count || tokens[next].kind == .word else { return nil }
        return token.range.lowerBound..<tokens[next - 1].range.upperBound
    }

    /// Where a function is defined among the parameters of a line; tokens by their indices.
    fileprivate struct FunctionPlace {
        let name: Int
        let equals: Int
        /// Of the value, as an offset in the file.
        let valueEnd: Int
        /// The first token of the next definition.
        let end: Int
    }

    /// The functions on a line that defines more than one thing: ngspice makes lines of its own of these, each
    /// from the blank before its `=` to the first blank behind its value that no brace or parenthesis
    /// encloses. Nil where there are none, or one with the line to itself.
    fileprivate var functionPlaces: [FunctionPlace]? {
        let definitions = assignmentSigns
        guard definitions.count > 1 else { return nil }
        let file = file.bytes
        let whole = range.bytes
        let text = bytes(in: whole)
        var places: [FunctionPlace] = []
        for (number, equals) in definitions.enumerated() {
            guard equals > 0, tokens[equals - 1].kind == .rightParenthesis,
                let open = tokens[..<equals].lastIndex(where: { $0.kind == .leftParenthesis }),
                open > 1, tokens[open - 1].kind == .word
            else { continue }
            let name = tokens[open - 1].range.lowerBound..<tokens[equals - 1].range.upperBound
            guard !file[name].contains(where: { $0.isBlank || $0 == Byte.lineFeed }) else {
                continue
            }
            // The first token of the next definition.
            var end = tokens.count
            if number + 1 < definitions.count {
                let next = definitions[number + 1]
                end = next - 1
                if tokens[end].kind == .rightParenthesis,
                    let open = tokens[..<next].lastIndex(where: { $0.kind == .leftParenthesis }),
                    open > equals + 1
                {
                    end = open - 1
                }
            }
            guard end > equals else { continue }
            var valueEnd = whole.upperBound
            if equals + 1 < end {
                var (isBraced, isBracketed, isQuoted) = (false, false, false)
                for offset in tokens[equals + 1].range.lowerBound..<whole.upperBound {
                    switch text[offset - whole.lowerBound] {
                    case Byte.leftBrace: isBraced = true
                    case Byte.rightBrace: isBraced = false
                    case Byte.leftParenthesis: isBracketed = true
                    case Byte.rightParenthesis: isBracketed = false
                    case Byte.quote: isQuoted.toggle()
                    case let byte where byte.isBlank || byte == Byte.lineFeed:
                        guard !isBraced, !isBracketed, !isQuoted else { continue }
                        valueEnd = offset
                    default: continue
                    }
                    if valueEnd == offset { break }
                }
            }
            places.append(
                FunctionPlace(name: open - 1, equals: equals, valueEnd: valueEnd, end: end))
        }
        return places.isEmpty ? nil : places
    }

    /// The `=` that assign, and neither compare nor stand in an expression.
    private var assignmentSigns: [Int] {
        tokens.indices.filter { index in
            guard tokens[index].kind == .equals else { return false }
            let place = tokens[index].range
            func touches(_ other: Int, _ edge: KeyPath<Range<Int>, Int>, _ own: Int) -> Bool {
                tokens.indices.contains(other) && tokens[other].kind == .equals
                    && tokens[other].range[keyPath: edge] == own
            }
            return !touches(index - 1, \.upperBound, place.lowerBound)
                && !touches(index + 1, \.lowerBound, place.upperBound)
                && !"<>!".utf8.contains(file.bytes[place.lowerBound - 1])
        }
    }
}

extension SourceRange {
    /// The first bracket in the range whose partner is not in it.
    fileprivate var unpairedBracket: SourceRange? {
        var open: [Int] = []
        for offset in bytes {
            switch file.bytes[offset] {
            case Byte.leftParenthesis, UInt8(ascii: "{"): open.append(offset)
            case Byte.rightParenthesis, UInt8(ascii: "}"):
                guard open.popLast() != nil else {
                    return SourceRange(file: file, bytes: offset..<offset + 1)
                }
            default: break
            }
        }
        return open.first.map { SourceRange(file: file, bytes: $0..<$0 + 1) }
    }
}
