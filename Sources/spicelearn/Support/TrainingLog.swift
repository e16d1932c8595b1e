import LearningRules

/// What happens beside a training as it runs: progress on the terminal, the history file, and a look
/// at whether a signal has come.
final class TrainingLog {
    private let history: History?
    private let progress: Progress
    private var failure: (any Error)?

    init(history: History?, limits: Trainer.Limits) {
        self.history = history
        progress = Progress(limits: limits)
    }

    /// False to stop: a signal has come, or the history can't be written.
    func record(_ step: TrainingStep) -> Bool {
        progress.show(step)
        do { try history?.record(step) } catch { failure = error }
        return failure == nil && Interruption.exitStatus == nil
    }

    /// - Throws: what kept the history from being written.
    func finish() throws {
        progress.finish()
        if let failure { throw failure }
        try history?.close()
    }
}
