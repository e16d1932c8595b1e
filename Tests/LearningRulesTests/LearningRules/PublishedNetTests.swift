import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist
import Testing

/// The lattice of transistors in netlists/nmos.cir, against a loop of its own over ngspice with tight tolerances.
@Suite struct PublishedNetTests {
    /// What that loop printed of each epoch: the mean over samples of the squared error in the free state that each
    /// is met in, before its update. Five digits.
    private static let meanSquares = [
        0: 1.6867e-3, 1: 1.6474e-3, 10: 1.3516e-3, 100: 5.4846e-4, 300: 3.6378e-4, 1000: 3.2989e-4,
    ]

    @Test("gates learn as those of the published network do")
    func epochs() throws {
        let task = try task()
        let samples = task.samples.count
        let trainer = Trainer(
            task: task, rule: EquilibriumPropagation(),
            nudge: NudgeRequest(strength: 1, sides: .oneSided), optimizer: .plain,
            rate: .fixed(0.8), limits: Trainer.Limits(steps: 1001 * samples, tolerance: 1e-12),
            plan: BatchPlan(
                size: 1, epochs: 1001, steps: nil, order: .given, seed: 0, probability: 1))
        var sums: [Int: Double] = [:]
        let physics = try NativePhysics(task: task, nudges: .branches)
        _ = try trainer.run(in: physics) { step in
            let error = step.states.errors[0, 0]
            sums[step.step / samples, default: 0] += error * error / Double(samples)
            return true
        }
        for (epoch, expected) in Self.meanSquares {
            let found = try #require(sums[epoch])
            #expect(abs(found / expected - 1) < 1e-4, "epoch \(epoch): \(found), not \(expected)")
        }
    }

    private func task() throws -> LearningTask {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../netlists").standardizedFileURL
        func file(_ name: String) throws -> SourceFile {
            let url = folder.appending(path: name)
            return SourceFile(path: url.path, bytes: Array(try Data(contentsOf: url)))
        }
        let deckFile = try file("nmos.cir")
        let deck = Deck.parse(path: deckFile.path, bytes: deckFile.bytes)
        let circuit = try #require(deck.elaborate().circuit)
        let kind = LearningTask.columnKind(deck.directives, circuit)
        let table = SampleTable.parse(try file("nmos.csv"), kind: kind).table
        return try LearningTask(deck: deck, data: table)
    }
}
