import Engines
import LearningRules
import SelfLearning

/// What the command runs, and what comes of it.
extension TrainCommand {
    /// Which trainer, and what it is asked to tell.
    enum Training {
        case discrete(Trainer)
        case continuous(ContinuousTrainer, OutputTimes)
        case transient(TransientTrainer, OutputTimes)

        var rule: any LearningRule {
            switch self {
            case .discrete(let trainer): trainer.rule
            case .continuous(let trainer, _): trainer.rule
            case .transient(let trainer, _): trainer.rule
            }
        }

        var optimizer: Optimizer? { discrete?.optimizer }

        /// Nil in continuous time.
        var discrete: Trainer? {
            if case .discrete(let trainer) = self { trainer } else { nil }
        }

        /// One in discrete steps, of the same task.
        var trainer: Trainer {
            switch self {
            case .discrete(let trainer): trainer
            case .continuous(let trainer, _):
                Trainer(task: trainer.task, rule: trainer.rule, nudge: trainer.nudge)
            case .transient(let trainer, _):
                Trainer(task: trainer.task, rule: trainer.rule, nudge: trainer.nudge)
            }
        }

        var tolerance: Double {
            switch self {
            case .discrete(let trainer): trainer.limits.tolerance
            case .continuous(let trainer, _): trainer.limits.tolerance
            case .transient(let trainer, _): trainer.limits.tolerance
            }
        }
    }

    /// What came of a training.
    struct Run {
        let result: TrainingResult
        /// Of a task with classes, or with samples for testing.
        let scores: EpochScore?
        /// That the training took.
        let seconds: Double
        /// Why it ended, where it did not converge.
        let sentences: DescentSentences?
        /// Whether there is something that no run before has seen.
        let isNew: Bool
        /// What ngspice had to give up on the way.
        let warnings: [String]
        /// What ended the training before its time, or casts doubt on it.
        let failure: Failure?
        /// What ngspice -b makes of it, where that is a question.
        let confirmation: TrainConfirmation?
        /// The one that solved.
        let engine: Engine
        let confirmed: ConfirmedStates
        /// Whether ngspice found other states in between or at the end.
        let isDoubted: Bool
        /// The trained deck.
        let text: [UInt8]
        /// What --report and --live show; nil without.
        let reported: ReportedRun?
        /// The page of --live.
        let live: LiveView?
    }

    /// Steps that were taken back since ngspice found no operating point at their end.
    func retreats(_ result: TrainingResult) -> [String] {
        let shown = result.unsolved.prefix(3).map { unsolved in
            let moved = unsolved.moved.map {
                "\($0.name) \(readable($0.before)) → \(readable($0.after)) Ω"
            }
            return
                "step \(unsolved.step + 1) was taken back: \(unsolved.reason) (\(moved.joined(separator: ", ")))"
        }
        let more = result.unsolved.count - shown.count
        return shown + (more > 0 ? ["\(more) more steps were taken back alike"] : [])
    }
}
