import Foundation
import Testing

/// Requests and answers, a line each, on decks of the package and on decks that go wrong.
@Suite struct ServeTests {
    private let reference = packageFolder.appending(path: "netlists/two-output.cir").path

    private typealias Object = [String: Any]

    /// The greeting, then an answer for each request, of a process that ends by itself with 0.
    private func serve(
        _ arguments: [String], _ requests: [String], in folder: URL? = nil
    ) throws -> [Object] {
        let result = try spicelearn(
            ["serve"] + arguments, input: requests.joined(separator: "\n"), in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n")
        try #require(lines.count == requests.count + 1)
        return try lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? Object)
        }
    }

    private func kind(_ answer: Object) throws -> String {
        #expect(answer["ok"] as? Bool == false)
        let error = try #require(answer["error"] as? Object)
        #expect((error["message"] as? String)?.isEmpty == false)
        return try #require(error["kind"] as? String)
    }

    private func doubles(_ value: Any?) throws -> [Double] {
        let object = try #require(value as? Object)
        let base64 = try #require(object["base64"] as? String)
        let data = try #require(Data(base64Encoded: base64))
        let shape = try #require(object["shape"] as? [Int])
        #expect(shape.reduce(1, *) * 8 == data.count)
        return data.withUnsafeBytes { bytes in
            stride(from: 0, to: data.count, by: 8).map {
                Double(
                    bitPattern: UInt64(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
            }
        }
    }

    @Test func greeting() throws {
        let greeting = try serve([reference], [])[0]
        #expect(greeting["protocol"] as? Int == 1)
        #expect(greeting["title"] as? String == "Two outputs on one network")
        #expect(greeting["outputs"] as? [String] == ["V(b)", "V(c)"])
        #expect(greeting["rule"] as? String == "al")
        #expect(greeting["engine"] as? String == "sparse")
        let parameters = try #require(greeting["parameters"] as? [Object])
        #expect(parameters.map { $0["name"] as? String } == ["R1", "R2", "R3", "R4", "R5", "R6"])
        #expect(parameters[3]["value"] as? Double == 4)
        #expect(parameters[3]["unit"] as? String == "Ω")
    }

    /// One process answers them all; `solve` starts a fresh one for each.
    @Test(
        "an update has the bits that solve --json prints",
        arguments: ["two-output", "regression", "lattice-8x8", "diodes", "iris"],
        ["sparse", "ngspice", "native"])
    func likeSolve(deck: String, engine: String) throws {
        guard engine != "sparse" || deck != "diodes" else { return }
        let path = packageFolder.appending(path: "netlists/\(deck).cir").path
        let solved = try spicelearn("solve", path, "--engine", engine, "--json").json()
        let answers = try serve(
            [path, "--engine", engine],
            [#"{"id": "a", "do": "update"}"#, #"{"do": "update", "binary": true}"#])
        #expect(answers[1]["id"] as? String == "a")
        #expect(answers[2]["id"] is NSNull)
        let update = try #require(solved["update"] as? [String: Double])
        #expect(answers[1]["update"] as? [String: Double] == update)
        #expect(answers[1]["loss"] as? Double == solved["loss"] as? Double)
        #expect(answers[1]["nudge"] as? Double == solved["nudge"] as? Double)
        let names = try #require(answers[0]["resistors"] as? [String])
        // Newton's method begins the second time where it ended the first.
        let second = try doubles(answers[2]["update"])
        let scale = update.values.reduce(0) { max($0, abs($1)) }
        for (name, value) in zip(names, second) {
            #expect(abs(value - (update[name] ?? .nan)) <= 1e-9 * scale)
        }
    }

    @Test("rules and nudges of each request", arguments: ["al", "cl", "ep"])
    func rules(rule: String) throws {
        let solved = try spicelearn(
            "solve", reference, "--rule", rule, "--nudge", "0.01", "--nudging", "one-sided",
            "--engine", "sparse", "--json"
        ).json()
        let answers = try serve(
            [reference],
            [
                #"{"do": "update"}"#,
                #"{"do": "update", "rule": "\#(rule)", "nudge": 0.01, "nudging": "one-sided"}"#,
                #"{"do": "states", "rule": "\#(rule)", "nudge": 0.01, "nudging": "one-sided"}"#,
            ])
        #expect(answers[2]["update"] as? [String: Double] == solved["update"] as? [String: Double])
        let sample = try #require((solved["samples"] as? [[String: [String: Double]]])?.first)
        let nodes = try #require(answers[0]["nodes"] as? [String])
        for key in ["free", "nudged"] {
            let row = try #require((answers[3][key] as? [[Double]])?.first)
            #expect(Dictionary(uniqueKeysWithValues: zip(nodes, row)) == sample[key])
        }
        #expect(answers[3]["opposite"] == nil)
    }

    @Test("values and samples of the caller's, as of a deck that has them")
    func values() throws {
        let folder = try TemporaryFolder()
        func deck(_ r1: String, _ input: String, _ target: String) -> String {
            "t\nV1 in 0 \(input)\nR1 in a \(r1)\nR2 a 0 2k\n*.learn input V1\n*.learn output V(a)=\(target)\n.end\n"
        }
        let path = try folder.write(deck("1k", "1", "0.5"), to: "deck.cir")
        let other = try folder.write(deck("1.5k", "2", "0.7"), to: "other.cir")
        let answers = try serve(
            [path],
            [
                #"{"do": "set", "values": {"r1": 1500}}"#,
                #"{"do": "update", "inputs": [[2]], "targets": [[0.7]]}"#,
                #"{"do": "predict", "inputs": [[2], [4]]}"#,
                #"{"do": "update", "inputs": [[2]]}"#,
                #"{"do": "write", "path": "trained.cir"}"#,
            ], in: folder.url)
        #expect(answers[1]["values"] as? [Double] == [1500, 2000])
        let solved = try spicelearn("solve", other, "--engine", "sparse", "--json").json()
        let expected = try #require(solved["update"] as? [String: Double])
        for (name, value) in try #require(answers[2]["update"] as? [String: Double]) {
            #expect(abs(value - (expected[name] ?? .nan)) <= 1e-12 * abs(value))
        }
        let outputs = try #require(answers[3]["outputs"] as? [[Double]]).flatMap { $0 }
        #expect(abs(outputs[0] - 8.0 / 7) < 1e-15 && abs(outputs[1] - 16.0 / 7) < 1e-15)
        #expect(try kind(answers[4]) == "request")
        #expect(try folder.read("trained.cir") == deck("1500", "1", "0.5"))
    }

    @Test func binary() throws {
        let values = [1.5, 2, 1, 4, 5, 3].map(\.bitPattern.littleEndian)
        let base64 = values.withUnsafeBytes { Data($0) }.base64EncodedString()
        let answers = try serve(
            [reference],
            [
                #"{"do": "set", "values": {"base64": "\#(base64)", "shape": [6]}, "binary": true}"#,
                #"{"do": "set", "values": {"base64": "\#(base64)", "shape": [7]}}"#,
                #"{"do": "states", "binary": true}"#, #"{"do": "states"}"#,
                #"{"do": "gradient", "binary": true}"#, #"{"do": "gradient"}"#,
            ])
        #expect(try doubles(answers[1]["values"]) == [1.5, 2, 1, 4, 5, 3])
        #expect(try kind(answers[2]) == "request")
        // The same numbers, but for a refinement that goes on where the last request ended.
        func areSame(_ a: [Double], _ b: [Double]) -> Bool {
            a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-13 * abs($1) }
        }
        let rows = try #require(answers[4]["free"] as? [[Double]])
        #expect(areSame(try doubles(answers[3]["free"]), rows[0]))
        let gradient = try #require(answers[6]["gradient"] as? [Double])
        #expect(areSame(try doubles(answers[5]["gradient"]), gradient))
    }

    @Test("a bad request is an error object, and ends nothing")
    func errors() throws {
        let wrong: [(request: String, kind: String)] = [
            ("nonsense", "json"), ("[1]", "json"), (#"{"do": "#, "json"), ("{}", "request"),
            (#"{"do": "learn"}"#, "request"), (#"{"do": "update", "nudges": 1}"#, "request"),
            (#"{"do": "update", "rule": "backprop"}"#, "request"),
            (#"{"do": "update", "nudge": 0}"#, "request"),
            (#"{"do": "update", "rule": "cl", "nudge": 2}"#, "request"),
            (#"{"do": "update", "nudging": "both"}"#, "request"),
            (#"{"do": "update", "samples": [1]}"#, "request"),
            (#"{"do": "update", "samples": []}"#, "request"),
            (#"{"do": "update", "part": "test"}"#, "request"),
            (#"{"do": "update", "targets": [[1]]}"#, "request"),
            (#"{"do": "update", "targets": [[1, 2], [3]]}"#, "request"),
            (#"{"do": "update", "targets": [[1, "x"]]}"#, "request"),
            (#"{"do": "update", "targets": {"base64": "?", "shape": [1, 2]}}"#, "request"),
            (
                #"{"do": "update", "targets": {"base64": "", "shape": [9223372036854775807, 2]}}"#,
                "request"
            ),
            (#"{"do": "update", "rule": "ep", "nudge": 1e9}"#, "value"),
            (#"{"do": "set"}"#, "request"), (#"{"do": "set", "values": {"R9": 1}}"#, "request"),
            (#"{"do": "set", "values": {"R1": "1k"}}"#, "request"),
            (#"{"do": "set", "values": [1, 2]}"#, "request"),
            (#"{"do": "set", "values": {"R1": -1}}"#, "value"),
            (#"{"do": "set", "values": {"R1": 0}}"#, "value"),
            (#"{"do": "set", "values": {"R1": 1e13}}"#, "value"),
            (#"{"do": "set", "variables": [1, 1, 1, 1, 1, -1]}"#, "value"),
            (#"{"do": "write"}"#, "request"), (#"{"do": "write", "path": "-"}"#, "request"),
            (#"{"do": "write", "path": "/nowhere/trained.cir"}"#, "output"),
        ]
        let good = #"{"id": 7, "do": "update"}"#
        let answers = try serve([reference], [good] + wrong.map(\.request) + [good])
        for (answer, expected) in zip(answers.dropFirst(2), wrong) {
            #expect(try kind(answer) == expected.kind, "\(expected.request): \(answer)")
        }
        // None of them left a trace.
        #expect(
            NSDictionary(dictionary: answers[1])
                == NSDictionary(dictionary: answers[answers.count - 1]))
    }

    @Test("an operating point that is not found is an error, and the next request is answered")
    func unsolved() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            """
            v² − v + 1000 I1 = 0, which has no solution above 0.25 mA
            I1 0 a 0.1m
            R1 a 0 1k
            B1 0 a I=1m*V(a)*V(a)
            *.learn input I1
            *.learn output V(a)=0.2
            .end
            """, to: "deck.cir")
        let answers = try serve(
            [deck, "--engine", "ngspice"],
            [
                #"{"do": "predict", "inputs": [[1e-3]]}"#,
                #"{"do": "predict", "inputs": [[1e-4]]}"#,
            ])
        #expect(try kind(answers[1]) == "engine")
        let outputs = try #require(answers[2]["outputs"] as? [[Double]])
        // (1 − √0.6)/2, to the tolerances of a training.
        #expect(abs(outputs[0][0] - 0.1127016653792583) < 1e-9)
    }

    @Test("a process of ngspice's that is killed is loaded again, or an error")
    func deadEngine() throws {
        let deck = packageFolder.appending(path: "netlists/diodes.cir").path
        let folder = try TemporaryFolder()
        let requests = folder / "requests"
        #expect(mkfifo(requests.path, 0o600) == 0)
        let result = try run(
            URL(filePath: "/bin/sh"),
            [
                "-c", "exec \"$0\" serve \"$1\" --engine ngspice <\"$2\"",
                spicelearnExecutable.path, deck, requests.path,
            ]
        ) { process in
            guard let writer = FileHandle(forWritingAtPath: requests.path) else { return }
            let request = Data("{\"do\": \"update\"}\n".utf8)
            func wait(until isDone: () -> Bool) {
                let deadline = Date(timeIntervalSinceNow: 30)
                while !isDone(), process.isRunning, Date() < deadline { usleep(2000) }
            }
            writer.write(request)
            wait { !ChildProcesses.workers(of: process.processIdentifier).isEmpty }
            usleep(500_000)
            for worker in ChildProcesses.workers(of: process.processIdentifier) {
                kill(worker, SIGKILL)
            }
            writer.write(request + request)
            try? writer.close()
        }
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.last?.contains("\"ok\":true") == true, "\(result.output)")
    }

    @Test("quit, blank lines, and a last line without an end")
    func end() throws {
        let result = try spicelearn(
            "serve", reference, input: "\n  \r\n{\"do\":\"quit\"}\n{\"do\":\"update\"}\n")
        #expect(result.status == 0)
        #expect(result.output.split(separator: "\n").count == 2)
        #expect(try serve([reference], [#"{"do": "describe"}"#])[1]["ok"] as? Bool == true)
        #expect(try spicelearn("serve", "-").status == 64)
        #expect(try spicelearn("serve", "/nowhere.cir").status == 66)
    }

    @Test("nothing is overwritten that is not this deck's")
    func places() throws {
        let folder = try TemporaryFolder()
        let text =
            "t\nV1 in 0 1\nR1 in a 1k\nR2 a 0 2k\n*.learn trainable R1 R2\n*.learn output V(a)=0.5\n.include more.inc\n.end\n"
        _ = try folder.write(text, to: "deck.cir")
        _ = try folder.write("R3 a 0 1meg\n", to: "more.inc")
        _ = try folder.write("mine", to: "mine.cir")
        try FileManager.default.createSymbolicLink(
            atPath: (folder / "link.cir").path, withDestinationPath: "mine.cir")
        let answers = try serve(
            ["deck.cir", "--untrusted"],
            [
                #"{"do": "write", "path": "more.inc"}"#, #"{"do": "write", "path": "link.cir"}"#,
                #"{"do": "write", "path": "deck.cir"}"#, #"{"do": "write", "path": "deck.cir"}"#,
            ], in: folder.url)
        #expect(try kind(answers[1]) == "request")
        #expect(try kind(answers[2]) == "output")
        #expect(answers[3]["ok"] as? Bool == true && answers[4]["ok"] as? Bool == true)
        #expect(try folder.read("mine.cir") == "mine")
        #expect(try folder.read("deck.cir") == text)
        #expect(try folder.contents().count == 4)
    }
}
