import Testing

@testable import Netlist

/// Names that ngspice's commands or our own lines can't hold as they are.
@Suite struct NameTests {
    @Test func devicesAreSpelledOutWhereverTheyAreMentioned() throws {
        let deck = Deck.of(
            """
            t
            V$1 a 0 1
            R$2 a b\\1 1k
            F1 0 c V$1 2
            B1 d 0 v=I( v$1 )*1k
            K$1 L&1 L&2 0.5
            L&1 c 0 1m
            L&2 d 0 1m
            R3 b\\1 0 1k
            .end
            """)
        let lines = try deck.ngspiceLines(external: ["v_ascii24_1"])
        #expect(
            lines == [
                "spicelearn", "v_ascii24_1 a 0 external", "r_ascii24_2 a b\\1 1k",
                "F1 0 c v_ascii24_1 2", "B1 d 0 v=I( v_ascii24_1 )*1k",
                "k_ascii24_1 l_ascii26_1 l_ascii26_2 0.5", "l_ascii26_1 c 0 1m",
                "l_ascii26_2 d 0 1m", "R3 b\\1 0 1k", ".end",
            ])
        let circuit = try deck.elaborate(for: .operatingPoint).get()
        #expect(circuit.resistors.map(\.name) == ["R$2", "R3"])
        #expect(circuit.resistors.map(\.ngspiceName) == ["r_ascii24_2", "r3"])
    }

    @Test func aClosingParenthesisEndsANode() throws {
        let deck = Deck.of(
            """
            t
            V1 Net-(R1-Pad1) 0 1
            R1 Net-(R1-Pad1) Net-(R1-Pad2) 1k
            R2 "Net-(R1-Pad2)" 0 1k
            *.learn output V(Net-(R1-Pad2))=0.4 V(Net-(R1-Pad1),net-(r1-pad2))
            .end
            """)
        let circuit = try deck.elaborate().get()
        #expect(circuit.nodes.map(\.name) == ["0", "Net-(R1-Pad1)", "Net-(R1-Pad2)"])
        #expect(
            deck.directives.outputs.map { $0.quantity.nodes[0] } == [
                "Net-(R1-Pad2)", "Net-(R1-Pad1)",
            ])
        #expect(
            try deck.ngspiceLines().dropFirst().prefix(3) == [
                "V1 net-_ascii28_r1-pad1 0 1", "R1 net-_ascii28_r1-pad1 net-_ascii28_r1-pad2 1k",
                "R2 net-_ascii28_r1-pad2 0 1k",
            ])
    }

    /// ngspice reads a resistor `r(1` here, and none in a subcircuit.
    @Test func parenthesesInDevices() throws {
        let text = """
            t
            V1 in 0 1
            R(1) in b 1k
            C(a) b 0 1u
            R2 b 0 1k
            *.learn trainable R(1) R2 min=10
            .end

            """
        let deck = Deck.of(text)
        let circuit = try deck.elaborate().get()
        #expect(circuit.resistors.map(\.name) == ["R(1)", "R2"])
        #expect(circuit.resistors.map(\.ngspiceName) == ["r_ascii28_1", "r2"])
        #expect(deck.directives.trainable.first?.patterns.map(\.value) == ["R(1)", "R2"])
        #expect(
            try deck.ngspiceLines().dropFirst(2).prefix(2) == [
                "r_ascii28_1 in b 1k", "c_ascii28_a b 0 1u",
            ])
        expectClose(try NgspiceProcess.operatingPoint(text, ["v(b)"])["v(b)"], 0.5)
        expectErrors(
            "t\nV1 b 0 1\nX1 b 0 s\n.subckt s a c\n«R(1) a c 1k\n.ends\n", ["glued-parenthesis"])
        expectErrors("t\nV1 b 0 1\nR(1) b 0 1k\n«r(1) b 0 2k\n", ["duplicate-device"])
    }

    /// ngspice itself reads no such node on these lines.
    @Test(arguments: ["D1 a n«(k) dm", "Q1 a b n«(k) qm"])
    func parenthesesThatNgspiceCantRead(line: String) {
        expectErrors(
            "t\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\n\(line)\n.model dm d\n.model qm npn\n",
            ["glued-parenthesis"])
    }

    /// ngspice 39 crashes on these: it takes the word for its variable.
    @Test(arguments: [
        "temper", "TEMPER", "/temper", "temper!", "+temper", "temper:1", "temper<0>",
        "net-temper-1",
        "/sheet1/temper", "temper-1", "a/temper", "temper/", "&temper", "\\temper", "temper%",
        "temper?",
        "temper|", "Net-(temper)", "a*temper", "temper^",
    ])
    func namesThatNgspiceTakesForTheTemperature(name: String) {
        expectErrors("t\nV1 in 0 1\nR1 in «\(name) 1k\nR2 \(name) 0 1k\n", ["reserved-name"])
        expectErrors(
            "t\nV1 in 0 1\nX1 in s\n.subckt s a\nR1 a «\(name) 1k\nR2 \(name) 0 1k\n.ends\n",
            ["reserved-name"])
    }

    @Test(arguments: [
        "R1 b 0 1k\nX1 b 0 «temper\n.subckt temper a b\nR1 a b 1k\n.ends",
        "X1 b 0 s\n.subckt s temper q\nR1 «temper q 1k\n.ends",
        "D1 b 0 «temper\n.model temper d", "D1 b 0 «d-temper\n.model d-temper d",
        "R1 b 0 1k\n.if (0)\nR2 b «a/temper 1k\n.endif",
        "R1 b 0 1k\n.if (0)\nX1 b s\n.endif\n.subckt s a\nX1 a u\n.ends\n.subckt u a\nR1 a «temper 1\n.ends",
        "«R-temper b 0 1k", "«X/temper b 0 s\n.subckt s a b\nR1 a b 1k\n.ends",
        "X1 (b «temper) s\n.subckt s a b\nR1 a b 1k\n.ends\nR2 b 0 1k\nV2 temper 0 1",
    ])
    func otherNamesThatNgspiceTakesForTheTemperature(lines: String) {
        expectErrors("t\nV1 b 0 1\n\(lines)\n", ["reserved-name"])
    }

    @Test func aValueOfTheTemperature() {
        let errors = Deck.of("t\nV1 b 0 1\nR1 b 0 1k\nC1 b 0 temper\n").elaborate().errors
        #expect(errors.map(\.message).first?.hasSuffix("put an expression in braces") == true)
    }

    @Test(arguments: [
        "a.temper", "x.temper", "temper_1", "~temper", "temper#2", "temper$", "temper1",
        "\"temper\"",
        "temper[0]", "a@temper",
    ])
    func namesWithTheTemperatureThatNgspiceReads(name: String) throws {
        let text =
            "t\nV1 in 0 1\nR1 in \(name) 1k\nR2 \(name) 0 1k\nR3 in o 1k\nR4 o \(name) 1k\n.end\n"
        #expect(Deck.of(text).elaborate(for: .operatingPoint).errors.isEmpty)
        // R3 and R4 in parallel with R1: 1 kΩ below 2/3 kΩ, and o halfway.
        let voltage = try NgspiceProcess.operatingPoint(text, ["v(o)"])["v(o)"]
        expectClose(voltage, 0.8)
    }

    /// What stands on the lines of sources, and in expressions, is none of these names.
    @Test(arguments: [
        "V2 temper 0 1\nG1 b 0 temper 0 1m", "R1 b 0 {1k+temper}", "R1 b 0 r='1k*temper'",
        "B1 b 0 i=temper*1u", "X1 b 0 s temper=2\n.subckt s a b temper=1\nR1 a b 1k\n.ends",
        "R1 b 0 1k\n.subckt temper a b\nR1 a temper 1k\nR2 temper b 1k\n.ends",
        "R1 b 0 1k\nA1 [b] [temper] m\n.model m adc_bridge(in_low=0.1 in_high=0.9)",
    ])
    func theTemperatureElsewhere(lines: String) {
        let elaboration = Deck.of("t\nVb in 0 1\nRb in b 1k\n\(lines)\n")
            .elaborate(for: .operatingPoint)
        #expect(!elaboration.errorIDs.contains("reserved-name"))
    }

    @Test func whatNothingIsConnectedToIsNoNode() throws {
        let circuit = try Deck.of(
            """
            t
            V1 a 0 10
            R1 a b 1k
            X1 b 0 nc s
            .subckt s p q n
            R1 p q 1k
            .ends
            .end
            """
        ).elaborate().get()
        #expect(circuit.nodes.map(\.name) == ["0", "a", "b"])
        #expect(circuit.resistors.map(\.negative) == [2, 0])
    }

    /// Wherever commas and parentheses stand in the card of a VDMOS model, ngspice is handed one spelling.
    @Test func powerModelsHaveOneSpelling() throws {
        var generator = SplitMix(state: 5)
        let words = [".model", "m", "vdmos", "pchan", "vto=-3", "kp={1+1}", "mfg=x"]
        for _ in 0..<50 {
            var card = words[0...2].joined(separator: " ")
            for word in words[3...] {
                card += [" ", " (", ",", ") "][Int(generator.next() % 4)] + word
            }
            let deck = Deck.of("t\nV1 a 0 1\nM1 a 0 0 m\n\(card)\n.end\n")
            #expect(
                try deck.ngspiceLines().contains(".model m vdmos(pchan vto=-3 kp={1+1} mfg=x)"))
        }
    }

    @Test func polarityInTheTypeOfAPowerModel() throws {
        let deck = Deck.of("t\nV1 a 0 1\nM1 a 0 0 m\n.model m vdmosp vto=-3 kp=2\n.end\n")
        #expect(try deck.ngspiceLines().contains(".model m vdmos(pchan vto=-3 kp=2)"))
    }
}
