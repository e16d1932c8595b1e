import Foundation
import Testing

@Suite struct SolveTests {
    let reference = packageFolder.appending(path: "netlists/two-output.cir").path

    @Test func json() throws {
        let result = try spicelearn(
            "solve", reference, "--rule", "cl", "--nudging", "one-sided", "--nudge", "1", "--json")
        #expect(result.status == 0)
        #expect(result.errors.isEmpty)
        let json = try result.json()
        #expect(
            Set(json.keys) == [
                "loss", "naturalLoss", "nudge", "update", "samples", "gradientAngle",
                "gradientDiffers",
            ])
        let loss = try #require(json["loss"] as? Double)
        #expect(abs(loss - 8.040464522e-4) < 1e-13)
        let natural = try #require(json["naturalLoss"] as? Double)
        #expect(abs(natural - 1.213661884e-3) < 1e-12)
        let update = try #require(json["update"] as? [String: Double])
        let printed = [
            "R1": -0.001768535602, "R2": -0.011925255944, "R3": 0.006782479358,
            "R4": 0.011720623644, "R5": -0.007157472207, "R6": -0.004046547549,
        ]
        #expect(update.count == printed.count)
        for (name, value) in printed {
            #expect(abs(try #require(update[name]) - value) < 0.51e-12)
        }
        let samples = try #require(json["samples"] as? [[String: [String: Double]]])
        #expect(samples.count == 1)
        #expect(Set(samples[0].keys) == ["inputs", "free", "nudged", "error"])
        #expect(Set(samples[0]["free"]?.keys.map { $0 } ?? []) == ["in", "a", "b", "c"])
        let nudged = try #require(samples[0]["nudged"]?["b"])
        #expect(abs(nudged - 0.2) < 1e-14)
        let error = try #require(samples[0]["error"]?["V(b)"])
        #expect(abs(error - 0.031441048035) < 1e-12)
    }

    @Test func flagsWinOverTheDeck() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n*.learn output V(b)=0.9\n*.learn rule ep\n.end\n",
            to: "t.cir")
        let json = try spicelearn("solve", deck, "--output", "V(b)=0.2", "--json").json()
        #expect(abs(try #require(json["loss"] as? Double) - 0.5 * 0.09) < 1e-15)
    }

    /// A new user's first try: no directive at all.
    @Test func operatingPoint() throws {
        let deck = "divider\nV1 in 0 10\nR1 in out 1k\nR2 out 0 4k\n.end\n"
        let text = try spicelearn("solve", "-", input: deck)
        #expect(text.status == 0)
        #expect(text.output.contains("out"))
        #expect(text.output.contains("8"))
        let json = try spicelearn("solve", "-", "--json", input: deck).json()
        let samples = try #require(json["samples"] as? [[String: [String: Double]]])
        #expect(samples[0]["free"] == ["in": 10, "out": 8])
    }

    /// Every deck of the package, against plain ngspice: 1e-9 relative where linear, ngspice's own
    /// reltol of 1e-3 tightened by its habit of one more iteration elsewhere.
    @Test("the free state is that of plain ngspice", arguments: LearningDeckFiles.all)
    func likePlainNgspice(deck: LearningDeckFile) throws {
        let json = try spicelearn("solve", deck.url.path, "--json").json()
        let samples = try #require(json["samples"] as? [[String: [String: Double]]])
        let nodes = try #require(samples.first?["free"]).keys.sorted()
        let values = try PlainNgspice.operatingPoints(
            deck.url,
            settings: samples.map {
                ($0["inputs"] ?? [:]).map { (source: $0.key, value: $0.value) }
            },
            expressions: nodes.map { "v(\($0.lowercased()))" })
        for (sample, row) in zip(samples, values) {
            let free = try #require(sample["free"])
            let scale = free.values.map(abs).max() ?? 1
            for (node, value) in zip(nodes, row) {
                let tolerance = deck.isLinear ? 1e-9 * max(abs(value), 1e-3 * scale) : 1e-5 * scale
                #expect(abs(try #require(free[node]) - value) <= tolerance, "\(node)")
            }
        }
    }

    @Test func fixedResistorsMayBeNegativeAndOddlyNamed() throws {
        let deck = "t\nV1 a 0 1\nR1 a b 1k\nR? b 0 -3k\n.end\n"
        let json = try spicelearn("solve", "-", "--json", input: deck).json()
        let samples = try #require(json["samples"] as? [[String: [String: Double]]])
        // Exact: −3 / (1 − 3).
        #expect(abs(try #require(samples[0]["free"]?["b"]) - 1.5) < 1e-14)
        let trained = try spicelearn("solve", "-", "--output", "V(b)=1", input: deck)
        #expect(trained.status == 65)
        #expect(trained.errors.contains("<stdin>:4:8: error: the resistance of R? is negative"))
        let named = try spicelearn(
            "solve", "-", "--output", "V(b)=1", "--trainable", "R1", "--json", input: deck)
        #expect(named.status == 0, "\(named.errors)")
    }

    /// Model checks write logs; a link of that name must not be followed.
    @Test func nothingIsWrittenBesideTheDeck() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            "t\nV1 d 0 1\nR1 d e 1k\nM1 e e 0 0 nm w=10u l=1u\n"
                + ".model nm nmos(level=49 version=3.3.0)\n.end\n", to: "mos.cir")
        let victim = try folder.write("precious", to: "victim")
        try FileManager.default.createSymbolicLink(
            at: folder / "b3v33check.log", withDestinationURL: URL(filePath: victim))
        let result = try spicelearn("solve", deck, in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try folder.read("victim") == "precious")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
                == ["b3v33check.log", "mos.cir", "victim"])
    }

    /// The sparse engine's update is ngspice's, within the bound that the referee sets.
    @Test func sparseEngine() throws {
        let deck = packageFolder.appending(path: "netlists/regression.cir").path
        let updates = try ["ngspice", "sparse"].map { engine in
            let result = try spicelearn("solve", deck, "--engine", engine, "--json")
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            return try #require(try result.json()["update"] as? [String: Double])
        }
        let largest = updates[0].values.map(abs).max() ?? 0
        #expect(largest > 0 && updates[0].count == updates[1].count)
        for (name, value) in updates[0] {
            #expect(abs(try #require(updates[1][name]) - value) <= 1e-9 * largest)
        }
    }

    /// k is 2/R of R1, and 1/(1.5 R) of R2 at 77 °C, as docs/json.md says.
    @Test func updatesAreByTheConductanceOfTheWholeDevice() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            """
            t
            V1 a 0 1
            R1 a b 1k m=2
            R2 b 0 1k tc1=0.01
            R3 b 0 2k
            .temp 77
            *.learn output V(b)=0.2
            .end

            """, to: "deck.cir")
        let result = try spicelearn("solve", deck, "--nudging", "limit", "--json")
        let update = try #require(try result.json()["update"] as? [String: Double])
        for (name, resistance, factor) in [
            ("R1", 1000.0, 2.0), ("R2", 1000, 1 / 1.5), ("R3", 2000, 1),
        ] {
            let values = [0.999 * resistance, 1.001 * resistance]
            let losses = try PlainNgspice.operatingPoints(
                URL(filePath: deck), settings: values.map { [(name, $0)] }, expressions: ["v(b)"]
            ).map { ($0[0] - 0.2) * ($0[0] - 0.2) / 2 }
            let slope = (losses[1] - losses[0]) / (factor / values[1] - factor / values[0])
            let expected = -slope
            #expect(abs(try #require(update[name]) - expected) < 1e-4 * abs(expected), "\(name)")
        }
    }

    /// Above 20,000 resistors no referee would notice.
    @Test(
        "the sparse engine refuses options that change the equations",
        arguments: [
            (".options reltol=1e-4 rshunt=1k", "5:29", "resistor from every node to ground"),
            (".option rshunt={2*r}", "5:17", "resistor from every node to ground"),
            (".options rseries=1m", "5:10", "in series with every inductor"),
            (".opt rseries", "5:6", "in series with every inductor"),
            (".options scale=2", "5:16", "lengths and widths"),
        ])
    func sparseEngineRefusesOptions(line: String, place: String, effect: String) throws {
        let folder = try TemporaryFolder()
        let text = """
            options
            V1 a 0 1
            R1 a b 1k
            R2 b 0 1k
            \(line)
            .param r=1k
            *.learn output V(b)=0.2
            .end
            """
        let deck = try folder.write(text, to: "deck.cir")
        let result = try spicelearn("solve", deck, "--engine", "sparse")
        #expect(result.status == 65)
        #expect(result.errors.contains("deck.cir:\(place): error: the option"))
        #expect(result.errors.contains(effect))
        #expect(result.errors.contains("--engine ngspice"))
        #expect(try spicelearn("solve", deck).status == 0)
    }

    /// Whether ngspice has KLU or not, which 39.3 of Debian hasn't.
    @Test func missingKLUIsSaidWithItsPlace() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 3k\n.options sparse reltol=1e-4 klu\n*.learn output V(b)=0.2\n",
            to: "deck.cir")
        let result = try spicelearn("solve", deck, "--engine", "ngspice", "--json")
        #expect(result.status == 0)
        #expect(
            !result.errors.contains("KLU")
                || result.errors.contains(
                    "warning: the netlist asks in \(deck):5:29 for KLU, which this ngspice doesn't have"
                ),
            "\(result.errors)")
        let samples = try #require(try result.json()["samples"] as? [[String: Any]])
        let free = try #require(samples[0]["free"] as? [String: Double])
        #expect(abs(try #require(free["b"]) - 0.75) < 1e-12)
    }

    /// What ngspice takes without a change of a linear circuit's state; rshunt counts where it is positive.
    @Test(arguments: ["gmin=1e-3 reltol=0.1 cshunt=1", "rshunt=0 scale=1", "defl=1u pivtol=0.1"])
    func sparseEngineTakesOptions(options: String) throws {
        let deck =
            "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 3k\n.options \(options)\n*.learn output V(b)=0.2\n"
        let states = try ["ngspice", "sparse"].map { engine in
            let json = try spicelearn("solve", "-", "--engine", engine, "--json", input: deck)
                .json()
            let samples = try #require(json["samples"] as? [[String: Any]])
            return try #require(samples[0]["free"] as? [String: Double])
        }
        for free in states { #expect(abs(try #require(free["b"]) - 0.75) < 1e-12) }
    }

    /// With rshunt, a node needs no path to ground of its own; with rshunt=0 it does.
    @Test func shuntsThatCount() throws {
        let deck =
            "t\nV1 a 0 1\nR1 a d 1k\nR3 d 0 1k\nR2 b c 3k\n*.learn output V(d)=0.2\n.options rshunt="
        #expect(try spicelearn("solve", "-", input: deck + "1e9\n").status == 0)
        #expect(try spicelearn("solve", "-", input: deck + "0\n").status == 65)
    }

    @Test func sparseEngineRefusesDiodes() throws {
        let deck = packageFolder.appending(path: "netlists/diodes.cir").path
        let result = try spicelearn("solve", deck, "--engine", "sparse")
        #expect(result.status == 65 && result.errors.contains("use --engine ngspice"))
    }

    /// A nudge of any strength turns the blocked diode on, so that no finite one has the limit's update: which an
    /// engine that knows the limit says; and that is the native one's, since ngspice has it by such nudges only.
    @Test func updatesThatNoNudgeFinds() throws {
        let deck = """
            Blocked
            R0 n0 0 415.763
            R1 n1 n0 7807.24
            R2 n2 n1 136.245
            R3 n3 0 9053.86
            R4 n4 n2 874.942
            R5 n2 n1 288.722
            R6 n3 0 1847.2
            D0 n0 n1 dm
            V1 n0 0 3.74
            .model dm d is=1e-9
            *.learn output V(n4)=-1.9
            .end

            """
        let finite = try spicelearn("solve", "-", "--engine", "native", input: deck)
        #expect(finite.status == 0)
        #expect(finite.errors.contains("updates are off the limit of small nudges by up to"))
        let limits = try [["--nudging", "limit"], ["--nudging", "limit", "--engine", "native"]].map
        {
            let result = try spicelearn(["solve", "-", "--json"] + $0, input: deck)
            #expect(!result.errors.contains("off the limit"))
            return try #require(try result.json()["update"] as? [String: Double])
        }
        #expect(limits[0] == limits[1])
        let quiet = try spicelearn(
            "solve", packageFolder.appending(path: "netlists/diodes.cir").path)
        #expect(!quiet.errors.contains("off the limit"))
    }
}
