import Foundation
import Testing

/// Signals at any moment: what was reached is written, and nothing else is left.
@Suite struct InterruptionTests {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try folder.write(
            """
            two diodes
            V1 in 0 2
            R1 in a 1k
            R2 a b 2k
            R3 b 0 1k
            D1 a 0 clip
            D2 b 0 clip
            .model clip d(is=1n)
            *.learn output V(b)=0.3
            *.learn train rate=1e-12 steps=1000000 tolerance=1e-12
            .end
            """, to: "deck.cir")
        return folder
    }

    /// `run` looks for what is left in TMPDIR.
    @Test(
        "no folder, no process and a last word",
        arguments: [
            ["solve", "deck.cir"], ["analyze", "deck.cir", "--workers", "2"],
            ["export", "deck.cir", "--self-learning", "-o", "self.cir"],
            ["train", "deck.cir", "-o", "out.cir", "--workers", "2"],
            ["train", "deck.cir", "-o", "out.cir", "--isolation", "off"],
        ], [SIGINT, SIGTERM, SIGHUP])
    func atAnyMoment(arguments: [String], signal: Int32) throws {
        let folder = try folder()
        for _ in 0..<3 {
            var workers: [pid_t] = []
            let result = try spicelearn(arguments, in: folder.url) { process in
                usleep(.random(in: 10_000...400_000))
                workers = ChildProcesses.workers(of: process.processIdentifier)
                kill(process.processIdentifier, signal)
            }
            // The first few milliseconds are the system's.
            guard !result.crashed else { continue }
            #expect([0, 128 + signal].contains(result.status), "\(result.errors)")
            if result.status != 0 {
                #expect(result.errors.hasSuffix("spicelearn: interrupted\n"), "\(result.errors)")
            }
            #expect(!workers.contains(where: ChildProcesses.isAlive))
            #expect(try folder.contents().keys.allSatisfy { !$0.hasSuffix(".tmp") })
        }
    }

    @Test("a crash leaves nothing, and ends at once")
    func crash() throws {
        let folder = try folder()
        var workers: [pid_t] = []
        let result = try spicelearn(
            ["train", "deck.cir", "-o", "out.cir", "--history", "run.csv", "--engine", "ngspice"],
            in: folder.url
        ) { process in
            waitForRows(folder, process)
            workers = ChildProcesses.workers(of: process.processIdentifier)
            kill(process.processIdentifier, SIGSEGV)
        }
        #expect(result.crashed)
        #expect(result.errors.hasSuffix("crashed\n"), "\(result.errors)")
        #expect(!workers.contains(where: ChildProcesses.isAlive))
    }

    @Test("a terminal that is lost, and a signal that was ignored", arguments: [true, false])
    func terminal(isIgnored: Bool) throws {
        let folder = try folder()
        let script =
            (isIgnored ? "trap '' HUP INT; " : "")
            + "exec \"$0\" train deck.cir -o out.cir --history run.csv --checkpoint run.ckpt --steps 200"
        let result = try shell(script, in: folder) { process in
            waitForRows(folder, process)
            kill(process.processIdentifier, SIGHUP)
            if isIgnored { kill(process.processIdentifier, SIGINT) }
        }
        #expect(result.status == (isIgnored ? 2 : 129), "\(result.errors)")
        #expect(try folder.read("out.cir").contains("*.learn"))
        #expect(try folder.read("run.ckpt").hasPrefix("spicelearn checkpoint"))
    }

    @Test("a checkpoint holds the first step where a signal came before it")
    func beforeTheFirstStep() throws {
        let folder = try folder()
        let arguments = ["train", "deck.cir", "-o", "out.cir", "--checkpoint", "run.ckpt"]
        let result = try spicelearn(arguments, in: folder.url) { process in
            // It is started when the training is about to begin.
            while process.isRunning, ChildProcesses.workers(of: process.processIdentifier).isEmpty {
                usleep(1000)
            }
            kill(process.processIdentifier, SIGINT)
        }
        #expect(result.status == 130, "\(result.errors)")
        let more = try spicelearn(
            "train", "deck.cir", "--resume", "run.ckpt", "--steps", "3", in: folder.url)
        #expect(more.status == 2, "\(more.errors)")
    }

    @Test(
        "a pipe without a reader is waited for until a signal comes",
        arguments: [
            ["train", "deck.cir", "-o", "out.cir", "--history", "pipe"],
            ["train", "deck.cir", "-o", "out.cir", "--steps", "2", "--report", "pipe"],
            ["train", "deck.cir", "-o", "pipe", "--steps", "2"],
            ["report", "deck.cir", "-o", "pipe"],
        ])
    func pipeWithoutReader(arguments: [String]) throws {
        let folder = try folder()
        #expect(mkfifo((folder / "pipe").path, 0o600) == 0)
        let result = try spicelearn(arguments, in: folder.url) { process in
            usleep(2_000_000)
            kill(process.processIdentifier, SIGINT)
        }
        #expect(result.status == 130, "\(result.errors)")
        #expect(result.errors.hasSuffix("interrupted\n"), "\(result.errors)")
    }

    @Test("an interrupted training does not wait for a pipe's reader")
    func pipeWithoutReaderAtTheEnd() throws {
        let folder = try folder()
        #expect(mkfifo((folder / "pipe").path, 0o600) == 0)
        let result = try spicelearn(
            [
                "train", "deck.cir", "-o", "pipe", "--history", "run.csv", "--rate", "1e-12",
                "--optimizer", "plain", "--tolerance", "1e-15", "--steps", "100000000",
            ], in: folder.url
        ) { process in
            waitForRows(folder, process)
            kill(process.processIdentifier, SIGTERM)
        }
        #expect(result.status == 143, "\(result.errors)")
        #expect(result.errors.contains("nothing reads pipe"), "\(result.errors)")
    }

    @Test("a reader of the history that goes away costs the history alone")
    func readerThatLeaves() throws {
        let folder = try folder()
        let result = try shell(
            "\"$0\" train deck.cir -o out.cir --history - --steps 200 | head -1", in: folder)
        #expect(result.output.hasPrefix("step,"))
        #expect(result.output.split(separator: "\n").count == 1)
        #expect(try folder.read("out.cir").contains("*.learn"))
        #expect(result.errors.contains("nobody reads the history"), "\(result.errors)")
    }

    @Test("a netlist that is edited while it is trained in place stays as it is")
    func editedInPlace() throws {
        let folder = try folder()
        let result = try spicelearn(
            ["train", "deck.cir", "-o", "deck.cir", "--history", "run.csv", "--steps", "300"],
            in: folder.url
        ) { process in
            waitForRows(folder, process)
            _ = try? folder.write("edited\n", to: "deck.cir")
        }
        #expect(result.status == 73, "\(result.errors)")
        #expect(result.errors.contains("was edited while it was trained"))
        #expect(try folder.read("deck.cir") == "edited\n")
        #expect(try folder.read("deck.trained.cir").contains("*.learn"))
    }

    @Test("a link to a file that is not there yet stays a link")
    func danglingLink() throws {
        let folder = try folder()
        try FileManager.default.createSymbolicLink(
            atPath: (folder / "link.cir").path, withDestinationPath: "target.cir")
        let result = try spicelearn(
            "train", "deck.cir", "-o", "link.cir", "--steps", "1", in: folder.url)
        #expect(result.status == 2, "\(result.errors)")
        let target = try FileManager.default.destinationOfSymbolicLink(
            atPath: (folder / "link.cir").path)
        #expect(target == "target.cir")
        #expect(try folder.read("target.cir").contains("*.learn"))
    }

    /// Whether this process may hide /proc from one that it starts.
    private static let canHideProc =
        (try? run(
            URL(filePath: "/usr/bin/env"),
            ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/proc"]))?.status == 0

    @Test("nothing depends on /proc", .enabled(if: canHideProc, "needs unshare"))
    func withoutProc() throws {
        let folder = try folder()
        for (command, status) in [
            ("solve deck.cir", 0), ("solve deck.cir --untrusted", 0), ("", 64), ("nothing", 64),
            ("train deck.cir -o out.cir --workers 2 --steps 2", 2),
        ] {
            let result = try run(
                URL(filePath: "/usr/bin/env"),
                [
                    "unshare", "-rm", "sh", "-c",
                    "mount -t tmpfs none /proc && exec \"$0\" \(command)",
                    spicelearnExecutable.path,
                ], in: folder.url)
            #expect(result.status == status, "\(command): \(result.errors)")
        }
    }

    @Test("a command line that ends where a command should follow is wrong usage")
    func noCommand() throws {
        for arguments in [[], ["study"]] {
            let result = try spicelearn(arguments)
            #expect(result.status == 64 && result.output.isEmpty)
            #expect(result.errors.contains("OVERVIEW"))
        }
    }

    /// Where addresses are scarce, what needs LAPACK says so, and the rest works. Sanitizers take terabytes.
    @Test(.enabled(if: dlsym(nil, "__asan_init") == nil && dlsym(nil, "__tsan_init") == nil))
    func scarceAddresses() throws {
        #if os(Linux)
            let folder = try folder()
            _ = try folder.write(TrainTests.deck, to: "linear.cir")
            let solved = try shell("ulimit -v 320000; exec \"$0\" solve linear.cir", in: folder)
            #expect(solved.status == 0, "\(solved.errors)")
            let refused = try shell(
                "ulimit -v 320000; exec \"$0\" solve linear.cir --engine sparse", in: folder)
            #expect(refused.status == 70 && refused.errors.contains("addresses"))
        #endif
    }

    private func waitForRows(_ folder: TemporaryFolder, _ process: Process) {
        while (try? folder.read("run.csv"))?.isEmpty ?? true, process.isRunning { usleep(2000) }
    }

    private func shell(
        _ script: String, in folder: TemporaryFolder, whileRunning: (Process) -> Void = { _ in }
    ) throws -> ProcessResult {
        try run(
            URL(filePath: "/bin/sh"), ["-c", script, spicelearnExecutable.path], in: folder.url,
            whileRunning: whileRunning)
    }
}
