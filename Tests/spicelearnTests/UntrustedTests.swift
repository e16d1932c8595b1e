import Foundation
import Testing

/// `--untrusted` holds a netlist to its folder, wherever its lines and links lead.
@Suite struct UntrustedTests {
    private static let circuit = "V1 in 0 5\nR1 in out 1k\n"

    /// What a deck in `inside/` names, and whether that is inside.
    private static let cases: [(lines: String, isInside: Bool)] = [
        (".include near.inc", true),
        (".include deep/near.inc", true),
        (".include link-inside.inc", true),
        (".include ../inside/near.inc", true),
        (".lib near.lib tt", true),
        (".include ../outside/far.inc", false),
        (".include {outside}/far.inc", false),
        (".include link-outside.inc", false),
        (".include link-to-folder/far.inc", false),
        (".include deep/link-up.inc", false),
        (".include deep/goes-on.inc", false),
        (".include ~/far.inc", false),
        (".lib ../outside/far.lib tt", false),
        ("R2 out 0 1k\n*.learn data near.csv", true),
        ("R2 out 0 1k\n*.learn data ../outside/far.csv", false),
        ("R2 out 0 1k\n*.learn data link-outside.csv", false),
        (source("near.txt"), true),
        (source("link-inside.txt"), true),
        (source("../outside/far.txt"), false),
        (source("{outside}/far.txt"), false),
        (source("link-outside.txt"), false),
        (sourceByText("near.txt"), true),
        (sourceByText("{outside}/far.txt"), false),
        (sourceByText("link-outside.txt"), false),
    ]

    private static func source(_ file: String) -> String {
        """
        R2 out 0 1k
        R3 a 0 1k
        A1 %vd[a 0] fs
        .model fs filesource(file="\(file)" amploffset=[0] amplscale=[1])
        """
    }

    /// The same with the name in a parameter.
    private static func sourceByText(_ file: String) -> String {
        source(file).replacing("\"\(file)\"", with: "{curve}") + "\n.param curve=\"\(file)\""
    }

    /// A folder `inside` with links of all kinds, one `outside`, and nothing else.
    private func place() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let files = FileManager.default
        for name in ["inside/deep", "outside"] {
            try files.createDirectory(at: folder / name, withIntermediateDirectories: true)
        }
        for (name, text) in [
            ("near.inc", "R2 out 0 1k\n"), ("near.lib", ".lib tt\nR2 out 0 1k\n.endl\n"),
            ("near.csv", "V1,V(out)\n5,2\n"), ("near.txt", "0 1\n1 1\n"),
        ] {
            _ = try folder.write(text, to: "inside/" + name)
            _ = try folder.write(text, to: "outside/" + name.replacing("near", with: "far"))
        }
        _ = try folder.write("R2 out 0 1k\n", to: "inside/deep/near.inc")
        _ = try folder.write(".include ../../outside/far.inc\n", to: "inside/deep/goes-on.inc")
        for (link, target) in [
            ("link-inside.inc", "near.inc"), ("link-inside.txt", "near.txt"),
            ("link-outside.inc", "../outside/far.inc"), ("link-outside.csv", "../outside/far.csv"),
            ("link-outside.txt", "../outside/far.txt"), ("link-to-folder", "../outside"),
            ("deep/link-up.inc", "../../outside/far.inc"), ("link-out.cir", "../outside/out.cir"),
            ("link-deck.cir", "../outside/deck.cir"),
        ] {
            try files.createSymbolicLink(
                atPath: (folder / ("inside/" + link)).path, withDestinationPath: target)
        }
        return folder
    }

    private func run(_ folder: TemporaryFolder, _ arguments: [String], input: String? = nil) throws
        -> ProcessResult
    {
        try spicelearnTests.run(
            spicelearnExecutable, arguments, input: input, in: folder / "inside",
            variables: ["HOME": (folder / "outside").path])
    }

    @Test("what a deck names is read where it is allowed", arguments: cases.indices)
    func named(index: Int) throws {
        let folder = try place()
        let (lines, isInside) = Self.cases[index]
        let text = lines.replacing("{outside}", with: (folder / "outside").path)
        _ = try folder.write(
            "Divider\n\(Self.circuit)\(text)\n*.learn trainable R1\n*.learn output V(out)=2\n.end\n",
            to: "inside/deck.cir")
        let commands = [
            ["solve", "deck.cir"], ["analyze", "deck.cir"],
            ["train", "deck.cir", "--steps", "1", "-o", "out.cir"],
        ]
        for command in commands {
            let trusted = try run(folder, command)
            #expect([0, 2].contains(trusted.status), "\(trusted.errors)")
            let untrusted = try run(folder, command + ["--untrusted"])
            if isInside {
                #expect([0, 2].contains(untrusted.status), "\(untrusted.errors)")
            } else {
                #expect(untrusted.status == 65)
                #expect(untrusted.errors.contains(/\.(cir|inc):\d+:\d+: error: .* lies outside/))
            }
        }
    }

    @Test func theDeckItselfIsNoLinkOutOfItsFolder() throws {
        let folder = try place()
        _ = try folder.write("Divider\n\(Self.circuit)R2 out 0 1k\n.end\n", to: "outside/deck.cir")
        for command in [
            ["solve", "link-deck.cir"], ["compare", "link-deck.cir", "link-deck.cir"],
        ] {
            #expect(try run(folder, command).status == 0)
            let result = try run(folder, command + ["--untrusted"])
            #expect(result.status == 66)
            #expect(result.errors.contains("link-deck.cir lies outside"))
        }
    }

    @Test func standardInputBelongsToTheFolderOneIsIn() throws {
        let folder = try place()
        let deck = "Divider\n\(Self.circuit).include near.inc\n.end\n"
        #expect(try run(folder, ["solve", "-", "--untrusted"], input: deck).status == 0)
        let far = deck.replacing("near.inc", with: "../outside/far.inc")
        #expect(try run(folder, ["solve", "-", "--untrusted"], input: far).status == 65)
    }

    @Test func nothingIsWrittenThroughLinks() throws {
        let folder = try place()
        _ = try folder.write(
            "Divider\n\(Self.circuit)R2 out 0 1k\n*.learn trainable R1\n*.learn output V(out)=2\n.end\n",
            to: "inside/deck.cir")
        for (flag, path) in [
            ("-o", "link-out.cir"), ("-o", "link-to-folder/out.cir"), ("--history", "link-out.cir"),
            ("--checkpoint", "link-to-folder/checkpoint"), ("-o", "link-to-folder/\u{301}out.cir"),
        ] {
            let arguments =
                ["train", "deck.cir", "--untrusted", flag, path]
                + (flag == "-o" ? [] : ["-o", "out.cir"])
            let result = try run(folder, arguments)
            #expect(result.status == 73)
            #expect(result.errors.contains("is a link"), "\(result.errors)")
            let outside = try FileManager.default.contentsOfDirectory(
                atPath: (folder / "outside").path)
            #expect(outside.sorted() == ["far.csv", "far.inc", "far.lib", "far.txt"])
        }
    }
}
