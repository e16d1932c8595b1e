#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why a behavioural source has no equation here, as a part of a sentence.
struct DeclinedBehaviour: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Reads an expression of a behavioural source, in the grammar that ngspice has there (`inpptree-parser.y`).
///
/// Loosest first: `+ -`, `* /`, a leading minus, `^ **` from left to right (`-2^2` is -4, `2*-3^2` is -18, `2**3**2`
/// is 64). Braces count as blanks, as ngspice removes them before it reads the text: `{a+b}*c` is a+b*c. What it
/// computes in another way from version to version, what jumps, and what depends on time or chance is declined.
struct BehaviourParser {
    /// What a name before `(` or elsewhere is asked for.
    struct Names {
        /// A voltage or a current, from the text within `v(…)` or `i(…)`.
        let variable: (_ isVoltage: Bool, _ argument: ArraySlice<UInt8>) throws -> Int
        /// The value of a parameter; nil for none, or one that isn't known.
        let parameter: (String) -> Double?
        /// Whether the deck defines a function of this name itself.
        let isOwnFunction: (String) -> Bool
    }

    private let text: [UInt8]
    private let dialect: Dialect
    private let names: Names
    private var index = 0
    private var depth = 0
    private(set) var formula = BehaviourFormula()

    /// Hostile input must not exhaust the stack.
    private static let depthLimit = 100

    /// - Throws: `DeclinedBehaviour`.
    static func formula(
        _ text: [UInt8], in dialect: Dialect, _ names: Names
    ) throws -> BehaviourFormula {
        var parser = BehaviourParser(
            text: text.map { "{}'".utf8.contains($0) ? Byte.space : $0 }, dialect: dialect,
            names: names)
        _ = try parser.sum()
        guard parser.peek == nil else { throw parser.trailing() }
        return parser.formula
    }

    private init(text: [UInt8], dialect: Dialect, names: Names) {
        (self.text, self.dialect, self.names) = (text, dialect, names)
    }

    /// What is known of an operand's value.
    private enum Sign {
        /// A constant.
        case number(Double)
        /// Never negative.
        case positive
        case unknown

        var isNegative: Bool {
            switch self {
            case .number(let value): value < 0
            case .positive: false
            case .unknown: true
            }
        }

        func combined(_ other: Sign, _ operation: (Double, Double) -> Double) -> Sign {
            if case .number(let a) = self, case .number(let b) = other {
                return .number(operation(a, b))
            }
            return isNegative || other.isNegative ? .unknown : .positive
        }
    }

    // MARK: Levels

    private mutating func sum() throws -> Sign {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else {
            throw DeclinedBehaviour("its expression has too many levels of parentheses")
        }
        var sign = try product()
        while let byte = peek, byte == Byte.plus || byte == Byte.minus {
            index += 1
            let right = try product()
            if byte == Byte.plus {
                formula.append(.add)
                sign = sign.combined(right, +)
            } else {
                formula.append(.subtract)
                if case .number(let a) = sign, case .number(let b) = right {
                    sign = .number(a - b)
                } else {
                    sign = .unknown
                }
            }
        }
        return sign
    }

    private mutating func product() throws -> Sign {
        var sign = try signed()
        while let byte = peek, byte == Byte.star || byte == UInt8(ascii: "/") {
            index += 1
            let right = try signed()
            if byte == Byte.star {
                formula.append(.multiply)
                sign = sign.combined(right, *)
            } else {
                formula.append(.divide)
                sign = sign.combined(right, /)
            }
        }
        return sign
    }

    private mutating func signed() throws -> Sign {
        var isNegative = false
        while peek == Byte.minus {
            index += 1
            isNegative.toggle()
        }
        let sign = try power()
        guard isNegative else { return sign }
        formula.append(.negate)
        if case .number(let value) = sign { return .number(-value) }
        return .unknown
    }

    private mutating func power() throws -> Sign {
        var base = try operand()
        while takePower() {
            let exponent = peek == Byte.minus ? try signed() : try operand()
            base = try raise(base, exponent)
        }
        return base
    }

    /// Versions of ngspice disagree on powers of negative numbers other than even ones.
    private mutating func raise(_ base: Sign, _ exponent: Sign) throws -> Sign {
        formula.append(.power)
        if case .number(let exponent) = exponent,
            exponent.truncatingRemainder(dividingBy: 2) == 0
        {
            return .positive
        }
        guard !base.isNegative else {
            throw DeclinedBehaviour(
                "versions of ngspice differ in powers of what may be negative; "
                    + "write a product, or pwr(x, n)")
        }
        return .positive
    }

    // MARK: Operands

    private mutating func operand() throws -> Sign {
        guard let byte = peek else { throw DeclinedBehaviour("its expression ends too early") }
        if byte == Byte.leftParenthesis {
            index += 1
            let sign = try sum()
            try close()
            return sign
        }
        if byte.isDigit || byte == Byte.dot { return try number() }
        guard byte.isLetter || byte == Byte.underscore else { throw unexpected() }
        let start = index
        while index < text.count, text[index].isIdentifierByte { index += 1 }
        let name = text[start..<index].lowercasedText
        // With a blank before the parenthesis ngspice takes v and i for parameters.
        if index < text.count, text[index] == Byte.leftParenthesis { return try call(name) }
        guard peek != Byte.leftParenthesis, index == text.count || text[index] != Byte.dot else {
            throw unexpected()
        }
        return try constant(name)
    }

    private mutating func constant(_ name: String) throws -> Sign {
        let value: Double
        switch name {
        case "pi": value = .pi
        case "e": value = M_E
        case "time", "temper", "hertz":
            throw DeclinedBehaviour("\(name) is the simulation's own")
        default:
            guard let known = names.parameter(name) else {
                throw DeclinedBehaviour("the value of \(name) isn't known before the simulation")
            }
            value = known
        }
        formula.append(.number(value))
        return .number(value)
    }

    private mutating func number() throws -> Sign {
        let start = index
        while index < text.count, text[index].isDigit || text[index] == Byte.dot { index += 1 }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            var end = index + 1
            if end < text.count, text[end] == Byte.plus || text[end] == Byte.minus { end += 1 }
            if end < text.count, text[end].isDigit {
                while end < text.count, text[end].isDigit { end += 1 }
                index = end
            }
        }
        while index < text.count, text[index].isIdentifierByte || text[index] == Byte.dot {
            index += 1
        }
        guard let parsed = SpiceNumber.parse(utf8: text[start..<index], in: dialect),
            parsed.suspicion == nil
        else {
            throw DeclinedBehaviour("\(text[start..<index].text) is no plain number")
        }
        let value = Self.asReread(parsed.value)
        formula.append(.number(value))
        return .number(value)
    }

    /// ngspice prints a number to eleven digits before it reads the expression.
    private static func asReread(_ value: Double) -> Double {
        var buffer = [CChar](repeating: 0, count: 40)
        _ = withVaList([value]) { vsnprintf(&buffer, buffer.count, "%.10e", $0) }
        return strtod(buffer, nil)
    }

    /// A call whose parenthesis is next.
    private mutating func call(_ name: String) throws -> Sign {
        if name == "v" || name == "i" {
            guard let end = text[index...].firstIndex(of: Byte.rightParenthesis) else {
                throw unexpected()
            }
            let argument = text[(index + 1)..<end]
            index = end + 1
            formula.append(.variable(try names.variable(name == "v", argument)))
            return .unknown
        }
        guard !names.isOwnFunction(name) else {
            throw DeclinedBehaviour("\(name)(…) is a function of the deck's own; write it out")
        }
        index += 1
        let isOfTwo = ["min", "max", "pow", "pwr"].contains(name)
        let function = ElementaryFunction.named[name]
        guard name == "uramp" || isOfTwo || function != nil && !["sqr", "arctan"].contains(name)
        else {
            throw DeclinedBehaviour(Self.reason(against: name))
        }
        let first = try sum()
        guard isOfTwo else {
            try close()
            guard name != "uramp" else {
                // The larger of the argument and 0.
                formula.append(.number(0))
                formula.append(.larger)
                return .positive
            }
            if let function { formula.append(.function(function)) }
            if case .number(let value) = first { return .number(function?.value(value) ?? 0) }
            return ["abs", "exp", "sqrt", "cosh", "acos"].contains(name) ? .positive : .unknown
        }
        guard peek == Byte.comma else { throw unexpected() }
        index += 1
        let second = try sum()
        try close()
        switch name {
        case "min":
            formula.append(.smaller)
            return first.combined(second, Swift.min)
        case "max":
            formula.append(.larger)
            return first.isNegative && second.isNegative
                ? first.combined(second, Swift.max) : .positive
        case "pwr":
            formula.append(.signedPower)
            return first.isNegative ? .unknown : .positive
        default: return try raise(first, second)
        }
    }

    private static func reason(against name: String) -> String {
        switch name {
        case "ddt", "sdt", "idt": "\(name)(…) depends on the past"
        case "u", "u2", "sgn", "floor", "ceil", "nint", "int", "eq0", "ne0", "gt0", "lt0", "ge0",
            "le0":
            "\(name)(…) jumps, and has no derivative there"
        case "ternary_fcn": "a condition jumps, and has no derivative there"
        case "pwl", "table": "ngspice has its own way between the points of \(name)(…)"
        case "agauss", "gauss", "unif", "aunif", "limit":
            "ngspice draws \(name)(…) at random"
        default: "the function \(name)(…) is ngspice's own"
        }
    }

    // MARK: Bytes

    /// The next byte that is no blank.
    private var peek: UInt8? {
        mutating get {
            while index < text.count, text[index].isBlank || text[index] < Byte.space { index += 1 }
            return index < text.count ? text[index] : nil
        }
    }

    private mutating func takePower() -> Bool {
        guard let byte = peek else { return false }
        if byte == UInt8(ascii: "^") {
            index += 1
            return true
        }
        guard byte == Byte.star, index + 1 < text.count, text[index + 1] == Byte.star else {
            return false
        }
        index += 2
        return true
    }

    private mutating func close() throws {
        guard peek == Byte.rightParenthesis else { throw unexpected() }
        index += 1
    }

    /// Why nothing may follow the expression: `tc1=1m` may.
    private mutating func trailing() -> DeclinedBehaviour {
        guard text[index].isLetter, text[index...].contains(Byte.equals) else {
            return unexpected()
        }
        return DeclinedBehaviour("only its expression may stand on its line")
    }

    private mutating func unexpected() -> DeclinedBehaviour {
        guard let byte = peek else { return DeclinedBehaviour("its expression ends too early") }
        switch byte {
        case UInt8(ascii: "?"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"),
            UInt8(ascii: "|"), UInt8(ascii: "!"):
            return DeclinedBehaviour("a condition jumps, and has no derivative there")
        case Byte.equals: return DeclinedBehaviour("only its expression may stand on its line")
        default:
            return DeclinedBehaviour(
                "its expression has \(Character(UnicodeScalar(byte))) where it can't be read here")
        }
    }
}
