import Testing

@testable import Netlist

/// Global nodes and ground win over a subcircuit's ports.
struct GlobalNodeTests {
    @Test func aHiddenPortIsWarnedOf() {
        for (port, word) in [
            ("vdd", "the global node"), ("VDD", "the global node"), ("gnd", "ground"),
            ("0", "ground"),
        ] {
            let deck = Deck.of(
                """
                t
                .global vdd
                V1 vdd 0 5
                V2 b 0 2
                X1 b o s
                .subckt s \(port) out
                R1 \(port) out 1k
                R2 out 0 1k
                .ends
                """)
            let elaboration = deck.elaborate()
            #expect(elaboration.warningIDs.contains("hidden-port"))
            #expect(elaboration.warnings.contains { $0.message.contains(word) })
            let circuit = elaboration.understood
            let end = circuit.resistors.first?.positive ?? -1
            #expect(circuit.nodes[end].name == (word == "ground" ? "0" : "vdd"))
        }
    }

    @Test func aCommaIsAPartOfTheName() {
        let deck = Deck.of("t\n.global vdd, vss\nV1 a 0 1\nR1 a 0 1\n")
        #expect(deck.elaborate().warningIDs == ["glued-separator"])
    }
}
