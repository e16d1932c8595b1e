import Foundation
import Testing

/// Where outputs go: no file that is read is overwritten, and pipes and devices are written to.
@Suite struct OutputFileTests {
    static let deck = """
        t
        V1 a 0 1
        R1 a b 1k
        .include part.inc
        *.learn trainable R1
        *.learn output V(b)
        *.learn data train.csv
        .end

        """

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try folder.write(Self.deck, to: "deck.cir")
        _ = try folder.write("R2 b 0 1k\n", to: "part.inc")
        _ = try folder.write("V1,V(b)\n1,0.25\n", to: "train.csv")
        return folder
    }

    @Test(
        "an output that would overwrite another file is wrong usage",
        arguments: [
            ["-o", "train.csv"], ["-o", "./part.inc"], ["-o", "hard.cir"],
            ["-o", "out.cir", "--history", "link.csv"], ["-o", "out.csv", "--history", "out.csv"],
            ["-o", "out.csv", "--history", "../here/out.csv"],
            ["-o", "out.cir", "--history", "train.csv"], ["-o", "-", "--history", "-"],
            ["-o", "out.cir", "--history", "/dev/stdout", "--json"],
        ])
    func overwriting(arguments: [String]) throws {
        let parent = try TemporaryFolder()
        let folder = try folder()
        try FileManager.default.createSymbolicLink(
            at: parent / "here", withDestinationURL: folder.url)
        try FileManager.default.createSymbolicLink(
            at: folder / "link.csv", withDestinationURL: folder / "deck.cir")
        try FileManager.default.linkItem(at: folder / "part.inc", to: folder / "hard.cir")
        let before = try folder.contents()
        let paths = arguments.map {
            $0.replacing("../here", with: (parent / "here").path)
        }
        let result = try spicelearn(["train", "deck.cir"] + paths, in: folder.url)
        #expect(result.status == 64, "\(result.errors)")
        #expect(result.errors.contains("overwrite") || result.errors.contains("both write"))
        #expect(result.output.isEmpty)
        #expect(try folder.contents() == before)
    }

    @Test func trainingInPlace() throws {
        let folder = try folder()
        let result = try spicelearn("train", "deck.cir", "-o", "deck.cir", in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        let text = try folder.read("deck.cir")
        #expect(text != Self.deck)
        #expect(text.split(separator: "\n").count == Self.deck.split(separator: "\n").count)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(names.sorted() == ["deck.cir", "part.inc", "train.csv"])
    }

    /// Names of one letter, too.
    @Test func exportDoesNotTakeTheNetlistsPlace() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(TrainTests.deck, to: "d")
        let result = try spicelearn("export", "d", "--self-learning", "-o", "d", in: folder.url)
        #expect(result.status == 64, "\(result.errors)")
        #expect(try folder.read("d") == TrainTests.deck)
        #expect(try spicelearn("train", "d", "-o", "o", in: folder.url).status == 0)
    }

    @Test func exportFromStandardInputToStandardOutput() throws {
        let result = try spicelearn(
            "export", "-", "--self-learning", "-o", "-", input: TrainTests.deck)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.hasPrefix("Self-learning circuit"))
    }

    @Test func aLinkToItselfStays() throws {
        let folder = try TemporaryFolder()
        let link = folder / "loop.cir"
        try FileManager.default.createSymbolicLink(
            atPath: link.path, withDestinationPath: "loop.cir")
        let deck = try folder.write(TrainTests.deck, to: "deck.cir")
        let result = try spicelearn("train", deck, "-o", link.path)
        #expect(result.status == 73 && result.errors.contains("to itself"), "\(result.errors)")
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == "loop.cir")
    }

    @Test func historyToStandardOutput() throws {
        let folder = try folder()
        for name in ["-", "/dev/stdout"] {
            let result = try spicelearn(
                "train", "deck.cir", "-o", "out.cir", "--history", name, in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            let lines = result.output.split(separator: "\n")
            #expect(lines.first == "step,loss,naturalLoss,error,rate,V(b),R1")
            #expect(lines.dropFirst().allSatisfy { $0.split(separator: ",").count == 7 })
        }
    }

    @Test func historyToDevicesAndPipes() throws {
        let folder = try folder()
        let device = try spicelearn(
            "train", "deck.cir", "-o", "out.cir", "--history", "/dev/null", in: folder.url)
        #expect(device.status == 0, "\(device.errors)")
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
        let script = """
            mkfifo pipe && (cat pipe > rows) & while [ ! -p pipe ]; do :; done
            "$0" train deck.cir -o out.cir --history pipe > /dev/null && wait && [ -p pipe ]
            """
        let piped = try shell(script, in: folder)
        #expect(piped.status == 0, "\(piped.errors)")
        #expect(try folder.read("rows").hasPrefix("step,loss"))
    }

    /// What was reached is written all the same.
    @Test func historyThatCannotBeWritten() throws {
        let folder = try folder()
        let result = try spicelearn(
            "train", "deck.cir", "-o", "out.cir", "--history", "/dev/full", in: folder.url)
        #expect(result.status == 74, "\(result.errors)")
        #expect(try folder.read("out.cir").contains(".include part.inc"))
    }

    @Test("a report that can't be written is not said to be")
    func reportThatCannotBeWritten() throws {
        let folder = try folder()
        for (page, isWritten) in [("/dev/full", false), ("/dev/null", true), ("p.html", true)] {
            let result = try spicelearn(
                "train", "deck.cir", "-o", "out.cir", "--report", page, in: folder.url)
            #expect(result.status == (isWritten ? 0 : 74), "\(result.errors)")
            #expect(result.output.contains("wrote out.cir"), "\(result.output)")
            #expect(result.output.contains("wrote \(page)") == isWritten, "\(result.output)")
        }
    }

    @Test func historyOutlivesARunThatFails() throws {
        let folder = try folder()
        _ = try folder.write("earlier", to: "run.csv")
        let result = try spicelearn(
            "train", "deck.cir", "-o", "out.cir", "--history", "run.csv", "--output", "V(c)=1",
            in: folder.url)
        #expect(result.status == 65)
        #expect(try folder.read("run.csv") == "earlier")
    }

    @Test(
        "standard output that can't be written is exit code 74",
        arguments: ["solve deck.cir", "solve deck.cir --json", "train deck.cir -o -"])
    func standardOutput(command: String) throws {
        let folder = try folder()
        for target in [">/dev/full", ">&-"] {
            let result = try shell("\"$0\" \(command) \(target)", in: folder)
            #expect(result.status == 74, "\(target) \(result.errors)")
        }
        let deaf = try shell("\"$0\" \(command) 2>&-", in: folder)
        #expect(deaf.status == 0)
    }

    @Test func netlistFromAPipe() throws {
        let folder = try folder()
        let script = "mkfifo pipe; cat deck.cir > pipe & \"$0\" solve pipe --json"
        let result = try shell(script, in: folder)
        #expect(result.status == 0, "\(result.errors)")
    }

    private func shell(_ script: String, in folder: TemporaryFolder) throws -> ProcessResult {
        try run(
            URL(filePath: "/bin/sh"), ["-c", script, spicelearnExecutable.path], in: folder.url)
    }
}
