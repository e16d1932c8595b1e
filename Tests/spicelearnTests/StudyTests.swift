import Foundation
import Testing

/// The command around the studies: files, formats, errors. The studies' numbers have tests of their own.
@Suite struct StudyCommandTests {
    private let gnuplot = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map {
        "\($0)/gnuplot"
    }.first(where: FileManager.default.isExecutableFile)

    @Test func figureAndTable() throws {
        try #require(gnuplot != nil, "gnuplot is needed: make deps")
        let folder = try TemporaryFolder()
        let result = try spicelearn("study", "nudging", "-o", "bias.svg", in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("one-sided"))
        #expect(result.output.contains("wrote bias.svg and bias.csv"))
        let svg = try folder.read("bias.svg")
        #expect(svg.contains("<svg") && svg.hasSuffix("</svg>\n") || svg.contains("</svg>"))
        #expect(svg.contains("nudging strength"))
        let rows = try folder.read("bias.csv").split(separator: "\n")
        #expect(rows[0] == "circuit,rule,nudging,strength,bias")
        #expect(rows.count == 1 + 12 * 25)
        let png = try spicelearn("study", "nudging", "-o", "bias.png", "--json", in: folder.url)
        #expect(png.status == 0, "\(png.errors)")
        #expect((try png.json()["curves"] as? [Any])?.count == 12)
        let bytes = try Data(contentsOf: folder / "bias.png")
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    @Test func aDeckOfOnesOwn() throws {
        let folder = try TemporaryFolder()
        let deck = packageFolder.appending(path: "netlists/two-output.cir").path
        let result = try spicelearn(
            "study", "convergence", deck, "-o", (folder / "c.pdf").path, "--json")
        #expect(result.status == 0, "\(result.errors)")
        let runs = try #require(try result.json()["runs"] as? [[String: Any]])
        #expect(runs.count == 3)
        for run in runs {
            let measured = try #require(run["measuredRate"] as? Double)
            let predicted = try #require(run["predictedRate"] as? Double)
            #expect(abs(measured / predicted - 1) < 0.01)
        }
        let missing = try spicelearn("study", "convergence", "no-such.cir", in: folder.url)
        #expect(missing.status == 66)
    }

    /// A single output, and a constant of zero: numbers that are some.
    @Test("decks with nothing to divide by", arguments: ["divider", "kite"])
    func decksWithNothingToDivideBy(deck: String) throws {
        let folder = try TemporaryFolder()
        let path = packageFolder.appending(path: "netlists/\(deck).cir").path
        let result = try spicelearn("study", "convergence", path, "-o", "c.svg", in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        let words = result.output.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
        #expect(!words.contains("inf") && !words.contains("nan") && !words.contains("-nan"))
        let percents = zip(words, words.dropFirst()).filter { $0.1.hasPrefix("%") }.compactMap {
            Double($0.0)
        }
        #expect(!percents.isEmpty && percents.allSatisfy { $0 <= 1 }, "\(result.output)")
        #expect(try folder.read("c.svg").contains("xml:space"))
    }

    @Test func aDeckThatDoesNotLearn() throws {
        let folder = try TemporaryFolder()
        let path = packageFolder.appending(path: "netlists/overdetermined.cir").path
        let result = try spicelearn("study", "convergence", path, in: folder.url)
        #expect(result.status == 65)
        #expect(result.errors.contains("no rate: learning comes to rest with errors of up to"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    /// The numbers are there, and the error says what to do.
    @Test func withoutGnuplot() throws {
        let folder = try TemporaryFolder()
        let empty = try TemporaryFolder()
        let result = try spicelearn(
            "study", "genericity", "--networks", "1", "--draws", "10", in: folder.url,
            path: empty.url.path)
        #expect(result.status == 70)
        #expect(result.errors.contains("apt-get install gnuplot-nox"))
        #expect(try folder.read("genericity.csv").split(separator: "\n").count == 1 + 4 * 10)
        #expect(!FileManager.default.fileExists(atPath: (folder / "genericity.svg").path))
    }

    @Test func usage() throws {
        let folder = try TemporaryFolder()
        func status(_ arguments: String...) throws -> Int32 {
            try spicelearn(["study"] + arguments, in: folder.url).status
        }
        #expect(try status("kite", "-o", "kite.gif") == 64)
        #expect(try status("kite", "--points", "0") == 64)
        #expect(try status("kite", "--largest", "0.7") == 64)
        #expect(try status("genericity", "--draws", "0") == 64)
        #expect(try status("kite", "-o", "no-such-folder/kite.svg") == 73)
    }

    @Test func interrupted() throws {
        let folder = try TemporaryFolder()
        let result = try spicelearn(["study", "genericity", "--full"], in: folder.url) { process in
            Thread.sleep(forTimeInterval: 1)
            process.interrupt()
        }
        #expect(result.status == 130)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }
}
