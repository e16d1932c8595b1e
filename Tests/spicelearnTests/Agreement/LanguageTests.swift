import Foundation
import Netlist
import NgspiceBridge
import Testing

/// One deck of the folder Language, each of which shows one thing that ngspice reads.
struct LanguageDeck: Sendable, CustomTestStringConvertible {
    let url: URL

    var testDescription: String { url.lastPathComponent }

    /// The version of ngspice from which on it reads a deck; earlier ones stop at it.
    private static let firstVersions = [
        "codemodel-microstrip.cir": NgspiceVersion(45),
        "controlled-by-frequency-table.cir": NgspiceVersion(42),
        "source-sound.cir": NgspiceVersion(47),
        "subcircuit-text.cir": NgspiceVersion(44),
        "subcircuit-text-of-file.cir": NgspiceVersion(44),
    ]

    /// Those that the installed ngspice reads.
    static let all: [LanguageDeck] = {
        guard let version = try? Ngspice.installed().version else { return [] }
        let folder = packageFolder.appending(path: "Tests/spicelearnTests/Language")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".cir") && !$0.hasPrefix(".") }
            .filter { version >= firstVersions[$0, default: NgspiceVersion(0)] }.sorted()
            .map { LanguageDeck(url: folder.appending(path: $0)) }
    }()
}

@Suite struct LanguageTests {
    /// By ngspice's library, and the linear ones as elaborated and solved without ngspice, too: what the
    /// parameters come to is right.
    @Test("solved as by ngspice -b", arguments: LanguageDeck.all)
    func agrees(deck: LanguageDeck) throws {
        let reference = try ReferenceRun(of: deck.url, limit: 60)
        #expect(try Agreement(deck.url, beside: reference) == .same)
        let elaborated = try Agreement(deck.url, ["--engine", "sparse"], beside: reference)
        if case .refused(let reason) = elaborated {
            #expect(reason.contains("the sparse engine") || reason.contains("no unique solution"))
        } else {
            #expect(elaborated == .same)
        }
    }

    @Test(arguments: LanguageDeck.all)
    func everyByteStays(deck: LanguageDeck) throws {
        let bytes = [UInt8](try Data(contentsOf: deck.url))
        #expect(Deck.parse(path: deck.url.path, bytes: bytes).rewriting([:]) == bytes)
    }

    @Test(arguments: LanguageDeck.all)
    func elaboratingTwiceIsTheSame(deck: LanguageDeck) throws {
        let bytes = [UInt8](try Data(contentsOf: deck.url))
        let parsed = Deck.parse(path: deck.url.path, bytes: bytes)
        let (first, second) = (
            parsed.elaborate(for: .operatingPoint), parsed.elaborate(for: .operatingPoint)
        )
        #expect(first.diagnostics == second.diagnostics)
        #expect(first.understood.nodes == second.understood.nodes)
        #expect(
            first.understood.resistors.map(\.conductance)
                == second.understood.resistors.map(\.conductance))
        #expect(first.understood.sources.map(\.dcValue) == second.understood.sources.map(\.dcValue))
        #expect(
            first.understood.otherDevices.map(\.name) == second.understood.otherDevices.map(\.name))
    }
}
