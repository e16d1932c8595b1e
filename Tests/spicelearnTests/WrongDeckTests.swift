import Foundation
import Testing

/// Decks that are simply wrong: exit 65 with line, column and the way out, whether we find it or ngspice.
@Suite struct WrongDeckTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// Lines below a title, a source and a resistor from a to b.
        let lines: [String]
        /// Line and column.
        let place: String
        /// What the message says.
        let words: [String]

        init(_ lines: String..., at place: String, saying words: String...) {
            (self.lines, self.place, self.words) = (lines, place, words)
        }

        var testDescription: String { lines.joined(separator: " / ") }
    }

    static let cases: [Case] = [
        // Brackets.
        Case("R2 b (0 1k", at: "4:6", saying: "never closed"),
        Case("R2 b 0 1k)", at: "4:10", saying: "closes no ("),
        Case("X1 (b 0 s", ".subckt s p q", "R1 p q 1", ".ends", at: "4:4", saying: "never closed"),
        Case("B1 b 0 i=v(a)*(1+v(b)", at: "4:10", saying: "never closed"),
        Case("E1 b 0 value={v(a)*(1+v(a)}", at: "4:15", saying: "balance"),
        Case("R2 b 0 {p}", ".param p={1+(2}", at: "5:13", saying: "not closed"),
        // Models.
        Case("D1 b 0 dx", at: "4:8", saying: "no model dx"),
        Case("W1 b 0 V1 sx", at: "4:11", saying: "no model sx"),
        Case("C1 b 0 cx", "R2 b 0 1k", at: "4:8", saying: "no model cx"),
        Case("L1 b 0 lx", at: "4:8", saying: "no model lx"),
        Case("A1 %v(a) %v(b) ax", "R2 b 0 1k", at: "4:16", saying: "no model ax"),
        Case("Y1 b 0 a 0 yx", at: "4:12", saying: "no model yx"),
        Case(
            "D1 b 0 dx", ".model dx npn", at: "4:8", saying: "D1 takes a model", "d, numd",
            "dx on line 5 is of the type npn, for Q devices"),
        Case(
            "S1 b 0 a 0 sx", ".model sx csw", at: "4:12", saying: "the type sw", "sx on line 5",
            "for W devices"),
        Case("W1 b 0 V1 wx", ".model wx sw", at: "4:11", saying: "the type csw", "for S devices"),
        Case("M1 a b 0 0 mx", ".model mx d", at: "4:12", saying: "nmos", "for D devices"),
        Case(
            "X1 b 0 s", ".subckt s p q", "R1 p q 1k", "D1 p q dx", ".ends", ".model dx njf",
            at: "7:8", saying: "dx on line 9 is of the type njf, for J devices"),
        Case("D1 b 0 dx", ".model dx dd", at: "5:11", saying: "no model type dd", "mean d?"),
        Case("D1 b 0 dx", ".model dx foobar", at: "5:11", saying: "one of the types d, numd"),
        Case("M1 a b 0 0 mx", ".model mx nmoss", at: "5:11", saying: "did you mean nmos?"),
        Case("M1 a b 0 0 mx", ".model mx nmos level=99", at: "5:22", saying: "no level 99 of nmos"),
        Case(
            "D1 b 0 dm", ".model dm d(is=1n mfg=NXP)", at: "5:23", saying: "NXP", "leave mfg= out",
            "--compat lt"),
        Case(
            "X1 b 0 s", ".subckt s p q", "R1 p q 1k", "D1 p q dm", ".model dm d(is=1n mfg=acme)",
            ".ends",
            at: "8:23", saying: "acme", "leave mfg= out"),
        Case(
            "D1 b 0 d2", ".model dm d", ".model d2 ako:dm d(n=2)", at: "6:11",
            saying: "--compat ps,a"),
        // Parameters.
        Case(
            "X1 b 0 s", ".subckt s p q", "R1 p q 1k", "B1 p q I=1m Rpar=1k", ".ends", at: "7:13",
            saying: "rpar", "leave it and its value out"),
        Case(
            "C1 b 0 10u V=25 Rser=0", "R2 b 0 1k", at: "4:12", saying: "no v on this line",
            "leave it and its value out"),
        Case(
            "E1 c 0 nand (2) a 0 b 0 (0,1) (0.4,0.8)", "R2 b c 1k", at: "4:8",
            saying: "write nand(2)"),
        Case(
            "E1 c 0 nand(2) a 0 b 0 0,1 0.4,0.8 1,0", "R2 b c 1k", at: "4:36", saying: "two points"),
        Case(
            "E1 c 0 nand(2) a 0 b 0 (0,1)(0.4,0.8)", "R2 b c 1k", at: "4:34",
            saying: "a blank between"),
        Case("E1 c 0 nor(2) a 0 b 0 0 1 2 3", "R2 b c 1k", at: "4:29", saying: "x1,y1 x2,y2"),
        Case(
            "E1 c 0 and(2) (a,0) (b,0) 0,1 2,3", "R2 b c 1k", at: "4:15", saying: "leave them out"),
        Case("E1 c 0 or(2) a 0 b 0 0,1", "R2 b c 1k", at: "4:24", saying: "two points"),
        Case("D1 b 0 dm 2", ".model dm d", at: "4:11", saying: "area=2"),
        Case("D1 b 0 dm 2 off", ".model dm d", at: "4:11", saying: "area=2"),
        Case("D1 b 0 dm {n} off", ".param n=3", ".model dm d", at: "4:11", saying: "area=3"),
        Case("D1 b 0 dm {n}", ".param n=3", ".model dm d", at: "4:11", saying: "area=3"),
        Case("D1 b 0 dm foo=3", ".model dm d", at: "4:11", saying: "foo"),
        Case("M1 a b 0 mm", ".model mm nmos", at: "4:1", saying: "not enough nodes"),
        Case("M1 a b 0 0 mm nrd=0", ".model mm nmos rsh=10", at: "4:19", saying: "leave nrd out"),
        Case("B1 b 0 v=foo(v(a))", at: "4:10", saying: "no function foo", ".func foo(x)"),
        Case("B1 b 0 i=2*SQRTT (v(b))", at: "4:12", saying: "sqrtt", "did you mean sqrt?"),
        Case("B1 b 0 i=1m*v(b)*v (b)", at: "4:18", saying: "no blank between v and", "write v(…)"),
        Case("B1 b 0 i=1u*i (V1)", at: "4:13", saying: "no blank between i and", "write i(…)"),
        Case("B1 b 0 i=v(b)*rx", at: "4:15", saying: "no parameter rx"),
        Case("E1 c 0 value={1+foo(v(b))}", "R2 c 0 1k", at: "4:17", saying: "no function foo"),
        Case("B1 b 0 i=v(b)*", at: "4:14", saying: "ends too early"),
        Case("B1 b 0 i=v(b)+*2*v(a)", at: "4:15", saying: "beyond this *"),
        // Gains.
        Case("E1 c 0 a 0", "R2 c b 1k", at: "4:10", saying: "E1 has no gain", "E1 c 0 a 0 2"),
        Case("G1 b 0 (a,0)", at: "4:11", saying: "G1 has no gain"),
        Case("E1 c 0 a 0 m=2", "R2 c b 1k", at: "4:12", saying: "E1 has no gain"),
        Case("F1 b 0 V1", at: "4:8", saying: "F1 has no gain", "F1 b 0 V1 2"),
        Case("H1 c 0 V1", "R2 c b 1k", at: "4:8", saying: "H1 has no gain"),
        Case("F1 b 0", "R2 b 0 1k", at: "4:6", saying: "nothing that controls it"),
        Case(
            "X1 b 0 s", ".subckt s p q", "R1 p q 1k", "G1 p q p q", ".ends", at: "7:10",
            saying: "X1.G1 has no gain"),
        // Options.
        Case(
            ".options reltol=abc", "R2 b 0 1k", at: "4:17", saying: "abc is none", "leave reltol="),
        Case(
            ".options itl1=100 abstol=p", ".param p=1p", "R2 b 0 1k", at: "4:26",
            saying: "abstol={p}"),
        Case("M1 a b 0 0 mm 2", ".model mm nmos", at: "4:15", saying: "parameter's name"),
        Case(".options rshunt 1k", "R2 b 0 1k", at: "4:10", saying: "rshunt=…"),
        Case("B1 b 0 x=v(a)", at: "4:8", saying: "x"),
        Case("B1 b 0", "R2 b 0 1k", at: "4:1", saying: "write v=… or i=…"),
        Case("B1 b 0 i=1m v=2", "R2 b 0 1k", at: "4:13", saying: "keep v=… or i=…"),
        Case("Y1", at: "4:1", saying: "4 nodes and a model"),
        Case("P1 b 0", at: "4:1", saying: "4 nodes and a model"),
        Case("D1 b 0 dm 2 temp=30", ".model dm d", at: "4:11", saying: "area=2"),
        Case("C1 b 0 1 u", "R2 b 0 1k", at: "4:10", saying: "write 1u"),
        Case("V2 b 0 5 V", at: "4:10", saying: "write 5V"),
        Case("R2 b 0 1 k", at: "4:10", saying: "write 1k"),
        Case("R2 b 0 10k 5 %", at: "4:14", saying: "no tolerances", "; 5 %"),
        Case("R2 b 0 {1k5}", at: "4:11", saying: "write 1.5k"),
        Case("R2 b 0 '2*1d3'", at: "4:13", saying: "write 1e3"),
        // Values that end ngspice.
        Case(
            "R2 b 0 {hertz}", ".param hertz=50", at: "4:1", saying: "takes hertz for the frequency"),
        Case("B1 b 0 i=ln(v(b)-9)", "R2 b 0 1k", at: "4:1", saying: "out of range for ln"),
        Case("B1 b 0 i=pwl(v(a),1)", "R2 b 0 1k", at: "4:10", saying: "pairs"),
        Case("B1 b 0 i=pwl(v(a),0,0)", "R2 b 0 1k", at: "4:10", saying: "one point", "x2, y2"),
        Case(
            "B1 b 0 v=max(v(a),1,2)", at: "4:10", saying: "max takes two arguments, and this has 3",
            "max(a, max(b, c))"),
        Case("B1 b 0 i=sin(v(a),1)", "R2 b 0 1k", at: "4:10", saying: "sin takes one argument"),
        Case("E1 b 0 vol=pow(v(a))", at: "4:12", saying: "pow takes two arguments"),
        Case("R2 b 0 {u(v(a),2)}", at: "4:9", saying: "u takes one argument"),
        Case(
            "B1 b 0 v=g(v(a))", ".func g(x) {f(x)+1}", ".func f(x) {min(x,1,2)}", at: "4:10",
            saying: "within the function g: within the function f:", "min takes two arguments"),
        Case(
            "B1 b 0 v=f(v(a))", ".func f(x,y) {x*y}", at: "4:10",
            saying: "f takes 2 arguments, not 1"),
        Case(
            "E1 b 0 vol={g(v(a),1)}", ".func g(x) {x+1}", at: "4:13",
            saying: "g takes 1 argument, not 2"),
        Case("G1 0 b POLY(1) a 0 0 1m m=2", "R2 b 0 1k", at: "4:25", saying: "no m= behind a POLY"),
        Case("B1 b 0 i=v(a,0,b)", "R2 b 0 1k", at: "4:16", saying: "one node or two"),
        Case("B1 b 0 v=i(V1,V1)", at: "4:15", saying: "one device"),
        Case(
            "B1 b 0 v=foo(v(a))", "B2 c 0 v=bar(v(a))", "R2 b c 1k", at: "4:10",
            saying: "no function foo"),
        // Controlled sources.
        Case("E1 b 0 poly(1) a 0", at: "4:18", saying: "E1 has no coefficients", "0 2"),
        Case("E1 b 0 poly(2) a 0 b 0", at: "4:22", saying: "E1 has no coefficients"),
        Case("G1 b 0 POLY(2) (a,0) b", "R2 b 0 1k", at: "4:22", saying: "4 nodes", "POLY(2)"),
        Case("H1 b 0 poly(1) V1", at: "4:16", saying: "no coefficients", "the current"),
        Case("F1 b 0 poly(0) V1 2", "R2 b 0 1k", at: "4:13", saying: "POLY(1)"),
        Case("E1 b 0 poly(x) a 0 1 2", at: "4:13", saying: "x is none", "POLY(1)"),
        Case("E1 b 0 poly(-1) a 0 1 2", at: "4:13", saying: "POLY(1)"),
        Case(
            "E1 b 0 POLY(9223372036854775807) a 0 0 1", at: "4:40", saying: "two for each variable"),
        Case("F1 b 0 POLY(9223372036854775808) V1 0 1", at: "4:39", saying: "voltage sources"),
        Case("E1 b 0 table {v(a)} = (0,0) (1", at: "4:30", saying: "pairs"),
        Case(
            "E1 b 0 table {v(a)} = (0,0) ({p},1) {p+1}", ".param p=1", at: "4:37", saying: "pairs"),
        Case("G1 b 0 TABLE {v(a)} 0 0 1", "R2 b 0 1k", at: "4:25", saying: "pairs"),
        Case("F1 b 0 V1 m=2 2", "R2 b 0 1k", at: "4:15", saying: "before its m="),
        // Of several parameters.
        Case(".param p=1k )q=2k", "R2 b 0 {p}", at: "4:13", saying: "no partner"),
        Case("T1 b 0 c 0 z0=0", "R2 c 0 1k", at: "4:15", saying: "z0 of T1 is 0"),
        Case("D1 b 0 dm", ".model dm d n=0", at: "5:15", saying: "n of the model dm is 0"),
        Case(
            "D1 b 0 dm", ".model dm d is=1e400", at: "5:16",
            saying: "is of the model dm is infinite"),
        Case("D1 b 0 dm", ".model dm d(is=1n bv=-1e400)", at: "5:22", saying: "is infinite"),
        Case("M1 b a 0 0 mm w=1e400", ".model mm nmos", at: "4:17", saying: "w of M1 is infinite"),
        Case("C1 b 0 1e400", "R2 b 0 1k", at: "4:8", saying: "a number of C1 is infinite"),
        Case(
            "Q1 a b 0 qm", ".model qm npn bf={p}", ".param p=0", at: "5:19",
            saying: "bf of the model qm is 0"),
        Case("M1 b a 0 0 mm l=0", ".model mm nmos", at: "4:17", saying: "l of M1 is 0"),
        Case("M1 b a 0 0 mm l=-1u", ".model mm nmos", at: "4:17", saying: "l of M1 is -1e-06"),
        Case("D1 b 0 dm area=-1", ".model dm d", at: "4:16", saying: "write 0 or more"),
        Case("D1 b 0 dm temp=-300", ".model dm d", at: "4:16", saying: "more than -273.15"),
        Case("D1 b 0 dm", ".model dm d", ".temp -300", at: "6:7", saying: "no temperature"),
        Case("M1 b a 0 0 mm", ".model mm nmos phi=0", at: "5:8", saying: "Phi is not positive"),
        Case(
            "M1 b a 0 0 mm w=-1u l=1u", ".model mm nmos level=8", at: "4:1",
            saying: "Effective channel width"),
        Case(
            "P1 b 0 c 0 pm", "R2 c 0 1k", ".model pm cpl", at: "6:8",
            saying: "series resistance not given"),
        Case("T1 b 0 c 0", "R2 c 0 1k", at: "4:1", saying: "z0"),
        Case(
            "X1 b 0 s", ".subckt s p q", "R1 p q 1k", "D1 p q dm 2", ".ends", ".model dm d",
            at: "7:11", saying: "area=2"),
        Case("R2 b 0 1k", ".options (temp=50)", at: "5:10", saying: "passes over the option temp"),
        Case("R2 b 0 1k", ".options noopiter (rshunt=1k)", at: "5:19", saying: "rshunt"),
        Case("R2 b 0 1k", ".options,temp=50", at: "5:9", saying: "blank"),
        Case("R2 b 0 1k", ".options )temp=50", at: "5:10", saying: "blank"),
        Case("R2 b 0 1k", ".options temp=(50)", at: "5:15", saying: "leave the parentheses out"),
        Case("R2 b 0 1k", ".options \"temp=50\"", at: "5:10", saying: "name=value"),
        Case("R2 b 0 1k", ".options 'temp'=50", at: "5:10", saying: "name=value"),
        Case("R2 b 0 1k", ".options temp=50 temp=60", at: "5:23", saying: "leave one"),
        Case(
            "R2 b 0 1k", ".options tnom=50", "+ reltol=1e-4 tnom={60}", at: "6:21", saying: "tnom"),
        Case(
            "R2 b 0 1k m=0", "*.learn output V(b)=0.4", at: "4:1",
            saying: "m=0 takes R2 out of the circuit"),
        Case(
            "X1 b 0 s m=0", ".subckt s p q", "R1 p q 1k", ".ends", "*.learn output V(b)=0.4",
            at: "6:1", saying: "m=0 takes X1.R1 out of the circuit"),
    ]

    @Test("what foundries' models and KiCad's sheets say is no fault")
    func foreignHabits() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(
            """
            .title KiCad schematic
            V1 in 0 1
            R1 in b 1k
            R2 b 0 1k
            M1 b in 0 0 n1
            .model n1 nmos level=8 version=3.2.4
            .op
            .end
            """, to: "deck.cir")
        let result = try spicelearn("solve", "deck.cir", in: folder.url)
        #expect(result.status == 0)
        #expect(result.errors == "")
        #expect(result.output.hasPrefix("KiCad schematic\n"))
    }

    @Test("is exit 65 with its place", arguments: cases)
    func isExit65(row: Case) throws {
        let folder = try TemporaryFolder()
        let text = ["wrong", "V1 a 0 1", "R1 a b 1k"] + row.lines + [".op", ".end", ""]
        _ = try folder.write(text.joined(separator: "\n"), to: "wrong.cir")
        let result = try spicelearn("solve", "wrong.cir", in: folder.url)
        #expect(result.status == 65, "\(result.errors)")
        #expect(result.errors.contains("wrong.cir:\(row.place): error:"), "\(result.errors)")
        for word in row.words { #expect(result.errors.contains(word), "\(result.errors)") }
    }

    /// Errors that only follow from another one would send the reader to the wrong place.
    @Test(arguments: [
        "R1 a b '1k\nR2 b 0 1k\n*.learn trainable R1",
        "R1 a b {1k\nR2 b 0 1k\n*.learn trainable R1",
        ".func f(x)={x*1k5}\nR1 a b {f(2)}\nR2 b 0 1k", ".param p='1k\nR1 a b {p}\nR2 b 0 1k",
        ".subckt s p q {\nR1 p q 1k\n.ends\nX1 a b s\nR1 b 0 1k",
    ])
    func oneErrorIsOne(lines: String) throws {
        let result = try spicelearn(
            "solve", "-", input: "t\nV1 a 0 1\n\(lines)\n*.learn output V(b)=0.4\n.end\n")
        #expect(result.status == 65)
        #expect(result.errors.components(separatedBy: " error: ").count == 2, "\(result.errors)")
    }

    /// ngspice takes `all` for every vector, and `const.e` for a number, where it is asked for one.
    @Test(
        "nodes with names that ngspice's commands take for something else",
        arguments: [
            "all", "allv", "alli", "ally", "all.x", "const.e", "const.pi", "op1.x", "alls",
            "constant.e", "opamp.x", "op1x.y", "1.op",
        ], [[], ["--output", "V(NODE)=0.4", "--engine", "ngspice"]])
    func namesOfVectors(node: String, options: [String]) throws {
        let result = try spicelearn(
            ["solve", "-", "--json"] + options.map { $0.replacing("NODE", with: node) },
            input: "t\nV1 1 0 1\nR1 1 \(node) 1\nR2 \(node) 0 3\n.op\n.end\n")
        #expect(result.status == 0, "\(result.errors)")
        let samples = try result.json()["samples"] as? [[String: [String: Double]]]
        let free = try #require(samples?.first?["free"])
        #expect(abs(try #require(free[node]) - 0.75) < 1e-12)
        #expect(free["1"] == 1)
    }

    /// A dot in the name of a source doesn't put it into a subcircuit.
    @Test func sourceWithADot() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("V.x,V(b),I(V.x)\n2,1,-1e-3\n", to: "d.csv")
        let text = "t\nV.x a 0 1\nR1 a b 1k\nR2 b 0 1k\n*.learn output V(b) I(V.x)\n"
        _ = try folder.write(text + "*.learn data d.csv\n", to: "w.cir")
        for engine in ["sparse", "ngspice"] {
            let result = try spicelearn(
                "solve", "w.cir", "--json", "--engine", engine, in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            let samples = try result.json()["samples"] as? [[String: [String: Double]]]
            #expect(samples?.first?["inputs"]?["V.x"] == 2)
            #expect(abs(try #require(samples?.first?["free"]?["b"]) - 1) < 1e-12)
            #expect(abs(try #require(samples?.first?["error"]?["I(V.x)"])) < 1e-12)
        }
    }

    /// ngspice says that the word has a bad type, and takes its own value.
    @Test(arguments: [
        ".options reltol=1e-3x", ".options reltol={1m} noopiter", ".options gmin='p'",
    ])
    func optionsThatAreNumbers(line: String) throws {
        let text = "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n.param p=1p\n\(line)\n.op\n"
        let result = try spicelearn("solve", "-", input: text)
        #expect(result.status == 0, "\(result.errors)")
    }

    /// Each of what ngspice itself calls unrecognized, and nothing else.
    @Test(
        "parameters of models that ngspice ignores",
        arguments: [
            ("D1 b 0 dm", "d(is=1e-14 foo=3 n=2 Vpk=75 level=1 cjo=1p)", ["foo", "vpk"], ""),
            ("M1 b a 0 0 dm", "nmos vot=1 kp=1m", ["vot"], "did you mean vto?"),
            ("M1 b a 0 0 dm", "pmos(level=3 vto=-1 theta=1 lambda=0.1)", ["lambda"], ""),
            ("M1 b a 0 0 dm", "nmos(level=8 foo=3 vth0=0.5)", [], ""),
            ("Q1 b a 0 dm", "npn(bf=100 bff=2)", ["bff"], "did you mean bf?"),
            ("Q1 b a 0 dm", "npn(level=4 foo=1)", [], ""),
            ("R2 b 0 1k", "d(foo=1)", [], ""),
        ])
    func ignoredParameters(
        device: String, model: String, ignored: [String], hint: String
    ) throws {
        let text = "t\nV1 a 0 1\nR1 a b 1k\n\(device)\n.model dm \(model)\n.op\n.end\n"
        let result = try spicelearn("solve", "-", input: text)
        #expect(result.status == 0, "\(result.errors)")
        let said = result.errors.matches(of: /warning: ngspice knows no (\w+) in a model/)
        #expect(said.map { String($0.1) } == ignored, "\(result.errors)")
        #expect(result.errors.contains(hint) || hint.isEmpty, "\(result.errors)")
        let folder = try TemporaryFolder()
        let path = try folder.write(text, to: "w.cir")
        let plain = try run(URL(filePath: "/usr/bin/env"), ["ngspice", "-b", path], in: folder.url)
        for name in ignored {
            #expect((plain.output + plain.errors).contains("unrecognized parameter (\(name))"))
        }
    }

    @Test("a source of current with m= and no gain is open, with a word about it")
    func gainThatIsZero() throws {
        for line in ["G1 b 0 a 0 m=2", "F1 b 0 V1 m=2"] {
            let text = "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n\(line)\n.op\n.end\n"
            let result = try spicelearn("solve", "-", "--json", input: text)
            #expect(result.status == 0, "\(result.errors)")
            #expect(
                result.errors.contains(
                    "warning: \(line.prefix(2)) has no gain, and ngspice takes 0"))
            let samples = try result.json()["samples"] as? [[String: [String: Double]]]
            #expect(abs(try #require(samples?.first?["free"]?["b"]) - 0.5) < 1e-9)
        }
    }

    @Test("warnings beyond the third are told by their lines")
    func linesOfMoreWarnings() throws {
        let sources = (1...6).map { "R1\($0) b 0 4k7\n" }.joined()
        let result = try spicelearn(
            "solve", "-", input: "t\nV1 a 0 1\nR1 a b 1k\n\(sources).op\n")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.components(separatedBy: " warning: ").count == 4, "\(result.errors)")
        let rest = /… and 3 more warnings of this kind \([a-z-]+\), on lines 7, 8 and 9/
        #expect(result.errors.contains(rest), "\(result.errors)")
    }

    /// There is no angle between what is only rounding.
    @Test func roundingHasNoAngle() throws {
        // V(b) = 9/7 V, to the last digit but one.
        let text = "t\nV1 a 0 3\nR1 a b 1\nR2 b 0 1\nR3 b c 2\nR4 c 0 1\n"
        for (target, isRounding) in [("1.2857142857142854", true), ("1.28571428", false)] {
            let deck = text + "*.learn output V(b)=\(target)\n"
            let result = try spicelearn("solve", "-", input: deck)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("within the solver's accuracy") == isRounding)
            #expect(result.output.contains("° with the exact gradient") != isRounding)
            let json = try spicelearn("solve", "-", "--json", input: deck).json()
            #expect((json["gradientAngle"] as? Double == nil) == isRounding)
        }
    }

    /// ngspice counts lines without the one that tells it the mode.
    @Test(arguments: ["lt", "lt,a", "hs", "ki"])
    func placesInOtherModes(mode: String) throws {
        let result = try spicelearn(
            "solve", "-", "--compat", mode,
            input:
                "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\nE1 c 0 value={if(v(b)>2,1,0)}\nR3 c 0 1\n.op\n")
        #expect(result.status == 65)
        #expect(result.errors.contains(":5:15: error:"), "\(result.errors)")
        #expect(result.errors.contains("if"))
    }

    /// A clamp beside what fixes the same voltage would be a loop.
    @Test(arguments: [
        ("L1 b 0 1m", "cl", "by L1: no resistor"),
        ("L1 b 0 1m", "al", "by L1: no resistor"),
        ("L1 b c 1m\nV2 c 0 0.3", "cl", "by V2, L1: no resistor"),
        ("L1 b c 1m\nL2 c 0 1m\nL3 c d 1m\nR3 d 0 1k", "cl", "by L1, L2: no resistor"),
        ("E1 b 0 a 0 0.5", "cl", "rule al or ep"),
        ("H1 b 0 V1 100", "cl", "rule al or ep"), ("B1 b 0 v=0.5*v(a)", "cl", "held by B1"),
        ("B1 b 0 v=v(a)>0.5?0.3:0.2", "cl", "rule al or ep"),
        ("E1 b c a 0 0.5\nV2 c 0 0.3", "cl", "held by V2, E1, so"),
        ("E1 b 0 a 0 0.5\nE2 c 0 a 0 1\nR3 c 0 1k", "cl", "held by E1, so"),
    ])
    func outputsThatAreHeld(lines: String, rule: String, words: String) throws {
        let text = "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n\(lines)\n*.learn output V(b)=0.4\n"
        let result = try spicelearn("solve", "-", "--rule", rule, input: text)
        #expect(result.status == 65, "\(result.errors)")
        #expect(result.errors.contains("error: V(b) is held by"), "\(result.errors)")
        #expect(result.errors.contains(words), "\(result.errors)")
    }

    @Test func heldByAControlledSourceOtherRulesWork() throws {
        for (line, rule) in [
            ("E1 b 0 c 0 2", "al"), ("B1 b 0 v=2*v(c)", "ep"), ("B1 c 0 i=1m*v(c)", "cl"),
        ] {
            let text =
                "t\nV1 a 0 1\nR1 a c 1k\nR2 c 0 1k\nR3 b c 1k\n\(line)\n*.learn output V(b)=0.4\n"
            let result = try spicelearn("solve", "-", "--rule", rule, input: text)
            #expect(result.status == 0, "\(line): \(result.errors)")
        }
    }

    @Test(arguments: [
        ("Vspicelearn_0 b 0 1", "5:1"), ("Ispicelearn_12 b 0 1", "5:1"),
        ("Hspicelearn_p0 b 0 V1 1", "5:1"),
        ("R3 b spicelearn_0 1k\nR4 spicelearn_0 0 1k", "5:6"),
    ])
    func namesOfOurElements(line: String, place: String) throws {
        let text = "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n\(line)\n"
        let result = try spicelearn("solve", "-", "--output", "V(b)=0.4", input: text)
        #expect(result.status == 65)
        #expect(result.errors.contains(":\(place): error: spicelearn calls"), "\(result.errors)")
    }

    @Test(arguments: ["hsa", "all", "ki,a"])
    func modesThatNgspiceTakes(mode: String) throws {
        let result = try spicelearn(
            "solve", "-", "--compat", mode, "--json",
            input:
                "t\nV1 a 0 1\nR1 a b 1k\nX1 b s m=2\n.subckt s p\nR2 p 0 1k m=1\n.ends\n.op\n.end\n"
        )
        #expect(result.status == 0, "\(result.errors)")
        let samples = try result.json()["samples"] as? [[String: [String: Double]]]
        // Two of R2 in parallel: 0.5 kΩ below 1 kΩ.
        let b = try #require(samples?.first?["free"]?["b"])
        #expect(abs(b - 1 / 3.0) < 1e-9)
    }
}
