import Testing

@testable import Netlist

/// Lines that ngspice reads alike compare as equal, and their near relatives do not. What ngspice makes
/// of each pair was seen in its operating points.
struct CircuitEqualityTests {
    private func differences(_ a: String, _ b: String, relative: Double = 0) -> [String] {
        compare(
            expected: Deck.of("t\n\(a)\n"), actual: Deck.of("t\n\(b)\n"),
            relativeTolerance: relative
        ).map(\.message)
    }

    @Test(
        "the same circuit",
        arguments: [
            ("R1 a gnd 1k", "R1 a 0 1k"),
            ("R1 GND a 1k", "r1 0 A 1k"),
            ("E1 a 0 b gnd 2", "E1 a gnd b 0 2"),
            ("X1 a gnd div r=1k c=2k", "X1 a 0 div c=2k r=1k"),
            ("X1 a b div params: r=1k", "X1 a b div r=1k"),
            ("R1 a b 1k tc1=1m m=2", "R1 a b 1k m=2 tc1=0.001"),
            ("R1 a b r=1k", "R1 a b 1k"),
            ("R1 a b resistance=1k tc1=1", "R1 a b tc1=1 1000"),
            ("C1 a b c=1u ic=2", "C1 a b 1u ic=2"),
            ("L1 a b inductance=1m", "L1 a b 1m"),
            ("V1 a 0 DC 1", "V1 a 0 1"),
            ("V1 a 0 dc=1 ac=2", "V1 a 0 ac 2 dc 1"),
            ("I1 a 0 1 ac 1 90", "I1 a 0 ac 1 90 dc 1"),
            ("V1 a 0 sin(0 1 1k) dc 2", "V1 a 0 2 SINE(0 1 1000)"),
            (".model d1 d(is=1e-14 n=1)", ".model d1 D n=1 is=10f"),
            (".param a=1 b=2", ".param b=2\n.param a=1"),
            (".options reltol=1e-3 noopiter", ".option noopiter\n.opt reltol=1m"),
            ("B1 a 0 v=v(b)*2 + 3", "B1 a 0 V = {V(b) * 2+3}"),
            ("B1 a 0 i=v(gnd)", "B1 a 0 i=v(0)"),
            ("R1 a b {p}", "R1 a b 'P'"),
            ("R1 a b { -1 }", "R1 a b -1"),
            ("R1 a b 1kohm ; note", "R1 a $ note\n+ b 1K"),
            ("R1 a b 1\nR2 b 0 2", "R2 b 0 2\nR1 a b 1\n.end\n* R9 0 0 1"),
            ("Q1 c b e 2n2222 1", "Q1 c b e 2N2222 1.0"),
        ])
    func same(a: String, b: String) {
        #expect(differences(a, b).isEmpty)
        #expect(differences(b, a).isEmpty)
    }

    @Test(
        "another circuit",
        arguments: [
            // ngspice takes only gnd for ground, and no other spelling of 0.
            ("R1 a gnd! 1k", "R1 a 0 1k"),
            ("R1 a 00 1k", "R1 a 0 1k"),
            ("R1 a b 1k", "R1 b a 1k"),
            ("V1 a 0 AC 1", "V1 a 0 DC 1"),
            ("V1 a 0 ac 1 90", "V1 a 0 ac 90 1"),
            // Beside a leading value, dc counts for nothing.
            ("V1 a 0 2 dc 3", "V1 a 0 dc 2 dc 3"),
            ("V1 a 0 2 dc 3", "V1 a 0 3 dc 2"),
            ("V1 a 0 sin(0 1 1k)", "V1 a 0 sin(1 0 1k)"),
            ("R1 a b r=1k", "R1 a b 2k"),
            ("R1 a b tc1=1k", "R1 a b 1k"),
            ("R1 a b 1k m=2 tc1=3", "R1 a b 1k m=3 tc1=2"),
            // The last of two wins.
            ("R1 a b 1k m=2 m=3", "R1 a b 1k m=3 m=2"),
            (".param p=1 p=2", ".param p=2 p=1"),
            (".param a=1 b=2", ".param a=2 b=1"),
            ("X1 a b div r=1k c=2k", "X1 a b div r=2k c=1k"),
            ("X1 a b div", "X1 b a div"),
            (".model d1 d(is=1 n=2)", ".model d1 d(is=2 n=1)"),
            ("D1 a 0 1n4148", "D1 a 0 1n4149"),
            ("Q1 c b e 0 2n2222", "Q1 c b e 0 2n2223"),
            ("Q1 c b e q 1", "Q1 c b e q 2"),
            (".file \"A.inc\"", ".file \"a.inc\""),
            ("B1 a 0 v=v(1)", "B1 a 0 v=v(2)"),
            (".print tran v(1)", ".print tran v(2)"),
            (
                ".meas tran t trig v(a) val=1 targ v(a) val=2",
                ".meas tran t trig v(a) val=2 targ v(a) val=1"
            ),
        ])
    func different(a: String, b: String) {
        // Nodes and names are no numbers, which a generous tolerance would make equal.
        let relative = a.contains("(1)") || a.contains("n4148") ? 0.6 : 0
        #expect(!differences(a, b, relative: relative).isEmpty)
        #expect(!differences(b, a, relative: relative).isEmpty)
    }

    @Test func messagesSayWhatIsWritten() {
        #expect(
            differences("R1 a b 1k m=2", "R1 a b r=3k m=4") == [
                "R1 has m=4, not m=2", "R1 has r=3k, not 1k",
            ])
        #expect(differences(".param p=1 q=2", ".param q=3 p=1") == [".param q has 3, not 2"])
        #expect(differences(".param p=1", ".param q=1").first == ".param p is missing")
        #expect(differences("V1 a 0 1 ac 1", "V1 a 0 1") == ["V1 lacks ac"])
        #expect(differences("D1 a b d 1 2", "D1 a b d 1") == ["D1 lacks 2"])
    }

    /// Relative to an infinite number any distance would be small.
    @Test func overflowIsNoTolerance() {
        #expect(differences("R1 a b 1e999", "R1 a b 1", relative: 0.5) == ["R1 has 1, not 1e999"])
        #expect(differences("R1 a b 1e999", "R1 a b 2e999").isEmpty)
    }
}
