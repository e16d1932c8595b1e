import Foundation
import Testing

@Suite struct AnalyzeTests {
    let reference = packageFolder.appending(path: "netlists/two-output.cir").path

    @Test func json() throws {
        let result = try spicelearn("analyze", reference, "--rule", "cl", "--json")
        #expect(result.status == 0)
        #expect(result.errors.isEmpty)
        let json = try result.json()
        let keys: Set = [
            "outputs", "samples", "trainable", "singularValues", "rank", "coercive",
            "coercivity", "decayRate", "stepLimit", "conserved",
        ]
        #expect(keys.isSubset(of: json.keys))
        #expect(json["nullDirection"] == nil)
        #expect(json["outputs"] as? Int == 2)
        #expect(json["samples"] as? Int == 1)
        #expect(json["trainable"] as? Int == 6)
        #expect(json["coercive"] as? Bool == true)
        let constant = try #require(json["coercivity"] as? Double)
        #expect(abs(constant - 0.110533017348) < 0.51e-12)
        #expect(json["decayRate"] as? Double == 2 * constant)
        let byRule = try #require(json["coercivityByRule"] as? [String: Double])
        #expect(abs(try #require(byRule["ep"]) - 0.070973247131) < 0.51e-12)
    }

    static let kite = """
        kite
        V1 a 0 1
        R1 a b 1
        R2 a c 1
        R3 b 0 1
        R4 c 0 1
        R5 b m 1
        R6 c m 1
        *.learn output V(b)=0.5 V(c)=0.5 V(m)=0.5
        .end
        """

    @Test func degenerate() throws {
        let json = try spicelearn("analyze", "-", "--json", input: Self.kite).json()
        #expect(json["rank"] as? Int == 2)
        #expect(json["coercivity"] as? Double == 0)
        #expect(json["nodes"] as? [String] == ["m"])
        #expect(json["resistors"] as? [String] == ["R5", "R6"])
        let direction = try #require(json["nullDirection"] as? [String: Double])
        #expect(abs(try #require(direction["V(m)"]) - 2 / 6.squareRoot()) < 1e-9)
        #expect(abs(try #require(direction["V(b)"]) + 1 / 6.squareRoot()) < 1e-9)
        let text = try spicelearn("analyze", "-", input: Self.kite).output
        #expect(text.contains("not coercive: rank 2 of 3"))
        #expect(text.contains("m lies at one potential with all neighbours, so R5 and R6"))
        #expect(text.contains("learning does not feel it"))
    }

    /// What it says of the kite once the plain rule has trained it to 1e-9 V. (The default ends closer.)
    @Test func barely() throws {
        let folder = try TemporaryFolder()
        let kite = (folder / "kite.cir").path
        let start = packageFolder.appending(path: "netlists/kite.cir").path
        _ = try spicelearn("train", start, "-o", kite, "--optimizer", "plain")
        let text = try spicelearn("analyze", kite).output
        #expect(text.contains("barely coercive"))
        let json = try spicelearn(
            "analyze", kite, "--rank-tolerance", "1e-6", "--json"
        ).json()
        #expect(json["rank"] as? Int == 2)
        #expect(json["nodes"] as? [String] == ["m"])
    }

    @Test func counting() throws {
        let deck = packageFolder.appending(path: "netlists/overdetermined.cir").path
        let text = try spicelearn("analyze", deck).output
        #expect(text.contains("too many samples: the 10 samples have 1 independent input"))
        #expect(!text.contains("too few trained"))
        let few = packageFolder.appending(path: "netlists/subcircuits.cir").path
        #expect(
            try spicelearn("analyze", few).output.contains(
                "too few trained resistors: 3 variables can't set 4 output values"))
    }

    /// A chain of N + 1 resistors with an output at each of its N nodes, of which 22 are trained: a drop of
    /// 1/(N+1) over each, and over resistor j of the field of output o −(N+1−o)/(N+1) or o/(N+1).
    @Test func thousandsOfOutputs() throws {
        let n = slowToo ? 5000 : 1000
        let total = Double(n + 1)
        var lines = ["chain", "V1 n0 0 1"]
        for i in 1...n { lines.append("R\(i) n\(i - 1) n\(i) 1") }
        lines.append("R\(n + 1) n\(n) 0 1")
        for start in stride(from: 1, through: n, by: 100) {
            let outputs = (start..<start + 100).map { "V(n\($0))=0.5" }
            lines.append("*.learn output " + outputs.joined(separator: " "))
        }
        lines += ["*.learn trainable " + (1...22).map { "R\($0)" }.joined(separator: " "), ".end"]
        let folder = try TemporaryFolder()
        let deck = try folder.write(lines.joined(separator: "\n"), to: "chain.cir")
        let result = try spicelearn("analyze", deck, "--engine", "sparse", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let json = try result.json()
        #expect(json["outputs"] as? Int == n && json["rank"] as? Int == 22)
        let sigma = try #require(json["singularValues"] as? [Double])
        #expect(sigma.count == 22)
        var squares = 0.0
        for o in 1...n {
            for j in 1...22 {
                let drop = j <= o ? total - Double(o) : Double(o)
                squares += drop * drop / (total * total * total * total)
            }
        }
        #expect(abs(sigma.reduce(0) { $0 + $1 * $1 } / squares - 1) < 1e-10)
    }

    @Test("the theory is of squared errors")
    func otherLosses() throws {
        let deck = packageFolder.appending(path: "netlists/iris.cir").path
        let result = try spicelearn("analyze", deck)
        #expect(result.status == 64 && result.errors.contains("theory of squared errors"))
        let squared = try spicelearn("analyze", deck, "--loss", "squared", "--json").json()
        #expect(squared["outputs"] as? Int == 3 && squared["samples"] as? Int == 105)
    }

    @Test(
        "every deck can be analyzed",
        arguments: LearningDeckFiles.all.filter { !$0.isClassification })
    func decks(deck: LearningDeckFile) throws {
        let json = try spicelearn("analyze", deck.url.path, "--json").json()
        let values = try #require(json["singularValues"] as? [Double])
        #expect(values.allSatisfy { $0 >= 0 && $0.isFinite })
        #expect(try #require(json["decayRate"] as? Double) > 0)
    }

    @Test func nothingToLearn() throws {
        let result = try spicelearn("analyze", "-", input: "t\nV1 a 0 1\nR1 a 0 1\n.end\n")
        #expect(result.status == 65)
        #expect(result.errors.contains("there is nothing to learn"))
    }

    @Test func badTolerance() throws {
        #expect(try spicelearn("analyze", reference, "--rank-tolerance", "2").status == 64)
    }
}
