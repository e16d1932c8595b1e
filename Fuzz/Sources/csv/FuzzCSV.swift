import FuzzSupport
import LearningTasks
import Netlist

/// Sample tables of any bytes.
@main enum FuzzCSV {
    static func main() { Fuzzing.run { Fuzzing.test($0, $1, FuzzCSV.test) } }

    static func test(_ bytes: [UInt8]) {
        let file = SourceFile(path: "fuzz.csv", bytes: bytes)
        let (table, diagnostics) = SampleTable.parse(file)
        _ = DiagnosticFormatter().format(Array(diagnostics.prefix(3)))
        guard let table else {
            require(diagnostics.contains { $0.severity == .error }, "refused without a reason")
            return
        }
        for m in 0..<table.count {
            let row = table.row(m)
            require(row.count == table.columns.count, "a row of another length")
            require(row.allSatisfy(\.isFinite), "a cell that is no finite number")
            let range = table.range(row: m, column: row.count - 1)
            require(range.bytes.upperBound <= bytes.count, "a cell outside the file")
        }
        let (again, _) = SampleTable.parse(
            SourceFile(path: "again.csv", bytes: text(of: table)))
        require(
            again?.columns.map(\.value) == table.columns.map(\.value)
                && again.map(rows) == rows(of: table),
            "a table does not read back")
    }

    private static func rows(of table: SampleTable) -> [[Double]] {
        (0..<table.count).map { table.row($0) }
    }

    /// The table with every name in quotes.
    private static func text(of table: SampleTable) -> [UInt8] {
        // By bytes: a quote and an accent after it are one character.
        func quoted(_ name: String) -> [UInt8] {
            let quote = UInt8(ascii: "\"")
            return [quote] + name.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
        }
        let header = Array(table.columns.map { quoted($0.value) }.joined(separator: ",".utf8))
        let rows = rows(of: table).map { $0.map { "\($0)" }.joined(separator: ",") }
        return header + Array(("\n" + rows.joined(separator: "\n")).utf8)
    }
}
