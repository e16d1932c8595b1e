/// Splits the bytes of a CSV file into records.
struct CSVReader {
    /// Where a cell is, with its quotes and without the blanks around it.
    struct Cell {
        let bytes: Range<Int>
        let isQuoted: Bool
    }

    private let bytes: [UInt8]
    private let separator: UInt8
    private(set) var fault: (message: String, bytes: Range<Int>)?
    private var position: Int

    init(_ bytes: [UInt8], separator: UInt8) {
        self.bytes = bytes
        self.separator = separator
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// What separates the cells of the first line: a comma if there is one outside quotes, or else a semicolon
    /// or a tab.
    static func separator(of bytes: [UInt8]) -> UInt8 {
        let comma = UInt8(ascii: ",")
        var isQuoted = false
        var found: UInt8?
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == comma { return comma }
            if byte == UInt8(ascii: ";") || byte == UInt8(ascii: "\t") { found = found ?? byte }
            if found != nil || byte != UInt8(ascii: "\n"), isLineEnd(byte) { break }
        }
        return found ?? comma
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    /// The most lines that can follow.
    var linesLeft: Int {
        bytes[position...].reduce(1) { Self.isLineEnd($1) ? $0 + 1 : $0 }
    }

    /// Reads the next record that is not an empty line; false where there is none.
    mutating func next(_ cells: inout [Cell]) -> Bool {
        while position < bytes.count {
            cells.removeAll(keepingCapacity: true)
            readRecord(&cells)
            let isBlank = cells.count == 1 && cells[0].bytes.isEmpty && !cells[0].isQuoted
            if fault != nil || !isBlank { return true }
        }
        return false
    }

    /// A cell's text without quotes.
    func text(_ cell: Cell) -> String {
        guard cell.isQuoted else { return String(decoding: bytes[cell.bytes], as: UTF8.self) }
        // By bytes: a quote and an accent after it would be one character.
        var content: [UInt8] = []
        var isSecond = false
        for byte in bytes[cell.bytes].dropFirst().dropLast() {
            isSecond = byte == UInt8(ascii: "\"") && !isSecond
            if !isSecond { content.append(byte) }
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// The number of a plain cell of few digits, exactly; nil where it takes more than that to read.
    ///
    /// Digits that make a whole number below 2⁵³ and a power of ten up to 10²² are both exact, and so the one
    /// rounding of their quotient is right (Clinger, *How to read floating point numbers accurately*, 1990).
    func shortNumber(_ cell: Cell) -> Double? {
        guard !cell.isQuoted, cell.bytes.count < 17 else { return nil }
        var digits: UInt64 = 0
        var count = 0
        var fraction: Int?
        var isNegative = false
        for index in cell.bytes {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits = 10 * digits + UInt64(byte - UInt8(ascii: "0"))
                count += 1
            case UInt8(ascii: ".") where fraction == nil: fraction = count
            case UInt8(ascii: "-") where index == cell.bytes.lowerBound: isNegative = true
            default: return nil
            }
        }
        guard count > 0, count <= 15 else { return nil }
        let value = Double(digits) / Self.powers[count - (fraction ?? count)]
        return isNegative ? -value : value
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    private mutating func readRecord(_ cells: inout [Cell]) {
        while true {
            cells.append(readCell())
            guard fault == nil, position < bytes.count else { return }
            let end = bytes[position]
            position += 1
            if end == separator { continue }
            if end == UInt8(ascii: "\r"), position < bytes.count,
                bytes[position] == UInt8(ascii: "\n")
            {
                position += 1
            }
            return
        }
    }

    /// Reads up to the separator or line end that ends the cell, which is left in place.
    private mutating func readCell() -> Cell {
        skipBlanks()
        let start = position
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            while position < bytes.count, !endsCell(bytes[position]) { position += 1 }
            var end = position
            while end > start, isBlank(bytes[end - 1]) { end -= 1 }
            return Cell(bytes: start..<end, isQuoted: false)
        }
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard byte == UInt8(ascii: "\"") else { continue }
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                position += 1
                continue
            }
            let end = position
            skipBlanks()
            if position < bytes.count, !endsCell(bytes[position]) {
                fault = (
                    "a comma or the end of the line should follow the quoted cell",
                    position..<position + 1
                )
            }
            return Cell(bytes: start..<end, isQuoted: true)
        }
        fault = ("this quote is never closed", start..<start + 1)
        return Cell(bytes: start..<bytes.count, isQuoted: true)
    }

    private mutating func skipBlanks() {
        while position < bytes.count, isBlank(bytes[position]) { position += 1 }
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") && separator != byte
    }

    private func endsCell(_ byte: UInt8) -> Bool { byte == separator || Self.isLineEnd(byte) }
}
