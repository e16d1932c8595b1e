import Foundation
import Testing

/// `train --time continuous`, as a user types it.
@Suite struct ContinuousTrainTests {
    private static let deck = packageFolder.appending(path: "netlists/two-output.cir").path

    @Test func convergesAtTheTolerance() throws {
        let folder = try TemporaryFolder()
        let run = try spicelearn(
            "train", Self.deck, "-o", (folder / "out.cir").path, "--time", "continuous",
            "--duration", "1000", "--tolerance", "1e-7", "--json", "--history",
            (folder / "run.csv").path, "--points", "101", "--spacing", "log")
        #expect(run.status == 0, "\(run.errors)")
        let json = try run.json()
        #expect(
            Set(json.keys) == [
                "rule", "steps", "time", "converged", "reason", "loss", "resistances", "output",
                "nudge", "nudging", "outputs", "errors", "lossName", "engine", "seconds", "version",
                "confirmed",
            ])
        #expect(json["reason"] as? String == "tolerance")
        let time = try #require(json["time"] as? Double)
        #expect((10..<1000).contains(time))
        let rows = try folder.read("run.csv").split(separator: "\n")
        #expect(rows[0] == "time,loss,naturalLoss,error,V(b),V(c),R1,R2,R3,R4,R5,R6")
        let values = rows.dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
        #expect(values.count > 50)
        let last = try #require(values.last)
        #expect(values.first?[0] == 0 && abs(last[0] / time - 1) < 1e-15)
        #expect(zip(values, values.dropFirst()).allSatisfy { $0[0] < $1[0] && $0[1] > $1[1] })
        #expect(abs(last[3] / 1e-7 - 1) < 1e-6)
        // Plain ngspice agrees with what was written.
        let outputs = try PlainNgspice.operatingPoints(
            folder / "out.cir", expressions: ["v(b)", "v(c)"])
        #expect(abs(outputs[0][0] - 0.2) < 1.001e-7 && abs(outputs[0][1] - 0.3) < 1.001e-7)
    }

    /// The deck may say how long; the end of the duration is exit status 2, and a row of its own.
    @Test func endsWithTheDuration() throws {
        let folder = try TemporaryFolder()
        let text = try String(contentsOfFile: Self.deck, encoding: .utf8)
            .replacing("tolerance=1e-9", with: "tolerance=1e-9 duration=2.5")
        let path = try folder.write(text, to: "t.cir")
        let run = try spicelearn(
            "train", path, "-o", (folder / "out.cir").path, "--time", "continuous", "--json",
            "--history", (folder / "run.jsonl").path, "--points", "6")
        #expect(run.status == 2)
        #expect(run.errors.contains("--duration"))
        let json = try run.json()
        #expect(json["reason"] as? String == "duration")
        #expect(json["time"] as? Double == 2.5)
        let times = try folder.read("run.jsonl").split(separator: "\n").map {
            try #require(
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Double])["time"]
        }
        #expect(times == [0, 0.5, 1, 1.5, 2, 2.5])
    }

    /// A linear circuit and one with diodes: the duration is where training has to end, and nothing else.
    @Test(
        "the same conductances for any duration that suffices", arguments: ["two-output", "diodes"])
    func durations(deck: String) throws {
        let folder = try TemporaryFolder()
        let path = packageFolder.appending(path: "netlists/\(deck).cir").path
        var first: [String: Double]?
        for duration in ["1e3", "1e6", "1e12", "1e30"] {
            let run = try spicelearn(
                "train", path, "-o", (folder / "out.cir").path, "--time", "continuous",
                "--duration", duration, "--json")
            #expect(run.status == 0, "\(duration): \(run.errors)")
            let resistances = try #require(try run.json()["resistances"] as? [String: Double])
            let expected = first ?? resistances
            #expect(!resistances.isEmpty && resistances.count == expected.count)
            for (name, value) in resistances {
                let other = try #require(expected[name])
                #expect(abs(value / other - 1) < 1e-6, "\(name) at \(duration)")
            }
            first = expected
        }
    }

    @Test("too short for anything to move", arguments: ["two-output", "diodes"])
    func short(deck: String) throws {
        let folder = try TemporaryFolder()
        let path = packageFolder.appending(path: "netlists/\(deck).cir").path
        let run = try spicelearn(
            "train", path, "-o", (folder / "out.cir").path, "--time", "continuous",
            "--duration", "1e-30", "--json")
        #expect(run.status == 2)
        #expect(run.errors.contains("stopped at the end of the duration, time 1e-30"))
        let json = try run.json()
        #expect(json["time"] as? Double == 1e-30)
        let trained = try #require(json["resistances"] as? [String: Double])
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for (name, value) in trained {
            let line = try #require(
                text.split(separator: "\n").first {
                    $0.split(whereSeparator: \.isWhitespace).first.map(String.init) == name
                })
            let written = line.split(whereSeparator: \.isWhitespace)[3]
                .replacing("r=", with: "").replacing("k", with: "e3")
            let initial = try #require(Double(written))
            #expect(abs(value / initial - 1) < 1e-14, "\(name)")
        }
    }

    @Test("rows in a geometric sequence", arguments: ["1e3", "1e12", "1e-30"])
    func logarithmicPoints(duration: String) throws {
        let folder = try TemporaryFolder()
        let run = try spicelearn(
            "train", Self.deck, "-o", (folder / "out.cir").path, "--time", "continuous",
            "--duration", duration, "--json", "--history", (folder / "run.csv").path,
            "--points", "8", "--spacing", "log")
        #expect(run.status == (duration == "1e-30" ? 2 : 0), "\(run.errors)")
        let end = try #require(try run.json()["time"] as? Double)
        let times = try folder.read("run.csv").split(separator: "\n").dropFirst().compactMap {
            $0.split(separator: ",").first.flatMap { Double($0) }
        }
        let last = try #require(Double(duration))
        let asked = [0] + (0..<7).map { last * pow(10, Double($0) - 6) }
        let expected = asked.filter { $0 < end * (1 - 1e-9) } + [end]
        #expect(times.count == expected.count)
        #expect(zip(times, expected).allSatisfy { abs($0 - $1) <= 1e-12 * $1 })
    }

    @Test func forPeople() throws {
        let folder = try TemporaryFolder()
        let run = try spicelearn(
            "train", Self.deck, "-o", (folder / "out.cir").path, "--time", "continuous",
            "--duration", "1000", "--rule", "cl", "--rtol", "1e-10", "--atol", "1e-12")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("converged at time "))
    }

    @Test(
        "flags that contradict each other",
        arguments: [
            (["--time", "continuous"], "--duration"),
            (["--duration", "5"], "--duration belongs to --time continuous"),
            (["--rtol", "1e-6"], "--rtol belongs to --time continuous"),
            (["--time", "continuous", "--duration", "5", "--rate", "1"], "--rate belongs to"),
            (["--time", "continuous", "--duration", "5", "--rtol", "0"], "--rtol"),
            (["--time", "continuous", "--duration", "5", "--atol", "-1"], "--atol"),
            (["--time", "continuous", "--duration", "-5"], "duration"),
            (["--time", "continuous", "--duration", "5", "--points", "9"], "--history"),
            (["--time", "continuous", "--duration", "5", "--spacing", "log"], "--points"),
        ])
    func wrongUsage(flags: [String], message: String) throws {
        let folder = try TemporaryFolder()
        let run = try spicelearn(
            ["train", Self.deck, "-o", (folder / "out.cir").path] + flags)
        #expect(run.status == 64)
        #expect(run.errors.contains(message), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: (folder / "out.cir").path))
    }

    /// ngspice's transient analysis of the circuit that trains itself, and CVODE on its operating points.
    ///
    /// ngspice's default here is reltol = 1e-6 a step over some hundred steps; 1e-3 is what the two are to
    /// agree to.
    @Test(
        "both continuous paths reach the same conductances",
        arguments: ["kite", "regression", "diodes", "subcircuits"])
    func transient(deck: String) throws {
        let folder = try TemporaryFolder()
        let path = packageFolder.appending(path: "netlists/\(deck).cir").path
        let runs = try ["operating-points", "transient"].map { physics in
            let run = try spicelearn(
                "train", path, "-o", (folder / "out.cir").path, "--time", "continuous",
                "--duration", "1e6", "--physics", physics, "--json")
            #expect(run.status == 0, "\(run.errors)")
            return try #require(try run.json()["resistances"] as? [String: Double])
        }
        #expect(!runs[0].isEmpty && runs[0].count == runs[1].count)
        for (name, value) in runs[0] {
            #expect(abs(try #require(runs[1][name]) / value - 1) < 1e-3, "\(name)")
        }
    }
}
