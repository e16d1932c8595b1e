import Netlist

/// Samples as a CSV file gives them: a named column for each source, output or class, a row for each sample.
///
/// RFC 4180: commas, or the semicolons or tabs with which the header is written; `"` quotes with `""` for a
/// quote, LF, CRLF or CR; spaces around a cell, empty lines and a byte order mark are ignored; numbers are
/// those of `CSVNumber`. Numbers lie in flat memory, eight bytes each, and the place of a cell, which is shown
/// where something is wrong with it, is found again by reading its row: that is why this reader is our own.
public struct SampleTable: Sendable {
    /// How the cells of a column are read.
    public enum Kind: Sendable {
        case numbers
        /// Names of classes and the like.
        case names
        /// Not at all.
        case ignored
    }

    public let columns: [Located<String>]
    /// Of rows.
    public let count: Int
    /// Row after row: numbers, in a column of names the place of the name, and 0 in an ignored one.
    package let values: [Double]
    /// The different names in each column, in the order in which they first come; empty for other kinds.
    public let names: [[String]]
    private let file: SourceFile
    private let separator: UInt8

    /// The cells of a row, as `values`.
    public func row(_ index: Int) -> [Double] {
        Array(values[index * columns.count..<(index + 1) * columns.count])
    }

    /// The first row with this value in a column.
    func firstRow(with value: Double, in column: Int) -> Int? {
        (0..<count).first { values[$0 * columns.count + column] == value }
    }

    /// Where a cell is.
    ///
    /// - Complexity: that of reading the file up to there.
    public func range(row: Int, column: Int) -> SourceRange {
        var reader = CSVReader(file.bytes, separator: separator)
        var cells: [CSVReader.Cell] = []
        for _ in 0...(row + 1) { guard reader.next(&cells) else { break } }
        return SourceRange(file: file, bytes: cells[column].bytes)
    }

    /// The most faulty cells that are reported one by one.
    private static let mostFaults = 100

    /// Reads a whole table; nil with at least one error among the diagnostics if it has faults.
    ///
    /// - Parameters:
    ///   - kind: of the column of a name.
    ///   - unit: what the numbers in that column are, for messages: "degrees Celsius".
    public static func parse(
        _ file: SourceFile, kind: (String) -> Kind = { _ in .numbers },
        unit: (String) -> String = { _ in "volts or amperes" }
    ) -> (table: SampleTable?, diagnostics: [Diagnostic]) {
        if let fault = encodingFault(file) { return (nil, [fault]) }
        func at(_ bytes: Range<Int>) -> SourceRange { SourceRange(file: file, bytes: bytes) }
        let separator = CSVReader.separator(of: file.bytes)
        var reader = CSVReader(file.bytes, separator: separator)
        var cells: [CSVReader.Cell] = []
        guard reader.next(&cells) else {
            let message = "the file is empty: the first row names the columns"
            return (nil, [Diagnostic("csv-empty", message, at: at(0..<0))])
        }
        var diagnostics: [Diagnostic] = []
        func quoteFault() -> Diagnostic? {
            reader.fault.map { Diagnostic("csv-quote", $0.message, at: at($0.bytes)) }
        }
        if let fault = quoteFault() { return (nil, [fault]) }
        let columns = cells.map { Located(reader.text($0), at: at($0.bytes)) }
        for column in columns where column.value.isEmpty {
            diagnostics.append(
                Diagnostic("csv-column", "a column without a name", at: column.range))
        }
        if columns.count == 1, columns[0].value.contains("|") {
            diagnostics.append(
                Diagnostic(
                    "csv-separator",
                    "columns are separated by commas, semicolons or tabs here, not by |",
                    at: columns[0].range))
            return (nil, diagnostics)
        }
        let kinds = columns.map { kind($0.value) }
        var places = columns.map { _ in [String: Int]() }
        var names = columns.map { _ in [String]() }
        var values: [Double] = []
        values.reserveCapacity(reader.linesLeft * columns.count)
        var count = 0
        while diagnostics.count < mostFaults, reader.next(&cells) {
            if let fault = quoteFault() { return (nil, diagnostics + [fault]) }
            guard cells.count == columns.count else {
                let place =
                    cells.count > columns.count ? cells[columns.count] : cells[cells.count - 1]
                diagnostics.append(
                    Diagnostic(
                        "csv-row",
                        "this row has \(cells.count) cells; the header has \(columns.count)",
                        at: at(place.bytes)))
                continue
            }
            count += 1
            for (column, cell) in cells.enumerated() {
                switch kinds[column] {
                case .ignored: values.append(0)
                case .names:
                    let name = reader.text(cell)
                    if let place = places[column][name] {
                        values.append(Double(place))
                    } else {
                        values.append(Double(names[column].count))
                        places[column][name] = names[column].count
                        names[column].append(name)
                    }
                case .numbers:
                    if let value = reader.shortNumber(cell) {
                        values.append(value)
                        continue
                    }
                    do throws(CSVNumber.Fault) {
                        values.append(
                            try CSVNumber.parse(
                                reader.text(cell), unit: unit(columns[column].value)))
                    } catch {
                        values.append(.nan)
                        diagnostics.append(
                            Diagnostic(
                                "csv-number", "column \(columns[column].value): \(error.message)",
                                at: at(cell.bytes)))
                    }
                }
            }
        }
        if count == 0, diagnostics.isEmpty {
            diagnostics.append(
                Diagnostic("csv-empty", "there are no samples below the header", at: at(0..<0)))
        }
        guard diagnostics.isEmpty else { return (nil, diagnostics) }
        return (
            SampleTable(
                columns: columns, count: count, values: values, names: names, file: file,
                separator: separator), []
        )
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
