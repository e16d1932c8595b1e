import Foundation
import Testing

/// No netlist of a stranger, nor anything beside it, runs a command or writes a file: `Malicious/` holds
/// one deck for each way that could lead there.
@Suite struct MaliciousDeckTests {
    static let folder = packageFolder.appending(path: "Tests/spicelearnTests/Malicious")

    static let decks: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".cir") }.sorted()

    @Test func thereAreAtLeastForty() { #expect(Self.decks.count >= 40) }

    @Test("nothing is created but what was asked for", arguments: decks)
    func nothingIsCreated(deck: String) throws {
        let place = try Place()
        let before = try place.content()
        let out = place.folder / "out.cir"
        for trust in [[], ["--untrusted"]] {
            for command in [
                ["solve", deck], ["train", deck, "-o", out.path], ["analyze", deck],
                ["export", deck, "--self-learning", "-o", out.path], ["compare", deck, deck],
            ] {
                let result = try place.run(spicelearnExecutable, command + trust)
                #expect(!result.crashed, "\(command): signal \(result.status)")
                #expect([0, 2, 64, 65, 66, 70].contains(result.status), "\(result.errors)")
                try? FileManager.default.removeItem(at: out)
                #expect(try place.content() == before, "\(command)")
            }
        }
        #expect(place.pwnedOutside.isEmpty)
    }

    /// Otherwise the test above would prove nothing.
    @Test(
        "plain ngspice does what the decks ask of it",
        arguments: [
            "control-block.cir", "control-in-include.cir", "comments.cir", "script-as-title.cir",
            "redirection.cir", "numerical-output.cir",
        ])
    func theDecksAreMalicious(deck: String) throws {
        let place = try Place()
        let before = try place.content()
        _ = try place.run(URL(filePath: "/usr/bin/env"), ["ngspice", "-b", deck])
        #expect(try place.content() != before)
    }

    /// Git keeps names with line ends and links to them.
    @Test func aLinkToANameWithALineEnd() throws {
        let place = try Place()
        let name = "data\"\n.options ngdebug\n*#shell touch pwned\nR9 out 0 1"
        try Data("0 1\n1 1\n".utf8).write(to: place.decks.appending(path: name))
        try FileManager.default.createSymbolicLink(
            atPath: place.decks.appending(path: "data.txt").path, withDestinationPath: name)
        let deck = """
            A code model whose file has a strange name
            V1 in 0 5
            A1 %vd[in a] source
            R1 a 0 1k
            .model source filesource(file="data.txt" amploffset=[0] amplscale=[1])
            .end
            """
        try Data(deck.utf8).write(to: place.decks.appending(path: "link.cir"))
        let before = try place.content()
        let result = try place.run(spicelearnExecutable, ["solve", "link.cir"])
        #expect(result.status == 65)
        #expect(result.errors.contains("link.cir:5:31: error: ngspice can't read the path"))
        #expect(try place.content() == before)
    }
}

/// A copy of the decks to stand in, a home and a folder for temporary files.
private struct Place {
    let folder: TemporaryFolder
    let decks: URL
    private let home: URL
    private let temporary: URL

    init() throws {
        folder = try TemporaryFolder()
        (decks, home, temporary) = (folder / "decks", folder / "home", folder / "tmp")
        try FileManager.default.copyItem(at: MaliciousDeckTests.folder, to: decks)
        for url in [home, temporary] {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        }
        for name in [".spiceinit", "spinit"] {
            try FileManager.default.copyItem(
                at: decks.appending(path: name), to: home.appending(path: name))
        }
    }

    func run(_ program: URL, _ arguments: [String]) throws -> ProcessResult {
        try spicelearnTests.run(
            program, arguments, in: decks,
            variables: [
                "HOME": home.path, "TMPDIR": temporary.path, "SPICE_SCRIPTS": decks.path,
                "SPICE_LIB_DIR": decks.path,
            ])
    }

    /// All files below the folder and what is in them.
    func content() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.url.path) {
            files[name] = (try? Data(contentsOf: folder / name)) ?? Data()
        }
        return files
    }

    /// What decks wrote where they can't know that anybody would look.
    var pwnedOutside: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? [])
            .filter { $0.hasPrefix("spicelearn-pwned") }
    }
}
