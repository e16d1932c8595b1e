import Testing

@testable import Netlist

/// The gains of controlled sources.
@Suite struct TransferTests {
    /// Controlled by V(a) = 2 V or by the −1 A through V1, loaded with 1 Ω: the gain is read off v(x).
    private static func deck(_ lines: String) -> String {
        """
        gains
        V1 a 0 2
        Ra a 0 2
        \(lines)
        Rx x 0 1
        .param p=4
        .end

        """
    }

    /// Each line, its device and its gain as ngspice has it.
    static let plain: [(line: String, device: String, control: Double)] = [
        ("E1 x 0 a 0 3", "E1", 2),
        ("E1 x 0 (a,0) gain = 3", "E1", 2),
        ("E1 x 0 a 0 {p/3}", "E1", 2),
        ("e1 0 x a 0 '-p'", "e1", -2),
        ("E1 x 0 a 0 p", "E1", 2),
        ("E1 x 0 a 0 4kohm", "E1", 2),
        ("G1 0 x a 0 3", "G1", 2),
        ("G1 0 x a 0 3 m=2", "G1", 2),
        ("G1 0 x a 0 3 m=2 m={p}", "G1", 2),
        // The multiplicity of a gain that is given by name is ignored.
        ("G1 0 x a 0 gain=3 m=2", "G1", 2),
        ("G1 0 x a 0 3, m = -2", "G1", 2),
        ("F1 0 x V1 3", "F1", -1),
        ("F1 0 x (V1), {p} m=p", "F1", -1),
        ("F1 0 x v1 gain=3 m=2", "F1", -1),
        ("H1 x 0 V1 {1/3}", "H1", -1),
        ("H1 x 0 V1 gain=3", "H1", -1),
        // The current of other sources of voltage: −2 A through E2, −2/3 A through H2.
        ("F1 0 x E2 3\nE2 b 0 a 0 1\nRb b 0 1", "F1", -2),
        ("H1 x 0 H2 3\nH2 b 0 V1 -2\nRb b 0 3", "H1", -2.0 / 3),
        ("X1 a x amp m=3\n.subckt amp a x\nG1 0 x a 0 2 m=5\n.ends", "X1.G1", 2),
        ("X1 a x amp m=3\n.subckt amp a x\nG1 0 x a 0 gain=2\n.ends", "X1.G1", 2),
        ("X1 a x amp m=3\n.subckt amp a x\nE1 x 0 a 0 2\n.ends", "X1.E1", 2),
        // Three resistors in parallel draw 3 A from the source within.
        (
            "X1 x amp m=3 g=2\n.subckt amp x g=1\nV1 q 0 1\nRq q 0 1\nF1 0 x V1 {2*g}\n.ends",
            "X1.F1", -3
        ),
        (
            "X1 x outer\n.subckt outer x\nX2 x inner\n.ends\n"
                + ".subckt inner x\nV1 q 0 1\nRq q 0 1\nH1 x 0 V1 {p}\n.ends", "X1.X2.H1", -1
        ),
    ]

    @Test("the gain is ngspice's", arguments: plain)
    func gain(line: String, device: String, control: Double) throws {
        let text = Self.deck(line)
        let circuit = try Deck.of(text).elaborate().get()
        #expect(circuit.isLinear)
        let found = try #require(circuit.otherDevices.first { $0.name == device })
        let transfer = try #require(found.transfer)
        let value = try NgspiceProcess.operatingPoint(text, ["v(x)"])["v(x)"]
        // Printed with as many digits as a Double has.
        expectClose(value, control * transfer.gain, "\(line)", tolerance: 1e-14)
    }

    @Test func controls() throws {
        let circuit = try Deck.of(
            Self.deck(
                "X1 a x amp\n.subckt amp a x\nV1 a b 0\nRb b 0 1\nF1 0 x V1 2\n"
                    + "G1 0 x b a 1\n.ends")
        ).elaborate().get()
        let controls = circuit.otherDevices.map { $0.transfer?.control }
        let (a, b) = try (
            #require(circuit.nodes.firstIndex { $0.name == "a" }),
            #require(circuit.nodes.firstIndex { $0.name == "X1.b" })
        )
        #expect(
            controls == [.current(through: "v.x1.v1"), .voltage(positive: b, negative: a)])
    }

    /// Of several numbers ngspice makes a polynomial; other forms may be anything.
    @Test(
        "other forms count as nonlinear",
        arguments: [
            "E1 x 0 a 0 2 3", "G1 0 x a 0 2 3 4", "F1 0 x V1 2 3", "H1 x 0 V1 2 3",
            "E1 x 0 a 0 2 gain=3", "F1 0 x V1 2 m=3 gain=5", "F1 0 x V1 m=3",
            "F1 0 x cccs V1 2", "H1 x 0 CCVS (V1) 2",
        ])
    func other(line: String) throws {
        let circuit = try Deck.of(Self.deck(line)).elaborate().get()
        #expect(!circuit.isLinear)
        #expect(circuit.otherDevices.allSatisfy { $0.transfer == nil })
    }

    @Test("what ngspice refuses is an error")
    func refused() {
        for (line, id) in [
            ("E1 x 0 a 0 2 «m=3", "unknown-device-parameter"),
            ("H1 x 0 V1 2 «m=3", "unknown-device-parameter"),
            ("E1 x 0 a 0 {«1/0}", "not-finite"),
            ("G1 0 x a 0 «q", "unknown-parameter"),
            ("F1 0 x «Ra 2", "no-branch-current"),
            ("H1 x 0 «L1 2\nL1 b 0 1\nRb b a 1", "no-branch-current"),
            ("H1 x 0 «V2 2", "unknown-device"),
            ("L1 x 0 1\nK1 L1 «Ra 0.5", "not-an-inductor"),
        ] {
            expectErrors(Self.deck(line), [id])
        }
    }
}
