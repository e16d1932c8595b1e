import LearningRules

/// What happens beside a training as it runs: progress on the terminal, the history file, and a look
/// at whether a signal has come.
final class TrainingLog {
    private let history: History?
    private let progress: Progress
    private var failure: (any Error)?

    init(history: History?, progress: Progress) {
        (self.history, self.progress) = (history, progress)
    }

    /// False to stop: a signal has come, or the history can't be written.
    func record(_ step: TrainingStep) -> Bool {
        progress.show(step)
        return goesOn { try history?.record(step) }
    }

    /// As for steps; only moments that were asked for go into the history.
    func record(_ moment: TrainingMoment) -> Bool {
        progress.show(moment)
        return goesOn { if moment.isOutput { try history?.record(moment) } }
    }

    private func goesOn(_ write: () throws -> Void) -> Bool {
        do { try write() } catch { failure = error }
        return failure == nil && Interruption.exitStatus == nil
    }

    /// - Throws: what kept the history from being written.
    func finish() throws {
        progress.finish()
        if let failure { throw failure }
        try history?.close()
    }
}
