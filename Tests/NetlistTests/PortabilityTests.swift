import Testing

@testable import Netlist

/// What other tools stumble over: each rule finds its fault where it stands, mends it to the same circuit, and
/// leaves alone what only looks like it.
struct PortabilityTests {
    private static func findings(_ deck: Deck) -> [PortabilityFinding] {
        deck.portabilityFindings(deck.elaborate(for: .operatingPoint))
    }

    /// A fault, marked by `«` where it stands, and the text without it; nil where its author has to mend it.
    struct Case: Sendable, CustomTestStringConvertible {
        let id: String
        let marked: String
        let mended: String?

        init(_ id: String, _ marked: String, _ mended: String?) {
            (self.id, self.marked, self.mended) = (id, marked, mended)
        }

        /// Lines between the title and a divider's lower half.
        static func lines(_ id: String, _ lines: String, _ mended: String?) -> Case {
            Case(id, deck(lines), mended.map(deck))
        }

        static func deck(_ lines: String) -> String {
            "* t\nV1 in 0 1\n\(lines)\nR2 out 0 1k\n.end\n"
        }

        var testDescription: String { "\(id): \(marked.prefix(60))" }
    }

    private static let long =
        ".param " + (0..<200).map { "p\($0)=\($0)" }.joined(separator: " ")

    @Test(
        "each fault is found where it stands, and mended",
        arguments: [
            Case(
                "title-without-star", "«Divider\nV1 a 0 1\nR1 a 0 1k\n.end\n",
                "* Divider\nV1 a 0 1\nR1 a 0 1k\n.end\n"),
            Case(
                "title-without-star", "«\nV1 a 0 1\nR1 a 0 1k\n.end\n",
                "*\nV1 a 0 1\nR1 a 0 1k\n.end\n"),
            Case(
                "title-without-star", "«Divider\r\nV1 a 0 1\r\nR1 a 0 1k\r\n.end\r\n",
                "* Divider\r\nV1 a 0 1\r\nR1 a 0 1k\r\n.end\r\n"),
            Case(
                "byte-order-mark", "«\u{feff}* t\nV1 a 0 1\nR1 a 0 1k\n.end\n",
                "* t\nV1 a 0 1\nR1 a 0 1k\n.end\n"),
            .lines("inline-comment", "R1 in out 1k «; load", "* load\nR1 in out 1k"),
            .lines("inline-comment", "R1 in out 1k«;load", "* load\nR1 in out 1k"),
            .lines("inline-comment", "R1 in out 1k «$ load", "* load\nR1 in out 1k"),
            .lines("inline-comment", "R1 in out 1k «// load", "* load\nR1 in out 1k"),
            .lines("inline-comment", "R1 in out 1k «;", "R1 in out 1k"),
            .lines(
                "inline-comment", "R1 in out «; first\n+ 1k", "* first\nR1 in out\n+ 1k"),
            .lines(
                "inline-comment", "R1 in out 1k «;*.learn trainable R1",
                "* *.learn trainable R1\nR1 in out 1k"),
            .lines("comment-sign", "«$ load\nR1 in out 1k", "* load\nR1 in out 1k"),
            .lines("comment-sign", "«//load\nR1 in out 1k", "* load\nR1 in out 1k"),
            .lines("unusual-first-character", "«;load\nR1 in out 1k", "* load\nR1 in out 1k"),
            .lines(
                "unusual-first-character", "«;.learn trainable R1\nR1 in out 1k",
                "* .learn trainable R1\nR1 in out 1k"),
            .lines("unusual-first-character", "«%load\nR1 in out 1k", "* %load\nR1 in out 1k"),
            // What continues it would continue V1.
            .lines("unusual-first-character", "«;load\n+ dc 2\nR1 in out 1k", nil),
            .lines(
                "split-continuation", "R1 in out\n* value\n«+ 1k",
                "* value\nR1 in out\n+ 1k"),
            .lines("split-continuation", "R1 in out\n\n«+ 1k", "R1 in out\n+ 1k"),
            .lines(
                "backslash-continuation", "R1 in out «\\\\\n1k", "R1 in out\n+ 1k"),
            .lines("tab", "R1«\tin\tout 1k", "R1 in out 1k"),
            .lines("tab", "«\tR1 in out 1k", " R1 in out 1k"),
            .lines("blank-around-equals", "R1 in out 1k tc1 «= 0", "R1 in out 1k tc1=0"),
            .lines(
                "blank-around-equals", ".param a«= 1k\nR1 in out {a}", ".param a=1k\nR1 in out {a}"),
            .lines("node-punctuation", "R1 «(in out) 1k", "R1  in out  1k"),
            .lines("node-punctuation", "R1 in«,out 1k", "R1 in out 1k"),
            .lines("node-punctuation", "R1«,in,out,1k", "R1 in out 1k"),
            .lines(
                "node-punctuation", "R1 in out 1k\nG1 0 out«,in,0,1m",
                "R1 in out 1k\nG1 0 out in 0 1m"),
            .lines("named-resistance", "R1 in out «r=1k", "R1 in out 1k"),
            .lines("named-resistance", "R1 in out «R={2*1k} tc1=0", "R1 in out {2*1k} tc1=0"),
            .lines("named-resistance", ".param a=1k\nR1 in out «r=a", nil),
            .lines(
                "dc-with-equals", "I1 0 out «dc=1m\nR1 in out 1k", "I1 0 out dc 1m\nR1 in out 1k"),
            .lines("lower-case-device", "«r1 in out 1k", "R1 in out 1k"),
            .lines("mixed-case", "R1 «IN out 1k", "R1 in out 1k"),
            .lines(
                "mixed-case",
                "R1 in out 1k\n.global VDD\nV2 vdd 0 1\nX1 out s\n.subckt s q\nR1 «VDD q 1k\n.ends",
                "R1 in out 1k\n.global VDD\nV2 vdd 0 1\nX1 out s\n.subckt s q\nR1 vdd q 1k\n.ends"),
            .lines(
                "mixed-case", "R1 in out 1k\nF1 0 out «v1 0", "R1 in out 1k\nF1 0 out V1 0"),
            .lines(
                "mixed-case", "R1 in out «RM 1k\n.model rm r(tc1=0)",
                "R1 in out rm 1k\n.model rm r(tc1=0)"),
            .lines(
                "mixed-case", "X1 in out s\n.subckt s p q\nR1 p m 1\nR2 «M q 1\n.ends",
                "X1 in out s\n.subckt s p q\nR1 p m 1\nR2 m q 1\n.ends"),
            .lines(
                "mixed-case", "X1 in out s\n.subckt s p q\nR1 p «Q 1\n.ends",
                "X1 in out s\n.subckt s p q\nR1 p q 1\n.ends"),
            .lines("unequal-number", "R1 in out «1meg", "R1 in out 1Meg"),
            .lines("unequal-number", "R1 in out «1megohm", "R1 in out 1Megohm"),
            .lines("unequal-number", "R1 in out «1d3", "R1 in out 1e3"),
            .lines("unequal-number", "R1 in out «1000mil", "R1 in out 0.0254"),
            .lines(
                "unequal-number", ".param a=«2meg\nR1 in out {a}", ".param a=2Meg\nR1 in out {a}"),
            .lines("unequal-number", "C1 out 0 «3F\nR1 in out 1k", nil),
            .lines("micro-sign", "R1 in out «1000000µ", "R1 in out 1000000u"),
            .lines("non-ascii-parameter", ".param «é=1k\nR1 in out {é}", nil),
            .lines("extreme-resistance", "«R1 in out 1m", nil),
            .lines("extreme-resistance", "«R1 in out 1e9", nil),
            .lines(
                "loose-tolerance",
                "R1 in out 1k\n«D1 out 0 dm\n.model dm d(is=1f)\n*.learn output V(out)=0.4", nil),
            Case(
                "missing-end", "* t\nV1 a 0 1\n«R1 a 0 1k\n", "* t\nV1 a 0 1\nR1 a 0 1k\n.end\n"),
            Case(
                "missing-end", "* t\nV1 a 0 1\n«R1 a 0 1k", "* t\nV1 a 0 1\nR1 a 0 1k\n.end\n"),
            // What the deck's reader warns of; what was meant is not for a program to say.
            .lines("suspicious-number", "R1 in out «4k7", nil),
        ])
    func faults(fault: Case) throws {
        var text = ""
        var offset: Int?
        for character in fault.marked {
            if character == "«" { offset = text.utf8.count } else { text.append(character) }
        }
        let deck = Deck.of(text)
        let findings = Self.findings(deck)
        if fault.id != "suspicious-number" {
            #expect(findings.map(\.diagnostic.id) == [fault.id])
        } else {
            #expect(findings.count == 1)
        }
        #expect(findings.first?.diagnostic.range?.bytes.lowerBound == offset)
        #expect(findings.first?.isFixable == (fault.mended != nil))
        let mended = deck.mendingPortability(includes: .none)
        #expect(String(decoding: mended, as: UTF8.self) == fault.mended ?? text)
        #expect(Deck.of(mended.text).mendingPortability(includes: .none) == mended)
    }

    /// ngspice joins the next line to a title like this one, which as a comment it would not.
    @Test func aTitleThatJoinsStays() {
        let text = "Divider \\\\ \nof volts\nV1 a 0 1\nR1 a 0 1k\n.end\n"
        #expect(Deck.of(text).mendingPortability(includes: .none).text == text)
    }

    @Test("a long line is broken between words")
    func longLines() {
        let text = Case.deck("R1 in out 1k\n\(Self.long)")
        let deck = Deck.of(text)
        #expect(Self.findings(deck).map(\.diagnostic.id) == ["long-line"])
        let mended = deck.mendingPortability(includes: .none)
        #expect(mended.text.split(separator: "\n").allSatisfy { $0.utf8.count <= 1024 })
        #expect(mended.text.replacing("\n+ ", with: " ") == text)
        #expect(Self.findings(Deck.of(mended.text)).isEmpty)
    }

    @Test("long + lines are broken where they stand, between other statements")
    func longContinuations() {
        let more = "+ " + (200..<400).map { "p\($0)=\($0)" }.joined(separator: " ")
        let text = Case.deck("R1 in out 1k\n\(Self.long)\n\(more)\nR3 in out 1k\n\(more)")
        let deck = Deck.of(text.replacing("1k\n+ p", with: "1k\n.param q"))
        #expect(
            Self.findings(deck).map(\.diagnostic.id) == ["long-line", "long-line", "long-line"])
        let mended = deck.mendingPortability(includes: .none)
        #expect(mended.text.split(separator: "\n").allSatisfy { $0.utf8.count <= 1024 })
        #expect(
            mended.text.replacing("\n+ ", with: " ")
                == deck.file.bytes.text.replacing("\n+ ", with: " "))
    }

    @Test("comments in Latin-1 become UTF-8, and statements are left alone")
    func encodings() {
        let bytes = Array("* t\nV1 a 0 1\n* x".utf8) + [0xb5] + Array("\nR1 a 0 1k\n.end\n".utf8)
        let deck = Deck.parse(path: "deck.cir", bytes: bytes, includes: .none)
        let findings = Self.findings(deck)
        #expect(findings.map(\.diagnostic.id) == ["not-utf-8"])
        #expect(findings[0].diagnostic.range?.start.line == 3)
        #expect(
            deck.mendingPortability(includes: .none).text
                == "* t\nV1 a 0 1\n* xµ\nR1 a 0 1k\n.end\n")
    }

    @Test(
        "directives, and lines that are UTF-8 in a part, keep their bytes",
        arguments: ["*.learn ignore caf", "* µ and "])
    func encodingsThatStay(start: String) {
        let bytes =
            Array("* t\nV1 a 0 1\n\(start)".utf8) + [0xe9] + Array("\nR1 a 0 1k\n.end\n".utf8)
        let deck = Deck.parse(path: "deck.cir", bytes: bytes, includes: .none)
        let findings = Self.findings(deck).filter { $0.diagnostic.id == "not-utf-8" }
        #expect(findings.map(\.isFixable) == [false])
        #expect(deck.mendingPortability(includes: .none) == bytes)
    }

    /// The expression would miss a parameter of the other name.
    @Test("an edit that would change the circuit keeps none of the others back")
    func refusedEdits() {
        let deck = Deck.of(Case.deck(".param µ=1k\nR1 in out {µ}\nR3 out 0 1000000µ"))
        let mended = deck.mendingPortability(includes: .none)
        #expect(
            mended.text == Case.deck(".param µ=1k\nR1 in out {µ}\nR3 out 0 1000000u"))
    }

    @Test(
        "a file elsewhere is found at its name",
        arguments: [
            ("/opt/parts.inc", true), ("../parts.inc", true), ("a/../../parts.inc", true),
            ("~/parts.inc", true), ("parts.inc", false), ("a/../parts.inc", false),
            ("my parts.inc", false),
        ])
    func files(path: String, isElsewhere: Bool) {
        let text = "* t\nV1 in 0 1\n.include \"\(path)\"\n.end\n"
        let deck = Deck.of(text, files: [path: "R1 in 0 1k\n"])
        let findings = Self.findings(deck)
        #expect(findings.map(\.diagnostic.id) == (isElsewhere ? ["file-elsewhere"] : []))
        #expect(findings.allSatisfy { $0.diagnostic.range?.start.column == 11 && !$0.isFixable })
    }

    @Test(
        "what only looks like a fault",
        arguments: [
            "* a title; with $ dollars // slashes\tand a = b\nV1 in 0 1\nR1 in 0 1k\n.end\n",
            ".title Divider\nV1 in 0 1\nR1 in 0 1k\n.end\n",
            Case.deck("* a comment; with $ dollars // slashes\tand a = b\nR1 in out 1k"),
            Case.deck("R1 in out 1k\n*.learn output V(out) = 0.5 ; half"),
            Case.deck("R1 in out {1 == 1 ? 1k : 2k}"),
            Case.deck("R1 in out 1k\nB1 x 0 V={V(in) >= 0.5 ? 1 : 0}\nR3 x 0 1k"),
            Case.deck("R1 in out 1k\nB1 x 0 V=V(in) >= 0.5\nR3 x 0 1k"),
            Case.deck(".control\nop ; now\nlet a = 1\n\tprint v(out) $ it\n.endc\nR1 in out 1k"),
            Case.deck("R1 in out 1Meg\nR3 out GND 1MEG\nR4 out gnd 1k tc1=1e-3"),
            Case.deck("V2 1meg 0 1\nR3 1meg 0 1k\nR1 in out 1k"),
            Case.deck(
                "X1 in out s\n.subckt s p q\nR1 p IN 1\nR2 IN q 1\n.ends\nR1 in x 1\nR3 x 0 1"),
            Case.deck("R1 in out 1k\nE1 x 0 in out 2\nR3 x 0 1k"),
            Case.deck("* Ω and µ\nR1 in out 1k"),
            Case.deck("R1 in out 1k\nD1 out 0 dm\n.model dm d(is=1f)"),
            Case.deck(
                "R1 in out 1k\nD1 out 0 dm\n.model dm d(is=1f)\n*.learn output V(out)=0.4\n.options reltol=1u"
            ),
        ])
    func noFaults(text: String) {
        #expect(Self.findings(Deck.of(text)).map(\.diagnostic.message) == [])
    }

    @Test("a card in the title is left to its author")
    func cardInTitle() {
        let deck = Deck.of(".op\nV1 a 0 1\nR1 a 0 1k\n.end\n")
        let findings = Self.findings(deck)
        #expect(Set(findings.map(\.diagnostic.id)) == ["title-without-star", "title-card"])
        #expect(findings.allSatisfy { !$0.isFixable })
        #expect(deck.mendingPortability(includes: .none) == deck.file.bytes)
    }

    private static let ugly = """
        A circuit that is hard to read
        // all in one
        v1\tIN\t0\tdc=5  ; supply
        r1 (in,a) r = 1.5d3 $ upper
        ;a note
        R2 a B \\\\
        2.2meg // bridge
        R3 b gnd
        * between

        + 4.7k tc1 = 1m ; lower
        x1 A out DIV ratio = 0.25
        .subckt div p q ratio = 0.5
        Ra P q {ratio * 10k}; series
        Rb q 0 r={(1 - ratio) * 10k}
        .ends
        .model dm D ( is = 1f n = 1.5 )
        D1 OUT 0 DM
        e1 (e 0) (a B) 2
        R4 e 0 1k
        F1 0 out V1 1m
        """

    @Test("a deck with everything wrong becomes the same circuit, and stays as it is")
    func everything() throws {
        let deck = Deck.of(Self.ugly)
        let mended = deck.mendingPortability(includes: .none)
        let again = Deck.of(mended.text)
        #expect(Self.findings(again).map(\.diagnostic.message) == [], "\(mended.text)")
        #expect(again.mendingPortability(includes: .none) == mended)
        #expect(compare(expected: deck, actual: again).map(\.message) == [])
        let before = try deck.elaborate().get()
        let after = try again.elaborate().get()
        #expect(before.equals(after))
        let vectors = ["v(in)", "v(a)", "v(b)", "v(out)", "v(e)", "i(v1)"]
        let solved = try NgspiceProcess.operatingPoint(Self.ugly + "\n", vectors)
        #expect(solved.count == vectors.count)
        #expect(try NgspiceProcess.operatingPoint(mended.text, vectors) == solved)
    }

    @Test("rules describe themselves, each by a name of its own")
    func rules() {
        let ids = PortabilityRules.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(PortabilityRules.all.allSatisfy { !$0.summary.isEmpty && $0.fix != "" })
    }
}
