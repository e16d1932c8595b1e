extension Deck {
    /// The deck's text with other numbers at some places and every other byte as it was.
    ///
    /// A number is written as the shortest decimal that reads back as the same Double; where a minus
    /// would meet another operator, in parentheses. Numbers in included files can't be written, and
    /// those whose text already reads as the new value keep their spelling.
    ///
    /// - Complexity: linear in the text, plus sorting the values.
    public func rewriting(_ values: [NumberText: Double]) -> [UInt8] {
        let changes = values.filter { $0.key.range.file == file && $0.key.value != $0.value }
            .sorted { $0.key.range.bytes.lowerBound < $1.key.range.bytes.lowerBound }
        var result: [UInt8] = []
        result.reserveCapacity(file.bytes.count + 16 * changes.count)
        var copied = 0
        for (text, value) in changes where text.range.bytes.lowerBound >= copied {
            let range = text.range.bytes
            result += file.bytes[copied..<range.lowerBound]
            result += spelling(of: value, at: range)
            copied = range.upperBound
        }
        result += file.bytes[copied...]
        return result
    }

    private func spelling(of value: Double, at range: Range<Int>) -> [UInt8] {
        let digits = Array(SpiceNumber.shortest(value).utf8)
        guard value < 0 else { return digits }
        let before = file.bytes[..<range.lowerBound].last { !$0.isBlank } ?? 0
        let after = file.bytes[range.upperBound...].first { !$0.isBlank } ?? 0
        let operators = "+-*/%\\^".utf8
        guard operators.contains(before) || after == UInt8(ascii: "^") || after == Byte.star else {
            return digits
        }
        return [Byte.leftParenthesis] + digits + [Byte.rightParenthesis]
    }
}
