import LearningRules

/// What happens beside a training as it runs: progress on the terminal, the history file, and a look
/// at whether a signal has come.
final class TrainingLog {
    private let history: History?
    private let progress: Progress
    /// What kept the history from being written, and ended the training.
    private(set) var failure: Failure?

    init(history: History?, progress: Progress) {
        (self.history, self.progress) = (history, progress)
    }

    /// False to stop: a signal has come, or the history can't be written.
    func record(_ step: TrainingStep) -> Bool {
        progress.show(step)
        return goesOn { () throws(Failure) in try history?.record(step) }
    }

    /// As for steps; only moments that were asked for go into the history.
    func record(_ moment: TrainingMoment) -> Bool {
        progress.show(moment)
        return goesOn { () throws(Failure) in
            if moment.isOutput { try history?.record(moment) }
        }
    }

    private func goesOn(_ write: () throws(Failure) -> Void) -> Bool {
        do { try write() } catch { failure = error }
        return failure == nil && Interruption.exitStatus == nil
    }

    func finish() {
        progress.finish()
        guard failure == nil else { return }
        do { try history?.close() } catch { failure = error }
    }
}
