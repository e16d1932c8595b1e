import Foundation
import Netlist
import Testing

@Suite struct RandomDeckTests {
    /// Almost all have a solution; those that ngspice can't solve, spicelearn must not solve either.
    @Test func agreeWithNgspice() throws {
        let folder = try TemporaryFolder()
        var solved = 0
        for seed in 0..<100 {
            let path = try folder.write(
                RandomDeck.text(seed: UInt64(seed)), to: "random-\(seed).cir")
            let agreement = try Agreement(URL(filePath: path))
            #expect(agreement == .same || agreement == .unsolved, "seed \(seed)")
            if agreement == .same { solved += 1 }
        }
        #expect(solved >= 95)
    }

    @Test func elaborateTheSameTwice() {
        for seed in 0..<300 {
            let bytes = Array(RandomDeck.text(seed: UInt64(seed)).utf8)
            let deck = Deck.parse(path: "random.cir", bytes: bytes, includes: .none)
            #expect(deck.rewriting([:]) == bytes)
            let (first, second) = (deck.elaborate(), deck.elaborate())
            #expect(first.diagnostics == second.diagnostics)
            #expect(!first.hasErrors, "seed \(seed): \(first.diagnostics)")
            #expect(
                first.understood.resistors.map(\.conductance)
                    == second.understood.resistors.map(\.conductance))
        }
    }
}
