import LearningRules
import Netlist
import Testing

@Suite struct SampleTableTests {
    private func parse(_ text: String) -> (table: SampleTable?, diagnostics: [Diagnostic]) {
        SampleTable.parse(SourceFile(path: "train.csv", bytes: Array(text.utf8)))
    }

    private func place(_ diagnostic: Diagnostic?) -> Int? { diagnostic?.range?.bytes.lowerBound }

    @Test func quotesBlanksAndLineEndings() throws {
        let table = try #require(
            parse("\u{FEFF}V1, \"V(a,c)\" ,\"say \"\"x\"\"\"\r\n\r\n 1,2e-3 ,-0.5\r\n0.25,.5,3")
                .table)
        #expect(table.columns.map(\.value) == ["V1", "V(a,c)", "say \"x\""])
        #expect(table.rows.map { $0.map(\.value) } == [[1, 2e-3, -0.5], [0.25, 0.5, 3]])
    }

    @Test(
        "faults point at their cell",
        arguments: [
            ("", "csv-empty", 0),
            ("V1,V(b)\n", "csv-empty", 0),
            ("V1,V(b)\n1,x\n", "csv-number", 10),
            ("V1,V(b)\n1,nan\n", "csv-number", 10),
            ("V1,V(b)\n1,\n", "csv-number", 10),
            ("V1,V(b)\n1,2,3\n", "csv-row", 12),
            ("V1,V(b)\n1\n", "csv-row", 8),
            ("V1,\"V(b)\n1,2\n", "csv-quote", 3),
            ("V1,,V2\n1,2,3\n", "csv-column", 3),
        ])
    func faults(text: String, id: String, offset: Int) {
        let (table, diagnostics) = parse(text)
        #expect(table == nil)
        #expect(diagnostics.first?.id == id)
        #expect(place(diagnostics.first) == offset)
    }
}
