import ArgumentParser
import LearningRules

/// A range of seeds, as in `0..19`.
struct SeedRange: ExpressibleByArgument {
    let seeds: ClosedRange<UInt64>

    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty, let first = UInt64(parts[0]),
            let last = UInt64(parts[2]), first <= last, last - first < 100_000
        else { return nil }
        seeds = first...last
    }

    var defaultValueDescription: String { "\(seeds.lowerBound)..\(seeds.upperBound)" }
}

/// `--seeds`: a training from each of several random starts.
extension TrainCommand {
    struct SeededRun: Encodable, Sendable {
        let seed: UInt64
        let converged: Bool
        let reason: String
        let steps: Int
        /// V², at the end; nil where there is no operating point at the start.
        var loss: Double?
        var largestError: Double?
        /// Of a task with classes.
        var accuracy: Double?
        var testAccuracy: Double?
    }

    /// What came of all the seeds.
    struct SeededRuns: Encodable {
        let runs: [SeededRun]
        let arrived: Int
        /// Of the runs that arrived; nil where none has.
        let medianSteps: Double?

        init(_ runs: [SeededRun]) {
            self.runs = runs
            let steps = runs.filter(\.converged).map { Double($0.steps) }.sorted()
            arrived = steps.count
            medianSteps = steps.isEmpty ? nil : Self.median(steps)
        }

        private static func median(_ sorted: [Double]) -> Double {
            let middle = sorted.count / 2
            return sorted.count.isMultiple(of: 2)
                ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        }

        var text: String {
            let hasAccuracy = runs.contains { $0.accuracy != nil }
            var table = Table(
                header: ["seed", "reached", "steps", "largest error", "loss"]
                    + (hasAccuracy ? ["accuracy", "test"] : []))
            for run in runs {
                let numbers =
                    [run.largestError, run.loss].map { $0.map { readable($0, digits: 3) } ?? "–" }
                    + (hasAccuracy
                        ? [run.accuracy, run.testAccuracy].map {
                            $0.map { readable($0, digits: 4) } ?? "–"
                        } : [])
                table.add(
                    cells: ["\(run.seed)", run.converged ? "yes" : run.reason, "\(run.steps)"]
                        + numbers)
            }
            let steps = runs.filter(\.converged).map(\.steps)
            var summary = "\(arrived) of \(runs.count) arrived"
            if let medianSteps, let least = steps.min(), let most = steps.max() {
                summary += ": median \(readable(medianSteps)) steps, from \(least) to \(most)"
            }
            for (name, shares) in [
                ("accuracy", runs.compactMap(\.accuracy)),
                ("test", runs.compactMap(\.testAccuracy)),
            ] where shares.count > 1 {
                let mean = shares.reduce(0, +) / Double(shares.count)
                let spread =
                    (shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count - 1))
                    .squareRoot()
                summary +=
                    "\n\(name) \(readable(100 * mean, digits: 4)) ± \(readable(100 * spread, digits: 2)) %"
            }
            return table.text + "\n\n" + summary
        }
    }

    /// Trains from each seed's start.
    ///
    /// - Returns: the run that got farthest, with its deck, and what came of all.
    func runSeeds(
        _ seeds: ClosedRange<UInt64>
    ) throws -> (deck: LearningDeck, training: Training, run: Run, all: SeededRuns) {
        var best: (deck: LearningDeck, training: Training, run: Run)?
        var runs: [SeededRun] = []
        for seed in seeds {
            var command = self
            command.learning.start = "random"
            command.learning.seed = "\(seed)"
            let deck = try LearningDeck(
                path: netlist, options: command.learning, isSilent: best != nil)
            try deck.requireOutputs()
            let training = try training(of: deck)
            let run: Run
            do {
                run = try command.run(training, of: deck, from: nil)
            } catch is UnsolvedStart {
                runs.append(
                    SeededRun(seed: seed, converged: false, reason: "no start", steps: 0))
                continue
            }
            let result = run.result
            runs.append(
                SeededRun(
                    seed: seed, converged: result.converged, reason: result.reason.rawValue,
                    steps: result.steps, loss: result.states.loss,
                    largestError: result.states.largestError,
                    accuracy: run.scores?.training.accuracy,
                    testAccuracy: run.scores?.test?.accuracy))
            func rank(_ result: TrainingResult) -> (Int, Double) {
                result.converged ? (0, Double(result.steps)) : (1, result.states.loss)
            }
            if best.map({ rank(result) < rank($0.run.result) }) ?? true {
                best = (deck, training, run)
            }
            if result.reason == .interrupted { break }
        }
        guard let best else {
            throw Failure(
                "none of the \(seeds.count) random starts has an operating point: give other bounds",
                status: ExitStatus.software)
        }
        return (best.deck, best.training, best.run, SeededRuns(runs))
    }
}
