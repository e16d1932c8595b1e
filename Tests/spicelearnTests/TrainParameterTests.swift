import Foundation
import Testing

/// Numbers that are no plain resistors, trained by the command and confirmed by ngspice.
@Suite struct TrainParameterTests {
    private static let decks: [(name: String, text: String, outputs: [String: Double])] = [
        (
            "potentiometer",
            """
            potentiometer
            .param  k = 0.3  ; its position
            V1 in 0 10
            R1 in a {k*10k}
            R2 a 0 {(1-k)*10k}
            *.learn trainable k
            *.learn output V(a)=4
            .op
            .end
            """, ["v(a)": 4]
        ),
        (
            "expressions",
            """
            expressions
            .param p=100 w=1.2 Rb=3k rpar='Rb*2.2k/(Rb+2.2k)'
            V1 in 0 10
            V2 x 0 {2*vb}
            .param vb=1.5
            R1 in a {p}
            R2 a 0 {p+50}
            R3 a b {1k*w*w}
            R4 b 0 'rpar*2'
            R5 b x 1k
            *.learn trainable p w Rb vb
            *.learn output V(a)=5 V(b)=3.5
            .op
            .end
            """, ["v(a)": 5, "v(b)": 3.5]
        ),
        (
            "gates",
            """
            channels
            V1 in 0 0.4
            VG1 g1 0 2.5
            VG2 g2 0 2
            X1 in a b cell
            .subckt cell p q r
            VG3 g3 0 dc 3
            M1 p g3 q 0 n l=7.8u w=138u nrd=.3 nrs=1
            M2 q g3 r 0 n l=7.8u w=138u nrd=.3 nrs=1
            .ends
            .model n nmos level=1 vto=.75 gamma=1.09 phi=.95 kp=6e-5 lambda=.2 rsh=73
            M1 a g1 0 0 n l=7.8u w=138u nrd=.3 nrs=1
            M2 b g2 0 0 n l=7.8u w=138u nrd=.3 nrs=1
            R1 b 0 20k
            *.learn trainable VG* X1.VG3 min=0.4 max=8
            *.learn output V(b)=0.1 V(a)=0.18
            .op
            .end
            """, ["v(b)": 0.1, "v(a)": 0.18]
        ),
        (
            "currents",
            """
            currents
            I1 0 a 1m
            I2 b 0 dc 2m
            R1 a b 1k
            R2 b 0 1k
            R3 a 0 2k
            *.learn trainable I*
            *.learn output V(a)=2 V(b)=-1
            .op
            .end
            """, ["v(a)": 2, "v(b)": -1]
        ),
    ]

    @Test(arguments: decks.map(\.name))
    func whatIsWrittenIsWhatNgspiceFinds(_ name: String) throws {
        let deck = try #require(Self.decks.first { $0.name == name })
        let folder = try TemporaryFolder()
        let path = try folder.write(deck.text, to: "deck.cir")
        let output = folder / "trained.cir"
        let result = try spicelearn(
            "train", path, "-o", output.path, "--tolerance", "1e-8", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let json = try result.json()
        let values = try #require(json["values"] as? [String: Double])
        #expect(!values.isEmpty)
        let names = deck.outputs.keys.sorted()
        let point = try PlainNgspice.operatingPoints(output, expressions: names)[0]
        for (name, value) in zip(names, point) {
            let target = try #require(deck.outputs[name])
            #expect(abs(value - target) < 2e-4 * abs(target), "\(name) \(value)")
        }
        // Nothing but numbers has changed, and the numbers are those that were told.
        let written = try folder.read("trained.cir")
        let number = #/-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?[km]?/#
        #expect(written.replacing(number, with: "#") == deck.text.replacing(number, with: "#"))
        // ngspice reads a decimal fraction with a rounding of its own, which the digits allow for.
        let numbers = written.matches(of: number).compactMap { Double($0.output.0) }
        for value in values.values {
            #expect(
                numbers.contains { abs($0 - value) <= 1e-15 * abs(value) }, "\(value) \(written)")
        }
    }

    @Test func tablesGiveUnits() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.decks[3].text, to: "deck.cir")
        let result = try spicelearn("train", path, "-o", (folder / "out.cir").path)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("I1"))
        #expect(result.output.contains("0.001 A"), "\(result.output)")
        #expect(!result.output.contains("resistor"))
    }

    /// The angle to the exact gradient includes what is no resistor.
    @Test func anglesIncludeGates() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.decks[2].text, to: "deck.cir")
        let result = try spicelearn("solve", path, "--json")
        #expect(result.status == 0, "\(result.errors)")
        let json = try result.json()
        let updates = try #require(json["valueUpdates"] as? [String: Double])
        #expect(Set(updates.keys) == ["VG1", "VG2", "X1.VG3"])
        let angle = try #require(json["gradientAngle"] as? Double)
        #expect(angle < 10, "\(angle)")
        let analysis = try spicelearn("analyze", path, "--json")
        #expect(analysis.status == 0, "\(analysis.errors)")
        #expect(try analysis.json()["trainable"] as? Int == 3)
    }

    @Test func randomStartsAndCheckpointsFollow() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.decks[2].text, to: "deck.cir")
        let whole = folder / "whole.cir", part = folder / "part.cir"
        let arguments = ["train", path, "--start", "random", "--seed", "3", "--optimizer", "adam"]
        #expect(
            try spicelearn(arguments + ["-o", whole.path, "--steps", "12"]).status == 2)
        #expect(
            try spicelearn(
                arguments + [
                    "-o", part.path, "--steps", "5", "--checkpoint", (folder / "run.ckpt").path,
                ]
            ).status == 2)
        let resumed = try spicelearn(
            "train", path, "--resume", (folder / "run.ckpt").path, "--steps", "12", "-o", part.path)
        #expect(resumed.status == 2, "\(resumed.errors)")
        #expect(try folder.read("whole.cir") == folder.read("part.cir"))
    }

    @Test func theSparseEngineKeepsSources() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.decks[3].text, to: "deck.cir")
        let result = try spicelearn(
            "train", path, "-o", (folder / "out.cir").path, "--engine", "sparse")
        #expect(result.status == 65)
        #expect(result.errors.contains("deck.cir:2:1: error"), "\(result.errors)")
        #expect(result.errors.contains("--engine ngspice"))
    }
}
