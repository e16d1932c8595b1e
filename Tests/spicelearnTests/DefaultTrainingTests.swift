import Foundation
import Testing

/// A training without an option: what it reaches, and what it says where it does not.
@Suite struct DefaultTrainingTests {
    private static let virtualGround = """
        virtual ground
        V1 in 0 1
        R1 in n 1k
        R2 n out 2k
        E1 out 0 0 n 100k
        *.learn output V(out)=-3
        .op
        .end
        """

    private func train(_ text: String, _ flags: String...) throws -> (
        ProcessResult, TemporaryFolder
    ) {
        let folder = try TemporaryFolder()
        let deck = try folder.write(text, to: "d.cir")
        return (try spicelearn(["train", deck, "-o", "t.cir"] + flags, in: folder.url), folder)
    }

    /// What ngspice itself says of the trained deck, under tolerances of its own.
    @Test func ngspiceConfirms() throws {
        let (result, folder) = try train(
            """
            inverting amplifier
            V1 in 0 1
            R1 in m 10k
            R2 m out 47k
            E1 x 0 0 m 1e5
            Ro x out 75
            RL out 0 2k
            *.learn trainable R1 R2
            *.learn output V(out)=-10
            .op
            .end
            """)
        #expect(result.status == 0, "\(result.errors)")
        let voltages = try PlainNgspice.operatingPoints(
            folder / "t.cir", expressions: ["v(out)"])
        #expect(abs(voltages[0][0] + 10) < 1e-6)
    }

    /// "No output depends on a trained resistor" would be wrong: R2 = 3k gives the target.
    @Test func saysThatNoNudgeArrives() throws {
        let (result, _) = try train(Self.virtualGround)
        #expect(result.status == 2)
        #expect(
            result.errors.contains(
                // Both as much.
                /No nudge reaches a trained resistor \(signals pass one way through E1\), but the loss depends on (R1 and R2|R2 and R1): use --rule gradient/
            ), "\(result.errors)")
        let (other, folder) = try train(Self.virtualGround, "--rule", "gradient", "--json")
        #expect(other.status == 0, "\(other.errors)")
        #expect(try other.json()["rule"] as? String == "gradient")
        let voltages = try PlainNgspice.operatingPoints(
            folder / "t.cir", expressions: ["v(out)"])
        #expect(abs(voltages[0][0] + 3) < 1e-6)
    }

    @Test func solveAndAnalyzeSayTheSame() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(Self.virtualGround, to: "d.cir")
        let sentence = "no nudge reaches a trained resistor, but the loss depends on R2 and R1"
        for command in ["solve", "analyze"] {
            #expect(try spicelearn(command, deck, in: folder.url).output.contains(sentence))
            let json = try spicelearn(command, deck, "--json", in: folder.url).json()
            #expect(json["gradientAngle"] is NSNull || json["gradientAngle"] == nil)
            let gradient = try spicelearn(
                command, deck, "--json", "--rule", "gradient", in: folder.url
            ).json()
            #expect(try #require(gradient["gradientAngle"] as? Double) < 1e-3)
        }
    }

    /// Equal resistors never part where the task is symmetric, and more of the same is no help.
    @Test func namesASymmetricStart() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(
            "V1,V2,V(y)\n-2,-2,-0.1\n-2,2,0.1\n2,-2,0.1\n2,2,-0.1\n", to: "xor.csv")
        var lines = [
            "symmetric XOR", ".model clip d(is=1n)", "V1 x1 0 2", "V2 x2 0 -2", "E1 x1n 0 x1 0 -1",
            "E2 x2n 0 x2 0 -1", "Vp bp 0 2", "Vn bn 0 -2",
        ]
        for hidden in 1...4 {
            lines.append("D\(hidden) h\(hidden) 0 clip")
            for (index, node) in ["x1", "x1n", "x2", "x2n", "bp", "bn"].enumerated() {
                lines.append("R\(hidden)\(index + 1) \(node) h\(hidden) 1k")
            }
            lines.append("Ry\(hidden) h\(hidden) y 1k")
        }
        lines += [
            "*.learn trainable R* min=50 max=1meg", "*.learn input V1 V2", "*.learn output V(y)",
            "*.learn data xor.csv", "*.learn train tolerance=1m", ".end", "",
        ]
        let deck = try folder.write(lines.joined(separator: "\n"), to: "d.cir")
        let stuck = try spicelearn("train", deck, "-o", "t.cir", in: folder.url)
        #expect(stuck.status == 2)
        #expect(
            stuck.errors.contains("All trained resistors began with equal values"),
            "\(stuck.errors)")
        #expect(stuck.errors.contains("--start random"))
        let random = try spicelearn(
            "train", deck, "-o", "t.cir", "--start", "random", "--min", "200", "--max", "5k",
            "--seed",
            "1", "--json", in: folder.url)
        #expect(random.status == 0, "\(random.errors)")
        #expect(try random.json()["seed"] as? Int == 1)
    }

    @Test func trainsFromSeveralSeeds() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            """
            divider
            V1 in 0 1
            R1 in a 1k
            R2 a 0 1k
            *.learn output V(a)=0.3
            .end
            """, to: "d.cir")
        let flags = ["train", deck, "-o", "t.cir", "--seeds", "3..7"]
        let table = try spicelearn(flags, in: folder.url)
        #expect(table.status == 0, "\(table.errors)")
        #expect(table.output.contains("5 of 5 arrived: median "))
        let json = try spicelearn(flags + ["--json"], in: folder.url).json()
        let runs = try #require(json["runs"] as? [[String: Any]])
        #expect(runs.compactMap { $0["seed"] as? Int } == [3, 4, 5, 6, 7])
        // Each run is what its seed alone gives.
        let best = try #require(json["seed"] as? Int)
        let trained = try folder.read("t.cir")
        _ = try spicelearn(
            "train", deck, "-o", "t.cir", "--start", "random", "--seed", "\(best)", in: folder.url)
        #expect(try folder.read("t.cir") == trained)
        let refused = try spicelearn(flags + ["--history", "h.csv"], in: folder.url)
        #expect(refused.status == 64 && refused.errors.contains("--history is of one training"))
    }

    /// 0.1 of CL, a fraction, is not 0.1 S of AL.
    @Test func aNudgeBelongsToItsRule() throws {
        let text = """
            divider
            V1 in 0 1
            R1 in a 1k
            R2 a 0 1k
            *.learn rule cl nudge=0.1
            *.learn output V(a)=0.3
            .end
            """
        let (other, _) = try train(text, "--rule", "al", "--json")
        #expect(other.status == 0)
        #expect(
            other.errors.contains("d.cir:5:23: warning: this nudge is of the rule cl; al takes"),
            "\(other.errors)")
        // The conductance that the output shows: two resistors of 1 kΩ.
        #expect(abs(try #require(other.json()["nudge"] as? Double) - 2e-3) < 1e-12)
        let (own, _) = try train(text, "--json")
        #expect(own.errors.isEmpty)
        #expect(try own.json()["nudge"] as? Double == 0.1)
    }

    @Test func theGradientIsNoLocalRule() throws {
        for flags in [
            ["--optimizer", "momentum"], ["--optimizer", "plain"],
            ["--time", "continuous", "--duration", "1", "--physics", "transient"],
        ] {
            let folder = try TemporaryFolder()
            let deck = try folder.write(Self.virtualGround, to: "d.cir")
            let result = try spicelearn(
                ["train", deck, "-o", "t.cir", "--rule", "gradient"] + flags, in: folder.url)
            #expect(result.status == 64, "\(result.errors)")
        }
    }

    /// V(o) = A/(1 + A/3.2) is known in closed form; ngspice's own solution is off by some 1e-8 of it.
    @Test func theSparseEngineIsRightAboutLargeGains() throws {
        let folder = try TemporaryFolder()
        let deck = try folder.write(
            """
            non-inverting amplifier
            V1 in 0 1
            E1 o 0 in m 1e6
            R1 o m 22k
            R2 m 0 10k
            R3 o y 1k
            R4 y 0 1k
            *.learn trainable R3 R4
            *.learn output V(y)=1.2
            .end
            """, to: "d.cir")
        let result = try spicelearn(
            "train", deck, "-o", "t.cir", "--engine", "sparse", in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        let solved = try spicelearn("solve", deck, "--engine", "sparse", "--json", in: folder.url)
        let samples = try #require(try solved.json()["samples"] as? [[String: [String: Double]]])
        let found = try #require(samples[0]["free"]?["o"])
        let gain = 1e6
        #expect(abs(found - gain / (1 + gain / 3.2)) < 1e-11)
    }
}
