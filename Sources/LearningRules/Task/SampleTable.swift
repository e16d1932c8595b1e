import Netlist

/// Samples as a CSV file gives them: a named column for each source or output, a row for each sample.
///
/// RFC 4180: commas, `"` quotes with `""` for a quote, LF, CRLF or CR; spaces around a cell, empty
/// lines and a byte order mark are ignored; numbers are those of `CSVNumber`. Every cell keeps its place in the file, so that what is wrong with it can be
/// shown there; that is why this reader is our own.
public struct SampleTable: Sendable {
    public let columns: [Located<String>]
    /// V or A; as many in each row as there are columns.
    public let rows: [[Located<Double>]]

    /// Reads a whole table; nil with at least one error among the diagnostics if it has faults.
    public static func parse(_ file: SourceFile) -> (table: SampleTable?, diagnostics: [Diagnostic])
    {
        if let fault = encodingFault(file) { return (nil, [fault]) }
        var diagnostics: [Diagnostic] = []
        var records: [[Cell]] = []
        var reader = CSVReader(bytes: file.bytes)
        while let record = reader.next() {
            if let fault = reader.fault {
                diagnostics.append(
                    Diagnostic(
                        "csv-quote", fault.message, at: SourceRange(file: file, bytes: fault.bytes))
                )
                return (nil, diagnostics)
            }
            records.append(record)
        }
        let start = SourceRange(file: file, bytes: 0..<0)
        guard let header = records.first else {
            return (
                nil,
                [
                    Diagnostic(
                        "csv-empty", "the file is empty: the first row names the columns", at: start
                    )
                ]
            )
        }
        let columns = header.map { Located($0.text, at: SourceRange(file: file, bytes: $0.bytes)) }
        for column in columns where column.value.isEmpty {
            diagnostics.append(
                Diagnostic("csv-column", "a column without a name", at: column.range))
        }
        if columns.count == 1,
            let separator = columns[0].value.first(where: { ";\t|".contains($0) })
        {
            let name = separator == "\t" ? "tabs" : "\(separator)"
            diagnostics.append(
                Diagnostic(
                    "csv-separator", "columns are separated by commas here, not by \(name)",
                    at: columns[0].range))
            return (nil, diagnostics)
        }
        if records.count == 1 {
            diagnostics.append(
                Diagnostic("csv-empty", "there are no samples below the header", at: start))
        }
        var rows: [[Located<Double>]] = []
        for record in records.dropFirst() {
            guard record.count == header.count else {
                let place =
                    record.count > header.count ? record[header.count] : record[record.count - 1]
                diagnostics.append(
                    Diagnostic(
                        "csv-row",
                        "this row has \(record.count) cells; the header has \(header.count)",
                        at: SourceRange(file: file, bytes: place.bytes)))
                continue
            }
            rows.append(
                record.enumerated().compactMap { index, cell in
                    let range = SourceRange(file: file, bytes: cell.bytes)
                    do throws(CSVNumber.Fault) {
                        return Located(try CSVNumber.parse(cell.text), at: range)
                    } catch {
                        diagnostics.append(
                            Diagnostic(
                                "csv-number", "column \(header[index].text): \(error.message)",
                                at: range))
                        return nil
                    }
                })
        }
        guard diagnostics.isEmpty else { return (nil, diagnostics) }
        return (SampleTable(columns: columns, rows: rows), [])
    }

    /// Bytes that no table in UTF-8 has: they would hide in a name or end a number early.
    private static func encodingFault(_ file: SourceFile) -> Diagnostic? {
        if file.bytes.starts(with: [0xFF, 0xFE]) || file.bytes.starts(with: [0xFE, 0xFF]) {
            return Diagnostic(
                "csv-encoding", "this file is in UTF-16: save it as UTF-8",
                at: SourceRange(file: file, bytes: 0..<2))
        }
        guard let place = file.bytes.firstIndex(of: 0) else { return nil }
        return Diagnostic(
            "csv-encoding", "there is a NUL byte here, and none in a text: export the table again",
            at: SourceRange(file: file, bytes: place..<place + 1))
    }
}

/// One cell: its text without quotes and surrounding blanks, and where it is.
private struct Cell {
    let text: String
    let bytes: Range<Int>
}

/// Splits bytes into records.
private struct CSVReader {
    let bytes: [UInt8]
    private(set) var fault: (message: String, bytes: Range<Int>)?
    private var position: Int

    init(bytes: [UInt8]) {
        self.bytes = bytes
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next record that is not an empty line.
    mutating func next() -> [Cell]? {
        while position < bytes.count {
            let start = position
            let record = readRecord()
            let isBlank =
                record.count == 1 && record[0].text.isEmpty
                && !bytes[start..<position].contains(UInt8(ascii: "\""))
            if fault != nil || !isBlank { return record }
        }
        return nil
    }

    private mutating func readRecord() -> [Cell] {
        var cells: [Cell] = []
        while true {
            cells.append(readCell())
            guard fault == nil, position < bytes.count else { return cells }
            let separator = bytes[position]
            position += 1
            if separator == UInt8(ascii: ",") { continue }
            if separator == UInt8(ascii: "\r"), position < bytes.count,
                bytes[position] == UInt8(ascii: "\n")
            {
                position += 1
            }
            return cells
        }
    }

    /// Reads up to the comma or line end that ends the cell, which is left in place.
    private mutating func readCell() -> Cell {
        skipBlanks()
        let start = position
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            while position < bytes.count, !isSeparator(bytes[position]) { position += 1 }
            var end = position
            while end > start, isBlank(bytes[end - 1]) { end -= 1 }
            return Cell(
                text: String(decoding: bytes[start..<end], as: UTF8.self), bytes: start..<end)
        }
        position += 1
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte != UInt8(ascii: "\"") {
                content.append(byte)
            } else if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                content.append(byte)
                position += 1
            } else {
                let end = position
                skipBlanks()
                if position < bytes.count, !isSeparator(bytes[position]) {
                    fault = (
                        "a comma or the end of the line should follow the quoted cell",
                        position..<position + 1
                    )
                }
                return Cell(text: String(decoding: content, as: UTF8.self), bytes: start..<end)
            }
        }
        fault = ("this quote is never closed", start..<start + 1)
        return Cell(text: "", bytes: start..<bytes.count)
    }

    private mutating func skipBlanks() {
        while position < bytes.count, isBlank(bytes[position]) { position += 1 }
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
}
