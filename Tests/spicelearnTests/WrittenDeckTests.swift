import Foundation
import Netlist
import Testing

/// Every deck that is written is one that ngspice reads.
@Suite struct WrittenDeckTests {
    private static func decks(in folder: String) -> [LanguageDeck] {
        let folder = packageFolder.appending(path: folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".cir") && !$0.hasPrefix(".") }.sorted()
            .map { LanguageDeck(url: folder.appending(path: $0)) }
    }

    /// Each value that stands on a resistor's line is doubled, as a training would change it.
    @Test(
        "read by ngspice -b",
        arguments: LanguageDeck.all + decks(in: "netlists") + decks(in: "netlists/golden"))
    func isReadByNgspice(deck: LanguageDeck) throws {
        let parsed = Deck.parse(
            path: deck.url.path, bytes: [UInt8](try Data(contentsOf: deck.url)))
        var values: [NumberText: Double] = [:]
        for resistor in parsed.elaborate(for: .operatingPoint).understood.resistors {
            if case .literal(let text) = resistor.source { values[text] = 2 * text.value }
        }
        // Beside the deck, so that its includes are found.
        let copy = deck.url.deletingLastPathComponent().appending(path: ".written-\(UUID()).cir")
        try Data(parsed.rewriting(values)).write(to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        let folder = try TemporaryFolder()
        let result = try run(
            URL(filePath: "/usr/bin/env"), ["ngspice", "-n", "-b", copy.path], in: folder.url)
        let text = (result.output + result.errors).lowercased()
        for fault in ["error on line", "unimplemented control card", "fatal error in ngspice"] {
            #expect(!text.contains(fault), "\(result.errors)")
        }
        #expect(!result.crashed)
    }
}
