import FuzzSupport
import LearningRules
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
        for row in table.rows {
            require(row.count == table.columns.count, "a row of another length")
            for cell in row {
                require(cell.value.isFinite, "a cell that is no finite number")
                require(cell.range.bytes.upperBound <= bytes.count, "a cell outside the file")
            }
        }
        let (again, _) = SampleTable.parse(
            SourceFile(path: "again.csv", bytes: Array(text(of: table).utf8)))
        require(
            again?.columns.map(\.value) == table.columns.map(\.value)
                && again?.rows.map { $0.map(\.value) } == table.rows.map { $0.map(\.value) },
            "a table does not read back")
    }

    /// The table with every cell in quotes.
    private static func text(of table: SampleTable) -> String {
        func quoted(_ cell: String) -> String {
            "\""
                + cell.split(separator: "\"", omittingEmptySubsequences: false)
                .joined(separator: "\"\"") + "\""
        }
        let header = table.columns.map { quoted($0.value) }.joined(separator: ",")
        return ([header] + table.rows.map { $0.map { "\($0.value)" }.joined(separator: ",") })
            .joined(separator: "\n")
    }
}
