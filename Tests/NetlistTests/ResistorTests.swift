import Testing

@testable import Netlist

/// Every form of a resistor against what ngspice makes of the same text.
struct ResistorTests {
    static let forms: [(line: String, others: String)] = [
        ("R1 a 0 1k", ""), ("R1 a 0 r=1k", ""), ("R1 a 0 resistance = 1k", ""),
        ("R1 a 0 r 1k", ""), ("R1 (a 0) 1k", ""), ("R1 a,0,1k", ""), ("R1 a 0 (r=1k)", ""),
        ("R1 a 0 = 1k", ""), ("R1 a 0 +1k", ""), ("R1 a 0 1kohm", ""), ("R1 a 0 1meg", ""),
        ("R1 a 0 1M", ""), ("R1 a 0 2.5e3", ""), ("R1 a 0 1d3", ""), ("R1 a 0 1mil", ""),
        ("R1 a 0 \"3k\"", ""), ("R1 a 0 r=\"3k\"", ""), ("R1 a 0 1k 2k", ""),
        ("R1 a 0 1k r=2k", ""), ("R1 a 0 r=1k r=2k", ""), ("R1 a 0 {1k} {2k}", ""),
        ("R1 a 0 'p*2'", ".param p=500"), ("R1 a 0 {p*2}", ".param p=500"),
        ("R1 a 0 p", ".param p=500"), ("R1 a 0 r=p", ".param p=500"),
        ("R1 a 0 r='p' m='p'", ".param p=500"), ("R1 a 0 r=max(p,3k)", ".param p=500"),
        ("R1 a 0 1k m=2", ""), ("R1 a 0 1k scale=2", ""), ("R1 a 0 1k m = 2 scale= 3", ""),
        ("R1 a 0 1k tc1=0.01 temp=127", ""), ("R1 a 0 1k tc1=0.01 tc2=1e-3 dtemp=10", ""),
        ("R1 a 0 1k tce=1 dtemp=10", ""), ("R1 a 0 1k tc=0.01 temp=127", ""),
        ("R1 a 0 1k tc=0.01 0.001 temp=127", ""), ("R1 a 0 1k ac=5", ""), ("R1 a 0 1k ac 5", ""),
        ("R1 a 0 1k temp=50 dtemp=10 tc1=0.01", ""), ("R1 a 0 1k (tc1=0.01 dtemp=10)", ""),
        ("R1 a 0 1k, tc1=0.01, dtemp=10", ""), ("R1 a 0 1k noisy=0 bv_max=5", ""),
        ("R1 a 0 1k w=1 l=2", ""), ("R1 a 0 1k ; r=2k", ""), ("R1 a 0 1k//hi", ""),
        ("R1 a 0 1k $hi", ""), ("R1 a 0\n* c\n\n+ 1k", ""), ("R1 a 0 \\\\\n 1k", ""),
        ("R1 a 0 \\\\\n\n\n1k", ""),
        ("R1 a 0 {1k \\\\\n * 3 } m=2", ""),
        ("R1 a 0 {1k\n* c\n+ * 3 ; d\n+}", ""), ("R1 a 0 r=max(1k,\n+ 3k)", ""),
        ("R1 a 0 rm", ".model rm r r=5k"), ("R1 a 0 rm dtemp=10", ".model rm r(r=5k tc1=0.01)"),
        ("R1 a 0 rm l=10u w=2u", ".model rm r(rsh=100)"),
        ("R1 a 0 rm l=10u", ".model rm r(rsh=100 defw=5u)"),
        ("R1 a 0 rm l=10u w=2u", ".model rm r(rsh=100 narrow=0.1u short=0.2u)"),
        ("R1 a 0 1k rm dtemp=10", ".model rm r(rsh=100 tc1=0.01)"),
        ("R1 a 0 rm 1k dtemp=10", ".model rm r(rsh=100 tc1=0.01)"),
        ("R1 a 0 rm r=1k dtemp=10", ".model rm r(rsh=100 tc1=0.01)"),
        ("R1 a 0 rm tc1=0", ".model rm r(r=1k tc1=0.01 tnom=17)"),
        ("R1 a 0 rm", ".model rm res(r=1k tc1=0.01 tnom=17)"),
        ("R1 a 0 rm", ".model rm r(rsh=100 w=5u l=7u)"),
        ("R1 a 0 rm m=2", ".model rm r(r=1k tce=1 tnom=17)"),
        ("R1 a 0 rm", ".model RM R(r={p*2})\n.param p=5"),
        ("R1 a 0 rm", ".model rm r(r=3k rsh=10)"), ("R1 a 0 rm", ".model rm r\n+ r = 1k"),
        ("R1 a 0 rm", ".model rm r(r 1k)"), ("R1 a 0 rm", ".model rm r(res=1k)\n.model rm r(r=2)"),
        ("R1 a 0 1k tc1=0.01", ".temp 37"), ("R1 a 0 1k tc1=0.01", ".options temp=37 tnom=17"),
        ("R1 a 0 1k tc1=0.01", ".opt temp = 37"),
        ("R1 a 0 1k tc1=0.01", ".temp 47\n.options temp=37"),
        ("R1 a 0 1k tc1=0.01", ".param x=37\n.temp {x}"),
        ("R1 a 0 1k tc1=0.01", ".options temp=37\n.options temp=47"),
        ("R1 a 0 1k r=1k r=2k", ""), ("R1 a 0 1k 3k r=2k", ""), ("R1 a 0 r=1k 3k", ""),
        ("R1 a 0 rm 3k r=2k", ".model rm r(r=5)"), ("R1 a 0 1k r=2k resistance=3k", ""),
        ("R1 a 0 r 1k r=2k", ""), ("R1 a 0 1k m=2 r=3k", ""), ("R1 a 0 1k = 2k", ""),
        ("R1 a 0 2µ", ""), ("R1 a 0 {p}", ".param p=5µ"),
        ("R1 a 0 {1+{c}}", ".param c=2"), ("R1 a 0 r=(1+{c})", ".param c=2"),
        ("R1 a 0 rm", ".model rm r(r=5k"), ("R1 a 0 rm", ".model rm r(resistance=2k)"),
        ("R1 a 0 rm 3k", ".model rm r(resistance=2k)"),
        ("R1 a 0 rm r=3k", ".model rm r(resistance=2k m=2 scale=3 tc1=1 dtemp=10)"),
        ("R1 a 0 rm", ".model rm r(r=2k temp=37 tc=0.1)"), ("R1 a 0 rm", ".model rm r(r=2k m=2)"),
        ("R1 a 0 {a}", ".param a=1k\n.param a=2k"), ("R1 a 0 {a}", ".param a={b} b={c*2} c=4"),
        ("R1 a 0 {a}", ".param a = 2 * 3"), ("R1 a 0 {f(2)}", ".param f(x)={x*2}"),
        ("R1 a 0 {g(2,3)}", ".func f(x) {x*2}\n.func g(x,y) = {f(x)+y}"),
        ("R1 a 0 {f(2)}", ".func f(x) x*2"), ("R1 a 0 'f()'", ".func f() {7}"),
        ("R1 a 0 {a}", ".param a=\"3k\""),
        (".if (a==3)\nR1 a 0 3\n.elseif (a==4)\nR1 a 0 4\n.else\nR1 a 0 5\n.endif", ".param a=3"),
        (".if (a==3)\nR1 a 0 3\n.elseif (a == 4)\nR1 a 0 4\n.else\nR1 a 0 5\n.endif", ".param a=4"),
        (".if(a==3)\nR1 a 0 3\n.elseif (a==4)\nR1 a 0 4\n.else\nR1 a 0 5\n.endif", ".param a=5"),
        (
            ".if (a==3)\n.if (a==2)\nR1 a 0 1\n.else\nR1 a 0 2\n.endif\n.else\nR1 a 0 5\n.endif",
            ".param a=3"
        ),
        (".if (a==3)\n.model rm r(r=7)\n.else\n.model rm r(r=9)\n.endif\nR1 a 0 rm", ".param a=4"),
    ]

    @Test(arguments: forms)
    func hasThatResistanceAndConductance(_ form: (line: String, others: String)) throws {
        let text = "title\nV1 a 0 1\n\(form.line)\n\(form.others)\n.end\n"
        let elaboration = Deck.of(text).elaborate()
        let circuit = try elaboration.get()
        let resistor = try #require(circuit.resistors.first)
        #expect(circuit.resistors.count == 1)
        for deck in [text, try Deck.of(text).ngspiceLines().joined(separator: "\n") + "\n"] {
            let point = try NgspiceProcess.operatingPoint(deck, ["@r1[resistance]", "i(v1)"])
            expectClose(resistor.resistance, point["@r1[resistance]"], "\(deck)")
            expectClose(resistor.conductance, point["i(v1)"].map { -$0 }, "\(deck)")
        }
    }

    @Test(arguments: [
        ("'1k + v(a)'", ""), ("r={temper*1k}", ""), ("r={1k+time}", ""),
        ("r={z}", ".param z={temper*10}"), ("rm", ".model rm r r='1000+temper'"),
        ("r=(time<1 ? {z} : time<2 ? {z/2} : {2*z})", ".param z=3"),
    ])
    func behaviouralOnesAreNonlinearDevices(_ value: String, _ others: String) throws {
        let circuit = try Deck.of("t\nV1 a 0 1\nR1 a 0 \(value)\n\(others)\n.end\n").elaborate()
            .get()
        #expect(circuit.resistors.isEmpty)
        #expect(circuit.otherDevices.map(\.letter) == ["r"])
        #expect(!circuit.isLinear)
    }

    @Test func mistakesAreErrorsWithTheirPlace() {
        expectErrors("t\nV1 a 0 1\nR1 a 0 «0\n", ["zero-resistance"])
        expectErrors("t\nV1 a 0 1\nR1 a «0\n", ["missing-value"])
        expectErrors("t\nV1 a 0 1\nR2 a 0 1\nR1 «a\n", ["missing-node"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1k «foo=3\n", ["unknown-device-parameter"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 «rmm\n.model rm r(r=5)\n", ["unknown-model"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 m=2 «1k\n", ["unknown-device-parameter"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 {«zz*2}\n", ["unknown-parameter"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 {1k*«}\n", ["bad-expression"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 «{1/0}\n", ["not-finite"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1k «tc=0.01,0.001\n", ["unexpected-text"])
        expectErrors("t\nV1 a 0 1\n«R1 a 0 1k tc1=0.1 dtemp=-100\n", ["bad-conductance"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1k\n«r1 a 0 2k\n", ["duplicate-device"])
        expectErrors("t\nV1 a 0 1\nR2 a 0 1\nR1«(a,0) 1k\n", ["glued-parenthesis"])
        expectErrors("t\nV1 a 0 1\nR1 a«( 0 1\n", ["unbalanced-delimiter"])
        expectErrors("t\nV1 a 0 1\nR1 a «{1} 1\n", ["expression-as-name"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1 noisy=0«=3\n", ["unknown-device-parameter"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1 tc1«=\n", ["missing-value"])
        expectErrors("t\nV1 «a\"b 0 1\nR1 «a\"b 0 1\n", ["quote-in-name", "quote-in-name"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 rm\n.model rm r(r=1 «3)\n", ["unexpected-text"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1 2 «3\n", ["unknown-device-parameter"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 «5-3\n", ["bad-number"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1,«000\n", ["zero-resistance"])
    }

    @Test func suspiciousNumbersAreWarnings() {
        let elaboration = Deck.of("t\nV1 a 0 1\nR1 a 0 4k7\n.end\n").elaborate()
        #expect(elaboration.warningIDs == ["suspicious-number"])
        #expect(elaboration.circuit?.resistors.first?.resistance == 4000)
    }
}
