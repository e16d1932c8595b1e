import Foundation
import Testing

/// Plain ngspice on every trained deck gives the targets.
@Suite struct GoldenTests {
    @Test(
        "ngspice -b confirms the trained deck",
        arguments: LearningDeckFiles.all.filter { !$0.isUnreachable && !$0.reachesAnotherGoal })
    func confirmed(deck: LearningDeckFile) throws {
        let folder = try TemporaryFolder()
        let trained = folder / "trained.cir"
        let result = try spicelearn("train", deck.url.path, "-o", trained.path, "--json")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try result.json()["converged"] as? Bool == true)
        #expect(try result.json()["reason"] as? String == "tolerance")

        // Targets and inputs of each sample: error = output − target, both of the deck before training.
        let before = try spicelearn("solve", deck.url.path, "--json").json()
        let samples = try #require(before["samples"] as? [[String: [String: Double]]])
        let outputs = try #require(samples.first?["error"]).keys.sorted()
        // Beside the deck, so that its includes are found.
        let copy = deck.url.deletingLastPathComponent().appending(
            path: ".\(deck.name)-\(UUID()).cir")
        try FileManager.default.copyItem(at: trained, to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        let values = try PlainNgspice.operatingPoints(
            copy,
            settings: samples.map {
                ($0["inputs"] ?? [:]).map { (source: $0.key, value: $0.value) }
            },
            expressions: outputs.map { $0.lowercased() })
        for (sample, row) in zip(samples, values) {
            for (output, value) in zip(outputs, row) {
                let target = try target(of: output, in: sample)
                // ngspice's own answer has a reltol of 1e-3 in circuits with diodes or transistors,
                // usually met with two digits to spare.
                let slack = deck.isLinear ? 1e-12 : 1e-4
                #expect(abs(value - target) <= deck.tolerance * (1 + 1e-6) + slack, "\(output)")
            }
        }
    }

    private func target(of output: String, in sample: [String: [String: Double]]) throws -> Double {
        let free = try #require(sample["free"])
        func voltage(_ node: Substring) throws -> Double {
            let name = node.trimmingCharacters(in: .whitespaces).lowercased()
            if name == "0" || name == "gnd" { return 0 }
            return try #require(free.first { $0.key.lowercased() == name }).value
        }
        let nodes = output.dropFirst(2).dropLast().split(separator: ",")
        let before = try voltage(nodes[0]) - (nodes.count > 1 ? voltage(nodes[1]) : 0)
        return before - (try #require(sample["error"]?[output]))
    }

    @Test(
        "an unreachable target ends with the best point and says so",
        arguments: LearningDeckFiles.all.filter(\.isUnreachable))
    func unreachable(deck: LearningDeckFile) throws {
        let folder = try TemporaryFolder()
        let trained = folder / "trained.cir"
        let result = try spicelearn("train", deck.url.path, "-o", trained.path, "--json")
        #expect(result.status == 2)
        let json = try result.json()
        #expect(json["converged"] as? Bool == false)
        #expect(json["reason"] as? String == "stagnation")
        #expect(result.errors.contains("best point"))
        #expect(FileManager.default.fileExists(atPath: trained.path))
        let loss = try #require(json["loss"] as? [String: Double])
        #expect(try #require(loss["final"]) <= #require(loss["initial"]))
    }
}
