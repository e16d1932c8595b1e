import Foundation
import Testing

/// Every file in BadInput/ gets its exit code and a message at the right place; an output that was there
/// before stays as it was.
@Suite struct BadInputTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let arguments: [String]
        let exit: Int32
        let stderr: [String]
        let why: String

        var testDescription: String { name }
    }

    static let folder = packageFolder.appending(path: "Tests/spicelearnTests/BadInput")

    static let cases: [Case] = {
        guard let data = try? Data(contentsOf: folder.appending(path: "cases.json")) else {
            return []
        }
        return (try? JSONDecoder().decode([Case].self, from: data)) ?? []
    }()

    @Test func thereAreAtLeastForty() { #expect(Self.cases.count >= 40) }

    @Test("bad input", arguments: cases)
    func badInput(row: Case) throws {
        let scratch = try TemporaryFolder()
        let output = try scratch.write("what was there before", to: "out.cir")
        let arguments = row.arguments.map { $0.replacing("{out}", with: output) }
        let result = try spicelearn(arguments, in: Self.folder)
        #expect(result.status == row.exit, "\(row.why)\n\(result.errors)")
        for text in row.stderr {
            #expect(result.errors.lowercased().contains(text.lowercased()), "\(result.errors)")
        }
        #expect(result.output.isEmpty || row.exit == 0)
        #expect(try scratch.read("out.cir") == "what was there before")
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path)
        #expect(left == ["out.cir"])
    }
}
