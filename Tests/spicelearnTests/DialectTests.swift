import Foundation
import Testing

/// Decks in other simulators' dialects, each with a `*.learn compat` line: solved as `ngspice -b` solves them
/// in the same modes.
@Suite struct DialectTests {
    static let decks: [LanguageDeck] = {
        let folder = packageFolder.appending(path: "Tests/spicelearnTests/Dialects")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".cir") }.sorted()
            .map { LanguageDeck(url: folder.appending(path: $0)) }
    }()

    @Test("solved as by ngspice -b in the same modes", arguments: decks)
    func agrees(deck: LanguageDeck) throws {
        let text = try String(contentsOf: deck.url, encoding: .utf8)
        let mode = try #require(text.firstMatch(of: /\*\.learn compat (\S+)/)?.1)
        let behaviour = mode.filter { $0 != "," }
        #expect(try Agreement(deck.url, behaviour: behaviour) == .same)
        // In a process of its own and in this one.
        #expect(
            try Agreement(deck.url, ["--isolation", "on"], behaviour: behaviour) == .same)
        #expect(
            try Agreement(deck.url, ["--isolation", "off"], behaviour: behaviour) == .same)
    }

    @Test func linearOnesAreElaboratedAsByNgspice() throws {
        let names = ["lt-values", "hs-multiplied", "ki-netlist"]
        for deck in Self.decks
        where names.contains(deck.url.deletingPathExtension().lastPathComponent) {
            let text = try String(contentsOf: deck.url, encoding: .utf8)
            let mode = try #require(text.firstMatch(of: /\*\.learn compat (\S+)/)?.1)
            #expect(
                try Agreement(deck.url, ["--engine", "sparse"], behaviour: String(mode)) == .same)
        }
    }

    private static let divider = """
        a divider as LTspice writes it
        V1 a 0 10
        R1 a b 4k7
        R2 b 0 1k
        .backanno
        .end

        """

    @Test func theFlagSaysTheSameAsTheDirective() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.divider, to: "lt.cir")
        func voltage(_ arguments: String...) throws -> Double? {
            let result = try spicelearn(["solve", path, "--json"] + arguments)
            #expect(result.status == 0, "\(result.errors)")
            let samples = try result.json()["samples"] as? [[String: [String: Double]]]
            return samples?.first?["free"]?["b"]
        }
        // 10 V · 1 kΩ / (4.7 kΩ + 1 kΩ); ngspice itself takes 4k7 for 4 kΩ.
        let own = try #require(try voltage("--compat", "lt,a"))
        #expect(abs(own - 10 / 5.7) < 1e-12)
        let text = Self.divider.replacing("V1", with: "*.learn compat lt\nV1")
        _ = try folder.write(text, to: "lt.cir")
        #expect(try voltage() == own)
        // The command line wins.
        #expect(try voltage("--compat", "ki") == 2)
    }

    @Test func aTrainedDeckIsReadInTheSameModes() throws {
        let folder = try TemporaryFolder()
        let text = Self.divider.replacing(".backanno", with: ".backanno\n*.learn output V(b)=4")
        let path = try folder.write(text, to: "lt.cir")
        let out = (folder / "out.cir").path
        let result = try spicelearn(
            "train", path, "-o", out, "--compat", "lta", "--trainable", "R2")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("ngspice -D ngbehavior=lta -b \(out)"), "\(result.output)")
        let voltages = try #require(
            try ReferenceRun(of: folder / "out.cir", limit: 60, behaviour: "lta").voltages)
        let b = try #require(voltages["b"])
        #expect(abs(b - 4) < 1e-6)
        // What is trained is 4.7 kΩ · 4 / 6.
        #expect(try folder.read("out.cir").contains("R1 a b 4k7"))
    }

    @Test(
        "modes that there are not",
        arguments: [
            ("xyz", "no compatibility mode xyz"), ("hs,ps", "hs excludes ps"),
            ("a", "beside ps or lt"),
            ("spe,lt", "spe alone"),
        ])
    func wrongModes(mode: String, words: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.divider, to: "lt.cir")
        let flag = try spicelearn("solve", path, "--compat", mode)
        #expect(flag.status == 64 && flag.errors.contains(words), "\(flag.errors)")
        let text = Self.divider.replacing("V1", with: "*.learn compat \(mode)\nV1")
        _ = try folder.write(text, to: "lt.cir")
        let directive = try spicelearn("solve", path)
        #expect(directive.status == 65, "\(directive.errors)")
        #expect(directive.errors.contains("lt.cir:2:16: error:"), "\(directive.errors)")
        #expect(directive.errors.contains(words), "\(directive.errors)")
    }

    @Test func aSelfLearningDeckIsInNgspicesOwnLanguage() throws {
        let folder = try TemporaryFolder()
        let text = Self.divider.replacing(
            ".end", with: "*.learn compat lt\n*.learn output V(b)=4\n.end")
        let path = try folder.write(text, to: "lt.cir")
        let result = try spicelearn(
            "export", path, "--self-learning", "-o", (folder / "self.cir").path)
        #expect(result.status == 65)
        #expect(result.errors.contains("ngspice's own language"), "\(result.errors)")
    }
}
