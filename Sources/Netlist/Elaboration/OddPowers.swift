/// Finds what may be negative and is raised to an odd power in an expression that the simulation
/// evaluates: what comes of it depends on ngspice's version.
enum OddPowers {
    /// What names and numbers in an expression stand for.
    struct Names {
        /// The number that an expression comes to before the simulation, where that is known.
        let value: (ArraySlice<UInt8>) -> Double?
        /// The deck's own function of this name, which is in lower case.
        let function: (String) -> ExpressionFunction?
        /// How many functions call one another here.
        var depth = 0
    }

    /// - Returns: the bases, and the names of the deck's functions that raise an argument so.
    static func find(in bytes: [UInt8], _ names: Names) -> [Range<Int>] {
        var bases: [Range<Int>] = []
        var index = 0
        func add(_ base: Range<Int>?, _ exponent: Range<Int>?) {
            guard let base, let exponent, let power = names.value(bytes[trimmed(exponent, bytes)]),
                power.magnitude.truncatingRemainder(dividingBy: 2) == 1,
                mayBeNegative(base, bytes, names)
            else { return }
            bases.append(base)
        }
        while index < bytes.count {
            let length = operatorLength(bytes, at: index)
            if length > 0 {
                add(operand(endingAt: index, bytes), operand(from: index + length, bytes))
            } else if let arguments = powerCall(bytes, at: index) {
                add(arguments.base, arguments.exponent)
            } else if let (name, body, inner) = call(bytes, at: index, names),
                !find(in: body, inner).isEmpty
            {
                bases.append(name)
            }
            index += max(length, 1)
        }
        return bases
    }

    /// What a call of one of the deck's own functions comes to, with stand-ins for its arguments: each is a
    /// voltage if it may be negative, and else a magnitude; numbers stay.
    private static func call(
        _ bytes: [UInt8], at index: Int, _ names: Names
    ) -> (name: Range<Int>, body: [UInt8], names: Names)? {
        guard bytes[index].isLetter, index == 0 || !bytes[index - 1].isIdentifierByte else {
            return nil
        }
        let end = bytes[index...].firstIndex { !$0.isIdentifierByte } ?? bytes.count
        // Functions that call one another without end are reported elsewhere.
        guard names.depth < 20,
            let open = bytes[end...].firstIndex(where: { !$0.isBlank }),
            bytes[open] == Byte.leftParenthesis, let close = close(of: open, bytes),
            let function = names.function(bytes[index..<end].lowercasedText)
        else { return nil }
        var standIns: [String: [UInt8]] = [:]
        for (parameter, argument) in zip(function.parameters, arguments(open, close, bytes)) {
            let number = names.value(bytes[trimmed(argument, bytes)])
            let text =
                if let number {
                    "(\(number))"
                } else if mayBeNegative(argument, bytes, names) {
                    "v(\(parameter))"
                } else {
                    "abs(v(\(parameter)))"
                }
            standIns[parameter] = Array(text.utf8)
        }
        var body: [UInt8] = []
        var place = 0
        while place < function.text.count {
            guard function.text[place].isIdentifierByte else {
                body.append(function.text[place])
                place += 1
                continue
            }
            let word = function.text[place...].prefix { $0.isIdentifierByte || $0 == Byte.dot }
            body += standIns[word.lowercasedText] ?? Array(word)
            place = word.endIndex
        }
        var inner = names
        inner.depth += 1
        return (index..<end, body, inner)
    }

    private static func arguments(_ open: Int, _ close: Int, _ bytes: [UInt8]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var start = open + 1
        var depth = 0
        for place in (open + 1)..<close {
            if bytes[place] == Byte.leftParenthesis { depth += 1 }
            if bytes[place] == Byte.rightParenthesis { depth -= 1 }
            if bytes[place] == Byte.comma, depth == 0 {
                result.append(start..<place)
                start = place + 1
            }
        }
        return result + [start..<close]
    }

    /// What is never negative.
    private static let positiveFunctions: Set<String> = [
        "abs", "exp", "sqrt", "cosh", "u", "uramp", "acos",
    ]

    private static func operatorLength(_ bytes: [UInt8], at index: Int) -> Int {
        if bytes[index] == UInt8(ascii: "^") { return 1 }
        let isDouble =
            bytes[index] == Byte.star && index + 1 < bytes.count && bytes[index + 1] == Byte.star
        return isDouble ? 2 : 0
    }

    /// The arguments of a `pow(base, exponent)` that begins at `index`.
    private static func powerCall(
        _ bytes: [UInt8], at index: Int
    ) -> (base: Range<Int>, exponent: Range<Int>)? {
        guard bytes[index...].hasPrefixCaseInsensitively("pow"),
            index == 0 || !bytes[index - 1].isIdentifierByte,
            let open = bytes[(index + 3)...].firstIndex(where: { !$0.isBlank }),
            bytes[open] == Byte.leftParenthesis, let close = close(of: open, bytes)
        else { return nil }
        let arguments = arguments(open, close, bytes)
        return arguments.count > 1 ? (arguments[0], arguments[1]) : nil
    }

    private static func mayBeNegative(
        _ range: Range<Int>, _ bytes: [UInt8], _ names: Names
    ) -> Bool {
        // Without a variable of the circuit the sign is known, if not to us.
        bytes[range].contains(Byte.leftParenthesis) && !isNeverNegative(range, bytes, names)
            || names.value(bytes[trimmed(range, bytes)]).map { $0 < 0 } ?? false
    }

    /// Whether this is a sum of products of what is never negative: magnitudes, even powers, and what stands
    /// in the product twice.
    private static func isNeverNegative(
        _ range: Range<Int>, _ bytes: [UInt8], _ names: Names
    ) -> Bool {
        let range = trimmed(range, bytes)
        guard !range.isEmpty else { return true }
        if let value = names.value(bytes[range]) { return value >= 0 }
        guard
            let terms = parts(of: range, bytes, between: { $0 == UInt8(ascii: "+") }),
            !bytes[range].contains(where: { "<>?:&|=!".utf8.contains($0) })
        else { return false }
        guard terms.count == 1 else {
            return terms.allSatisfy { isNeverNegative($0, bytes, names) }
        }
        guard
            let factors = parts(
                of: range, bytes, between: { $0 == Byte.star || $0 == UInt8(ascii: "/") })
        else { return false }
        guard factors.count == 1 else {
            let texts = factors.map { bytes[$0].filter { !$0.isBlank }.lowercasedText }
            return factors.indices.allSatisfy { index in
                texts.count { $0 == texts[index] }.isMultiple(of: 2)
                    || isNeverNegative(factors[index], bytes, names)
            }
        }
        if let place = range.lastIndex(where: {
            operatorLength(bytes, at: $0) > 0 && isOutermost($0, in: range, bytes)
        }) {
            // The second star of two, or a ^.
            let isStar = bytes[place] == Byte.star
            let exponent = trimmed((place + (isStar ? 2 : 1))..<range.upperBound, bytes)
            return names.value(bytes[exponent])?.truncatingRemainder(dividingBy: 2) == 0
                || isNeverNegative(range.lowerBound..<place, bytes, names)
        }
        let name = bytes[range].prefix(while: \.isIdentifierByte)
        guard let open = bytes[name.endIndex..<range.upperBound].firstIndex(where: { !$0.isBlank }),
            bytes[open] == Byte.leftParenthesis, close(of: open, bytes) == range.upperBound - 1
        else { return false }
        if let (_, body, inner) = call(bytes, at: range.lowerBound, names) {
            return isNeverNegative(0..<body.count, body, inner)
        }
        return positiveFunctions.contains(name.lowercasedText)
    }

    private static func isOutermost(_ place: Int, in range: Range<Int>, _ bytes: [UInt8]) -> Bool {
        var depth = 0
        for byte in bytes[range.lowerBound..<place] {
            if byte == Byte.leftParenthesis { depth += 1 }
            if byte == Byte.rightParenthesis { depth -= 1 }
        }
        return depth == 0
    }

    /// What stands between these operators outside of parentheses; nil where a minus is among it.
    private static func parts(
        of range: Range<Int>, _ bytes: [UInt8], between isOperator: (UInt8) -> Bool
    ) -> [Range<Int>]? {
        var result: [Range<Int>] = []
        var start = range.lowerBound
        var depth = 0
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == Byte.leftParenthesis { depth += 1 }
            if byte == Byte.rightParenthesis { depth -= 1 }
            let length = operatorLength(bytes, at: index)
            if length == 0, depth == 0, !isSignOfExponent(index, bytes) {
                if byte == UInt8(ascii: "-") { return nil }
                if isOperator(byte) {
                    result.append(start..<index)
                    start = index + 1
                }
            }
            index += max(length, 1)
        }
        return result + [start..<range.upperBound]
    }

    /// Whether this is the sign in `1e-3`.
    private static func isSignOfExponent(_ index: Int, _ bytes: [UInt8]) -> Bool {
        guard index > 1, bytes[index - 1] | 0x20 == UInt8(ascii: "e") else { return false }
        let word = bytes[..<index].lastIndex { !$0.isIdentifierByte && $0 != Byte.dot }
        return bytes[word.map { $0 + 1 } ?? 0].isDigit
    }

    // MARK: Operands

    /// A name, number, call or group that ends before `end`.
    private static func operand(endingAt end: Int, _ bytes: [UInt8]) -> Range<Int>? {
        var last = end
        while last > 0, bytes[last - 1].isBlank { last -= 1 }
        guard last > 0 else { return nil }
        var start = last
        if bytes[last - 1] == Byte.rightParenthesis {
            var depth = 0
            repeat {
                start -= 1
                if bytes[start] == Byte.rightParenthesis { depth += 1 }
                if bytes[start] == Byte.leftParenthesis { depth -= 1 }
            } while start > 0 && depth > 0
            guard depth == 0 else { return nil }
            // `v (a)` is a call.
            let gap = bytes[..<start].lastIndex { !$0.isBlank }
            if let gap, bytes[gap].isIdentifierByte { start = gap + 1 }
        }
        while start > 0, bytes[start - 1].isIdentifierByte || bytes[start - 1] == Byte.dot {
            start -= 1
        }
        return start < last ? start..<last : nil
    }

    /// A name, a number or a group from `start` on.
    private static func operand(from start: Int, _ bytes: [UInt8]) -> Range<Int>? {
        guard let first = bytes[start...].firstIndex(where: { !$0.isBlank }) else { return nil }
        if bytes[first] == Byte.leftParenthesis {
            return close(of: first, bytes).map { first..<($0 + 1) }
        }
        let end =
            bytes[first...].firstIndex { !$0.isIdentifierByte && $0 != Byte.dot } ?? bytes.count
        return first < end ? first..<end : nil
    }

    private static func close(of open: Int, _ bytes: [UInt8]) -> Int? {
        var depth = 0
        for index in open..<bytes.count {
            if bytes[index] == Byte.leftParenthesis { depth += 1 }
            if bytes[index] == Byte.rightParenthesis { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// Without blanks and parentheses around it.
    private static func trimmed(_ range: Range<Int>, _ bytes: [UInt8]) -> Range<Int> {
        var range = range
        while let first = bytes[range].first, let last = bytes[range].last {
            if first.isBlank {
                range = (range.lowerBound + 1)..<range.upperBound
            } else if last.isBlank {
                range = range.lowerBound..<(range.upperBound - 1)
            } else if first == Byte.leftParenthesis,
                close(of: range.lowerBound, bytes) == range.upperBound - 1
            {
                range = (range.lowerBound + 1)..<(range.upperBound - 1)
            } else {
                break
            }
        }
        return range
    }
}
