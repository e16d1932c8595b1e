import Testing

@testable import Netlist

/// Parameters, subcircuits and names against what ngspice makes of the same text.
struct SubcircuitTests {
    static let decks = [
        "X1 a 0 s\n.subckt s p q rr=1k\nR1 p q {rr}\n.ends",
        "X1 a 0 s rr=2k\n.subckt s p q rr=1k\nR1 p q {rr}\n.ends",
        "X1 a 0 s params: rr=2k\n.subckt s p q params: rr=1k\nR1 p q {rr}\n.ends",
        "X1 a 0 s rr = 'z * 2'\n.param z=3k\n.subckt s p q rr=1k\nR1 p q {rr}\n.ends",
        "X1 a 0 s rr=z\n.param z=3k\n.subckt s p q rr=1k\nR1 p q {rr}\n.ends",
        "X1 a 0 s rr=1+2\n.subckt s p q rr=1k\nR1 p q {rr}\n.ends",
        "X1 (a 0) s\n.subckt s (p q)\nR1 p q 1\n.ends", "X1 a,0 s\n.subckt s p,q\nR1 p q 1\n.ends",
        "X1 a 0 s rr=2k m=2\n.subckt s p q rr=1k\nR1 p q {rr}\n.ends",
        "X1 a 0 s m=2\n.subckt s p q\nR1 p q 1k m=3\n.ends",
        "X1 a 0 s m=2\nX2 a 0 s\n.subckt s p q\nR1 p q 1k m=3\n.ends",
        "X1 a 0 s m=2\n.subckt s p q\nX2 p q t m=5\n.ends\n.subckt t p q\nR1 p q 1k\n.ends",
        "X1 a 0 s m=2\n.subckt s p q\nX2 p q t\n.ends\n.subckt t p q\nR1 p q 1k\n.ends",
        "X1 a 0 s m=2\n.subckt s p q m=1\nR1 p q 1k\n.ends",
        "X1 a 0 s\n.subckt s p q\nR1 p q rr\n.param rr=3k\n.ends",
        "X1 a 0 s\n.subckt s p q rr=3k\nR1 p q rr\n.ends",
        "X1 a 0 s rr=7k\n.subckt s p q\nR1 p q rr\n.param rr=3k\n.ends",
        "X1 a 0 s\n.subckt s p q\n.param rr=3k\nX2 p q t\n.ends\n.subckt t p q\nR1 p q {rr}\n.ends",
        "X1 a 0 s a=1k b={a}\n.param a=5k\n.subckt s p q a=3 b=4\nR1 p q {b}\nR2 p q {a}\n.ends",
        "X1 a 0 s a={b} b={a}\n.param a=5k b=7k\n.subckt s p q a=3 b=4\nR1 p q {b}\nR2 p q {a}\n.ends",
        "X1 a 0 s a=9\n.subckt s p q a=3 b={a*2}\nR1 p q {b}\n.ends",
        "X1 a 0 s\n.subckt s p q b={a*2} a=3\nR1 p q {b}\n.ends",
        "X1 a 0 s rr=1k\n.subckt s p q rr=2\n.param k={rr*2}\nR1 p q {k}\n.ends s",
        "X1 a 0 s\n.macro s p q\nR1 p q 1k\n.eom",
        "X1 a 0 s\n.subckt s p q\nR1 p q rm\n.model rm r(r=5)\n.ends\n.model rm r(r=7)\nR2 a 0 rm",
        "X1 a s\nR2 g 0 1\n.global g\n.subckt s p\nR1 p g 1\nR2 p gnd 1\nR3 p G 1\n.ends",
        "X1 a b s\nR7 b 0 1k\n.subckt s p p\nR1 p 0 1k\nR2 p 0 1k\n.ends",
        "X1 a 0 s\n.subckt s p q\nR1 p q 1\n.ends\n.subckt s p q\nR1 p q 2\n.ends",
        "X1 a 0 s w=3\nX2 a 0 s w=4\n.subckt s p q w=1\n.if (w==3)\nR1 p q 3\n.else\nR1 p q 5\n.endif\n.ends",
        ".param a=3\n.func f(x) {x*a}\nX1 a 0 s\n.subckt s p q a=5\nR1 p q {f(2)}\n.ends s",
        "X1 a 0 s\n.subckt s p q\n.func f(x) {x*2}\nR1 p q {f(2)}\n.ends s\nR2 a 0 {f(3)}\n.func f(x) {x}",
        """
        X1 a 0 s
        .subckt s p q
        R1 p m 1k
        R2 m q 1k
        .subckt t p q
        R1 p q 1k
        X5 p q u
        .ends
        X2 m q t
        X3 m q u
        .ends
        .subckt u p q
        R1 p Mid 1k
        R2 mid q 2k
        .ends
        """,
    ]

    @Test(arguments: decks)
    func isTheCircuitThatNgspiceSees(_ body: String) throws {
        let text = "title\nV1 a 0 1\n\(body)\n.end\n"
        let circuit = try Deck.of(text).elaborate().get()
        #expect(!circuit.resistors.isEmpty)
        let resistances = circuit.resistors.map { "@\($0.ngspiceName)[resistance]" }
        let currents = circuit.resistors.map { "@\($0.ngspiceName)[i]" }
        let nodes = circuit.nodes.dropFirst().map { "v(\($0.ngspiceName))" }
        for deck in [text, try Deck.of(text).ngspiceLines().joined(separator: "\n") + "\n"] {
            let point = try NgspiceProcess.operatingPoint(deck, resistances + currents + nodes)
            func voltage(_ node: Int) -> Double? {
                node == 0 ? 0 : point["v(\(circuit.nodes[node].ngspiceName))"]
            }
            for (index, resistor) in circuit.resistors.enumerated() {
                expectClose(
                    resistor.resistance, point[resistances[index]], "\(resistor.name) in \(deck)")
                guard let plus = voltage(resistor.positive), let minus = voltage(resistor.negative)
                else {
                    Issue.record("ngspice doesn't know the nodes of \(resistor.name) in \(deck)")
                    continue
                }
                expectClose(
                    resistor.conductance * (plus - minus), point[currents[index]],
                    "\(resistor.name) in \(deck)", tolerance: 1e-10)
            }
        }
    }

    @Test func namesAreSpelledAsInTheDeck() throws {
        let circuit = try Deck.of(
            "t\nV1 In 0 1\nXa In 0 Div\n.subckt div P Q\nRtop p Mid 1\nRlow mid q 2\n.ends\n.end\n"
        ).elaborate().get()
        #expect(circuit.resistors.map(\.name) == ["Xa.Rtop", "Xa.Rlow"])
        #expect(circuit.resistors.map(\.ngspiceName) == ["r.xa.rtop", "r.xa.rlow"])
        #expect(circuit.nodes.map(\.name) == ["0", "In", "Xa.Mid"])
        #expect(circuit.nodes.map(\.ngspiceName) == ["0", "in", "xa.mid"])
    }

    @Test func mistakesAreErrorsWithTheirPlace() {
        let sub = ".subckt div p q rr=1k\nR1 p q {rr}\n.ends\n"
        expectErrors("t\nV1 a 0 1\nX1 a 0 «dif\n\(sub)", ["unknown-subcircuit"])
        expectErrors("t\nV1 a 0 1\nX1 a «div\n\(sub)", ["wrong-node-count"])
        expectErrors("t\nV1 a 0 1\nX1 a 0 0 «div\n\(sub)", ["wrong-node-count"])
        expectErrors("t\nV1 a 0 1\nX1 a 0 div rr={«zz}\n\(sub)", ["unknown-parameter"])
        expectErrors("t\nV1 a 0 1\nX1 a 0 div rr=1«, m=2\n\(sub)", ["unexpected-text"])
        expectErrors(
            "t\nV1 a 0 1\nX1 a 0 s\n.subckt s p q\nR1 p q 1\nX2 p q «s\n.ends\n",
            ["recursive-subcircuit"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\n«.ends\n", ["unmatched-ends"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\n«.subckt s p q\nR1 p q 1\n", ["missing-ends"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\n«.if (1)\nR2 a 0 1\n", ["missing-endif"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\n«.else\n", ["unmatched-condition"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\n«.if a==1\n.endif\n", ["bad-condition"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\n.if (1«=a)\n.endif\n", ["bad-condition"])
        expectErrors(
            "t\nV1 a 0 1\nR1 a 0 1\n.if (1)\n.elseif («zz==1)\n.endif\n", ["unknown-parameter"])
        expectErrors("t\n.param a={«b}\nV1 a 0 1\nR1 a 0 {a}\n", ["unknown-parameter"])
        expectErrors("t\n.param «a={b} b={a}\nV1 a 0 1\nR1 a 0 {a}\n", ["circular-parameter"])
        expectErrors("t\n.param a=1«, b=2\nV1 a 0 1\nR1 a 0 {a}\n", ["unexpected-text"])
        expectErrors(
            "t\nV1 a 0 1\n.subckt t p q\nR1 p q 1k\n.ends\n.subckt s p q\n«X2 p q t\n.ends\nX1 a 0 s m=2\n",
            ["multiplicity-lost"])
    }

    @Test func unknownNamesAreSuggested() {
        let elaboration = Deck.of(
            "t\n.param rload=1k\nV1 a 0 1\nR1 a 0 {rlaod}\nX1 a 0 dvi\n.subckt div p q\nR1 p q 1\n.ends\n"
        ).elaborate()
        #expect(
            elaboration.errors.map(\.message) == [
                "there is no parameter rlaod; did you mean rload?",
                "there is no subcircuit dvi; did you mean div?",
            ])
    }

    @Test func parametersOfAnXLineThatNothingReadsAreWarnings() {
        let elaboration = Deck.of(
            "t\nV1 a 0 1\nX1 a 0 s rx=1\n.subckt s p q rr=1\nR1 p q {rr}\n.ends\n"
        ).elaborate()
        #expect(elaboration.warningIDs == ["unused-parameter"])
        #expect(elaboration.circuit != nil)
    }

    @Test func callsThatMultiplyWithoutEndStop() {
        var text = "t\nV1 a 0 1\nX1 a 0 s0\n"
        for level in 0..<30 {
            text += ".subckt s\(level) p q\n"
            for index in 0..<10 { text += "X\(index) p q s\(level + 1)\n" }
            text += ".ends\n"
        }
        text += ".subckt s30 p q\nR1 p q 1\n.ends\n"
        #expect(Deck.of(text).elaborate().errorIDs.contains("too-large"))
    }
}
