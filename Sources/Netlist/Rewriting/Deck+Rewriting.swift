extension Deck {
    /// The deck's text with other numbers at some places and every other byte as it was, but that
    /// other simulators' cards, at which ngspice stops, become comments.
    ///
    /// A number is written as the shortest decimal that reads back as the same Double; where a minus
    /// would meet another operator, in parentheses. Numbers in included files can't be written, and
    /// those whose text already reads as the new value keep their spelling.
    ///
    /// - Complexity: linear in the text, plus sorting the values.
    public func rewriting(_ values: [NumberText: Double]) -> [UInt8] {
        var changes = values.filter { $0.key.range.file == file && $0.key.value != $0.value }
            .map {
                (range: $0.key.range.bytes, text: spelling(of: $0.value, at: $0.key.range.bytes))
            }
        changes += foreignLines.map { (range: $0..<$0, text: [Byte.star]) }
        changes.sort { $0.range.lowerBound < $1.range.lowerBound }
        var result: [UInt8] = []
        result.reserveCapacity(file.bytes.count + 16 * changes.count)
        var copied = 0
        for (range, text) in changes where range.lowerBound >= copied {
            result += file.bytes[copied..<range.lowerBound]
            result += text
            copied = range.upperBound
        }
        result += file.bytes[copied...]
        return result
    }

    /// Where each line of the deck's own file begins that belongs to another simulator's card.
    private var foreignLines: [Int] {
        statements.filter { $0.isForeign && $0.file == file }.flatMap { statement in
            let range = statement.range.bytes
            let joins = range.filter { file.bytes[$0] == Byte.lineFeed }.map { $0 + 1 }
            return [range.lowerBound] + joins
        }
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
