import Foundation
import Testing

private let agreementFolder = ProcessInfo.processInfo.environment["AGREEMENT_FOLDER"]

/// `make agreement FOLDER=…`: the comparison of the language's decks over any folder, with a table.
@Suite struct AgreementTests {
    private static let extensions: Set = ["cir", "sp", "spi", "spice", "net", "ckt"]

    @Test(.enabled(if: agreementFolder != nil)) func ofAFolder() throws {
        let folder = URL(filePath: try #require(agreementFolder))
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let decks = (files?.compactMap { $0 as? URL } ?? [])
            .filter { Self.extensions.contains($0.pathExtension.lowercased()) }
            .sorted { $0.path < $1.path }
        var counts: [String: Int] = [:]
        for deck in decks {
            let agreement = try Agreement(deck)
            counts[agreement.kind, default: 0] += 1
            if agreement != .same { print(agreement, deck.path) }
            #expect(!agreement.isFault, "\(deck.path)")
        }
        print("\(decks.count) decks in \(folder.path)")
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { print("  \(count) \(kind)") }
    }

    /// Neither program had the time to answer, of which neither is to blame.
    @Test func timeOutsAreNoErrors() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("t\nV1 a 0 1\nR1 a 0 1\n.end\n", to: "deck.cir")
        let agreement = try Agreement(URL(filePath: path), limit: 0)
        #expect(agreement == .timedOut)
        #expect(!agreement.isFault)
        #expect(try Agreement(URL(filePath: path)) == .same)
    }
}
