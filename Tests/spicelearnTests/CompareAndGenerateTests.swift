import Foundation
import Testing

@Suite struct CompareTests {
    @Test func spellingDoesNotCount() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write("t\nV1 a 0 1\nR1 a 0 1k\n.end\n", to: "a.cir")
        let b = try folder.write(
            "other\n* note\nv1 A 0\n+ 1.0\nr1  a 0 1e3 ; same\n.end\n", to: "b.cir")
        let result = try spicelearn("compare", a, b)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test func differencesNameBothPlaces() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write("t\nV1 a 0 1\nR1 a 0 1k\nR2 a 0 5\n.end\n", to: "a.cir")
        let b = try folder.write("t\nV1 a 0 1\n\nR1 a 0 1001\nR3 a 0 5\n.end\n", to: "b.cir")
        let result = try spicelearn("compare", a, b)
        #expect(result.status == 1)
        #expect(result.output.contains("a.cir:3:8"))
        #expect(result.output.contains("b.cir:4:8"))
        #expect(result.output.lowercased().contains("r2"))
        #expect(result.output.lowercased().contains("r3"))
        #expect(try spicelearn("compare", a, a).status == 0)
        let json = try spicelearn("compare", a, b, "--json").json()
        #expect(json["equal"] as? Bool == false)
        #expect((json["differences"] as? [Any])?.count == 3)
    }

    @Test("differences in JSON have element, values and relative error")
    func values() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write(
            "t\nV1 a 0 1\nR1 a 0 1k\nR2 a 0 {2*3k}\nR3 a 0 5\nR4 a 0 0\n.end\n", to: "a.cir")
        let b = try folder.write(
            "t\nV1 a 0 1\nR1 a 0 1.25k\nR2 a 0 {2*6k}\nR3 a b 5\nR4 a 0 1\n.end\n", to: "b.cir")
        let json = try spicelearn("compare", a, b, "--json").json()
        let differences = try #require(json["differences"] as? [[String: Any]])
        #expect(differences.map { $0["element"] as? String } == ["R1", "R2", "R3", "R4"])
        #expect(
            differences.map { $0["kind"] as? String } == ["value", "value", "structure", "value"])
        #expect(
            differences.map { $0["relativeError"] as? Double } == [0.25, 1, nil, nil])
        let expected = try #require(differences[0]["expected"] as? [String: Any])
        let actual = try #require(differences[0]["actual"] as? [String: Any])
        #expect(expected["value"] as? Double == 1000 && expected["text"] as? String == "1k")
        #expect(actual["value"] as? Double == 1250 && actual["line"] as? Int == 3)
        let expression = try #require(differences[1]["expected"] as? [String: Any])
        #expect(expression["value"] == nil && expression["text"] as? String == "{2*3k}")
    }

    @Test("includes count by name, or by what they say")
    func includes() throws {
        let folder = try TemporaryFolder()
        for (name, ohms) in [("a", "1k"), ("b", "2k")] {
            try FileManager.default.createDirectory(
                at: folder / name, withIntermediateDirectories: true)
            _ = try folder.write("R1 a 0 \(ohms)\n", to: "\(name)/part.inc")
            _ = try folder.write(
                "t\nV1 a 0 1\n.include part.inc\n.end\n", to: "\(name)/deck.cir")
        }
        let flat = try folder.write("t\nV1 a 0 1\nR1 a 0 1000\n.end\n", to: "flat.cir")
        let (a, b) = ((folder / "a/deck.cir").path, (folder / "b/deck.cir").path)
        let byName = try spicelearn("compare", a, b)
        #expect(byName.status == 0)
        #expect(byName.output.contains("included files were compared by name only (part.inc)"))
        #expect(
            try spicelearn("compare", a, b, "--json").json()["includesByName"] as? [String]
                == ["part.inc"])
        let followed = try spicelearn("compare", a, b, "--includes")
        #expect(followed.status == 1)
        #expect(followed.output.contains("a/part.inc:1:8"))
        #expect(followed.output.contains("b/part.inc:1:8: R1 has 2k, not 1k"))
        #expect(try spicelearn("compare", a, flat, "--includes").output == "equal\n")
        #expect(try spicelearn("compare", a, flat, "--includes", "--untrusted").status == 0)
        _ = try folder.write("t\n.include none.inc\n.end\n", to: "c.cir")
        let missing = try spicelearn("compare", a, (folder / "c.cir").path, "--includes")
        #expect(missing.status == 65)
        #expect(missing.errors.contains("c.cir:2:10"))
    }

    /// The place is that of the line which includes.
    @Test func includesOfOtherNames() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b"] {
            _ = try folder.write("t\nV1 a 0 1\n.inc '\(name).inc'\n.end\n", to: "\(name).cir")
        }
        let result = try spicelearn("compare", "a.cir", "b.cir", in: folder.url)
        #expect(result.status == 1)
        #expect(
            result.output.hasPrefix("a.cir:3:7 b.cir:3:7: .inc has b.inc, not a.inc\n"),
            "\(result.output)")
        let quoted = try folder.write("t\nV1 a 0 1\n.INCLUDE a.inc\n.end\n", to: "c.cir")
        #expect(try spicelearn("compare", "a.cir", quoted, in: folder.url).status == 0)
    }

    /// 4k7 is 4000 to ngspice, and 4700 where it reads the deck as LTspice's.
    @Test func numbersAreReadAsEachDeckSays() throws {
        let folder = try TemporaryFolder()
        func deck(_ name: String, _ line: String, _ value: String) throws -> String {
            try folder.write("t\n\(line)\nV1 a 0 1\nR1 a 0 \(value)\n.end\n", to: name)
        }
        let ltspice = try deck("lt.cir", "*.learn compat lt,a", "4k7")
        let plain = try deck("plain.cir", "*", "4k7")
        #expect(try spicelearn("compare", ltspice, try deck("a.cir", "*", "4700")).status == 0)
        #expect(try spicelearn("compare", plain, try deck("b.cir", "*", "4000")).status == 0)
        #expect(try spicelearn("compare", ltspice, plain).status == 1)
    }

    /// Neither file is there.
    @Test func sectionsCountByName() throws {
        let folder = try TemporaryFolder()
        for section in ["tt", "ff"] {
            _ = try folder.write(
                "t\nV1 a 0 1\n.lib models.lib \(section)\nR1 a 0 1k\n.end\n", to: "\(section).cir")
        }
        let (tt, ff) = ((folder / "tt.cir").path, (folder / "ff.cir").path)
        let same = try spicelearn("compare", tt, tt)
        #expect(same.status == 0, "\(same.errors)")
        #expect(same.output.hasPrefix("equal"))
        let other = try spicelearn("compare", tt, ff)
        #expect(other.status == 1, "\(other.errors)")
    }

    @Test func tolerances() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write("t\nV1 a 0 1\nR1 a 0 1k\n.end\n", to: "a.cir")
        let b = try folder.write("t\nV1 a 0 1\nR1 a 0 1000.1\n.end\n", to: "b.cir")
        #expect(try spicelearn("compare", a, b).status == 1)
        #expect(try spicelearn("compare", a, b, "--rtol", "2e-4").status == 0)
        #expect(try spicelearn("compare", a, b, "--atol", "0.2").status == 0)
        #expect(try spicelearn("compare", a, b, "--atol", "-1").status == 64)
    }
}

@Suite struct GenerateTests {
    @Test(
        "a generated deck trains as it is",
        arguments: [
            ["lattice", "--rows", "4", "--columns", "4", "--outputs", "2"],
            ["random", "--nodes", "12", "--outputs", "2"],
            ["layered", "--layers", "3,2,1", "--samples", "6"],
            ["kite", "--delta", "0.2"],
            ["crossbar", "--inputs", "3", "--paired", "--bias", "--samples", "5"],
            ["crossbar", "--load", "470"],
            ["diodes", "--hidden", "5", "--samples", "4"],
            ["diodes", "--inputs", "3", "--hidden", "3,2", "--rail", "0.2"],
            ["nmos", "--rows", "3", "--columns", "3", "--periodic"],
            ["nmos", "--rows", "3", "--columns", "4", "--inputs", "2", "--samples", "3"],
        ])
    func trains(arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let deck = (folder / "net.cir").path
        let made = try spicelearn(["generate"] + arguments + ["--seed", "5", "-o", deck])
        #expect(made.status == 0, "\(made.errors)")
        let again = try spicelearn(
            ["generate"] + arguments + ["--seed", "5", "-o", (folder / "net2.cir").path])
        #expect(again.status == 0)
        #expect(
            try folder.read("net.cir").replacing("net.csv", with: "")
                == folder.read("net2.cir").replacing("net2.csv", with: ""))
        let result = try spicelearn("train", deck, "-o", (folder / "out.cir").path)
        #expect(result.status == 0, "\(result.errors)")
        // Plain ngspice reads it, and has the outputs of the deck itself.
        let outputs = try folder.read("net.cir").split(separator: "\n")
            .first { $0.hasPrefix("*.learn output") }
        let names = try #require(outputs).split(separator: " ").dropFirst(2)
            .map { $0.prefix { $0 != "=" }.lowercased() }
        let trained = try spicelearn("solve", (folder / "out.cir").path, "--json").json()
        let samples = try #require(trained["samples"] as? [[String: [String: Double]]])
        let plain = try PlainNgspice.operatingPoints(
            folder / "out.cir",
            settings: samples.map {
                ($0["inputs"] ?? [:]).map { (source: $0.key, value: $0.value) }
            },
            expressions: names)
        for (sample, row) in zip(samples, plain) {
            let free = try #require(sample["free"])
            for (name, value) in zip(names, row) {
                let known = free.first { "v(\($0.key.lowercased()))" == name }?.value
                // ngspice's own reltol of 1e-3 leaves some microvolts beside diodes.
                #expect(abs(value - (try #require(known))) < 1e-5, "\(name)")
            }
        }
    }

    @Test(
        "a network for a table with classes trains as it is",
        arguments: [
            ["diodes", "--hidden", "6", "--voltage", "4"],
            ["crossbar", "--paired", "--bias", "--from", "0..8", "--to", "0..1"],
        ])
    func classes(arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let data = packageFolder.appending(path: "netlists/iris.csv")
        try FileManager.default.copyItem(at: data, to: folder / "iris.csv")
        let flags = ["--data", "iris.csv", "--class", "species", "-o", "net.cir"]
        let made = try spicelearn(["generate"] + arguments + flags, in: folder.url)
        #expect(made.status == 0, "\(made.errors)")
        #expect(try folder.read("net.cir").contains("\n*.learn data iris.csv\n"))
        let result = try spicelearn("train", "net.cir", "-o", "out.cir", "--json", in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        let accuracy = try #require(try result.json()["accuracy"] as? [String: Double])
        #expect(try #require(accuracy["test"]) >= 0.9)
        // The data is named where it is.
        let elsewhere = try TemporaryFolder()
        let away = (elsewhere / "net.cir").path
        #expect(
            try spicelearn(
                ["generate"] + arguments + flags.dropLast() + [away], in: folder.url
            ).status == 0)
        #expect(try spicelearn("predict", away).status == 0)
    }

    @Test(
        "what is no family says why",
        arguments: [
            (["crossbar", "--data", "d.csv"], 64, "--data and --class belong together"),
            (["crossbar", "--to", "0..1"], 64, "are for --data"),
            (["diodes", "--hidden", "3,x"], 64, "hidden are numbers with commas"),
            (
                ["diodes", "--inputs", "3", "--data", "d.csv", "--class", "k"], 64,
                "come from --data"
            ),
            (
                ["diodes", "--data", "d.csv", "--class", "k", "--from", "2..1"], 64,
                "the lesser first"
            ),
            (["diodes", "--data", "d.csv", "--class", "kund"], 65, "did you mean kind?"),
            (["diodes", "--data", "none.csv", "--class", "kind"], 66, "none.csv"),
            (["nmos", "--rows", "2", "--periodic"], 64, "at least 3 rows and 3 columns"),
        ])
    func faults(arguments: [String], status: Int32, message: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("x,kind\n1,two\n2,three\n", to: "d.csv")
        let run = try spicelearn(["generate"] + arguments + ["-o", "n.cir"], in: folder.url)
        #expect(run.status == status, "\(run.errors)")
        #expect(run.errors.contains(message), "\(run.errors)")
    }

    /// Digits by diodes, with the first 30 samples: all take minutes.
    @Test func batchesLowerTheLossOfDigitsByDiodes() throws {
        let folder = try TemporaryFolder()
        let netlists = packageFolder.appending(path: "netlists")
        try FileManager.default.copyItem(
            at: netlists.appending(path: "digits-diodes.cir"), to: folder / "d.cir")
        let rows = String(
            decoding: try Data(contentsOf: netlists.appending(path: "digits.csv")), as: UTF8.self
        ).split(separator: "\n").prefix(31)
        _ = try folder.write(rows.joined(separator: "\n") + "\n", to: "digits.csv")
        let run = try spicelearn(
            "train", "d.cir", "-o", "t.cir", "--steps", "3", "--batch", "10", "--json",
            in: folder.url)
        #expect(run.status == 2, "\(run.errors)")
        let loss = try #require(try run.json()["loss"] as? [String: Double])
        #expect(try #require(loss["final"]) < 0.8 * #require(loss["initial"]))

        let predicted = try spicelearn("predict", "t.cir", "--data", "digits.csv", in: folder.url)
        let answers = predicted.output.split(separator: "\n").dropFirst().prefix(3).map {
            $0.split(separator: ",").prefix(10).compactMap { Double($0) }
        }
        let settings = rows.dropFirst().prefix(3).map { row in
            row.split(separator: ",").prefix(64).enumerated().flatMap {
                index, cell -> [(source: String, value: Double)] in
                let value = (Double(cell) ?? 0) - 8
                return [("vp\(index + 1)", value), ("vn\(index + 1)", -value)]
            }
        }
        let plain = try PlainNgspice.operatingPoints(
            folder / "t.cir", settings: settings, expressions: (1...10).map { "v(y\($0))" })
        #expect(plain.count == 3 && answers.count == 3)
        for (a, b) in zip(plain.joined(), answers.joined()) { #expect(abs(a - b) < 1e-5) }
    }
}
