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
        Case("D1 b 0 dx", ".model dx npn", at: "4:1", saying: "model type"),
        Case("M1 a b 0 0 mx", ".model mx nmos level=99", at: "4:1", saying: "can't read"),
        // Parameters.
        Case("D1 b 0 dm 2", ".model dm d", at: "4:11", saying: "area=2"),
        Case("D1 b 0 dm {n}", ".param n=3", ".model dm d", at: "4:11", saying: "area=3"),
        Case("D1 b 0 dm foo=3", ".model dm d", at: "4:11", saying: "foo"),
        Case("M1 a b 0 mm", ".model mm nmos", at: "4:1", saying: "not enough nodes"),
        Case("M1 a b 0 0 mm nrd=0", ".model mm nmos rsh=10", at: "4:19", saying: "leave nrd out"),
        Case("B1 b 0 v=foo(v(a))", at: "4:1", saying: "foo"),
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
        Case("T1 b 0 c 0 z0=0", "R2 c 0 1k", at: "4:15", saying: "z0 of T1 is 0"),
        Case("D1 b 0 dm", ".model dm d n=0", at: "5:15", saying: "n of the model dm is 0"),
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
    ]

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

    /// ngspice takes `all` for every vector, and `const.e` for a number: its answer would be another node's.
    @Test("nodes that ngspice can't be asked for", arguments: ["all", "allv", "const.e", "op1.x"])
    func unreadableNodes(node: String) throws {
        let result = try spicelearn(
            "solve", "-", input: "t\nV1 1 0 1\nR1 1 \(node) 1\nR2 \(node) 0 1\n.op\n.end\n")
        #expect(result.status == 65, "\(result.output)")
        #expect(result.errors.contains(":3:1: error: ngspice takes the name \(node)"))
    }

    @Test(
        "nodes whose names only begin as a plot's",
        arguments: ["alls", "constant.e", "opamp.x", "op1x.y", "1.op"])
    func readableNodes(node: String) throws {
        let result = try spicelearn(
            "solve", "-", input: "t\nV1 1 0 1\nR1 1 \(node) 1\nR2 \(node) 0 1\n.op\n.end\n")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("0.5"))
    }
}
