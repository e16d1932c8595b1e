import Testing

@testable import Netlist

struct ReadingTests {
    @Test(arguments: [
        "", "\n", "t", "t\nR1 a 0 1", "t\r\nR1 a\t0  1 ; c\r\n+ m=2\r\n",
        "t\n\t R1 a 0 1 $ x\n.end\nrest",
        "t\nR1 a 0 {1k\n* c\n+ * 3}\n", "t\n.control\nplot x\n.endc\nR1 a 0 1\n", "t\n* \u{e9}\n",
    ])
    func everyByteStays(_ text: String) {
        #expect(Deck.of(text).rewriting([:]) == Array(text.utf8))
    }

    @Test func anyBytesAreReadWithoutCrashing() {
        var generator = SplitMix(state: 7)
        let alphabet = Array(
            "RVXCEBDQMrvx.+*;$/\\'\"{}()=, \n\n\r\t0123456789kmeg-abpif_@#%[]!?&:<>|~^".utf8)
        let words = [
            ".subckt s a b", ".ends", ".param a=", ".if (a)", ".endif", ".model m r(",
            ".func f(x) ",
            ".include \"f\"", ".lib f s", ".control", ".endc", ".end", "*.learn output V(",
            "R1 a b ",
            "X1 a b s", "V1 a 0 sin(", "{", "'", "a", "*.learn train rate=",
        ].map { Array($0.utf8) }
        for round in 0..<600 {
            var bytes = Array("t\n".utf8)
            for _ in 0..<Int(generator.next() % 120) {
                switch generator.next() % 4 {
                case 0: bytes.append(UInt8(truncatingIfNeeded: generator.next()))
                case 1: bytes += words[Int(generator.next() % UInt64(words.count))]
                default: bytes.append(alphabet[Int(generator.next() % UInt64(alphabet.count))])
                }
            }
            if round % 7 == 0 { bytes.removeFirst(2) }
            let file = bytes
            let deck = Deck.parse(
                path: "deck.cir", bytes: bytes,
                includes: IncludeReader { path, _ in IncludeReader.File(path: path, bytes: file) })
            #expect(deck.rewriting([:]) == bytes)
            let elaboration = deck.elaborate()
            #expect(elaboration.hasErrors || elaboration.circuit != nil)
            _ = DiagnosticFormatter().format(elaboration.diagnostics)
            _ = try? deck.ngspiceLines()
            _ = compare(expected: deck, actual: deck)
        }
    }

    @Test(arguments: ["{", "(", "'", "{(", "-", "!", "a?", "sqrt(", "1+(", "}"])
    func deepNestingIsNoDanger(_ text: String) {
        let deep = String(repeating: text, count: 100_000)
        for line in [
            "R1 a 0 \(deep)", "R1 a 0 r=\(deep)", ".param a=\(deep)", ".if (\(deep))\n.endif",
            ".func f(x) \(deep)", "R1 a 0 {\(deep)}", "*.learn output \(deep)",
        ] {
            let elaboration = Deck.of("t\nV1 a 0 1\n\(line)\n").elaborate()
            #expect(!elaboration.diagnostics.isEmpty)
        }
        _ = Deck.of("t\nV1 a 0 1\nB1 a 0 v=\(deep)\n").elaborate()
    }

    @Test func manyOpenBlocksAreNoDanger() {
        let text =
            "t\nV1 a 0 1\nR1 a 0 1\n" + String(repeating: ".subckt s a b\n.if (1)\n", count: 20_000)
        #expect(!Deck.of(text).elaborate().errors.isEmpty)
        let params =
            "t\nV1 a 0 1\nR1 a 0 {p0}\n"
            + (0..<5000).map { ".param p\($0)={p\($0 + 1)}\n" }.joined() + ".param p5000=1k\n"
        _ = Deck.of(params).elaborate()
    }

    @Test func theFirstLineIsTheTitle() {
        #expect(Deck.of("R1 a 0 1\nR2 a 0 1\n").title == "R1 a 0 1")
        #expect(Deck.of("\nR2 a 0 1\n").title == "")
        #expect(Deck.of("\nR2 a 0 1\n").diagnostics.map(\.id) == ["empty-title"])
        #expect(Deck.of("t\n.title  Another one\nR2 a 0 1\n").title == "Another one")
    }

    @Test func linesAfterEndCountAsForNgspice() throws {
        let deck = "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n.END ; done\n* c\nR3 b 0 1k\n"
        let values = try NgspiceProcess.operatingPoint(deck, ["v(b)"])
        expectClose(values["v(b)"], 1.0 / 3)
        let elaboration = Deck.of(deck).elaborate()
        #expect(elaboration.circuit?.resistors.count == 3)
        #expect(elaboration.warningIDs == ["text-after-end"])
        #expect(Deck.of("t\nV1 a 0 1\nR1 a 0 1\n.end\n\n* c\n").elaborate().warnings.isEmpty)
    }

    @Test func anOpenControlSectionGoesToTheEnd() {
        let elaboration = Deck.of(
            "t\nV1 a 0 1\nR1 a 0 1\n.include f\nR3 a 0 1\n",
            files: ["f": "R2 a 0 1\n.control\nplot a\n"]
        ).elaborate()
        #expect(elaboration.errorIDs == ["missing-endc"])
        // Commands alone, and cards that say nothing of the circuit.
        let text =
            "t\nV1 a 0 1\nR1 a 0 1\n.control\nop\nlet r2 = 5\nprint v(a) 1 2\ncompose x values 1 2\n.op\n.end\n"
        #expect(Deck.of(text).elaborate().warningIDs == ["missing-endc"])
        for line in [
            "R2 a 0 1k", "Rload a 0 1k", ".param p=1", ".include f", "*.learn output V(a)=1",
        ] {
            expectErrors("t\nV1 a 0 1\nR1 a 0 1\n«.control\nop\n\(line)\n", ["missing-endc"])
        }
    }

    @Test func mistakesAreErrorsWithTheirPlace() {
        let deck = "t\nV1 a 0 1\nR1 a 0 1\n"
        expectErrors(deck + "R2 a 0 «{1k\n", ["unbalanced-delimiter"])
        expectErrors(deck + "R2 a 0 1k«}\n", ["unbalanced-delimiter"])
        expectErrors(deck + "R2 a 0 «'1k\n", ["unbalanced-delimiter"])
        expectErrors(deck + "«#comment\n", ["not-a-statement"])
        expectErrors(deck + "«1R a 0 1\n", ["not-a-statement"])
        expectErrors(deck + "«{a}\n", ["not-a-statement"])
        expectErrors(deck + "R2 a 0 r«=,1k\n", ["missing-value"])
        expectErrors(deck + "R2 a 0 «`1\n", ["unsafe-character"])
        expectErrors(
            deck + "X2 a 0«) s\n.subckt s p q\nR1 p q 1\n.ends\n", ["unbalanced-delimiter"])
        expectErrors(deck + "«.tarn 1 2\n", ["unknown-card"])
        expectErrors(deck + "«@\n", ["line-begins-with-at"])
        expectErrors(deck + "R2 a 0 1«\u{1}\n", ["control-character"])
    }

    @Test func allErrorsOfADeckAreReportedInItsOrder() {
        expectErrors(
            """
            t
            V1 a 0 «foo
            R1 a 0 «0
            R2 a 0 {«zz}
            «.learn x
            *.learn «ruel
            X1 a 0 «s
            R3 a 0 1k
            .include «nowhere.inc

            """,
            [
                "unknown-device-parameter", "zero-resistance", "unknown-parameter", "unknown-card",
                "unknown-keyword", "unknown-subcircuit", "missing-include",
            ])
    }

    /// ngspice takes no notice of options that it doesn't know, a misspelled tolerance among them.
    @Test(arguments: [
        ("reltl=1e-6", ["unknown-option"]), ("abstoll = 1e-12", ["unknown-option"]),
        ("reltol=1e-6 rshnt=1e12", ["unknown-option"]), ("plotwinsize=0 gshunt=1p", []),
        ("reltol=1e-6 method=gear mu=0.5", []),
    ])
    func misspelledOptionsAreWarnings(options: String, warnings: [String]) {
        let elaboration = Deck.of("t\nV1 a 0 1\nR1 a 0 1\n.options \(options)\n").elaborate()
        #expect(elaboration.warningIDs == warnings)
    }

    @Test func unusualLinesAreCommentsWithAWarning() {
        let elaboration = Deck.of("t\nV1 a 0 1\nR1 a 0 1\n;#shell rm\n%x\n+ more\n").elaborate()
        #expect(elaboration.warningIDs == ["unusual-first-character", "unusual-first-character"])
        #expect(elaboration.circuit?.resistors.count == 1)
    }

    @Test func bytesThatAreNotUTF8AreErrorsOutsideComments() {
        let bytes =
            Array("t \u{e9}\nV1 a 0 1\nR1 a 0 1 ; ".utf8) + [0xe9, 0x0a] + Array("R2 a".utf8) + [
                0xe9
            ]
            + Array(" 0 1\n".utf8)
        let deck = Deck.parse(path: "deck.cir", bytes: bytes, includes: .none)
        #expect(deck.diagnostics.map(\.id) == ["invalid-utf8"])
    }
}
