import Foundation
import Testing

/// `report` and `train --report`: a page with the numbers that the other commands print.
@Suite struct ReportTests {
    private static let deck = """
        two outputs </script><script>document.title = 'mine'</script>
        V1 in 0 1
        R1 in a 1
        R2 a b 2
        R3 b 0 1
        R4 a c 4
        R5 c 0 3
        R6 b c 5
        *.learn output V(b)=0.2 V(c)=0.3
        *.learn train tolerance=1e-9
        .end
        """

    private func folder(_ deck: String = Self.deck) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try folder.write(deck, to: "deck.cir")
        return folder
    }

    /// The JSON that a page draws.
    private func data(_ page: String) throws -> Data {
        let start = try #require(page.range(of: #"id="data">"#)).upperBound
        let end = try #require(page.range(of: "</script>", range: start..<page.endIndex)).lowerBound
        return Data(page[start..<end].utf8)
    }

    private func numbers(_ page: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: data(page)) as? [String: Any])
    }

    private func equal(_ first: Any?, _ second: Any?) -> Bool {
        guard let first = first as? NSObject, let second = second as? NSObject else { return false }
        return first == second
    }

    @Test("train --report: the page has what train --json prints")
    func training() throws {
        let folder = try folder()
        let result = try spicelearn(
            "train", "deck.cir", "-o", "out.cir", "--report", "page.html", "--json", "--history",
            "run.csv", in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        let page = try folder.read("page.html")
        let report = try numbers(page)
        let train = try #require(report["train"] as? [String: Any])
        #expect(try equal(train, result.json()))
        // What is drawn beside it says the same.
        let changes = try #require(report["changes"] as? [String: Any])
        let resistances = try #require(train["resistances"] as? [String: Double])
        let names = try #require(changes["names"] as? [String])
        #expect(changes["after"] as? [Double] == names.map { resistances[$0] ?? .nan })
        #expect(changes["before"] as? [Double] == [1, 2, 1, 4, 3, 5])
        let states = try #require(report["states"] as? [String: Any])
        let worst = try #require((states["worst"] as? [[String: Any]])?.first)
        let outputs = try #require(states["outputs"] as? [String])
        let errors = try #require((train["errors"] as? [[String: Double]])?.first)
        #expect(worst["errors"] as? [Double] == outputs.map { errors[$0] ?? .nan })
        let loss = (train["loss"] as? [String: Double])?["final"]
        #expect((states["training"] as? [String: Any])?["loss"] as? Double == loss)
        // And the curve what is in the history. JSONSerialization may miss the last bit of a number.
        struct Curve: Decodable { let rows: [[Double]] }
        struct WithCurve: Decodable { let history: Curve }
        let rows = try JSONDecoder().decode(WithCurve.self, from: data(page)).history.rows
        let lines = try folder.read("run.csv").split(separator: "\n").dropFirst()
        #expect(rows == lines.map { $0.split(separator: ",").prefix(5).compactMap { Double($0) } })
        let origin = try #require(report["origin"] as? [String: Any])
        #expect(
            origin["command"] as? String
                == "spicelearn train deck.cir -o out.cir --report page.html --json --history run.csv"
        )
        #expect((origin["programs"] as? [String])?.count == 2)
        #expect(page.ranges(of: "</script>").count == 2)
        #expect(page.contains("<title>two outputs &lt;/script&gt;"))
    }

    @Test("report of the trained deck, and of what train printed, tell the same")
    func afterwards() throws {
        let folder = try folder()
        let train = try spicelearn(
            "train", "deck.cir", "-o", "out.cir", "--report", "page.html", "--json", "--history",
            "run.jsonl", "--optimizer", "plain", "--tolerance", "1e-6", in: folder.url)
        _ = try folder.write(train.output, to: "run.json")
        let first = try numbers(folder.read("page.html"))
        let deck = try spicelearn(
            "report", "out.cir", "--before", "deck.cir", "--history", "run.jsonl", "-o",
            "deck.html", "--optimizer", "plain", "--json", in: folder.url)
        #expect(deck.status == 0, "\(deck.errors)")
        let run = try spicelearn(
            "report", "run.json", "--before", "deck.cir", "--history", "run.jsonl", "-o",
            "run.html", in: folder.url)
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        for name in ["deck.html", "run.html"] {
            let second = try numbers(folder.read(name))
            for key in ["changes", "history", "title"] {
                #expect(equal(first[key], second[key]), "\(key) of \(name)")
            }
            // ngspice's digits in place of the engine's.
            func rate(_ report: [String: Any]) throws -> Double {
                try #require((report["rate"] as? [String: Any])?["measured"] as? Double)
            }
            #expect(try abs(rate(first) - rate(second)) < 1e-9 * rate(first))
        }
        #expect(try equal(numbers(folder.read("deck.html")), deck.json()))
        #expect(try equal(numbers(folder.read("run.html"))["train"], first["train"]))
        // A plain training falls, towards its end, as the theory says.
        let rate = try #require(first["rate"] as? [String: Any])
        let measured = try #require(rate["measured"] as? Double)
        let predicted = try #require(rate["predicted"] as? Double)
        #expect(abs(measured / predicted - 1) < 0.01, "\(measured) \(predicted)")
    }

    @Test("analyze in the page is what analyze prints")
    func analysis() throws {
        let folder = try folder()
        let analyze = try spicelearn("analyze", "deck.cir", "--json", in: folder.url)
        let report = try spicelearn(
            "report", "deck.cir", "-o", "page.html", "--json", in: folder.url)
        #expect(try equal(report.json()["analyze"], analyze.json()))
        #expect(try equal(numbers(folder.read("page.html")), report.json()))
        // Without --before nothing is said of what changed.
        let changes = try #require(try report.json()["changes"] as? [String: Any])
        #expect(changes["before"] == nil && changes["after"] as? [Double] == [1, 2, 1, 4, 3, 5])
    }

    @Test("classes: the confusion is that of train --json")
    func classes() throws {
        let folder = try TemporaryFolder()
        for name in ["iris.cir", "iris.csv"] {
            try FileManager.default.copyItem(
                at: packageFolder.appending(path: "netlists/\(name)"), to: folder / name)
        }
        let result = try spicelearn(
            "train", "iris.cir", "-o", "out.cir", "--report", "page.html", "--json", in: folder.url)
        let report = try numbers(folder.read("page.html"))
        let confusion = try #require(
            try result.json()["confusion"] as? [String: [String: [String: Int]]])
        let states = try #require(report["states"] as? [String: Any])
        for (key, part) in [("training", "train"), ("test", "test")] {
            let scores = try #require(states[key] as? [String: Any])
            let table = try #require(scores["confusion"] as? [String: Any])
            let classes = try #require(table["classes"] as? [String])
            let counts = try #require(table["counts"] as? [[Int]])
            #expect(classes == ["setosa", "versicolor", "virginica"])
            for (row, own) in classes.enumerated() {
                for (column, answer) in classes.enumerated() {
                    #expect(counts[row][column] == confusion[part]?[own]?[answer])
                }
            }
        }
        let history = try #require(report["history"] as? [String: Any])
        #expect((history["columns"] as? [String])?.contains("testAccuracy") == true)
        #expect(report["analyzeMissing"] != nil && report["analyze"] == nil)
    }

    @Test("a training that is interrupted has its page", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        let folder = try folder(
            Self.deck.replacing(
                "tolerance=1e-9", with: "tolerance=1e-15 rate=1e-9 steps=100000000"))
        let result = try spicelearn(
            "train", "deck.cir", "-o", "out.cir", "--report", "page.html", "--history", "run.csv",
            in: folder.url
        ) { process in
            // The first step has been taken when there is a row.
            while process.isRunning, (try? folder.read("run.csv").count) ?? 0 < 200 { usleep(2000) }
            kill(process.processIdentifier, signal)
        }
        #expect(result.status == 128 + signal, "\(result.errors)")
        let report = try numbers(folder.read("page.html"))
        let train = try #require(report["train"] as? [String: Any])
        #expect(train["reason"] as? String == "interrupted")
        #expect(
            (report["notes"] as? [String])?.contains { $0.hasPrefix("interrupted after") } == true)
    }

    @Test("a deck that has nothing to learn: its network and operating point")
    func operatingPoint() throws {
        let folder = try folder("plain\nV1 a 0 1\nR1 a b 1k\nD1 b 0 dm\n.model dm d\n.end\n")
        let solve = try spicelearn("solve", "deck.cir", "--json", in: folder.url)
        let report = try spicelearn(
            "report", "deck.cir", "-o", "page.html", "--json", in: folder.url)
        #expect(report.status == 0, "\(report.errors)")
        let free = try #require(
            (try solve.json()["samples"] as? [[String: Any]])?.first?["free"] as? [String: Double])
        let states = try #require(try report.json()["states"] as? [String: Any])
        let worst = try #require((states["worst"] as? [[String: Any]])?.first)
        #expect(worst["voltages"] as? [Double] == [0, free["a"] ?? .nan, free["b"] ?? .nan])
        #expect(states["training"] == nil)
        let network = try #require(try report.json()["network"] as? [String: Any])
        let devices = try #require(network["devices"] as? [[String: Any]])
        #expect(devices.map { $0["name"] as? String } == ["R1", "V1", "D1"])
    }

    @Test("without Graphviz the nodes lie on a circle, and it is said why")
    func noGraphviz() throws {
        let folder = try folder()
        let result = try spicelearn(
            "report", "deck.cir", "-o", "page.html", "--json", in: folder.url, path: "/nowhere")
        #expect(result.status == 0)
        #expect(result.errors.contains("Graphviz") && result.errors.contains("apt-get install"))
        let network = try #require(try result.json()["network"] as? [String: Any])
        #expect(network["layout"] as? String == "circle")
    }

    @Test("what can't be told", arguments: Self.faults)
    func wrong(arguments: [String], status: Int32, message: String) throws {
        let folder = try folder()
        _ = try folder.write("{\"a\": 1}", to: "other.json")
        _ = try folder.write(Self.record.replacing("NAME", with: "gone.cir"), to: "gone.json")
        _ = try folder.write(
            Self.record.replacing("\"al\"", with: "1").replacing("NAME", with: "deck.cir"),
            to: "kind.json")
        _ = try folder.write("a,b\n1,2\n", to: "other.csv")
        _ = try folder.write(
            "other\nV1 in 0 1\nR9 in b 1\nR8 b 0 1\n*.learn output V(b)=0.2\n.end\n",
            to: "other.cir")
        let result = try spicelearn(["report"] + arguments, in: folder.url)
        #expect(result.status == status, "\(result.errors)")
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(try folder.contents()["page.html"] == nil)
    }

    /// As train --json prints it, of a deck called NAME.
    private static let record = """
        {"rule": "al", "reason": "tolerance", "nudging": "centered", "lossName": "squared",
        "engine": "sparse", "converged": true, "seconds": 1, "steps": 1, "resistances": {},
        "loss": {"initial": 1, "final": 1}, "output": "NAME"}
        """

    private static let faults: [([String], Int32, String)] = [
        (["deck.cir"], 64, "--out"),
        (["deck.cir", "-o", "-", "--json"], 64, "standard output"),
        (["gone.cir", "-o", "page.html"], 66, "gone.cir"),
        (["other.json", "-o", "page.html"], 65, "not what train --json prints"),
        (["kind.json", "-o", "page.html"], 65, "not what train --json prints"),
        (["gone.json", "-o", "page.html"], 66, "gone.cir, which is not there"),
        (
            ["deck.cir", "-o", "page.html", "--history", "other.csv"], 65,
            "line 1: this is no history"
        ),
        (["deck.cir", "-o", "page.html", "--history", "run.raw"], 64, ".csv and .jsonl"),
        (["deck.cir", "-o", "page.html", "--before", "other.cir"], 65, "another circuit"),
        (["deck.cir", "-o", "deck.cir"], 64, "would overwrite the netlist"),
        (["deck.cir", "-o", "nowhere/page.html"], 73, "nowhere/page.html"),
        (["deck.cir", "-o", "other.cir", "--before", "other.cir"], 64, "before the training"),
    ]

    @Test("a stranger's netlist: no page through a link, no netlist from elsewhere")
    func untrusted() throws {
        let folder = try folder()
        try FileManager.default.createSymbolicLink(
            at: folder / "page.html", withDestinationURL: folder / "target.html")
        let linked = try spicelearn(
            "report", "deck.cir", "-o", "page.html", "--untrusted", in: folder.url)
        #expect(linked.status == 73 && linked.errors.contains("is a link"), "\(linked.errors)")
        let train = try spicelearn(
            "train", "deck.cir", "-o", "out.cir", "--report", "page.html", "--untrusted",
            in: folder.url)
        #expect(train.status == 73 && train.errors.contains("is a link"), "\(train.errors)")
        // The netlist that a stranger's file names is looked for beside that file alone.
        try FileManager.default.createDirectory(
            at: folder / "inside", withIntermediateDirectories: true)
        _ = try folder.write(
            Self.record.replacing("NAME", with: "deck.cir"), to: "inside/run.json")
        let trusted = try spicelearn("report", "inside/run.json", "-o", "one.html", in: folder.url)
        #expect(trusted.status == 0, "\(trusted.errors)")
        let untrusted = try spicelearn(
            "report", "inside/run.json", "-o", "two.html", "--untrusted", in: folder.url)
        #expect(untrusted.status == 66, "\(untrusted.errors)")
    }

    @Test("the page on standard output")
    func standardOutput() throws {
        let folder = try folder()
        let result = try spicelearn("report", "deck.cir", "-o", "-", in: folder.url)
        #expect(result.output.hasPrefix("<!DOCTYPE html>") && result.status == 0)
        #expect(try numbers(result.output)["version"] as? Int == 1)
    }
}
