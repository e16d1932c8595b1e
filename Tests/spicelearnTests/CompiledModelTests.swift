import Foundation
import Testing

/// `--osdi`, and what is said where a compiled model can't be had.
@Suite struct CompiledModelTests {
    private static let text = """
        compiled
        V1 a 0 1
        R1 a b 1k
        N1 b 0 m
        .model m cubic r=1k
        *.learn output V(b)=0.5
        .op
        .end
        """

    @Test func aDeviceNeedsItsModel() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.text, to: "d.cir")
        for command in [["solve"], ["analyze"], ["train", "-o", (folder / "o.cir").path]] {
            let result = try spicelearn(command + [deck])
            #expect(result.status == 65)
            #expect(result.errors.contains("d.cir:4:1: error: N1 is a device"), "\(result.errors)")
            #expect(result.errors.contains("--osdi"))
        }
    }

    /// Whatever this ngspice has, the netlist itself is no compiled model.
    @Test func aFileThatIsNone() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.text, to: "d.cir")
        let result = try spicelearn("solve", deck, "--osdi", deck)
        #expect(result.status == 65)
        #expect(
            result.errors.contains("has no OSDI") || result.errors.contains("is no compiled"),
            "\(result.errors)")
        #expect(result.errors.contains("d.cir"))
    }

    @Test func aFileThatIsNotThere() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.text, to: "d.cir")
        let result = try spicelearn("solve", deck, "--osdi", "/nowhere/m.osdi")
        #expect(result.status == 66)
        #expect(result.errors.contains("--osdi /nowhere/m.osdi: No such file"))
    }

    @Test func aStrangersNetlistHasNone() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.text, to: "d.cir")
        let result = try spicelearn("solve", deck, "--untrusted", "--osdi", deck)
        #expect(result.status == 64)
        #expect(result.errors.contains("--untrusted"))
    }

    /// A divider of 1 kΩ and i = (v + v³)/1 kΩ: 2v + v³ = 1.
    @Test(arguments: [["--isolation", "off"], ["--isolation", "on"], ["--workers", "2"]])
    func itIsSolved(engine: [String]) throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.text, to: "d.cir")
        guard let model = try Self.compiled(in: folder) else { return }
        let result = try spicelearn(["solve", deck, "--osdi", model, "--json"] + engine)
        guard !result.errors.contains("has no OSDI") else { return }
        #expect(result.status == 0, "\(result.errors)")
        let samples = try #require(try result.json()["samples"] as? [[String: Any]])
        let free = try #require(samples.first?["free"] as? [String: Double])
        let v = try #require(free["b"])
        #expect(abs(2 * v + v * v * v - 1) < 1e-9)
    }

    @Test func itIsTrainedBeside() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.text, to: "d.cir")
        guard let model = try Self.compiled(in: folder) else { return }
        let out = (folder / "o.cir").path
        let result = try spicelearn("train", deck, "--osdi", model, "-o", out, "--json")
        guard !result.errors.contains("has no OSDI") else { return }
        #expect(result.status == 0, "\(result.errors)")
        let resistances = try #require(try result.json()["resistances"] as? [String: Double])
        // 0.5 V drive 0.625 mA.
        #expect(abs((resistances["R1"] ?? 0) - 800) < 0.1)
    }

    /// The model's path; nil where there is no C compiler.
    private static func compiled(in folder: TemporaryFolder) throws -> String? {
        let source = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "CompiledModels/cubic.c")
        let path = (folder / "Cubic model.osdi").path
        let compiler = URL(filePath: "/usr/bin/env")
        let found = try run(compiler, ["sh", "-c", "command -v cc || command -v clang"])
        guard let name = found.output.split(separator: "\n").first else { return nil }
        let result = try run(
            compiler, [String(name), "-shared", "-fPIC", "-o", path, source.path])
        #expect(result.status == 0, "\(result.errors)")
        return path
    }
}
