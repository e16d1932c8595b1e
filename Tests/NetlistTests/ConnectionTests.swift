import Testing

@testable import Netlist

struct ConnectionTests {
    /// With V(a) = 1.2 and V(b) = 0.6, ngspice gives 3.5 V for each.
    @Test(arguments: [
        "NAND(2) a 0 b 0", "NAND(2) (a 0) (b 0)", "NAND(2)(a 0) (b 0)", "NAND(2) (a 0 b 0)",
        "NAND(2) ( a 0 )( b 0 )",
    ])
    func parenthesesAroundInputs(text: String) {
        let deck = Deck.of("t\nV1 a 0 1.2\nV2 b 0 0.6\nR1 o 0 1k\nE1 o 0 \(text) 0,5 2,0\n")
        let elaboration = deck.elaborate()
        #expect(elaboration.diagnostics.isEmpty)
        let nodes = elaboration.circuit?.otherDevices.first?.nodes
        #expect(nodes?.compactMap { elaboration.circuit?.nodes[$0].name } == ["o", "0"])
    }

    @Test(arguments: ["«(a,0) (b,0)", "«(a 0) (b,0)", "a«,0 b,0"])
    func commasBetweenInputs(inputs: String) {
        expectErrors(
            "t\nV1 a 0 1.2\nV2 b 0 0.6\nR1 o 0 1k\nE1 o 0 NAND(2) \(inputs) 0,5 2,0\n",
            ["unexpected-text"])
    }

    @Test func partsWithoutAPathToGroundAreErrors() {
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\nR2 «b c 1\n", ["floating"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\nC1 a «b 1n\nR2 b c 1\nC2 c 0 1n\n", ["floating"])
        expectErrors("t\nI1 0 «a 1\n", ["floating"])
        expectErrors("t\nV1 «a b 1\nR1 a b 1\n", ["no-ground"])
    }

    @Test func theMessageNamesNodeAndDevice() {
        let rest =
            " has no DC path to ground, and so no voltage; connect it through something that "
            + "conducts, such as a large resistor to ground"
        for (lines, place) in [
            ("I1 0 B 1m", "the node B of I1"),
            ("R2 B c 1", "the node B of R2, and with it c,"),
            ("R2 B c 1\nL1 c d 1\nC1 d a 1", "the node B of R2, and with it c and d,"),
            (
                "R2 B c 1\nR3 c d 1\nR4 d e 1\nR5 e f 1\nR6 f g 1",
                "the node B of R2, and with it c, d, e and 2 more,"
            ),
        ] {
            let errors = Deck.of("t\nV1 a 0 1\nR1 a 0 1\n\(lines)\n").elaborate().errors
            #expect(errors.map(\.message) == [place + rest])
        }
    }

    /// ngspice gives the nodes of an island any voltage that its search for a point ends at; with the resistor
    /// that the message speaks of it is the one that the circuit says.
    @Test func aLargeResistorGroundsAnIsland() throws {
        let deck =
            "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\nV2 x y 1\nR3 x y 1k\nRg y 0 1g\n.op\n.end\n"
        #expect(Deck.of(deck).elaborate().errors.isEmpty)
        expectClose(try NgspiceProcess.operatingPoint(deck, ["v(x)"])["v(x)"], 1)
    }

    @Test func whatConductsIsNoError() throws {
        for body in [
            "L1 a b 1m\nR1 b 0 1", "E1 b 0 a 0 2\nR1 b c 1", "D1 a b dm\n.model dm d\nC1 b 0 1n",
            "S1 b 0 a 0 sw\n.model sw sw\nR1 b c 1\nC1 c 0 1n",
            "B1 b 0 v=v(a)*2\nR1 b c 1\nR2 c 0 1", "R1 b c 1\nC1 c 0 1n\n.options rshunt=1e12",
            "T1 a 0 b 0 z0=50 td=1n\nR1 b 0 50",
        ] {
            let elaboration = Deck.of("t\nV1 a 0 1\n\(body)\n").elaborate()
            #expect(elaboration.errors.isEmpty, "\(body): \(elaboration.errors.map(\.message))")
        }
    }

    @Test func nodesWithOneTerminalAreWarnings() {
        let text = "t\nV1 a 0 1\nR1 a b 1\nR2 bb 0 1\n"
        #expect(Deck.of(text).elaborate().warningIDs == ["single-terminal", "single-terminal"])
        #expect(Deck.of(text + "*.learn output V(b,bb)\n").elaborate().warnings.isEmpty)
        #expect(Deck.of(text + "B1 a 0 i=v(b)*v(bb)\n").elaborate().warnings.isEmpty)
    }

    @Test func loopsOfVoltagesAreErrors() {
        expectErrors("t\nV1 a 0 1\n«V2 a 0 1\nR1 a 0 1\n", ["voltage-loop"])
        expectErrors("t\nV1 a 0 1\nL1 a b 1m\n«E1 b 0 a 0 1\n", ["voltage-loop"])
        expectErrors("t\nV1 a 0 1\n«V2 a a 1\nR1 a 0 1\n", ["voltage-loop"])
    }

    @Test func whatIsNamedMustExist() {
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\nF1 a 0 «V2 2\n", ["unknown-device"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\nB1 a 0 i=v(«aa)\n", ["unknown-node"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\nB1 a 0 i=i(«v9) * 2\n", ["unknown-device"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\nB1 a 0 i=v(a) * «zz + pi\n", ["unknown-parameter"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\nE1 b 0 value={v(a)*«zz}\n", ["unknown-parameter"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\nB1 a 0 i=«v(a\n", ["unbalanced-delimiter"])
        expectErrors("t\nV1 a 0 1\nD1 a 0 «dn\n.model dm d\n", ["unknown-model"])
        for transistor in [
            "M1 a a 0 0 «nn", "M1 a a 0 0 «nn w=1u", "M1 a a 0 «nn off", "Q1 a a 0 «qq 2",
            "Q1 a a 0 0 «2N39 area=2", "M1 a b b b «nn ic=1,2,3\nR2 b 0 1k",
        ] {
            expectErrors(
                "t\nV1 a 0 1\nR1 a 0 1k\n\(transistor)\n.model mm nmos\n", ["unknown-model"])
        }
        expectErrors(
            "t\nV1 a 0 1\nX1 a 0 s\n.subckt s p q\nV2 p m 0\nR1 m q 1\nF1 p q V2 2\nH1 k q V2 3\nR2 k q 1\n.ends\n",
            [])
    }

    @Test func onlyWhatCanBeMeantIsSuggested() {
        let circuit = "t\nV1 a 0 1\nI1 a 0 1\nR1 a 0 1\n"
        for (lines, message) in [
            ("K1 L1 L2 0.5", "there is no device L1"),
            ("L2 a 0 1\nK1 L1 L2 0.5", "there is no device L1; did you mean L2?"),
            ("F1 a 0 I2 2", "there is no device I2"),
        ] {
            let errors = Deck.of(circuit + lines + "\n").elaborate().errors
            #expect(errors.first { $0.id == "unknown-device" }?.message == message)
        }
    }

    @Test func nodesThatNgspiceConfusesAreErrors() {
        expectErrors("t\nV1 é 0 1\nR1 é 0 1\nR2 «è 0 1\n", ["colliding-names"])
        expectErrors("t\n.param é=1 «è=2\nV1 a 0 {é}\nR1 a 0 1\n", ["colliding-names"])
    }

    @Test func decksWithoutACircuitAreErrors() {
        expectErrors("«", ["empty-file"])
        expectErrors("«just a title\n", ["no-devices"])
        expectErrors("«t\n.op\n.end\n", ["no-devices"])
        expectErrors("«t\n.subckt s p q\nR1 p q 1\n.ends\n", ["no-devices"])
        expectErrors("«t\n.if (0)\nR1 a 0 1\n.endif\n", ["no-devices"])
    }

    @Test func linearDevicesAreToldFromOthers() throws {
        let circuit = try Deck.of(
            """
            t
            V1 a 0 1
            R1 a b 1
            C1 b 0 1n
            E1 c 0 a 0 2
            G1 0 d a 0 1m
            F1 0 d V1 2
            H1 e 0 V1 2
            R2 c d 1
            R3 d e 1
            R4 b 0 1
            """
        ).elaborate().get()
        #expect(circuit.isLinear)
        #expect(circuit.otherDevices.map(\.name) == ["C1", "E1", "G1", "F1", "H1"])
        for line in [
            "E2 a2 0 value={v(a)*2}", "G2 0 a poly(1) b 0 0 1", "B1 0 a i=v(b)", "D1 a 0 dm",
        ] {
            let circuit = try Deck.of("t\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\n\(line)\n.model dm d\n")
                .elaborate().get()
            #expect(!circuit.isLinear, "\(line)")
        }
    }

    /// What is connected to a port that nothing uses is no node; all else is as it was, at its own nodes.
    @Test func droppedNodesLeaveEverythingElse() throws {
        let text = """
            t
            X1 b 0 nc s
            V1 a 0 sin(0 1 1k)
            R1 a b 1
            B1 a b i=1m*v(a,b)**3
            G1 0 b a 0 1m
            .subckt s p q n
            R1 p q 1
            .ends

            """
        let circuit = try Deck.of(text).elaborate().get()
        #expect(circuit.nodes.map(\.name) == ["0", "b", "a"])
        #expect(circuit.traits.nodeCount == 3)
        let source = try #require(circuit.sources.first)
        #expect(circuit.nodes[source.positive].name == "a" && source.variesWithTime)
        let controls = circuit.otherDevices.map { $0.controls ?? [] }
        #expect(
            controls.first?.map { [$0.positive, $0.negative].map { circuit.nodes[$0].name } }
                == [["a", "b"]])
        #expect(
            circuit.otherDevices.map { $0.nodes.map { circuit.nodes[$0].name } }
                == [["a", "b"], ["0", "b", "a", "0"]])
    }

    /// ngspice makes code models of some devices when it translates a dialect.
    @Test func translatedDecksMayDependOnEverything() throws {
        let text = "t\nV1 a 0 1\nR1 a b 1\nD1 b 0 dm\n.model dm d\n"
        let own = try Deck.of(text).elaborate().get().traits
        #expect(own.memory == .none && !own.needsCodeModels)
        let translated = try Deck.of(text + "*.learn compat ps,a\n").elaborate().get().traits
        #expect(translated.memory == .state && translated.needsCodeModels)
    }
}
