import Foundation
import LearningRules
import Testing

/// Trainings that are killed, interrupted or out of space, and go on to the same bits.
@Suite struct CheckpointTests {
    /// A training of some hundred steps.
    private static let training = [
        "train", "deck.cir", "-o", "out.cir", "--tolerance", "1e-9", "--optimizer", "plain",
    ]
    private static let resumption = ["train", "deck.cir", "--resume", "run.ckpt", "--json"]
    private static let kept = ["--checkpoint", "run.ckpt", "--every", "5"]

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let made = try spicelearn(
            "generate", "lattice", "--rows", "5", "--columns", "5", "--outputs", "3", "-o",
            "deck.cir", in: folder.url)
        #expect(made.status == 0)
        return folder
    }

    private struct Outcome: Equatable {
        let netlist: String
        let history: String
        let json: String
    }

    private func undisturbed(_ folder: TemporaryFolder, _ flags: [String]) throws -> Outcome {
        let result = try spicelearn(
            Self.training + flags + ["--history", "run.csv", "--json"], in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        let outcome = Outcome(
            netlist: try folder.read("out.cir"), history: try folder.read("run.csv"),
            json: result.outputWithoutSeconds)
        for name in ["out.cir", "run.csv"] { try FileManager.default.removeItem(at: folder / name) }
        return outcome
    }

    @Test func aResumedTrainingWritesThePageThatWasAskedFor() throws {
        let folder = try folder()
        let begun = try spicelearn(
            Self.training + ["--steps", "4", "--checkpoint", "run.ckpt", "--report", "page.html"],
            in: folder.url)
        #expect(begun.status == 2, "\(begun.errors)")
        try FileManager.default.removeItem(at: folder / "page.html")
        let resumed = try spicelearn(Self.resumption + ["--steps", "8"], in: folder.url)
        #expect(resumed.status == 2, "\(resumed.errors)")
        #expect(try folder.read("page.html").hasPrefix("<!"))
    }

    /// KLU where ngspice has it, since the circuit is large enough, or Sparse 1.3.
    @Test func aTrainingGoesOnWithTheSolverItBeganWith() throws {
        let folder = try TemporaryFolder()
        _ = try spicelearn(
            "generate", "lattice", "--rows", "14", "--columns", "14", "-o", "deck.cir",
            in: folder.url)
        let begun = try spicelearn(
            Self.training + [
                "--engine", "ngspice", "--steps", "4", "--checkpoint", "run.ckpt",
            ], in: folder.url)
        #expect(begun.status == 2, "\(begun.errors)")
        let file = folder / "run.ckpt"
        var checkpoint = try Checkpoint(bytes: Array(Data(contentsOf: file)))
        let solver = try #require(checkpoint.request.matrixSolver)
        let other = solver == "klu" ? "sparse" : "klu"
        checkpoint.request.matrixSolver = other
        try Data(checkpoint.bytes).write(to: file)
        let resumed = try spicelearn(Self.resumption + ["--steps", "8"], in: folder.url)
        #expect(resumed.status == 2, "\(resumed.errors)")
        // What is not there can't be gone on with.
        #expect(resumed.errors.contains("began with KLU") == (other == "klu"))
        checkpoint = try Checkpoint(bytes: Array(Data(contentsOf: file)))
        #expect(checkpoint.request.matrixSolver == "sparse")
    }

    @Test(
        "a training that is killed again and again ends with the same bits",
        arguments: [
            [], ["--rule", "cl", "--superposition", "off", "--optimizer", "momentum"],
            ["--engine", "sparse", "--optimizer", "adam"],
        ])
    func killed(flags: [String]) throws {
        let folder = try folder()
        let expected = try undisturbed(folder, flags)
        let before = "what was there before"
        _ = try folder.write(before, to: "out.cir")
        var (kills, escapes) = (0, 0)
        var result: ProcessResult
        repeat {
            let isKept = FileManager.default.fileExists(atPath: (folder / "run.ckpt").path)
            let arguments =
                isKept
                ? Self.resumption
                : Self.training + flags + Self.kept + ["--history", "run.csv", "--json"]
            // Early enough to come before the end, late enough for the training to get on.
            let rows = (try? folder.read("run.csv").utf8.count) ?? 0
            result = try spicelearn(arguments, in: folder.url) { process in
                guard kills < 6 else { return }
                while process.isRunning, (try? folder.read("run.csv").utf8.count) ?? 0 <= rows {
                    usleep(500)
                }
                usleep(UInt32.random(in: 0...20_000) >> escapes)
                kill(process.processIdentifier, SIGKILL)
            }
            if result.status == 0, kills == 0, escapes < 15 {
                // It was at its end before the first signal came.
                escapes += 1
                for name in ["run.ckpt", "run.csv"] {
                    try FileManager.default.removeItem(at: folder / name)
                }
                _ = try folder.write(before, to: "out.cir")
                continue
            }
            guard result.status == SIGKILL else { break }
            kills += 1
            #expect([before, expected.netlist].contains(try folder.read("out.cir")))
        } while true
        #expect(result.status == 0, "\(result.errors)")
        #expect(kills > 0)
        let outcome = Outcome(
            netlist: try folder.read("out.cir"), history: try folder.read("run.csv"),
            json: result.outputWithoutSeconds)
        #expect(outcome == expected)
    }

    /// The step is finished, and everything written; a fresh process goes on.
    @Test("an interrupted training goes on to the same bits", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        let folder = try folder()
        // A small rate of its own, so that there is time for a signal.
        let flags = ["--rate", "1e-6", "--steps", "3000"]
        let full = try spicelearn(
            Self.training + flags + ["--history", "run.csv", "--json"], in: folder.url)
        #expect(full.status == 2)
        let netlist = try folder.read("out.cir")
        let history = try folder.read("run.csv")
        try FileManager.default.removeItem(at: folder / "run.csv")
        let stopped = try spicelearn(
            Self.training + flags + ["--history", "run.csv", "--checkpoint", "run.ckpt"],
            in: folder.url
        ) { process in
            while (try? folder.read("run.csv"))?.isEmpty ?? true, process.isRunning { usleep(500) }
            kill(process.processIdentifier, signal)
        }
        #expect(stopped.status == (signal == SIGINT ? 130 : 143), "\(stopped.errors)")
        #expect(try folder.read("out.cir") != netlist)
        let rest = try spicelearn(Self.resumption, in: folder.url)
        #expect(rest.status == 2, "\(rest.errors)")
        #expect(rest.outputWithoutSeconds == full.outputWithoutSeconds)
        #expect(try folder.read("out.cir") == netlist)
        #expect(try folder.read("run.csv") == history)
    }

    @Test func moreStepsThanBefore() throws {
        let folder = try folder()
        let expected = try undisturbed(folder, [])
        let first = try spicelearn(
            Self.training + Self.kept + ["--history", "run.csv", "--steps", "20"], in: folder.url)
        #expect(first.status == 2, "\(first.errors)")
        let rest = try spicelearn(Self.resumption + ["--steps", "100000"], in: folder.url)
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(rest.outputWithoutSeconds == expected.json)
        #expect(try folder.read("run.csv") == expected.history)
        // It is kept to its end, from where there is nothing left to do.
        let again = try spicelearn(Self.resumption, in: folder.url)
        #expect(again.status == 0 && again.outputWithoutSeconds == expected.json, "\(again.errors)")
        #expect(try folder.read("out.cir") == expected.netlist)
    }

    /// Relative names are those of the folder where the training began.
    @Test func fromAnotherFolder() throws {
        let (folder, elsewhere) = (try folder(), try TemporaryFolder())
        let expected = try undisturbed(folder, [])
        _ = try spicelearn(
            Self.training + Self.kept + ["--history", "run.csv", "--steps", "20"], in: folder.url)
        let rest = try spicelearn(
            "train", (folder / "deck.cir").path, "--resume", (folder / "run.ckpt").path, "--steps",
            "100000", in: elsewhere.url)
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(try folder.read("out.cir") == expected.netlist)
        #expect(try folder.read("run.csv") == expected.history)
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.url.path).isEmpty)
    }

    // MARK: What does not fit

    /// A training of twenty steps in a folder, with its checkpoint.
    private func stopped() throws -> TemporaryFolder {
        let folder = try folder()
        let run = try spicelearn(
            Self.training + Self.kept + ["--history", "run.csv", "--steps", "20", "--rule", "cl"],
            in: folder.url)
        #expect(run.status == 2, "\(run.errors)")
        return folder
    }

    @Test(
        "a resumption that does not fit changes nothing",
        arguments: [
            ("", ["--rule", "al"], 64, "--rule al: this training began with --rule cl"),
            ("", ["--rate", "1"], 64, "--rate 1: this training began without it"),
            (
                "", ["--time", "continuous", "--duration", "1"], 64,
                "--resume belongs to --time discrete"
            ),
            ("", ["--engine", "native"], 64, "this training goes on with the sparse engine"),
            ("", ["--superposition", "off"], 64, "--superposition off: this training began"),
            ("", ["--history", "deck.cir"], 64, "overwrite"),
            ("", ["--checkpoint", "-"], 64, "a checkpoint is a file"),
            ("echo '* more' >> deck.cir", [], 65, "not what run.ckpt is a checkpoint of"),
            ("echo 'some deck' > run.ckpt", [], 65, "run.ckpt: this is not a checkpoint"),
            (
                "head -c 900 run.ckpt > cut && mv cut run.ckpt", [], 65,
                "run.ckpt: this checkpoint is damaged"
            ),
            ("rm run.ckpt", [], 66, "there is no file run.ckpt"),
            ("rm deck.cir", [], 66, "there is no file deck.cir"),
            ("rm run.csv", [], 66, "run.csv, which this training was writing, is gone"),
            ("echo step > run.csv", [], 65, "run.csv is shorter"),
            ("sed -i.old 3s/1/2/ run.csv; rm run.csv.old", [], 65, "run.csv is not what"),
            ("sed -i.old 1s/step/stop/ run.csv; rm run.csv.old", [], 65, "run.csv is not what"),
        ])
    func misfit(change: String, flags: [String], status: Int, message: String) throws {
        let folder = try stopped()
        _ = try shell(change, in: folder)
        let before = try folder.contents()
        let result = try spicelearn(Self.resumption + flags, in: folder.url)
        #expect(Int(result.status) == status, "\(result.errors)")
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(try folder.contents() == before)
    }

    /// A checkpoint may be a stranger's.
    @Test(
        "files elsewhere have to be repeated on the command line", arguments: [[], ["--untrusted"]])
    func filesElsewhere(flags: [String]) throws {
        let (folder, elsewhere) = (try folder(), try TemporaryFolder())
        let (out, history) = ((elsewhere / "out.cir").path, (elsewhere / "run.csv").path)
        let first = try spicelearn(
            [
                "train", "deck.cir", "-o", out, "--history", history, "--steps", "20",
                "--optimizer", "plain",
            ] + Self.kept,
            in: folder.url)
        #expect(first.status == 2, "\(first.errors)")
        let before = try elsewhere.contents()
        let resumption = Self.resumption + ["--steps", "30"] + flags
        for more in [[], ["-o", out], ["--history", history]] {
            let result = try spicelearn(resumption + more, in: folder.url)
            #expect(result.status == 64, "\(result.errors)")
            #expect(result.errors.contains("which is not in its folder"))
            #expect(try elsewhere.contents() == before)
        }
        let result = try spicelearn(
            resumption + ["-o", out, "--history", history], in: folder.url)
        #expect(result.status == 2, "\(result.errors)")
        #expect(try elsewhere.read("run.csv").split(separator: "\n").count == 32)
    }

    @Test(
        "wrong usage",
        arguments: [
            (["--every", "5"], "--checkpoint"), (["--checkpoint", "c", "--every", "0"], "--every"),
            (["--checkpoint", "c", "--every", "5x"], "--every"),
            (["--checkpoint", "c", "--every", "-5s"], "--every"),
            (["--checkpoint", "deck.cir"], "overwrite"),
            (["--checkpoint", "out.cir"], "overwrite"), (["--checkpoint", "-"], "a file"),
            (["--checkpoint", "/dev/null"], "a file"),
            (["--checkpoint", "c", "--time", "continuous", "--duration", "1"], "--time discrete"),
            (
                [
                    "--checkpoint", "c", "--time", "continuous", "--duration", "1", "--physics",
                    "transient",
                ], "--time discrete"
            ),
        ])
    func wrongUsage(flags: [String], message: String) throws {
        let folder = try folder()
        let result = try spicelearn(Self.training + flags, in: folder.url)
        #expect(result.status == 64, "\(result.errors)")
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(try folder.contents().keys.sorted() == ["deck.cir"])
    }

    @Test func aNetlistIsNeeded() throws {
        let folder = try folder()
        let result = try spicelearn("train", "deck.cir", in: folder.url)
        #expect(result.status == 64 && result.errors.contains("-o"), "\(result.errors)")
    }

    // MARK: Disks

    @Test("where no file can be made, nothing begins", arguments: ["missing/c", "/proc/c"])
    func noPlace(path: String) throws {
        let folder = try folder()
        let result = try spicelearn(Self.training + ["--checkpoint", path], in: folder.url)
        #expect(result.status == 73, "\(result.errors)")
        #expect(result.errors.contains("can't write \(path)"))
        #expect(try folder.contents().keys.sorted() == ["deck.cir"])
    }

    /// No file may grow beyond a kilobyte, which the checkpoint does and the netlist too, and so does what the
    /// sanitizer of threads keeps in files.
    @Test(.enabled(if: dlsym(nil, "__tsan_init") == nil)) func fullDisk() throws {
        let folder = try stopped()
        let before = try folder.contents()
        let full = try shell(
            "ulimit -f 2 && \"$0\" train deck.cir --resume run.ckpt --steps 100000 --history other.csv",
            in: folder)
        #expect(full.status == 74, "\(full.errors)")
        #expect(full.errors.contains("can't write"))
        let after = try folder.contents()
        for name in ["deck.cir", "out.cir", "run.ckpt", "run.csv"] {
            #expect(after[name] == before[name], "\(name)")
        }
        #expect(after.keys.allSatisfy { !$0.hasSuffix(".tmp") })
        // With room again, nothing is lost.
        let rest = try spicelearn(Self.resumption + ["--steps", "100000"], in: folder.url)
        #expect(rest.status == 0, "\(rest.errors)")
    }

    /// The netlist's folder goes away while training runs.
    @Test func vanishedFolder() throws {
        let folder = try folder()
        try FileManager.default.createDirectory(
            at: folder / "results", withIntermediateDirectories: true)
        let result = try spicelearn(
            [
                "train", "deck.cir", "-o", "results/out.cir", "--checkpoint", "run.ckpt",
                "--history",
                "run.csv", "--rate", "1e-6", "--steps", "2000",
            ], in: folder.url
        ) { process in
            while (try? folder.read("run.csv"))?.isEmpty ?? true, process.isRunning { usleep(500) }
            try? FileManager.default.removeItem(at: folder / "results")
        }
        #expect(result.status == 74, "\(result.errors)")
        #expect(result.errors.contains("can't write results/out.cir"))
        #expect(result.errors.contains("go on with --resume run.ckpt"))
        let rest = try spicelearn(Self.resumption + ["-o", "out.cir"], in: folder.url)
        #expect(rest.status == 2, "\(rest.errors)")
        #expect(try folder.read("out.cir").contains("*.learn"))
    }

    private func shell(_ script: String, in folder: TemporaryFolder) throws -> ProcessResult {
        try run(
            URL(filePath: "/bin/sh"), ["-c", script, spicelearnExecutable.path], in: folder.url)
    }
}
