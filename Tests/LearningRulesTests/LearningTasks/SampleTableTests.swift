import LearningTasks
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
        #expect((0..<table.count).map { table.row($0) } == [[1, 2e-3, -0.5], [0.25, 0.5, 3]])
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
            ("V1,V(b)\n1,0.2\u{0}5\n", "csv-encoding", 13),
            ("V1\u{0},V(b)\n1,2\n", "csv-encoding", 2),
            ("V1|V(b)\n1|2\n", "csv-separator", 0),
            ("V1;V(b)\n1;0,2\n", "csv-number", 10),
        ])
    func faults(text: String, id: String, offset: Int) {
        let (table, diagnostics) = parse(text)
        #expect(table == nil)
        #expect(diagnostics.first?.id == id)
        #expect(place(diagnostics.first) == offset)
    }

    @Test(
        "numbers have one grammar",
        arguments: [
            ("0.25", 0.25), ("-1", -1), ("+2", 2), (".5", 0.5), ("3.", 3), ("1e-3", 1e-3),
            ("1E+3", 1e3), ("\"0.5\"", 0.5), ("0005", 5), ("-0", 0),
            ("0.1000000000000000055511151231257827", 0.1), ("1e-400", 0),
            ("1.7976931348623157e308", .greatestFiniteMagnitude),
        ])
    func numbers(text: String, value: Double) throws {
        let table = try #require(parse("V1\n\(text)\n").table)
        #expect((0..<table.count).map { table.row($0) } == [[value]])
    }

    /// With the spelling that is right, where it is clear what is meant.
    @Test(
        "whatever else looks like a number is an error at its place",
        arguments: [
            ("0x10", "hexadecimal"), ("0x1p3", "hexadecimal"), ("nan", "finite"),
            ("-inf", "finite"), ("Infinity", "finite"), ("NaN(3)", "finite"), ("1e400", "1.8e308"),
            ("-1e999", "1.8e308"), ("50%", "write 0.5"), ("1 000", "write 1000"),
            ("1'000.5", "write 1000.5"), ("1_000", "write 1000"),
            ("\"1,000,000\"", "write 1000000"),
            ("\"0,25\"", "write 0.25"), ("\"1,000\"", "or 1000 where"),
            ("\u{2212}0.5", "write -0.5"),
            ("1k", "write volts or amperes, 1000"), ("0.25V", "write volts or amperes, 0.25"),
            ("5 mV", "like 0.25"), ("1d3", "amperes, 1000"), ("1e", "like 0.25"),
            ("e5", "like 0.25"), ("1e5x", "scale factor"),
            ("--1", "like 0.25"), ("1.2.3", "like 0.25"), (".", "like 0.25"), ("-", "like 0.25"),
            ("\u{661}", "like 0.25"), ("1\u{1}", "control character"), ("\u{FEFF}1", "like 0.25"),
        ])
    func noNumbers(text: String, message: String) throws {
        for (row, ending) in [("\(text)", "\n"), (" \(text) ", "\r\n"), ("\(text)", "\r")] {
            let (table, diagnostics) = parse("V(b)\(ending)1\(ending)\(row)\(ending)")
            #expect(table == nil)
            #expect(diagnostics.map(\.id) == ["csv-number"])
            #expect(diagnostics[0].message.contains(message), "\(diagnostics[0].message)")
            let offset = 4 + 1 + 2 * ending.utf8.count + (row.first == " " ? 1 : 0)
            #expect(place(diagnostics[0]) == offset)
        }
    }

    @Test func oneSentenceForAnotherEncoding() {
        let bytes = Array("V1\n1\n".utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        let (table, diagnostics) = SampleTable.parse(
            SourceFile(path: "train.csv", bytes: [0xFF, 0xFE] + bytes))
        #expect(table == nil)
        #expect(diagnostics.map(\.message) == ["this file is in UTF-16: save it as UTF-8"])
    }
}
