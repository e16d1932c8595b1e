import Engines
import Foundation
import LearningTasks
import Netlist
import NgspiceBridge
import Testing

/// ngspice in processes beside the program's own.
@Suite(.serialized) struct WorkersTests {
    /// A process is sent the sources of many points before it answers the first.
    @Test func eachPointKeepsItsOwnNudge() throws {
        let text = """
            divider
            V1 in 0 1
            R1 in out 1k
            D1 out 0 dm
            .model dm d(is=1n)
            *.learn input V1
            *.learn output V(out)=0.2
            .end
            """
        let deck = Deck.parse(path: "d.cir", bytes: Array(text.utf8), includes: .none)
        let task = try LearningTask(deck: deck)
        let program = WorkerProgram(
            path: spicelearnExecutable.path, arguments: ["ngspice-worker"])
        let physics = try NgspicePhysics(
            deck: deck, task: task, ngspice: IsolatedNgspice(program: program))
        let currents = [1e-3, -2e-3, 3e-3]
        let points = try physics.operatingPoints(
            currents.map { Drive(inputs: [1], nudge: .currents([$0])) })
        #expect(points.map(\.nudgeCurrents) == currents.map { [$0] })
    }

    /// Diodes and a transistor between resistors, and 200 samples of what they should do.
    private struct Example {
        let folder: TemporaryFolder
        let deck: String

        init() throws {
            folder = try TemporaryFolder()
            var rows = ["V1,V2,V(c)"]
            for index in 0..<200 {
                let (a, b) = (Double(index * 37 % 200) / 50 - 2, Double(index * 53 % 200) / 100 - 1)
                rows.append("\(a),\(b),\(0.1 * max(a, b))")
            }
            _ = try folder.write(rows.joined(separator: "\n"), to: "data.csv")
            deck = try folder.write(
                """
                workers
                V1 in1 0 1
                V2 in2 0 1
                VCC vcc 0 3
                R1 in1 a 1k
                R2 in2 a 2k
                R3 a b 1k
                R4 in2 b 3k
                R5 b c 1k
                R6 c 0 2k
                D1 a 0 dm
                D2 0 b dm
                RC vcc d 5k
                R7 d c 100k
                Q1 d b 0 qm
                .model dm d(is=1n)
                .model qm npn(bf=2000)
                *.learn data data.csv
                *.learn output V(c)
                *.learn train rate=1e-4 tolerance=1e-9

                """, to: "deck.cir")
        }

        /// The netlist that `train` writes after some steps.
        func trained(
            steps: Int, _ flags: [String] = [], whileRunning: (Process) -> Void = { _ in }
        ) throws -> String {
            let result = try spicelearn(
                [
                    "train", deck, "--engine", "ngspice", "-o", (folder / "out.cir").path,
                    "--steps", "\(steps)",
                ]
                    + flags,
                whileRunning: whileRunning)
            #expect(result.status == 2, "\(result.errors)")
            return try folder.read("out.cir")
        }
    }

    @Test func theSameNetlistForAnyNumber() throws {
        let example = try Example()
        let expected = try example.trained(steps: 3)
        #expect(try expected != String(contentsOfFile: example.deck, encoding: .utf8))
        for flags in [
            ["--isolation", "off"], ["--workers", "2"], ["--workers", "5", "--isolation", "on"],
        ] {
            #expect(try example.trained(steps: 3, flags) == expected, "\(flags)")
        }
    }

    /// Three solutions for small inputs, of which ngspice finds the middle one from its own initial guess.
    /// The blanks before the brackets mean nothing to it.
    @Test func theSameSolutionWhateverWasSolvedBefore() throws {
        let folder = try TemporaryFolder()
        let inputs = [3, 0.02, -3, 0.02, 3, -0.5, 0.02, 0.02, -3, 0.02]
        _ = try folder.write(
            (["V1,V(b)"] + inputs.map { "\($0),0" }).joined(separator: "\n"), to: "data.csv")
        let deck = try folder.write(
            """
            a negative conductance
            V1 a 0 1
            R1 a b 3k
            G1 b 0 cur='1e-3*(v (b)*v (b)*v (b)-v (b))'
            *.learn data data.csv
            *.learn output V(b)

            """, to: "deck.cir")
        for flags in [["--isolation", "off"], [], ["--workers", "2"], ["--workers", "3"]] {
            let result = try spicelearn(["solve", deck, "--json"] + flags)
            #expect(result.status == 0, "\(result.errors)")
            let samples = try #require(try result.json()["samples"] as? [[String: Any]])
            for (input, sample) in zip(inputs, samples) where input == 0.02 {
                let b = try #require((sample["free"] as? [String: Double])?["b"])
                #expect(abs(b + 0.0100015) < 1e-7, "\(flags)")
            }
        }
    }

    /// The rules' ways to nudge, linear and not, with and without data.
    @Test(arguments: [
        ("diodes", ["--rule", "ep"]), ("diodes", ["--rule", "cl"]), ("bjt-bias", []),
        ("regression", ["--superposition", "off"]), ("two-output", ["--rule", "cl"]),
        ("regression", ["--superposition", "off", "--rule", "ep"]),
        ("diodes", ["--time", "continuous", "--duration", "1e-3"]),
    ])
    func theSameHistory(name: String, flags: [String]) throws {
        let folder = try TemporaryFolder()
        let deck = packageFolder.appending(path: "netlists/\(name).cir").path
        let steps = flags.contains("--time") ? [] : ["--steps", "6"]
        let histories = try [["--isolation", "off"], ["--isolation", "on"], ["--workers", "2"]]
            .map { more in
                let result = try spicelearn(
                    [
                        "train", deck, "--engine", "ngspice", "-o", (folder / "out.cir").path,
                        "--history",
                    ]
                        + [(folder / "run.csv").path] + steps + flags + more)
                #expect([0, 2].contains(result.status), "\(result.errors)")
                return try folder.read("run.csv")
            }
        #expect(histories[0].split(separator: "\n").count > 3)
        #expect(histories[1] == histories[0])
        #expect(histories[2] == histories[0])
    }

    @Test func solveAndAnalyze() throws {
        let example = try Example()
        for command in ["solve", "analyze"] {
            let expected = try spicelearn(command, example.deck, "--json", "--isolation", "off")
            let result = try spicelearn(command, example.deck, "--json", "--workers", "2")
            #expect(expected.status == 0 && result.status == 0, "\(result.errors)")
            #expect(result.outputWithoutSeconds == expected.outputWithoutSeconds)
        }
    }

    /// Workers are killed or stopped at any moment; what comes out is what one undisturbed process finds.
    @Test func disturbedWorkers() throws {
        let example = try Example()
        let expected = try example.trained(steps: 20, ["--isolation", "off"])
        var random = SystemRandomNumberGenerator()
        var harmed = 0
        let found = try example.trained(steps: 20, ["--workers", "2", "--time-limit", "2"]) {
            process in
            while process.isRunning, harmed < 16 {
                usleep(.random(in: 1000...40_000, using: &random))
                guard let worker = workers(of: process).randomElement(using: &random) else {
                    continue
                }
                kill(worker, .random(in: 0..<8, using: &random) == 0 ? SIGSTOP : SIGKILL)
                harmed += 1
            }
        }
        #expect(found == expected)
        #expect(harmed > 3)
    }

    /// kill -9 leaves no worker behind, be it at work, idle or stopped.
    @Test(arguments: [nil, SIGSTOP])
    func noOrphans(signal: Int32?) throws {
        let example = try Example()
        let history = example.folder / "run.csv"
        var seen: [pid_t] = []
        _ = try spicelearn(
            [
                "train", example.deck, "-o", (example.folder / "out.cir").path, "--workers", "2",
                "--engine", "ngspice", "--history", history.path,
            ]
        ) { process in
            // A worker that is stopped while it is still starting stays so: it has not yet asked to be woken.
            var rows: Int { (try? Data(contentsOf: history))?.count { $0 == 0x0A } ?? 0 }
            while rows < 3, process.isRunning { usleep(10_000) }
            seen = workers(of: process)
            if let signal { for worker in seen { kill(worker, signal) } }
            kill(process.processIdentifier, SIGKILL)
        }
        #expect(seen.count == 2)
        for _ in 0..<500 where seen.contains(where: ChildProcesses.isAlive) { usleep(10_000) }
        #expect(!seen.contains(where: ChildProcesses.isAlive))
    }

    /// Nor does it where ngspice is busy for long, and the worker's temporary files go, too.
    @Test func noOrphanWhileNgspiceIsBusy() throws {
        let folder = try TemporaryFolder()
        // Newton's iteration on a lattice of 40,000 resistors, for which ngspice needs a minute or more.
        let deck = (folder / "lattice.cir").path
        let made = try spicelearn(
            "generate", "lattice", "--rows", "142", "--columns", "142", "--outputs", "1", "-o", deck
        )
        #expect(made.status == 0, "\(made.errors)")
        let text = try folder.read("lattice.cir").replacing(
            ".end\n", with: "D1 n1_1 0 dm\n.model dm d\n.end\n")
        _ = try folder.write(text, to: "lattice.cir")
        let temporary = folder / "temporary"
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: false)
        func files() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: temporary.path)
        }
        var seen: [pid_t] = []
        _ = try run(
            spicelearnExecutable, ["solve", deck], variables: ["TMPDIR": temporary.path]
        ) { process in
            while seen.isEmpty, process.isRunning {
                usleep(10_000)
                seen = workers(of: process)
            }
            usleep(2_000_000)
            #expect((try? files().count) == 1)
            kill(process.processIdentifier, SIGKILL)
        }
        #expect(seen.count == 1)
        for _ in 0..<500 where seen.contains(where: ChildProcesses.isAlive) { usleep(10_000) }
        #expect(!seen.contains(where: ChildProcesses.isAlive))
        #expect(try files() == [])
    }

    /// Ctrl-C reaches every process of the terminal.
    @Test func interruptionOfAll() throws {
        let example = try Example()
        let history = example.folder / "run.csv"
        let result = try spicelearn(
            [
                "train", example.deck, "-o", (example.folder / "out.cir").path, "--workers", "2",
                "--engine", "ngspice", "--history", history.path, "--steps", "1000000",
            ]
        ) { process in
            while (try? Data(contentsOf: history))?.isEmpty ?? true, process.isRunning {
                usleep(5000)
            }
            for worker in workers(of: process) { kill(worker, SIGINT) }
            kill(process.processIdentifier, SIGINT)
        }
        #expect(result.status == 130)
        #expect(FileManager.default.fileExists(atPath: (example.folder / "out.cir").path))
        #expect(!result.errors.contains("error"), "\(result.errors)")
    }

    @Test(arguments: [
        ["--workers", "0"], ["--workers", "2", "--isolation", "off"], ["--time-limit", "0"],
        ["--time", "continuous", "--physics", "transient", "--workers", "2"],
    ])
    func usage(flags: [String]) throws {
        let example = try Example()
        let result = try spicelearn(["train", example.deck, "-o", "-"] + flags)
        #expect(result.status == 64, "\(result.errors)")
    }

    private func workers(of process: Process) -> [pid_t] {
        ChildProcesses.workers(of: process.processIdentifier)
    }
}
