import Engines
import LearningTasks

/// How well a circuit does on samples: what is told of them all.
public struct Score: Sendable, Equatable {
    public let samples: Int
    /// The mean of the task's loss.
    public let loss: Double
    /// The mean power that the sources deliver, W; nil where it is no part of the loss.
    public let power: Double?
    /// The largest of `Loss.errors`.
    public let largestError: Double
    /// How many samples of each class, a row each, were taken for which, a column each; nil without classes.
    ///
    /// The class of a sample is the largest of its targets, the answer the largest output; the first of equal
    /// ones.
    public let confusion: [[Int]]?

    public init(_ outputs: OutputTable, of task: LearningTask) {
        let assessment = task.assess(outputs)
        samples = outputs.samples
        loss = assessment.loss
        power = task.power(outputs)
        largestError = assessment.errors.values.reduce(0) { max($0, abs($1)) }
        guard let classes = task.classes, classes.count == task.namedOutputs.count else {
            confusion = nil
            return
        }
        var confusion = classes.map { _ in classes.map { _ in 0 } }
        for m in 0..<outputs.samples {
            let named = classes.count
            guard let own = largestIndex(task.targets.row(m).prefix(named)),
                let answer = largestIndex(outputs.row(m).prefix(named))
            else { continue }
            confusion[own][answer] += 1
        }
        self.confusion = confusion
    }

    /// Samples that were taken for what they are.
    public var hits: Int? {
        confusion.map { rows in rows.indices.reduce(0) { $0 + rows[$1][$1] } }
    }

    /// The share of hits.
    public var accuracy: Double? {
        hits.map { samples > 0 ? Double($0) / Double(samples) : 0 }
    }
}

/// How well a circuit does after an epoch.
public struct EpochScore: Sendable {
    /// Epochs so far; 0 before the first step.
    public let epoch: Int
    public let training: Score
    /// On samples that are not trained; nil where there are none.
    public let test: Score?
}

extension LearningTask {
    /// The mean power that the sources deliver, W; nil where it is no part of the loss.
    public func power(_ outputs: OutputTable) -> Double? {
        guard let term = loss as? PowerTerm, outputs.samples > 0 else { return nil }
        return (0..<outputs.samples).reduce(0) {
            $0 + term.power(outputs.row($1), targets.row($1))
        } / Double(outputs.samples)
    }
}

extension Physics {
    /// The score of a circuit at the physics' present resistances.
    func score(_ task: LearningTask) throws -> Score { Score(try freeOutputs(of: task), of: task) }
}
