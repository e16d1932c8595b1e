import Foundation
import Testing

/// Loading a netlist has a limit in the program's own process too, where ngspice can't be cut short.
@Suite struct LoadLimitTests {
    @Test func theProcessEndsWithASentence() throws {
        let folder = try TemporaryFolder()
        // Which ngspice takes seconds to read.
        let names = (1...200_000).map { "R\($0) n\($0 - 1) n\($0) 1" }
        let text = ["a chain", "V1 n0 0 1"] + names + ["RE n200000 0 1", ".op", ".end", ""]
        let path = try folder.write(text.joined(separator: "\n"), to: "chain.cir")
        let result = try run(
            spicelearnExecutable,
            ["solve", path, "--isolation", "off", "--time-limit", "0.1"], in: folder.url,
            variables: ["TMPDIR": folder.url.path])
        #expect(result.status == 70, "\(result.errors)")
        #expect(result.errors.contains("--time-limit allows more"), "\(result.errors)")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter {
                $0.hasPrefix("spicelearn-")
            } == [])
    }
}
