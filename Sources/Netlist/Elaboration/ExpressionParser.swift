/// Precedence climbing over bytes, into nodes in post-order.
struct ExpressionParser {
    private let text: UnsafeBufferPointer<UInt8>
    private let dialect: Dialect
    private let locate: ((Range<Int>) -> SourceRange?)?
    private var index = 0
    private var depth = 0
    private var nameIndices: [String: Int] = [:]

    private(set) var nodes: [Expression.Node] = []
    private(set) var names: [String] = []
    private(set) var literals: [Expression.Literal] = []
    private(set) var identifiers: Set<String> = []
    private(set) var functionNames: Set<String> = []
    private(set) var suspiciousNumbers: [Expression.SuspiciousNumber] = []

    /// Parentheses and calls inside one another: hostile input must not exhaust the stack, of which a
    /// level takes 1 KiB, and up to 8 KiB in a debug build.
    static let depthLimit = 100

    private let isPSpice: Bool

    init(
        text: UnsafeBufferPointer<UInt8>, dialect: Dialect, isPSpice: Bool = false,
        locate: ((Range<Int>) -> SourceRange?)?
    ) {
        self.text = text
        self.dialect = dialect
        self.isPSpice = isPSpice
        self.locate = locate
    }

    mutating func parse() throws(ExpressionError) {
        skipSpace()
        guard index < text.count else { throw error("the expression is empty") }
        try formula()
        guard index == text.count else { throw unexpected() }
    }

    // MARK: Levels

    /// An expression up to a closing parenthesis, a comma or the end.
    private mutating func formula() throws(ExpressionError) {
        depth += 1
        guard depth <= Self.depthLimit else { throw tooDeep() }
        let start = nodes.count
        skipSpace()
        if peek == UInt8(ascii: "-") || peek == UInt8(ascii: "+") {
            try signedTerm()
        } else {
            try operand(afterOperator: false)
        }
        try operators(from: start, atLeast: 1)
        if peek == UInt8(ascii: "?") { try conditionals(from: start) }
        depth -= 1
    }

    /// A first term with its sign, which ngspice subtracts from zero: it binds as a sum's sign.
    private mutating func signedTerm() throws(ExpressionError) {
        let start = nodes.count
        let offset = index
        let isNegative = peek == UInt8(ascii: "-")
        index += 1
        skipSpace()
        if isNegative, let number = try number(from: index) {
            let digits = index
            index = number.end
            skipSpace()
            // -2^2 is -(2^2), and -7\2 is -(7\2). Everywhere else the minus can belong to the number, and
            // be rewritten with it.
            guard peekOperator()?.operation == .power || text.contains(Byte.backslash) else {
                append(number, range: offset..<number.end, isNegative: true)
                try operators(from: start, atLeast: 5)
                return
            }
            append(number, range: digits..<number.end, isNegative: false)
        } else {
            try operand(afterOperator: true)
        }
        try operators(from: start, atLeast: 5)
        if isNegative { append(.negate, first: start, offset: offset) }
    }

    /// The rest of `a ? b : c ? d : e`, whose first condition begins at node `start`.
    private mutating func conditionals(from start: Int) throws(ExpressionError) {
        var pending: [(start: Int, offset: Int)] = []
        var start = start
        while peek == UInt8(ascii: "?") {
            let offset = index
            pending.append((start, offset))
            index += 1
            start = nodes.count
            try operand(afterOperator: true)
            try operators(from: start, atLeast: 1)
            try colon(of: offset)
            start = nodes.count
            try operand(afterOperator: true)
            try operators(from: start, atLeast: 1)
        }
        for (start, offset) in pending.reversed() {
            append(.conditional, first: start, offset: offset)
        }
    }

    private mutating func colon(of question: Int) throws(ExpressionError) {
        if peek == UInt8(ascii: "?") {
            throw error("ngspice misreads a ? between ? and :, write a ? (b ? c : d) : e")
        }
        guard peek == UInt8(ascii: ":") else {
            throw index < text.count ? unexpected() : error("the ? has no :", at: question)
        }
        index += 1
    }

    /// Binary operators that bind at least as strongly as `limit`, behind the operand at `start`.
    private mutating func operators(from start: Int, atLeast limit: Int) throws(ExpressionError) {
        while let (operation, binding, length) = peekOperator(), binding >= limit {
            let offset = index
            index += length
            let right = nodes.count
            try operand(afterOperator: true)
            try operators(from: right, atLeast: binding + 1)
            append(.binary(operation), first: start, offset: offset)
        }
    }

    private func peekOperator() -> (
        operation: Expression.BinaryOperator, binding: Int, length: Int
    )? {
        guard index < text.count else { return nil }
        let next = index + 1 < text.count ? text[index + 1] : 0
        switch (text[index], next) {
        case (UInt8(ascii: "|"), UInt8(ascii: "|")): return (.or, 1, 2)
        case (UInt8(ascii: "&"), UInt8(ascii: "&")): return (.and, 2, 2)
        case (UInt8(ascii: "|"), _) where isPSpice: return (.or, 1, 1)
        case (UInt8(ascii: "&"), _) where isPSpice: return (.and, 2, 1)
        case (UInt8(ascii: "!"), UInt8(ascii: "=")): return (.notEqual, 3, 2)
        case (UInt8(ascii: "<"), UInt8(ascii: ">")): return (.notEqual, 3, 2)
        case (UInt8(ascii: "<"), UInt8(ascii: "=")): return (.lessOrEqual, 3, 2)
        case (UInt8(ascii: "<"), _): return (.less, 3, 1)
        case (UInt8(ascii: ">"), UInt8(ascii: "=")): return (.greaterOrEqual, 3, 2)
        case (UInt8(ascii: ">"), _): return (.greater, 3, 1)
        case (UInt8(ascii: "="), UInt8(ascii: "=")): return (.equal, 3, 2)
        case (UInt8(ascii: "="), _): return (.equal, 3, 1)
        case (UInt8(ascii: "+"), _): return (.add, 4, 1)
        case (UInt8(ascii: "-"), _): return (.subtract, 4, 1)
        case (UInt8(ascii: "*"), UInt8(ascii: "*")): return (.power, 6, 2)
        case (UInt8(ascii: "*"), _): return (.multiply, 5, 1)
        case (UInt8(ascii: "/"), _): return (.divide, 5, 1)
        case (UInt8(ascii: "%"), _): return (.remainder, 5, 1)
        case (UInt8(ascii: "\\"), _): return (.wholeQuotient, 5, 1)
        case (UInt8(ascii: "^"), _): return (.power, 6, 1)
        default: return nil
        }
    }

    // MARK: Operands

    /// One operand with the space behind it. After an operator, a minus belongs to the number.
    private mutating func operand(afterOperator: Bool) throws(ExpressionError) {
        skipSpace()
        if afterOperator, peek == UInt8(ascii: "-") { return try negativeNumber() }
        let start = nodes.count
        let offset = index
        let nots = try negations()
        if peek == UInt8(ascii: "(") {
            try group()
        } else {
            try leaf()
        }
        for _ in 0..<nots { append(.not, first: start, offset: offset) }
        skipSpace()
    }

    private mutating func negativeNumber() throws(ExpressionError) {
        let offset = index
        index += 1
        skipSpace()
        guard let number = try number(from: index) else {
            throw error(
                "ngspice misplaces a minus behind an operator: write a*(-b)", at: offset)
        }
        index = number.end
        append(number, range: offset..<number.end, isNegative: true)
        skipSpace()
    }

    /// How many `!` stand here.
    private mutating func negations() throws(ExpressionError) -> Int {
        var count = 0
        while peek == UInt8(ascii: "!") || isPSpice && peek == UInt8(ascii: "~") {
            // ngspice keeps them in an array of ten.
            guard count < 9 else { throw error("more than nine ! in a row") }
            count += 1
            index += 1
            skipSpace()
        }
        return count
    }

    private mutating func group() throws(ExpressionError) {
        let open = index
        index += 1
        try formula()
        try close(open)
    }

    private mutating func leaf() throws(ExpressionError) {
        guard let byte = peek else {
            throw percentage() ?? error("a value is missing at the end")
        }
        if isDigit(byte) || byte == UInt8(ascii: ".") {
            try plainNumber()
        } else if Self.startsName(byte) {
            let start = index
            if let function = try nameOrFunction() { try call(function, at: start) }
        } else if byte == UInt8(ascii: "@") {
            deviceQuantity()
        } else {
            throw unexpected()
        }
    }

    private mutating func plainNumber() throws(ExpressionError) {
        guard let number = try number(from: index) else { return }
        append(number, range: index..<number.end, isNegative: false)
        index = number.end
    }

    /// Reads a parameter or a `v(…)`, or only the name of another function, which it returns.
    private mutating func nameOrFunction() throws(ExpressionError) -> String? {
        let start = index
        let name = identifier()
        skipSpace()
        guard peek == UInt8(ascii: "(") else {
            guard BuiltInFunction.named[name] == nil else {
                throw error("\(name) is a function and needs its arguments: \(name)(…)", at: start)
            }
            guard !dialect.hasVectorFunctions || !Dialect.vectorFunctions.contains(name) else {
                throw error(
                    "\(name) is a function of ngspice's; give the parameter another name", at: start
                )
            }
            identifiers.insert(name)
            append(.name(intern(name)), first: nodes.count, offset: start)
            return nil
        }
        guard name == "v" || name == "i" else { return name }
        // Nodes and devices, whose names needn't be expressions.
        let open = index
        var level = 0
        while let byte = peek {
            if byte == UInt8(ascii: "(") { level += 1 }
            if byte == UInt8(ascii: ")") { level -= 1 }
            if level == 0 { break }
            index += 1
        }
        try close(open)
        let quantity = String(decoding: text[start..<index], as: UTF8.self)
        append(.simulation(intern(quantity)), first: nodes.count, offset: start)
        return nil
    }

    /// `@m1[gm]`
    private mutating func deviceQuantity() {
        let start = index
        index += 1
        while let byte = peek, Self.continuesName(byte) || byte == UInt8(ascii: ":") { index += 1 }
        let name = String(decoding: text[start..<index], as: UTF8.self)
        append(.simulation(intern(name)), first: nodes.count, offset: start)
    }

    private mutating func call(_ name: String, at start: Int) throws(ExpressionError) {
        let open = index
        index += 1
        let first = nodes.count
        functionNames.insert(name)
        var argumentCount = 0
        skipSpace()
        if peek != UInt8(ascii: ")") {
            repeat {
                if argumentCount > 0 { index += 1 }
                try formula()
                argumentCount += 1
            } while peek == UInt8(ascii: ",")
        }
        try close(open)
        append(
            .call(name: intern(name), argumentCount: argumentCount), first: first, offset: start)
    }

    private mutating func close(_ open: Int) throws(ExpressionError) {
        guard let byte = peek else { throw error("this parenthesis is not closed", at: open) }
        guard byte != UInt8(ascii: ",") else {
            throw error("a comma outside a function's arguments")
        }
        guard byte == UInt8(ascii: ")") else { throw unexpected() }
        index += 1
    }

    // MARK: Numbers and names

    private struct Number {
        let value: Double
        let end: Int
    }

    /// The number at `start`, with its factor and unit; nil if no digit is there.
    private mutating func number(from start: Int) throws(ExpressionError) -> Number? {
        guard start < text.count, isDigit(text[start]) || text[start] == UInt8(ascii: ".") else {
            return nil
        }
        var end = start
        guard var decimal = DecimalText(scanning: text, from: &end) else {
            throw error("a point without digits", at: start)
        }
        if end == start + 1, end < text.count, text[start] == UInt8(ascii: "0"),
            text[end] | 0x20 == UInt8(ascii: "x")
        {
            throw error("hexadecimal numbers are not supported", at: start)
        }
        if end < text.count, text[end] | 0x20 == UInt8(ascii: "e") {
            end += 1
            guard decimal.scanExponent(text, from: &end, signAllowed: true) else {
                throw error("an exponent without digits", at: start)
            }
        }
        let unit = end
        while end < text.count, Self.startsName(text[end]) { end += 1 }
        let scale = SpiceNumber.Scale(
            UnsafeBufferPointer(rebasing: text[unit..<end]), in: dialect)
        if end < text.count, isDigit(text[end]) || text[end] == UInt8(ascii: ".") {
            throw error(
                "digits behind the letters of a number: write "
                    + inFull(from: start, suffix: unit, scale: scale), at: end)
        }
        // numparam has no mil: it sees an m. It multiplies by the suffix, a rounding of its own that
        // functions such as floor show.
        let power = scale.isMil ? -3 : scale.powerOfTen
        let value = decimal.value(in: text, scaledBy: 0) * DecimalText.factor(power)
        if end == unit + 1, text[unit] | 0x20 == UInt8(ascii: "d"), end + 1 < text.count,
            text[end] == UInt8(ascii: "-") || text[end] == UInt8(ascii: "+"), isDigit(text[end + 1])
        {
            let digits = String(decoding: text[start..<unit], as: UTF8.self)
            let exponent = text[(end + 1)...].prefix(while: isDigit)
            let power =
                String(UnicodeScalar(text[end])) + String(decoding: exponent, as: UTF8.self)
            suspiciousNumbers.append(
                Expression.SuspiciousNumber(
                    range: start..<end,
                    warning: "in expressions, d begins no exponent, and ngspice ends the number "
                        + "\(digits) here: write \(digits)e\(power) for a power of ten"))
        } else if unit < end,
            let suspicion = SpiceNumber.suspicion(
                of: UnsafeBufferPointer(rebasing: text[start..<end]), suffix: unit - start,
                scale: scale, value: value, in: dialect)
        {
            suspiciousNumbers.append(
                Expression.SuspiciousNumber(range: start..<end, warning: suspicion.warning))
        }
        return Number(value: value, end: end)
    }

    /// How to write a number that is cut short at its letters: `1.5k` for `1k5`, `1e3` for `1d3`.
    private func inFull(from start: Int, suffix: Int, scale: SpiceNumber.Scale) -> String {
        var end = suffix
        while end < text.count, Self.continuesName(text[end]) { end += 1 }
        let whole = UnsafeBufferPointer(rebasing: text[start..<end])
        if text[suffix] | 0x20 == UInt8(ascii: "d"), text[(suffix + 1)..<end].allSatisfy(isDigit) {
            let (digits, exponent) = (text[start..<suffix], text[(suffix + 1)..<end])
            return String(decoding: digits, as: UTF8.self) + "e"
                + String(decoding: exponent, as: UTF8.self)
        }
        return SpiceNumber.suspicion(
            of: whole, suffix: suffix - start, scale: scale, value: 0, in: dialect)?.correction
            ?? "it in full, such as 4.7k or 1e3"
    }

    private mutating func append(_ number: Number, range: Range<Int>, isNegative: Bool) {
        let value = isNegative ? -number.value : number.value
        let text = locate?(range).map { NumberText(range: $0, value: value) }
        append(.number(literal: literals.count), first: nodes.count, offset: range.lowerBound)
        literals.append(Expression.Literal(value: value, text: text))
    }

    private mutating func identifier() -> String {
        let start = index
        while let byte = peek, Self.continuesName(byte) { index += 1 }
        return String(decoding: text[start..<index].lazy.map(Self.lowercased), as: UTF8.self)
    }

    private mutating func intern(_ name: String) -> Int {
        if let known = nameIndices[name] { return known }
        nameIndices[name] = names.count
        names.append(name)
        return names.count - 1
    }

    static func startsName(_ byte: UInt8) -> Bool {
        byte | 0x20 &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") || byte >= 0x80
    }

    static func continuesName(_ byte: UInt8) -> Bool {
        startsName(byte) || isDigit(byte) || byte == UInt8(ascii: ".")
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    // MARK: Steps

    private var peek: UInt8? { index < text.count ? text[index] : nil }

    private mutating func skipSpace() {
        while index < text.count, text[index] <= 0x20 { index += 1 }
    }

    private mutating func append(_ kind: Expression.Node.Kind, first: Int, offset: Int) {
        nodes.append(Expression.Node(kind: kind, first: first, offset: offset))
    }

    private func error(_ message: String, at offset: Int? = nil) -> ExpressionError {
        ExpressionError(offset: offset ?? index, message: message)
    }

    private func tooDeep() -> ExpressionError {
        error("more than \(Self.depthLimit) levels of parentheses")
    }

    /// Where a % ends the text: it begins a remainder, of which the divisor is missing.
    private func percentage() -> ExpressionError? {
        guard let sign = text[..<index].lastIndex(where: { $0 > 0x20 }),
            text[sign] == UInt8(ascii: "%")
        else { return nil }
        let start = text[..<sign].lastIndex { !isDigit($0) && $0 != UInt8(ascii: ".") }
        let number = String(decoding: text[(start.map { $0 + 1 } ?? 0)..<sign], as: UTF8.self)
        let share = Double(number).map { ", \(SpiceNumber.shortest($0 / 100))" } ?? ""
        return error("this % begins a remainder: write a percentage as a number\(share)", at: sign)
    }

    /// The comma in `1,5k`.
    private func decimalComma() -> ExpressionError? {
        guard text[index] == Byte.comma, index > 0, isDigit(text[index - 1]),
            index + 1 < text.count, isDigit(text[index + 1])
        else { return nil }
        let start = text[..<index].lastIndex { !isDigit($0) }.map { $0 + 1 } ?? 0
        let decimals = text[(index + 1)...].prefix { Self.continuesName($0) }
        return error(
            "a decimal fraction has a point, and no comma: write "
                + SpiceNumber.withoutComma(
                    String(decoding: text[start..<index], as: UTF8.self),
                    String(decoding: decimals, as: UTF8.self)))
    }

    /// What stands at `index` can't stand there.
    private func unexpected() -> ExpressionError {
        guard index < text.count else { return error("the expression ends too early") }
        let byte = text[index]
        if byte == UInt8(ascii: ")") { return error("a closing parenthesis too many") }
        if let fault = decimalComma() { return fault }
        if isDigit(byte) || Self.startsName(byte) || byte == UInt8(ascii: "(") {
            let word = text[index...].prefix { $0 > 0x20 }
            guard isDigit(byte), word.last == UInt8(ascii: "%") else {
                return error("an operator is missing here")
            }
            return error(
                "ngspice has no tolerances: leave \(String(decoding: word, as: UTF8.self)) out")
        }
        if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") {
            return error("braces inside an expression: write parentheses")
        }
        let isVisible = byte > 0x20 && byte < 0x7F
        return error(
            isVisible ? "\(Character(UnicodeScalar(byte))) can't stand here" : "can't be read")
    }
}
