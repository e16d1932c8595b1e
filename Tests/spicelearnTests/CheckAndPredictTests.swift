import Foundation
import Testing

/// `check` and `predict` on a divider of known ratio.
@Suite struct CheckAndPredictTests {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try folder.write(
            """
            a ratio of a quarter
            V1 in 0 1
            R1 in a 3k
            R2 a b 1k
            V0 b 0 0
            *.learn trainable R1 R2
            *.learn output V(a)=0.25 V(in,a)
            *.learn train tolerance=1m
            .end
            """, to: "d.cir")
        _ = try folder.write(
            "V1,V(a),\"V(in,a)\"\n1,0.25,0.75\n-2,-0.5,-1.5\n4,1.001,3.1\n", to: "data.csv")
        _ = try folder.write("V1\n1\n-2\n4\n", to: "inputs.csv")
        return folder
    }

    @Test func everyOutputIsCompared() throws {
        let folder = try folder()
        let run = try spicelearn(
            "check", "d.cir", "--data", "data.csv", "--json", "--junit", "r.xml", in: folder.url)
        #expect(run.status == 1, "\(run.errors)")
        let json = try run.json()
        #expect(json["passed"] as? Bool == false)
        let samples = try #require(json["samples"] as? [[String: [String: [String: Any]]]])
        let passed = samples.map { sample in
            ["V(a)", "V(in,a)"].map { sample["outputs"]?[$0]?["passed"] as? Bool }
        }
        // 1.001 V is a millivolt off, the tolerance; rounding decides no test, 0.1 V does.
        #expect(passed[0] == [true, true] && passed[1] == [true, true])
        #expect(passed[2][1] == false)
        let last = try #require(samples[2]["outputs"]?["V(in,a)"])
        #expect(abs(try #require(last["value"] as? Double) - 3) < 1e-12)
        #expect(abs(try #require(last["error"] as? Double) + 0.1) < 1e-12)
        let xml = try folder.read("r.xml")
        #expect(xml.contains("tests=\"6\""))
        #expect(xml.contains("name=\"sample 3, V(in,a)\""))
        #expect(xml.components(separatedBy: "<failure").count >= 2)
    }

    @Test func aToleranceDecides() throws {
        let folder = try folder()
        let loose = try spicelearn(
            "check", "d.cir", "--data", "data.csv", "--tolerance", "0.2", in: folder.url)
        #expect(loose.status == 0, "\(loose.errors)")
        #expect(loose.output.contains("all 6 outputs within 0.2 V of their targets"))
        let tight = try spicelearn(
            "check", "d.cir", "--data", "data.csv", "--tolerance", "1u", in: folder.url)
        #expect(tight.status == 1)
        #expect(tight.output.contains("2 of 6 outputs are more than 1e-06 V off"))
        let missing = try spicelearn("check", "d.cir", in: folder.url)
        #expect(missing.status == 65 && missing.errors.contains("V(in,a) has no target"))
    }

    @Test func predictsWithoutTargets() throws {
        let folder = try folder()
        let run = try spicelearn("predict", "d.cir", "--data", "inputs.csv", in: folder.url)
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.output.split(separator: "\n")
        #expect(lines.first == "V(a),\"V(in,a)\"")
        let rows = lines.dropFirst().map { $0.split(separator: ",").compactMap { Double($0) } }
        for (row, input) in zip(rows, [1.0, -2, 4]) {
            #expect(abs(row[0] - input / 4) < 1e-12 && abs(row[1] - 0.75 * input) < 1e-12)
        }
        let file = try spicelearn(
            "predict", "d.cir", "--data", "inputs.csv", "-o", "y.csv", "--json", in: folder.url)
        #expect(try folder.read("y.csv") == run.output)
        #expect(try file.json()["loss"] == nil)
        let known = try spicelearn(
            "predict", "d.cir", "--data", "data.csv", "--json", in: folder.url
        ).json()
        // ½ (0.001² + 0.1²)/3.
        #expect(abs(try #require(known["loss"] as? Double) - 0.010001 / 6) < 1e-12)
    }
}
