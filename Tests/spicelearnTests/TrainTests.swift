import Foundation
import Testing

@Suite struct TrainTests {
    static let deck =
        "t\r\nV1 a 0 1\r\nR1\ta  b 1K ; top\r\nR2 b 0\r\n+ 1000\r\n*.learn output V(b)=0.25"

    static let rectifier = """
        rectifier
        V1 in 0 3
        R1 in a 1k
        D1 a b dm
        R2 b 0 1k
        .model dm d(is=1e-9)
        *.learn output V(b)=1
        """

    /// V(b) as `ngspice -b` finds it, V.
    private func plain(_ deck: String) throws -> Double {
        try PlainNgspice.operatingPoints(URL(filePath: deck), expressions: ["v(b)"])[0][0]
    }

    @Test("what ngspice -b does not confirm is said, with the options that mend it")
    func confirmation() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.rectifier + "\n.op\n.end\n", to: "deck.cir")
        let out = (folder / "out.cir").path
        let text = try spicelearn("train", deck, "-o", out)
        #expect(text.status == 0)
        #expect(text.output.contains("every output within 1e-06 V, solved at reltol=1e-9"))
        #expect(text.output.contains("is up to"))
        #expect(text.output.contains("add the line .options reltol=1e-6 vntol=1e-9"))
        #expect(abs(try plain(out) - 1) > 1e-6)
        let json = try #require(
            spicelearn("train", deck, "-o", out, "--json").json()["confirmation"] as? [String: Any])
        #expect(json["passed"] as? Bool == false && json["optionsWritten"] as? Bool == false)
        #expect(json["options"] as? String == ".options reltol=1e-6 vntol=1e-9")
        let off = try #require(json["largestError"] as? Double)
        #expect(abs(off - abs(try plain(out) - 1)) < 1e-7)

        let written = (folder / "set.cir").path
        let set = try spicelearn("train", deck, "-o", written, "--set-options")
        #expect(set.output.contains("every output within 1e-06 V\n"))
        #expect(abs(try plain(written) - 1) <= 1e-6)
        // Every other byte stays.
        let line = ".options reltol=1e-6 vntol=1e-9\n"
        #expect(try folder.read("set.cir").contains(".op\n\(line).end\n"))
        #expect(try folder.read("set.cir").replacing(line, with: "") == folder.read("out.cir"))
        // It confirms itself from now on.
        let again = try spicelearn("train", written, "-o", out)
        #expect(again.status == 0 && again.output.contains("ngspice -b confirms this\n"))
    }

    @Test(
        "--set-options replaces values that are there, and keeps line ends",
        arguments: [
            (
                ".options reltol=1e-2 gmin=1e-12 vntol = 1u\n.END\n",
                ".options reltol=1e-6 gmin=1e-12 vntol = 1e-9\n.END\n"
            ),
            (".opt reltol={1e-2}\n.end", ".opt reltol={1e-6}\n.options vntol=1e-9\n.end"),
            ("* no end", "* no end\n.options reltol=1e-6 vntol=1e-9\n"),
        ])
    func setOptions(tail: String, expected: String) throws {
        let folder = try TemporaryFolder()
        for newline in ["\n", "\r\n"] {
            let text = (Self.rectifier + "\n" + tail).replacing("\n", with: newline)
            let deck = try folder.write(text, to: "deck.cir")
            let result = try spicelearn(
                "train", deck, "-o", (folder / "out.cir").path, "--set-options", "--tolerance",
                "1e-7")
            #expect(result.status == 0, "\(result.errors)")
            #expect(try folder.read("out.cir").hasSuffix(expected.replacing("\n", with: newline)))
        }
    }

    @Test("linear circuits and loose tolerances need no options")
    func nothingToConfirm() throws {
        let folder = try TemporaryFolder()
        let out = (folder / "out.cir").path
        let deck = try folder.write(Self.rectifier + "\n.end\n", to: "deck.cir")
        let loose = try spicelearn(
            "train", deck, "-o", out, "--tolerance", "1e-2", "--set-options", "--json")
        let json = try #require(loose.json()["confirmation"] as? [String: Any])
        #expect(json["passed"] as? Bool == true && json["options"] == nil)
        #expect(try !folder.read("out.cir").contains(".options"))
        let linear = packageFolder.appending(path: "netlists/two-output.cir").path
        let result = try spicelearn("train", linear, "-o", out, "--json").json()
        #expect(result["confirmation"] == nil)
        #expect(abs(try #require(result["nudge"] as? Double) - 0.665035) < 1e-6)
    }

    @Test("every sample is solved again with its own inputs")
    func samplesConfirmed() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("V1,V(b)\n3,1\n", to: "one.csv")
        let deck = try folder.write(
            Self.rectifier.replacing("V1 in 0 3", with: "V1 in 0 1").replacing(
                "V(b)=1", with: "V(b)")
                + "\n*.learn data one.csv\n.end\n", to: "deck.cir")
        let json = try spicelearn("train", deck, "-o", (folder / "out.cir").path, "--json").json()
        let confirmation = try #require(json["confirmation"] as? [String: Any])
        let error = try #require(confirmation["largestError"] as? Double)
        #expect(error > 1e-6 && error < 1e-4)
        #expect(confirmation["samples"] as? Int == 1)
    }

    @Test func onlyTrainedValuesChange() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.deck, to: "t.cir")
        let result = try spicelearn(
            "train", path, "-o", (folder / "out.cir").path, "--trainable", "R2", "--tolerance",
            "1e-12", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let json = try result.json()
        #expect(
            Set(json.keys) == [
                "rule", "optimizer", "steps", "converged", "reason", "loss", "nudge", "nudging",
                "resistances", "output", "outputs", "errors", "rate", "lossName", "engine",
                "seconds", "version", "confirmed",
            ])
        let outputs = try #require(json["outputs"] as? [[String: Double]])
        let errors = try #require(json["errors"] as? [[String: Double]])
        #expect(outputs.count == 1 && errors.count == 1 && outputs[0].keys == errors[0].keys)
        #expect(errors[0].values.allSatisfy { abs($0) <= 1e-12 })
        #expect(json["rule"] as? String == "al")
        let value = try #require((json["resistances"] as? [String: Double])?["R2"])
        #expect(abs(value - 1000.0 / 3) < 1e-6)
        let written = try folder.read("out.cir")
        let number = try #require(written.firstMatch(of: /\+ (.*)\r\n/)?.1)
        // Foundation reads numbers of 17 digits to the last bit but one.
        #expect(abs(try #require(Double(number)) - value) <= value.ulp)
        #expect(written == Self.deck.replacing("+ 1000", with: "+ \(number)"))
    }

    @Test("every optimizer, by its flag and by its setting", arguments: ["momentum", "adam"])
    func optimizer(name: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.deck, to: "t.cir")
        let setting = try folder.write(
            Self.deck + "\n*.learn train optimizer=\(name)\n.end", to: "s.cir")
        let plain = try spicelearn("train", path, "-o", (folder / "p.cir").path, "--json").json()
        let runs = try [[path, "--optimizer", name], [setting]].map { arguments in
            try spicelearn(["train", "-o", (folder / "o.cir").path, "--json"] + arguments).json()
        }
        for run in runs {
            #expect(run["optimizer"] as? String == name)
            #expect(run["converged"] as? Bool == true)
        }
        #expect(runs[0]["steps"] as? Int == runs[1]["steps"] as? Int)
        #expect(plain["optimizer"] as? String == "auto")
        #expect(plain["steps"] as? Int != runs[0]["steps"] as? Int)
        // A rate means the plain rule.
        let rated = try spicelearn(
            "train", path, "-o", (folder / "p.cir").path, "--json", "--rate", "1e-6", "--steps", "3"
        ).json()
        #expect(rated["optimizer"] as? String == "plain")
        let text = try spicelearn(
            "train", path, "-o", (folder / "o.cir").path, "--optimizer", name)
        #expect(text.output.contains(" of \(name): every output"))
    }

    /// It is the operating point that was compared, and neither sweeps nor commands.
    @Test(arguments: [
        (".op", "\nngspice -b confirms this\n"),
        (
            ".dc V1 0 1 0.5\n.op\n.tran 1u 1m",
            "\nthe .op of ngspice -b confirms this; nothing is said of .dc and .tran in the deck\n"
        ),
        (
            ".control\nop\n.endc",
            "\nthe .op of ngspice -b confirms this; nothing is said of .control in the deck\n"
        ),
        (
            ".tran 1u 1m\n.control\nalter v1 2\nop\n.endc",
            "\nthe .op of ngspice -b (without the .control section, which changes the circuit) confirms this; "
                + "nothing is said of .tran in the deck\n"
        ),
    ])
    func theOperatingPointAloneIsConfirmed(cards: String, sentence: String) throws {
        let result = try spicelearn(
            "train", "-", "-o", "/dev/null",
            input: """
                t
                V1 in 0 1
                R1 in a 1k
                R2 a 0 1k
                D1 a 0 dm
                .model dm d
                *.learn output V(a)=0.4
                \(cards)
                .end
                """)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains(sentence), "\(result.output)")
    }

    @Test func standardInputAndOutput() throws {
        let result = try spicelearn("train", "-", "-o", "-", input: Self.deck)
        #expect(result.status == 0)
        #expect(result.output.hasPrefix("t\r\nV1 a 0 1\r\nR1\ta  b "))
        #expect(result.errors.isEmpty)
    }

    @Test func stepLimitIsExitTwo() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.deck, to: "t.cir")
        let result = try spicelearn(
            "train", path, "-o", (folder / "out.cir").path, "--steps", "1", "--tolerance", "1e-12")
        #expect(result.status == 2)
        #expect(result.errors.contains("--steps"))
        #expect(FileManager.default.fileExists(atPath: (folder / "out.cir").path))
    }

    @Test(
        "a rate that leads nowhere",
        arguments: [
            ("1e9", "no step at this rate lowered the loss: take a smaller --rate, or none"),
            ("1e-11", "the loss fell by 0."),
            ("1e-30", "A step at this rate changes no value: take a larger --rate, or none"),
        ])
    func ratesThatLeadNowhere(rate: String, sentence: String) throws {
        let divider = "t\nV1 in 0 5\nR1 in out 1k\nR2 out 0 1k\n*.learn output V(out)=3.3\n.end\n"
        let result = try spicelearn(
            "train", "-", "-o", "-", "--rate", rate, "--steps", "20", input: divider)
        #expect(result.status == 2)
        #expect(result.errors.contains(sentence), "\(result.errors)")
        #expect(!result.errors.contains("allow more"))
    }

    @Test func historyAsTable() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.deck, to: "t.cir")
        let run = try spicelearn(
            "train", path, "-o", (folder / "out.cir").path, "--json", "--history",
            (folder / "run.csv").path)
        let json = try run.json()
        let rows = try folder.read("run.csv").split(separator: "\n")
        #expect(rows[0] == "step,loss,naturalLoss,error,rate,V(b),R1,R2")
        let steps = try #require(json["steps"] as? Int)
        #expect(rows.count == steps + 2)
        let last = rows[rows.count - 1].split(separator: ",").compactMap { Double($0) }
        let resistances = try #require(json["resistances"] as? [String: Double])
        #expect(last.count == 8)
        // JSONSerialization reads some numbers one unit in the last place off.
        for (value, name) in [(last[6], "R1"), (last[7], "R2")] {
            #expect(abs(value / (try #require(resistances[name])) - 1) <= Double.ulpOfOne)
        }
        let losses = rows.dropFirst().compactMap { Double($0.split(separator: ",")[1]) }
        #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 >= $1 })
    }

    /// Where signals pass one way, steps at a plateau go up as well as down.
    @Test func aPlateauEndsAtTheLowestLoss() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("temp,V(c),V(e)\n-20,6,1.2\n27,6,1.2\n85,6,1.2\n", to: "corners.csv")
        let stage = """
            Common-emitter stage
            VCC vcc 0 12
            R1 vcc b 47k
            R2 b 0 10k
            RC vcc c 4.7k
            RE e 0 1k
            Q1 c b e qn
            .model qn NPN(IS=1e-14 BF=150 VAF=80)
            *.learn trainable RC RE min=100 max=100k
            *.learn output V(c) V(e)
            .end

            """
        let result = try spicelearn(
            "train", "-", "-o", "out.cir", "--data", "corners.csv", "--until", "plateau",
            "--history", "history.csv", "--json", input: stage, in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        let loss = try #require(result.json()["loss"] as? [String: Double])
        let losses = try folder.read("history.csv").split(separator: "\n").dropFirst().compactMap {
            Double($0.split(separator: ",")[1])
        }
        let lowest = try #require(losses.min())
        #expect(try #require(losses.last) > (1 + 1e-6) * lowest)
        // Solved again at the end.
        #expect(abs(try #require(loss["final"]) - lowest) < 1e-9 * lowest)
    }

    @Test func historyAsObjects() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.deck, to: "t.cir")
        _ = try spicelearn(
            "train", path, "-o", (folder / "out.cir").path, "--history", (folder / "run.jsonl").path
        )
        for line in try folder.read("run.jsonl").split(separator: "\n") {
            let object =
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Double]
            for key in ["step", "loss", "V(b)", "R1"] { #expect(object?[key] != nil, "\(key)") }
        }
    }

    /// ngspice's own `load` reads the raw file, with the vectors by name.
    @Test func historyForNgspice() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.deck, to: "t.cir")
        let json = try spicelearn(
            "train", path, "-o", (folder / "out.cir").path, "--json", "--history",
            (folder / "run.raw").path
        ).json()
        let script = try folder.write(
            "* read\n.control\nload \((folder / "run.raw").path)\nset numdgt=16\nprint length(loss)\nprint r2[length(r2)-1]\nquit\n.endc\n.end\n",
            to: "read.cir")
        let result = try run(URL(filePath: "/usr/bin/env"), ["ngspice", "-n", "-b", script])
        let steps = try #require(json["steps"] as? Int)
        #expect(
            result.output.contains("length(loss) = \(readable(Double(steps + 1)))"),
            "\(result.output)")
        let final = try #require((json["resistances"] as? [String: Double])?["R2"])
        let match = try #require(result.output.firstMatch(of: /r2\[.*= *([0-9.e+-]+)/)?.1)
        #expect(abs(try #require(Double(match)) / final - 1) < 1e-14)
    }

    private func readable(_ value: Double) -> String { String(format: "%.16e", value) }

    /// Ctrl-C and SIGTERM write what was reached.
    @Test("a signal ends the step, not the result", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        let folder = try TemporaryFolder()
        // A fixed, tiny rate: it would run for hours.
        let result = try spicelearn(
            [
                "train", packageFolder.appending(path: "netlists/lattice-8x8.cir").path, "-o",
                (folder / "out.cir").path, "--rate", "1e-12", "--steps", "100000000", "--history",
                (folder / "run.csv").path,
            ]
        ) { process in
            while (try? folder.read("run.csv"))?.isEmpty ?? true, process.isRunning { usleep(5000) }
            kill(process.processIdentifier, signal)
        }
        #expect(result.status == (signal == SIGINT ? 130 : 143))
        #expect(FileManager.default.fileExists(atPath: (folder / "out.cir").path))
    }

    #if os(Linux)
        /// A second thread would make ngspice take a lock for every piece of memory.
        @Test func trainsOnOneThread() throws {
            let folder = try TemporaryFolder()
            var threads: [String] = []
            _ = try run(
                spicelearnExecutable,
                [
                    "train", packageFolder.appending(path: "netlists/lattice-8x8.cir").path, "-o",
                    (folder / "out.cir").path, "--rate", "1e-12", "--steps", "100000000",
                    "--history", (folder / "run.csv").path,
                ], variables: ["OPENBLAS_NUM_THREADS": "1"]
            ) { process in
                while (try? folder.read("run.csv"))?.isEmpty ?? true, process.isRunning {
                    usleep(5000)
                }
                let path = "/proc/\(process.processIdentifier)/task"
                threads = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
                kill(process.processIdentifier, SIGTERM)
            }
            #expect(threads.count == 1)
        }
    #endif

    #if os(Linux)
        /// OpenBLAS, which says so itself, works with the processor's instructions where they pay, or as the
        /// user wants it.
        @Test func largeDecksGetTheProcessorsKernels() throws {
            let processor = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
            guard processor.contains(" avx2 ") else { return }
            let folder = try TemporaryFolder()
            let path = try folder.write(
                Self.deck + String(repeating: "\n* padding", count: 100_000), to: "large.cir")
            func cores(
                _ arguments: [String] = ["solve", path, "--engine", "sparse"],
                variables: [String: String] = [:]
            ) throws -> [Substring] {
                let run = try run(
                    spicelearnExecutable, arguments,
                    variables: variables.merging(["OPENBLAS_VERBOSE": "2"]) { $1 })
                #expect(run.status == 0, "\(run.errors)")
                return run.errors.split(separator: "\n").filter { $0.hasPrefix("Core: ") }
            }
            // Another implementation of BLAS says nothing.
            let last = try cores().last
            #expect(last != "Core: Prescott")
            let told = try cores(variables: ["OPENBLAS_CORETYPE": "Prescott"])
            #expect(told.isEmpty || told == ["Core: Prescott"])
            // To the same bits, a training goes on with the same kernels.
            let checkpoint = (folder / "run.ckpt").path
            let train = ["train", path, "-o", (folder / "out.cir").path]
            let begun = try cores(train + ["--engine", "sparse", "--checkpoint", checkpoint])
            let resumed = try cores(train + ["--resume", checkpoint])
            #expect(begun.last == last && resumed.last == last)
        }
    #endif

    /// Sixteen samples, by either engine, superposed or one by one: the same training but for rounding.
    @Test func enginesAndSuperposition() throws {
        let folder = try TemporaryFolder()
        let deck = packageFolder.appending(path: "netlists/regression.cir").path
        let flow = ["--time", "continuous", "--duration", "1"]
        let runs = try [
            [], ["--superposition", "off"], ["--engine", "sparse"], flow,
            flow + ["--engine", "sparse", "--superposition", "off"],
        ].map { flags in
            let run = try spicelearn(
                ["train", deck, "-o", (folder / "out.cir").path, "--json"] + flags)
            #expect(run.status == 0, "\(run.errors)")
            return try #require(try run.json()["resistances"] as? [String: Double])
        }
        #expect(runs[0].count == 20)
        for (name, value) in runs[0] {
            for other in runs[1...2] {
                #expect(abs(try #require(other[name]) / value - 1) < 1e-9, "\(name)")
            }
            // CVODE may step differently after a rounding: ten times its tolerance of 1e-8.
            let (a, b) = (try #require(runs[3][name]), try #require(runs[4][name]))
            #expect(abs(a / b - 1) < 1e-7, "\(name)")
        }
    }

    @Test func transientIsNgspices() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.deck, to: "t.cir")
        let run = try spicelearn(
            "train", path, "-o", (folder / "out.cir").path, "--time", "continuous", "--duration",
            "1", "--physics", "transient", "--engine", "sparse")
        #expect(run.status == 64 && run.errors.contains("--engine"))
    }

    /// Standard error that is no terminal, as in a log, gets a line a minute.
    @Test(.enabled(if: slowToo)) func linesInALog() throws {
        let folder = try TemporaryFolder()
        let deck = packageFolder.appending(path: "netlists/lattice-8x8.cir").path
        let result = try run(
            URL(filePath: "/usr/bin/env"),
            [
                "timeout", "-s", "INT", "130", spicelearnExecutable.path, "train", deck, "-o",
                (folder / "out.cir").path, "--rate", "1e-11", "--tolerance", "1e-15", "--steps",
                "1000000000",
            ], limit: 200)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 3 && lines.last == "spicelearn: interrupted")
        #expect(lines.dropLast().allSatisfy { $0.hasPrefix("spicelearn: step ") })
    }
}
