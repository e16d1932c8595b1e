import Testing

@testable import Netlist

/// Cards of other simulators, and files that a line names.
struct ForeignCardTests {
    private let circuit = "t\nV1 a 0 1\nR1 a 0 1k\n"

    @Test func theyAreCommentsInWhatIsWritten() {
        let deck = Deck.of(
            circuit + "  .Backanno\n.step param x\n+ list 1\n* why\n+ 2 ; and so on\n.op\n")
        let elaboration = deck.elaborate()
        #expect(elaboration.warningIDs == ["foreign-card", "foreign-card"])
        #expect(
            deck.rewriting([:]).text == circuit
                + "  *.Backanno\n*.step param x\n*+ list 1\n** why\n*+ 2 ; and so on\n.op\n")
        let again = Deck.of(deck.rewriting([:]).text)
        #expect(again.elaborate().diagnostics.isEmpty)
        #expect(compare(expected: deck, actual: again).isEmpty)
    }

    @Test func anIncludedOneCantBecomeAComment() {
        let deck = Deck.of(circuit + ".include a.inc\n", files: ["a.inc": ".backanno\n"])
        #expect(deck.elaborate().errorIDs == ["included-foreign-card"])
        #expect(deck.elaborate(for: .operatingPoint).errorIDs == [])
        for card in [".backanno", ".tran 1m"] {
            let included = Deck.of(circuit + ".include a.inc\n", files: ["a.inc": "\(card)\n"])
                .elaborate(for: .operatingPoint)
            let written = Deck.of(circuit + "\(card)\n").elaborate(for: .operatingPoint)
            let ending = "*\(card.prefix { $0 != " " })"
            #expect(
                included.warnings.first?.message
                    .hasSuffix("included files aren't written; make it a comment here: \(ending)")
                    == true)
            #expect(
                written.warnings.first?.message
                    .hasSuffix("and a comment in what is written: \(ending)") == true)
        }
    }

    @Test func cardsThatChangeTheCircuitAreErrors() {
        for card in [".learn", ".foo"] {
            expectErrors(circuit + "«\(card)\n", ["unknown-card"])
        }
        for card in [
            ".connect a b", ".alter", ".data sweep p 1 2", ".enddata", ".machine", ".aliases",
            ".stimulus s pulse 0 1",
        ] {
            expectErrors(circuit + "«\(card)\n", ["foreign-circuit"])
        }
    }

    /// Checked with ngspice 39.3, which looks at the beginning of these cards only.
    @Test func cardsThatBeginLikeOthers() {
        for (card, usual) in [
            (".models dm d\nD1 a 0 dm", ".model"), (".modelx dm d\nD1 a 0 dm", ".model"),
            (".subckts s p q\nR1 p q 1\n.ends\nX1 a 0 s", ".subckt"),
        ] {
            expectErrors(circuit + "«\(card)\n", ["unknown-card"])
            let message = Deck.of(circuit + card + "\n").elaborate().errors.first?.message
            #expect(message?.hasSuffix(", since it begins so; write \(usual)") == true)
        }
        let ending = circuit + "X1 a 0 s\n.subckt s p q\nR1 p q 1\n.endsubckt\n"
        #expect(
            Deck.of(ending).elaborate().errors.contains { $0.message.hasSuffix("; write .ends") })
        for card in [".csparams x=1", ".probes v(a)", ".probe64 v(a)", ".titles a {b}"] {
            let deck = Deck.of(circuit + card + "\n.end\n")
            #expect(deck.elaborate().diagnostics.isEmpty, "\(card)")
            #expect(deck.rewriting([:]).text == circuit + card + "\n.end\n")
        }
        #expect(
            Deck.of(circuit + ".op\n.dc V1 1 2 1\n.probes v(a)\n").elaborate().warningIDs.isEmpty)
    }

    @Test func whatStandsInForeignBlocksIsNoFurtherError() {
        for block in [
            ".data sweep\nra rb\n1k 2k\n.enddata", ".ALIASES\nR_R1 R1(1=a 2=0)\n.ENDALIASES",
            ".machine\n.state s 0\n.rule * s 1\n.endmachine",
        ] {
            expectErrors(circuit + "«\(block)\nR2 a 0 1k\n", ["foreign-circuit"])
        }
    }

    @Test func cardsThatChangeNothingAreComments() {
        for card in [
            ".loadbias a.bias", ".distribution d (-1,0) (1,1)", ".stim tran pwl filename=a",
            ".ferret \"http://example.org/a\"",
        ] {
            let deck = Deck.of(circuit + card + "\n")
            #expect(deck.elaborate().diagnostics.map(\.id) == ["foreign-card"], "\(card)")
            #expect(deck.rewriting([:]).text == circuit + "*\(card)\n")
        }
    }

    /// ngspice 39.3 ends with "Undefined parameter [v]" at each of these, and solves nothing.
    @Test func cardsThatReadVoltagesTooSoonAreComments() {
        for card in [
            ".sens objfunc={V(a)} param=R1:R", ".meas tran x max {v(a)}", ".save {v(a)}",
            ".tf {v(a)} v1", ".tran 1n {v(a)}", ".dc V1 0 {v(a)} 1",
        ] {
            let deck = Deck.of(circuit + card + "\n")
            #expect(deck.elaborate().diagnostics.map(\.id) == ["foreign-card"], "\(card)")
            #expect(deck.rewriting([:]).text == circuit + "*\(card)\n")
        }
        #expect(
            Deck.of(circuit + ".tran {2*n} {max(1,2)}\n.param n=1\n").elaborate().diagnostics
                .isEmpty)
    }

    @Test func aLineThatNamesAFileIsNeverIgnored() {
        let files = ["x.inc": "R2 a 0 1\n", "y.inc": ".lib s\n.lib x.inc\n.endl\n"]
        expectErrors(circuit + ".lib «x.inc\n", ["missing-section"], files: files)
        expectErrors(circuit + ".LIB \"«x.inc\"\n", ["missing-section"], files: files)
        #expect(
            Deck.of(circuit + ".lib y.inc s\n", files: files).elaborate().errorIDs
                == ["missing-section"])
        expectErrors(circuit + "«.endl\n", ["unmatched-endl"])
        expectErrors(
            circuit + ".lib «s\nR2 a 0 1\n«.endl\n", ["missing-section", "unmatched-endl"])
    }

    @Test func utf16IsOneSentence() {
        let text = "t\nV1 a 0 1\nR1 a 0 1k\n"
        for bytes in [
            [0xff, 0xfe] + text.utf8.flatMap { [$0, 0] }, text.utf8.flatMap { [$0, 0] },
            [0xfe, 0xff] + text.utf8.flatMap { [0, $0] }, text.utf8.flatMap { [0, $0] },
        ] as [[UInt8]] {
            let deck = Deck.parse(path: "deck.cir", bytes: bytes, includes: .none)
            #expect(deck.elaborate().diagnostics.map(\.id) == ["utf-16"])
        }
    }

    @Test func utf32IsCalledSo() {
        let text = "t\nV1 a 0 1\nR1 a 0 1k\n"
        for bytes in [
            [0xff, 0xfe, 0, 0] + text.utf8.flatMap { [$0, 0, 0, 0] },
            text.utf8.flatMap { [$0, 0, 0, 0] }, text.utf8.flatMap { [0, 0, 0, $0] },
        ] as [[UInt8]] {
            let errors = Deck.parse(path: "deck.cir", bytes: bytes, includes: .none).elaborate()
                .diagnostics
            #expect(errors.map(\.id) == ["utf-16"])
            #expect(errors.first?.message.contains("UTF-32") == true)
        }
    }

    @Test func carriageReturnsAloneAreOneSentence() {
        let deck = Deck.of("t\rV1 a 0 1\rR1 a 0 1k\r.end\r")
        #expect(deck.elaborate().diagnostics.map(\.id) == ["carriage-returns"])
        #expect(Deck.of("t\r\nV1 a 0 1\r\nR1 a 0 1k\r\n").elaborate().diagnostics.isEmpty)
    }

    @Test func aNodeMayNotHaveTheNameOfTheTemperature() {
        expectErrors("t\nV1 temper 0 1\nR1 «temper 0 1k\n", ["reserved-name"])
        expectErrors("t\nV1 a 0 1\nR1 a «TEMPER 1k\nR2 Temper 0 1k\n", ["reserved-name"])
        expectErrors(
            "t\nV1 a 0 1\nX1 a s\n.subckt s p\nR1 p «temper 1k\nR2 temper 0 1k\n.ends\n",
            ["reserved-name"])
    }

    /// Checked with ngspice 39.3: it stops at the first ones and reads the others.
    @Test func analysesAsNgspiceReadsThem() throws {
        func written(_ card: String) throws -> String {
            let deck = Deck.of("t\nV1 a 0 1\nR1 a 0 1k\n\(card)\n.end\n")
            return String(decoding: deck.rewriting([:]), as: UTF8.self)
        }
        for card in [
            ".tran 10m", ".tran 0 10m", ".tran 1u 10m startup", ".tran ts te", ".tran", ".ac",
            ".ac foo", ".ac list 1k 2k", ".dc V1 list 1 2 3", ".dc param x 0 1 1", ".dc", ".tf",
            ".noise v(b)", ".pz", ".sens", ".disto", ".four", ".meas tran",
        ] {
            #expect(try written(card).contains("\n*\(card)\n"), "\(card)")
            let warnings = Deck.of("t\nV1 a 0 1\nR1 a 0 1k\n\(card)\n").elaborate().warningIDs
            #expect(warnings == ["foreign-card"], "\(card)")
        }
        for card in [
            ".tran 1u 10u", ".tran {ts} {te} uic", ".tran 'ts' 'te'", ".tran 1u, 10u 0 1u uic",
            ".ac dec 10 1 1k", ".AC LIN 1 1k 1k", ".ac dec n fa fb", ".dc V1 0 1 .1",
            ".dc V1 0 te ts V2 0 1 .1", ".dc temp 0 50 10", ".noise v(a,b) V1 dec 10 1 1k",
            ".tf v(b) V1", ".pz a 0 b 0 vol pz", ".sens v(b)", ".disto dec 10 1 1k",
            ".four 1k v(b)", ".meas tran x max v(b)", ".csparam x={ts}", ".op", ".save all",
        ] {
            #expect(try written(card).contains("\n\(card)\n"), "\(card)")
        }
    }

    /// What an .if leaves out, ngspice doesn't look at.
    @Test func unknownCardsInConditions() throws {
        for card in [".lib x.lib", ".foo", ".connect a b", ".tnom 27"] {
            let text = "t\nV1 a 0 1\nR1 a 0 1k\n.if (%)\n\(card)\n.endif\n.end\n"
            let inactive = text.replacing("%", with: "0")
            #expect(Deck.of(inactive).elaborate().errors.isEmpty, "\(card)")
            #expect(try NgspiceProcess.operatingPoint(inactive, ["v(a)"])["v(a)"] == 1, "\(card)")
            #expect(
                Deck.of(text.replacing("%", with: "1")).elaborate().errors.count == 1, "\(card)")
        }
    }

    @Test func analysesThatKeepNgspiceFromTheOperatingPoint() {
        for (cards, isWarnedOf) in [
            (".op\n.tf v(a) V1", true), (".tf v(a) V1", false), (".op", false),
            (".op\n.tf v(a) V1\n.save all", false), (".op\n.dc V1 1 2 1", true),
            (".op\n.dc V1 1 2 1\n.print dc v(a)", false), (".op\n.dc R1 1 2 1", true),
            (".op\n.dc TEMP 0 100 50", true), (".op\n.dc L1 1 2 1", false),
            (".op\n.dc temp 0 100 50\n.save all", false),
            (".op\n.dc V1 1 2 1\n.save all", false), (".probe alli", false),
            ("R2 a Net-(b) 1\nR3 Net-(b) 0 1\n.probe alli", true),
            ("X1 a b s\n.subckt s a b\nR1 a 0 1k\n.ends\n.probe alli", true),
            (".disto dec 10 1 1k", true), (".disto dec 10 1 1k\n.save all", false),
            (".op\n.ac dec 10 1 1k", false),
        ] {
            let warnings = Deck.of("t\nV1 a 0 1\nR1 a 0 1k\n\(cards)\n").elaborate().warningIDs
            #expect(warnings == (isWarnedOf ? ["analysis-beside"] : []), "\(cards)")
        }
    }

    /// ngspice runs the sections of a file that it reads, and none in another section of a library: with R1
    /// altered to 2 kΩ there, V(b) stays 0.5 V.
    @Test func commandsOfSectionsThatAreNotSelected() {
        let library = """
            .lib slow
            .control
            alter R1=2k
            op
            .endc
            .endl
            .lib fast
            R2 b 0 1k
            .control
            op
            alter R2=5k
            .endc
            .endl
            .control
            alterparam p=3
            .endc

            """
        func places(_ cards: String) -> [String?] {
            Deck.of("t\nV1 a 0 1\nR1 a b 1k\n\(cards)\n", files: ["x.lib": library])
                .elaborate().warnings.filter { $0.id == "control-changes-circuit" }
                .map { $0.range?.place }
        }
        #expect(places(".lib x.lib fast") == ["x.lib:11:1"])
        #expect(places(".lib x.lib slow\nR2 b 0 1k") == ["x.lib:3:1"])
        #expect(
            places(".lib x.lib fast\n.control\nalter R1=3k\n.endc") == [
                "deck.cir:6:1", "x.lib:11:1",
            ])
    }

    /// Checked with ngspice 39.3: all that are warned of change what its `.op` gives, or its `op`.
    @Test func commandsThatChangeTheCircuit() {
        for command in [
            "alter R1=5k", "  ALTER R1 5k", "altermod dm is=1p", "alterparam p=2", "set temp=100",
            "set noinit temp = 100", "option temp=100", "options rshunt=1k", "source a.cir",
        ] {
            let text = circuit + ".control\nop\n\(command)\nop\n.endc\n"
            let warnings = Deck.of(text).elaborate().warnings
            #expect(warnings.map(\.id) == ["control-changes-circuit"], "\(command)")
            #expect(warnings.first?.range?.start.line == 6, "\(command)")
        }
        for command in ["option", "set width=80", "reset", "let alter=1", "* alter R1=5k"] {
            let text = circuit + ".control\n\(command)\nop\n.endc\n"
            #expect(Deck.of(text).elaborate().diagnostics.isEmpty, "\(command)")
        }
        let section = ".control\nalter R1=5k\nalter R1=6k\nop\n.endc\n"
        let messages = Deck.of(circuit + section + section + ".op\n").elaborate().warnings.map(
            \.message)
        #expect(messages.count == 2)
        #expect(messages.first?.hasSuffix(" (1 more such command in this section)") == true)
    }
}
