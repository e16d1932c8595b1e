/// Finds what may be negative and is raised to an odd power in an expression that the simulation
/// evaluates: what comes of it depends on ngspice's version.
enum OddPowers {
    /// - Parameter value: the number that a name or number stands for, where that is known.
    /// - Returns: the bases.
    static func find(
        in bytes: [UInt8], value: (ArraySlice<UInt8>) -> Double?
    ) -> [Range<Int>] {
        var bases: [Range<Int>] = []
        var index = 0
        func add(_ base: Range<Int>?, _ exponent: Range<Int>?) {
            guard let base, let exponent, let power = value(bytes[trimmed(exponent, bytes)]),
                power.magnitude.truncatingRemainder(dividingBy: 2) == 1,
                mayBeNegative(base, bytes, value)
            else { return }
            bases.append(base)
        }
        while index < bytes.count {
            let length = operatorLength(bytes, at: index)
            if length > 0 {
                add(operand(endingAt: index, bytes), operand(from: index + length, bytes))
            } else if let arguments = powerCall(bytes, at: index) {
                add(arguments.base, arguments.exponent)
            }
            index += max(length, 1)
        }
        return bases
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
        var depth = 0
        for place in (open + 1)..<close {
            if bytes[place] == Byte.leftParenthesis { depth += 1 }
            if bytes[place] == Byte.rightParenthesis { depth -= 1 }
            if bytes[place] == Byte.comma, depth == 0 {
                return ((open + 1)..<place, (place + 1)..<close)
            }
        }
        return nil
    }

    private static func mayBeNegative(
        _ range: Range<Int>, _ bytes: [UInt8], _ value: (ArraySlice<UInt8>) -> Double?
    ) -> Bool {
        let range = trimmed(range, bytes)
        guard !range.isEmpty else { return false }
        if let value = value(bytes[range]) { return value < 0 }
        let name = bytes[range].prefix(while: \.isIdentifierByte)
        let open = bytes[name.endIndex..<range.upperBound].firstIndex { !$0.isBlank }
        if let open, bytes[open] == Byte.leftParenthesis,
            close(of: open, bytes) == range.upperBound - 1
        {
            return !positiveFunctions.contains(name.lowercasedText)
        }
        // Without a variable of the circuit the sign is known, if not to us.
        return bytes[range].contains(Byte.leftParenthesis)
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
