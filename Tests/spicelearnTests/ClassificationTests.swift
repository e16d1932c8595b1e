import Foundation
import Testing

/// Classes from a table: training by batches, and what is told of it.
@Suite struct ClassificationTests {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let netlists = packageFolder.appending(path: "netlists")
        for name in ["iris.cir", "iris.csv"] {
            try FileManager.default.copyItem(
                at: netlists.appending(path: name), to: folder.url.appending(path: name))
        }
        return folder
    }

    @Test func irisIsLearnedAndPredicted() throws {
        let folder = try folder()
        let run = try spicelearn(
            "train", "iris.cir", "-o", "t.cir", "--history", "h.csv", "--json", in: folder.url)
        #expect(run.status == 0, "\(run.errors)")
        let json = try run.json()
        #expect(json["reason"] as? String == "goal")
        #expect(json["optimizer"] as? String == "adam")
        let accuracy = try #require(json["accuracy"] as? [String: Double])
        #expect(try #require(accuracy["test"]) >= 0.95)
        let confusion = try #require(json["confusion"] as? [String: [String: [String: Int]]])
        let test = try #require(confusion["test"])
        #expect(test.values.reduce(0) { $0 + $1.values.reduce(0, +) } == 45)
        // A share of each class.
        #expect(test.values.allSatisfy { $0.values.reduce(0, +) == 15 })
        let history = try folder.read("h.csv").split(separator: "\n")
        #expect(
            history[0].hasPrefix(
                "epoch,step,loss,error,rate,accuracy,testLoss,testError,testAccuracy,Rpsl_1"))
        #expect(history.count == 2 + (json["epochs"] as? Int ?? 0))

        let predicted = try spicelearn(
            "predict", "t.cir", "--data", "iris.csv", "-o", "y.csv", "--json", in: folder.url)
        #expect(predicted.status == 0, "\(predicted.errors)")
        let answers = try folder.read("y.csv").split(separator: "\n").map {
            $0.split(separator: ",")
        }
        #expect(
            answers[0]
                == [
                    "V(y1)", "V(y2)", "V(y3)", "class", "p(setosa)", "p(versicolor)",
                    "p(virginica)",
                ])
        #expect(answers.count == 151)
        let truth = try folder.read("iris.csv").split(separator: "\n").dropFirst().map {
            String($0.split(separator: ",")[4])
        }
        let hits = zip(answers.dropFirst(), truth).count { String($0[3]) == $1 }
        let whole = try #require(try predicted.json()["accuracy"] as? Double)
        #expect(abs(whole - Double(hits) / 150) < 1e-12)
        for row in answers.dropFirst() {
            let shares = row[4...].compactMap { Double($0) }
            #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
        }
    }

    /// Plain ngspice has the same outputs for each of the flowers.
    @Test func ngspiceGivesTheSameClasses() throws {
        let folder = try folder()
        _ = try spicelearn("train", "iris.cir", "-o", "t.cir", in: folder.url)
        let predicted = try spicelearn("predict", "t.cir", "--data", "iris.csv", in: folder.url)
        let answers = predicted.output.split(separator: "\n").dropFirst().map {
            $0.split(separator: ",").prefix(3).compactMap { Double($0) }
        }
        let rows = try folder.read("iris.csv").split(separator: "\n").dropFirst().map {
            $0.split(separator: ",").prefix(4).compactMap { Double($0) }
        }
        let ranges = [(4.3, 7.9), (2, 4.4), (1, 6.9), (0.1, 2.5)]
        let settings = rows.map { row in
            ["sl", "sw", "pl", "pw"].indices.flatMap { index -> [(source: String, value: Double)] in
                let (low, high) = ranges[index]
                let value = -1 + 2 * (row[index] - low) / (high - low)
                let name = ["sl", "sw", "pl", "pw"][index]
                return [("vp\(name)", value), ("vn\(name)", -value)]
            }
        }
        let plain = try PlainNgspice.operatingPoints(
            folder.url.appending(path: "t.cir"), settings: settings,
            expressions: ["v(y1)", "v(y2)", "v(y3)"])
        #expect(plain.count == 150)
        for (said, value) in zip(plain, answers) {
            // Sixteen digits are printed, and a sum of ten inputs is rounded elsewhere.
            for (a, b) in zip(said, value) { #expect(abs(a - b) <= 1e-12) }
        }
    }

    @Test func batchesResumeToTheSameNetlist() throws {
        let folder = try folder()
        let flags = ["--until", "accuracy>=1", "--epochs", "60", "--seed", "4"]
        let whole = try spicelearn(
            ["train", "iris.cir", "-o", "whole.cir", "--history", "whole.csv"] + flags,
            in: folder.url)
        let part = try spicelearn(
            [
                "train", "iris.cir", "-o", "part.cir", "--history", "part.csv", "--checkpoint", "c",
                "--every", "50",
            ] + flags, in: folder.url,
            whileRunning: { process in
                // Before the first checkpoint there is nothing to resume.
                for _ in 0..<3000
                where process.isRunning
                    && !FileManager.default.fileExists(atPath: (folder / "c").path)
                {
                    Thread.sleep(forTimeInterval: 0.005)
                }
                process.interrupt()
            })
        #expect(whole.status == 0 || whole.status == 2)
        if part.status == 130 {
            let resumed = try spicelearn("train", "iris.cir", "--resume", "c", in: folder.url)
            #expect(resumed.status == whole.status, "\(resumed.errors)")
        }
        #expect(try folder.read("part.cir") == folder.read("whole.cir"))
        #expect(try folder.read("part.csv") == folder.read("whole.csv"))
    }

    @Test(
        "what does not fit is said at its place",
        arguments: [
            (
                ["--class", "species names=setosa,versicolour,virginica"],
                "iris.csv:52:17: error: there is no class versicolor; did you mean versicolour?"
            ),
            (["--class", "kind names=a,b,c"], "has no column kind"),
            (["--class", "species names=a,b"], "2 classes and 3 outputs"),
            (["--class", "species"], "names=setosa,versicolor,virginica"),
            (["--loss", "cross-entropi"], "did you mean cross-entropy?"),
            (["--loss", "cross-entropy margin=1"], "what may be set is temperature, power"),
            (["--rule", "ep"], "take the rule al"),
            (["--rule", "cl"], "take the rule al"),
            (["--optimizer", "auto"], "take adam, or plain"),
            (["--until", "accuracy>2"], "above 0 and at most 1"),
            (["--split", "0.999"], "leaves none"),
            (["--encode", "petal_length Vppl from=1..0 to=0..1"], "two numbers with .. between"),
            (["--test", "nowhere.csv"], "nowhere.csv"),
            (["--test", "."], "--test: "),
            (["--encode", "petal_lenght Vppl Vnpl"], "the data has no column petal_lenght"),
            (
                ["--time", "continuous", "--duration", "1", "--until", "loss<1"],
                "belongs to --time discrete"
            ),
        ])
    func faults(flags: [String], message: String) throws {
        let folder = try folder()
        let run = try spicelearn(["train", "iris.cir", "-o", "t.cir"] + flags, in: folder.url)
        #expect([64, 65, 66].contains(run.status))
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    @Test func stepsEndBeforeTheEpochsDo() throws {
        let folder = try folder()
        func steps(_ flags: String...) throws -> Int? {
            let run = try spicelearn(
                ["train", "iris.cir", "-o", "t.cir", "--json", "--until", "accuracy>=1"] + flags,
                in: folder.url)
            return try run.json()["steps"] as? Int
        }
        #expect(try steps("--epochs", "3", "--steps", "5") == 5)
        #expect(try steps("--epochs", "2", "--steps", "500") == 14)
        #expect(try steps("--epochs", "9223372036854775807", "--steps", "7") == 7)
    }

    @Test func tablesOfOtherProgramsAreRead() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(
            """
            a divider for each input
            Vp p 0 0
            Vn n 0 0
            Vr r 0 0
            Vg g 0 0
            Rp p y 1k
            Rn n z 1k
            R1 y 0 1k
            R2 z 0 1k
            Rr r u 1k
            Rg g u 1k
            *.learn output V(y) V(z) V(u)
            *.learn encode level Vp Vn from=0..10 to=0..2
            *.learn encode color Vr=red Vg="light green" to=0..4
            *.learn ignore id note*
            .end
            """, to: "d.cir")
        for (separator, name) in [(";", "a.csv"), ("\t", "b.tsv"), (",", "c.csv")] {
            let rows = [
                ["id", "level", "color", "note 1"], ["x1", "5", "red", "fine"],
                ["x2", "2.5", "light green", ""],
            ]
            _ = try folder.write(
                rows.map { $0.joined(separator: separator) }.joined(separator: "\r\n"), to: name)
            let run = try spicelearn("predict", "d.cir", "--data", name, in: folder.url)
            #expect(run.status == 0, "\(run.errors)")
            let values = run.output.split(separator: "\n").dropFirst().map {
                $0.split(separator: ",").compactMap { Double($0) }
            }
            let expected = [[0.5, -0.5, 2], [0.25, -0.25, 2]]
            for (row, wanted) in zip(values, expected) {
                for (a, b) in zip(row, wanted) { #expect(abs(a - b) < 1e-12) }
            }
            #expect(values.count == 2)
        }
        _ = try folder.write("level,color,extra\n1,blue,2\n", to: "wrong.csv")
        let run = try spicelearn("predict", "d.cir", "--data", "wrong.csv", in: folder.url)
        #expect(run.status == 65)
        #expect(run.errors.contains("wrong.csv:1:13: error: there is no source or output extra"))
        #expect(run.errors.contains("wrong.csv:2:3: error: no source is on at blue"))
    }
}
