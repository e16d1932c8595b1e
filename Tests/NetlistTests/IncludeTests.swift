import Foundation
import Testing

@testable import Netlist

struct IncludeTests {
    @Test func includedTextStandsInItsPlace() throws {
        let deck = Deck.of(
            "t\nV1 a 0 1\n.include \"parts.inc\"\n.INC 'more.inc'\n.lib all.lib TT\nR9 a 0 {p}\n.end\n",
            files: [
                "parts.inc": "* no title here\nR1 a 0 1\n.end\nR2 a 0 2\n",
                "more.inc": "R3 a 0 3\n",
                "all.lib": ".lib ff\nR4 a 0 4\n.endl\n.lib tt\nR5 a 0 5\n.param p=6\n.endl tt\n",
            ])
        let circuit = try deck.elaborate().get()
        #expect(circuit.resistors.map(\.name) == ["R1", "R2", "R3", "R5", "R9"])
        #expect(deck.files.map(\.path) == ["deck.cir", "parts.inc", "more.inc", "all.lib"])
        guard case .unwritable(let reason) = circuit.origins(training: [0])[0] else {
            Issue.record("an included number must not be writable")
            return
        }
        #expect(reason == "its value is in parts.inc, which is only read; copy it into the deck")
    }

    /// ngspice reads on behind an `.end`, and takes no title from there.
    @Test func endsAndTitlesOfIncludedFiles() throws {
        let included = "R2 b 0 1k\n.title another\n.end\n* so far\nR3 b 0 1k\n"
        let text = "main\nV1 a 0 1\nR1 a b 1k\n.include parts.inc\nR4 b 0 1k\n.end\n"
        let deck = Deck.of(text, files: ["parts.inc": included])
        #expect(deck.title == "main")
        #expect(deck.statements.count == 5)
        let warnings = deck.elaborate().warnings
        #expect(warnings.map(\.id) == ["text-after-end"])
        #expect(warnings.first?.range?.place == "parts.inc:5:1")
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "\(UUID().uuidString).inc")
        try Data(included.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let absolute = text.replacingOccurrences(of: "parts.inc", with: "\"\(file.path)\"")
        #expect(try NgspiceProcess.run(absolute).contains("Circuit: main\n"))
        // R2, R3 and R4 in parallel.
        expectClose(try NgspiceProcess.operatingPoint(absolute, ["v(b)"])["v(b)"], 0.25)
    }

    /// R1 has 2 kΩ then, for ngspice reads `R1 a b 1k 2k`; a resistor that a file ends with likewise.
    @Test func continuationsAcrossIncludes() throws {
        let deck = "t\nV1 a 0 1\nR1 a b 1k\n.include x.inc\n"
        func faults(_ text: String, _ included: String) -> [String] {
            Deck.of(text, files: ["x.inc": included]).elaborate().errors
                .filter { $0.id == "continues-apart" }
                .map { "\($0.range?.place ?? "") \($0.message.split(separator: " ")[8])" }
        }
        #expect(
            faults(deck + "R2 b 0 1k\n", "* parts\n\n+ 2k\nR3 b 0 1k\n") == [
                "x.inc:3:2 deck.cir:3:1"
            ])
        #expect(
            faults(deck + "+ 2k\nR2 b 0 1k\n", "R3 b 0 1k\n* c\n") == [
                "deck.cir:5:2 x.inc:1:1"
            ])
        #expect(
            faults(deck + "+ 2k\nR2 b 0 1k\n", "* c\n") == [
                "deck.cir:5:2 deck.cir:3:1"
            ])
        for between in [".end", ".title more"] {
            #expect(
                faults("t\nV1 a 0 1\nR1 a b 1k\n\(between)\n+ 2k\nR2 b 0 1k\n", "") == [
                    "deck.cir:5:2 deck.cir:3:1"
                ])
        }
        #expect(faults("t\n.include x.inc\nV1 b 0 1\n", "+ 2k\nR3 b 0 1k\n") == [])

        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "\(UUID().uuidString).inc")
        try Data("* parts\n\n+ 2k\nR3 b 0 1k\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let text = "t\nV1 a 0 1\nR1 a b 1k\n.include \"\(file.path)\"\nR2 b 0 1k\n.end\n"
        // R2 and R3 in parallel have 500 Ω.
        expectClose(try NgspiceProcess.operatingPoint(text, ["v(b)"])["v(b)"], 0.2)
    }

    @Test func mistakesAreErrorsWithTheirPlace() {
        let deck = "t\nV1 a 0 1\nR1 a 0 1\n"
        expectErrors(deck + ".include «missing.inc\n", ["missing-include"])
        expectErrors(deck + "«.include\n", ["missing-file-name"])
        expectErrors(
            deck + ".lib all.lib «tt\n", ["unknown-section"], files: ["all.lib": "* none\n"])
        expectErrors(
            deck + ".include a.inc\n", ["include-cycle"].filter { _ in false },
            files: ["a.inc": "* fine\n"])
        let cyclic = Deck.of(
            deck + ".include a.inc\n",
            files: ["a.inc": ".include b.inc\n", "b.inc": ".include a.inc\n"])
        #expect(cyclic.diagnostics.map(\.id) == ["include-cycle"])
        #expect(cyclic.diagnostics.first?.range?.file.path == "b.inc")
    }

    @Test func filesThatIncludeWithoutEndStop() {
        let includes = IncludeReader { path, _ in
            IncludeReader.File(
                path: path, bytes: Array(".include \(path)x\n.include \(path)y\n".utf8))
        }
        let deck = Deck.parse(
            path: "deck.cir", bytes: Array("t\n.include a\n".utf8), includes: includes)
        #expect(deck.diagnostics.contains { $0.id == "too-many-includes" })
    }

    @Test func filesAreReadFromDiskBesideTheDeck() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString)
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("sub"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("R1 a 0 1\n.include below.inc\n".utf8).write(
            to: folder.appendingPathComponent("sub/a.inc"))
        try Data("R2 a 0 1\n".utf8).write(to: folder.appendingPathComponent("sub/below.inc"))
        let text =
            "t\nV1 a 0 1\n.include sub/a.inc\n.include sub\n.include nowhere\n.include /dev/zero\n"
        let deck = Deck.parse(
            path: folder.appendingPathComponent("deck.cir").path, bytes: Array(text.utf8))
        #expect(deck.statements.count == 3)
        #expect(
            deck.diagnostics.map(\.message) == [
                "sub is a folder, not a file", "nowhere doesn't exist",
                "/dev/zero is not an ordinary file",
            ])
    }

    /// ngspice finds no name there, and stops.
    @Test(arguments: [
        ".include «\"x.inc", ".include «'x.inc", ".inc «\"x.inc'", ".lib «\"x.lib s",
        ".lib x.lib «\"s",
    ])
    func quotesThatAreNeverClosed(line: String) {
        let files = ["x.inc": "R2 a 0 1k\n", "x.lib": ".lib s\nR2 a 0 1k\n.endl\n"]
        expectErrors(
            "t\nV1 a 0 1\nR1 a 0 1k\n\(line)\n.end\n", ["unbalanced-delimiter"], files: files)
        #expect(
            Deck.of("t\nV1 a 0 1\n.include 'x.inc'\n.include \"x.inc\"\n", files: files)
                .statements.count == 3)
    }
}
