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

    /// ngspice itself reads no such node on these lines.
    @Test(arguments: ["D1 a n«(k) dm", "Q1 a b n«(k) qm"])
    func parenthesesThatNgspiceCantRead(line: String) {
        expectErrors(
            "t\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\n\(line)\n.model dm d\n.model qm npn\n",
            ["glued-parenthesis"])
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
