import Foundation
import Netlist
import Testing

/// `--ngspice`, `SPICELEARN_NGSPICE`, and the version that `--version` names.
@Suite struct NgspiceChoiceTests {
    private static let variable = "SPICELEARN_NGSPICE"

    private func tool(
        _ arguments: [String], library: String? = nil, in folder: URL? = nil
    ) throws -> ProcessResult {
        try run(
            spicelearnExecutable, arguments, in: folder,
            variables: library.map { [Self.variable: $0] } ?? [:])
    }

    /// The library that this machine's ngspice is, as `--version` names it.
    private func installedLibrary() throws -> (version: NgspiceVersion, path: String) {
        let result = try spicelearn("--version")
        let line = try #require(result.output.split(separator: "\n").last)
        let parts = line.split(separator: ",", maxSplits: 1).map { $0.dropFirst(1) }
        let version = try #require(
            NgspiceVersion(banner: line.replacing("ngspice ", with: "ngspice-")))
        return (version, String(try #require(parts.last)).trimmingCharacters(in: .whitespaces))
    }

    /// The program and the library come from one package.
    @Test func versionNamesTheNgspiceThatThisMachineHas() throws {
        let result = try spicelearn("--version")
        #expect(result.status == 0)
        #expect(result.output.hasPrefix("spicelearn 0."))
        let (version, path) = try installedLibrary()
        #expect(FileManager.default.fileExists(atPath: path))
        let program = try run(URL(filePath: "/usr/bin/env"), ["ngspice", "--version"])
        #expect(NgspiceVersion(banner: program.output) == version, "\(program.output)")
    }

    @Test(arguments: [["--version"], ["solve", "--version"], ["--version", "--ngspice", "lib"]])
    func versionSaysWhereThereIsNone(arguments: [String]) throws {
        let result = try tool(arguments, library: "/nowhere/libngspice.so.0")
        #expect(result.status == 0)
        #expect(result.output.contains("\nngspice not found: "), "\(result.output)")
        let name = arguments.last == "lib" ? "--ngspice lib" : "SPICELEARN_NGSPICE: /nowhere/"
        #expect(result.output.contains(name), "\(result.output)")
    }

    /// A link elsewhere is another image; code models are found behind it, and workers use it too.
    @Test(arguments: ["option", "relative option", "variable"])
    func everyCommandUsesTheChosenLibrary(by way: String) throws {
        let folder = try TemporaryFolder()
        let library = folder / "libother.so"
        try FileManager.default.createSymbolicLink(
            atPath: library.path, withDestinationPath: installedLibrary().path)
        let deck = try folder.write(
            """
            a code model's polynomial, and a diode
            V1 in 0 1
            R1 in a 1k
            E1 b 0 POLY(1) a 0 0 2
            R2 b c 1k
            D1 c 0 dm
            .model dm d(is=1e-12)
            *.learn output V(c)=0.5
            .end
            """, to: "d.cir")
        let choice =
            switch way {
            case "option": ["--ngspice", library.path]
            case "relative option": ["--ngspice", "libother.so"]
            default: [String]()
            }
        let variable = way == "variable" ? library.path : nil
        for command in [
            ["solve", deck], ["analyze", deck], ["solve", deck, "--isolation", "off"],
            ["train", deck, "-o", "t.cir", "--workers", "2"],
        ] {
            let result = try tool(command + choice, library: variable, in: folder.url)
            #expect(result.status == 0, "\(command): \(result.errors)")
        }
        // What is chosen is what is used: with the link gone, nothing answers.
        try FileManager.default.removeItem(at: library)
        let result = try tool(["solve", deck] + choice, library: variable, in: folder.url)
        #expect(result.status == 66 && result.errors.contains("libother.so"), "\(result.errors)")
    }

    @Test func aFileThatIsNoLibraryOfNgspiceIsNamed() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(TrainTests.deck, to: "d.cir")
        let program = try tool(["solve", deck, "--ngspice", spicelearnExecutable.path])
        #expect(program.status == 70)
        #expect(program.errors.contains("not the program ngspice"), "\(program.errors)")
    }

    /// An empty variable is none, as for other programs.
    @Test func anEmptyVariableChoosesNothing() throws {
        let result = try tool(["--version"], library: "")
        #expect(!result.output.contains("not found"), "\(result.output)")
    }

    /// Opened all the same, the one ends the process by a signal, and the other waits for a writer.
    @Test func whatIsNoWholeFileIsNotOpened() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(TrainTests.deck, to: "d.cir")
        let whole = try FileHandle(forReadingFrom: URL(filePath: installedLibrary().path))
        let part = folder / "part.so"
        for count in [40, 1000, 100_000] {
            try whole.seek(toOffset: 0)
            let bytes = try whole.read(upToCount: count)
            try #require(bytes).write(to: part)
            let result = try tool(["solve", deck, "--ngspice", part.path])
            #expect(result.status == 70, "\(count): \(result.errors)")
            #expect(result.errors.contains("can't be opened as ngspice's library"))
        }
        let pipe = folder / "pipe.so"
        #expect(mkfifo(pipe.path, 0o600) == 0)
        let link = folder / "link.so"
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: pipe)
        for path in [pipe.path, link.path, folder.url.path] {
            let result = try tool(["solve", deck, "--ngspice", path])
            #expect(result.status == 70, "\(path): \(result.errors)")
            #expect(result.errors.contains("no regular file"), "\(result.errors)")
        }
    }

    @Test func anEmptyTMPDIRIsNone() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(TrainTests.deck, to: "d.cir")
        let result = try run(
            spicelearnExecutable, ["solve", deck, "--engine", "ngspice"], variables: ["TMPDIR": ""])
        #expect(result.status == 0, "\(result.errors)")
    }
}
