import Foundation

/// One line of JSON, written member by member: thousands of answers a second leave no time for objects in between.
struct JSONLine {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]
    /// Whether arrays of numbers are the bytes of doubles.
    let isBinary: Bool

    init(isBinary: Bool = false) { self.isBinary = isBinary }

    /// With the newline.
    var line: [UInt8] { bytes + Array("}\n".utf8) }

    mutating func add(_ key: String, _ value: Double) {
        begin(key)
        append(value)
    }

    mutating func add(_ key: String, _ value: Int) {
        begin(key)
        bytes += "\(value)".utf8
    }

    mutating func add(_ key: String, _ value: Bool) {
        begin(key)
        bytes += "\(value)".utf8
    }

    mutating func add(_ key: String, _ text: String) {
        begin(key)
        append(text)
    }

    mutating func add(_ key: String, _ texts: [String]) {
        begin(key)
        list(texts) { $0.append($1) }
    }

    /// Objects, or any list of parts.
    mutating func add(_ key: String, _ parts: [JSONLine]) {
        begin(key)
        list(parts) { $0.bytes += $1.bytes + [UInt8(ascii: "}")] }
    }

    mutating func add(_ key: String, _ part: JSONLine) {
        begin(key)
        bytes += part.bytes
        bytes.append(UInt8(ascii: "}"))
    }

    /// JSON as it stands.
    mutating func add(_ key: String, raw: [UInt8]) {
        begin(key)
        bytes += raw
    }

    /// A list of numbers.
    mutating func add(_ key: String, numbers: [Double]) {
        begin(key)
        guard !isBinary else { return appendBinary(numbers, "[\(numbers.count)]") }
        list(numbers) { $0.append($1) }
    }

    /// A table of numbers, a list for each row.
    ///
    /// - Parameter numbers: row after row.
    mutating func add(_ key: String, numbers: [Double], rows: Int) {
        begin(key)
        let columns = rows == 0 ? 0 : numbers.count / rows
        guard !isBinary else { return appendBinary(numbers, "[\(rows),\(columns)]") }
        list(Array(0..<rows)) { line, row in
            line.list(Array(numbers[row * columns..<(row + 1) * columns])) { $0.append($1) }
        }
    }

    private mutating func begin(_ key: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        append(key)
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func list<Element>(
        _ elements: [Element], _ append: (inout JSONLine, Element) -> Void
    ) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(&self, element)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// What JSON has no number for is null.
    private mutating func append(_ value: Double) {
        bytes += value.isFinite ? "\(value)".utf8 : "null".utf8
    }

    private mutating func append(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendBinary(_ numbers: [Double], _ shape: String) {
        let data = numbers.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
        bytes += "{\"base64\":\"".utf8
        bytes += data.base64EncodedData()
        bytes += "\",\"shape\":\(shape)}".utf8
    }
}
