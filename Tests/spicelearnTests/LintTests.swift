import Foundation
import Testing

/// `spicelearn lint`, as a user meets it.
@Suite struct LintTests {
    private static let deck = """
        Divider
        V1 in 0 1
        r1 in out r=1k ; upper
        R2 out 0 1e9
        .end

        """

    private static let mended = """
        * Divider
        V1 in 0 1
        * upper
        R1 in out 1k
        R2 out 0 1e9
        .end

        """

    @Test("findings are printed with place, sentence and name, and counted")
    func findings() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Self.deck, to: "d.cir")
        let result = try spicelearn("lint", "d.cir", in: folder.url)
        #expect(result.status == 1)
        let output = result.output
        for line in [
            "d.cir:1:1: warning: spicelib refuses a netlist whose title doesn't begin with *; write * before it [title-without-star]",
            "d.cir:3:1: warning: spicelib refuses a netlist with a device whose name begins with a small letter; write R1 [lower-case-device]",
            "d.cir:3:11: warning: neospice leaves a resistor out whose value has a name; write 1k without r= [named-resistance]",
        ] { #expect(output.contains(line), "\(output)") }
        #expect(output.contains("d.cir:3:16: ") && output.contains("[inline-comment]"))
        #expect(output.contains("d.cir:4:1: ") && output.contains("[extreme-resistance]"))
        #expect(output.hasSuffix("5 findings in d.cir, of which --fix may mend 4\n"), "\(output)")
        #expect(result.errors.isEmpty)
    }

    @Test("JSON is an array of findings")
    func json() throws {
        let result = try spicelearn("lint", "-", "--json", input: Self.deck)
        #expect(result.status == 1)
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        let entries = try #require(object as? [[String: Any]])
        #expect(entries.count == 5)
        let first = try #require(entries.first)
        #expect(first["file"] as? String == "<stdin>")
        #expect(first["line"] as? Int == 1 && first["column"] as? Int == 1)
        #expect(first["id"] as? String == "title-without-star")
        #expect(first["fixable"] as? Bool == true)
        #expect((first["message"] as? String)?.isEmpty == false)
        #expect(entries.last?["fixable"] as? Bool == false)
    }

    @Test("--fix writes what is left to mend by hand, and only that fails")
    func fixing() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Self.deck, to: "d.cir")
        let result = try spicelearn("lint", "d.cir", "--fix", "-o", "o.cir", in: folder.url)
        #expect(result.status == 1)
        #expect(result.output.hasSuffix("4 mended, 1 left in o.cir\n"), "\(result.output)")
        #expect(result.output.contains("o.cir:5:1: "))
        #expect(try folder.read("o.cir") == Self.mended)
        #expect(try folder.read("d.cir") == Self.deck)
        #expect(try spicelearn("compare", "d.cir", "o.cir", in: folder.url).status == 0)

        let all = Self.deck.replacing("1e9", with: "1k")
        _ = try folder.write(all, to: "d.cir")
        let place = try spicelearn("lint", "d.cir", "--fix", "-o", "d.cir", in: folder.url)
        #expect(place.status == 0, "\(place.output)")
        #expect(place.output == "4 mended, 0 left in d.cir\n")
        #expect(try folder.read("d.cir") == Self.mended.replacing("1e9", with: "1k"))
        let again = try spicelearn("lint", "d.cir", "--fix", "-o", "d.cir", in: folder.url)
        #expect(again.status == 0)
        #expect(again.output == "0 mended, 0 left in d.cir\n")
        #expect(try spicelearn("lint", "d.cir", in: folder.url).output == "0 findings in d.cir\n")

        let piped = try spicelearn("lint", "-", "--fix", "-o", "-", input: Self.deck)
        #expect(piped.output == Self.mended)
        #expect(piped.errors.contains("4 mended, 1 left"))
    }

    @Test("a netlist that can't be read is 65, one that isn't there 66, and a lone -o or --fix 64")
    func failures() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("t\nR1 a\n", to: "bad.cir")
        _ = try folder.write(Self.deck, to: "d.cir")
        #expect(try spicelearn("lint", "bad.cir", in: folder.url).status == 65)
        #expect(try spicelearn("lint", "none.cir", in: folder.url).status == 66)
        #expect(try spicelearn("lint", "d.cir", "--fix", in: folder.url).status == 64)
        #expect(try spicelearn("lint", "d.cir", "-o", "o.cir", in: folder.url).status == 64)
        let both = try spicelearn("lint", "d.cir", "--fix", "-o", "-", "--json", in: folder.url)
        #expect(both.status == 64)
    }

    @Test(
        "generated decks pass",
        arguments: [
            "lattice", "random", "layered", "kite", "crossbar", "crossbar --paired", "diodes",
            "nmos", "random --samples 3",
        ])
    func generated(family: String) throws {
        let folder = try TemporaryFolder()
        let words = family.split(separator: " ").map(String.init)
        let made = try spicelearn(["generate"] + words + ["-o", "g.cir"], in: folder.url)
        try #require(made.status == 0, "\(made.errors)")
        let result = try spicelearn("lint", "g.cir", in: folder.url)
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output == "0 findings in g.cir\n")
    }

    /// The voltages that ngspice -b prints, to the last digit.
    private func voltages(_ deck: String, in folder: URL) throws -> [String] {
        let result = try run(
            URL(filePath: "/usr/bin/env"), ["ngspice", "-n", "-b", deck], in: folder)
        return result.output.split(separator: "\n").map(String.init).filter {
            $0.firstMatch(of: /^\s+\S+\s+-?[0-9]\.[0-9]+e[-+][0-9]+\s*$/) != nil
        }
    }

    @Test("netlists/ mended are the same circuits to ngspice", arguments: LearningDeckFiles.all)
    func mendedNetlists(deck: LearningDeckFile) throws {
        let folder = try TemporaryFolder()
        let source = deck.url.deletingLastPathComponent()
        for name in try FileManager.default.contentsOfDirectory(atPath: source.path)
        where name.hasSuffix(".inc") || name.hasSuffix(".csv") {
            try FileManager.default.copyItem(
                at: source.appending(path: name), to: folder / name)
        }
        let name = deck.url.lastPathComponent
        _ = try folder.write(deck.text, to: name)
        let result = try spicelearn("lint", name, "--fix", "-o", "m.cir", in: folder.url)
        #expect([0, 1].contains(result.status), "\(result.errors)")
        let left = try spicelearn("lint", "m.cir", "--json", in: folder.url)
        #expect(!left.output.contains("\"fixable\" : true"), "\(left.output)")
        let same = try spicelearn(
            "compare", name, "m.cir", "--includes", "--rtol", "0", in: folder.url)
        #expect(same.status == 0, "\(same.output)")
        let before = try voltages(name, in: folder.url)
        #expect(!before.isEmpty)
        #expect(try voltages("m.cir", in: folder.url) == before)
    }
}
