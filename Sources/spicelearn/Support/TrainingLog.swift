import LearningRules

/// What happens beside a training as it runs: progress on the terminal, the history file, checkpoints, and a
/// look at whether a signal has come.
final class TrainingLog {
    private let history: History?
    private let checkpoints: CheckpointFile?
    private let progress: Progress
    /// Of the last step that is new, and whether it is in the checkpoint.
    private var last: (progress: TrainingProgress, isKept: Bool)?
    /// What kept a file from being written, and ended the training.
    private(set) var failure: Failure?

    init(history: History?, checkpoints: CheckpointFile? = nil, progress: Progress) {
        (self.history, self.checkpoints, self.progress) = (history, checkpoints, progress)
    }

    /// Whether there was a step that no run before has seen.
    var sawNewSteps: Bool { last != nil }

    /// False to stop: a signal has come, or a file can't be written.
    func record(_ step: TrainingStep) -> Bool {
        progress.show(step)
        return goesOn { () throws(Failure) in
            guard !step.isRepeated else { return }
            Interruption.keepWhatIsReached()
            try history?.record(step)
            last = (step.progress, isKept: false)
            if let checkpoints, checkpoints.isDue(at: step.step) { try keep() }
        }
    }

    /// As for steps; only moments that were asked for go into the history.
    func record(_ moment: TrainingMoment) -> Bool {
        progress.show(moment)
        return goesOn { () throws(Failure) in
            Interruption.keepWhatIsReached()
            if moment.isOutput { try history?.record(moment) }
        }
    }

    /// The history first: a checkpoint must not be ahead of it.
    private func keep() throws(Failure) {
        guard let checkpoints, let last, !last.isKept else { return }
        try checkpoints.write(last.progress, history: history?.synchronize())
        self.last?.isKept = true
    }

    private func goesOn(_ write: () throws(Failure) -> Void) -> Bool {
        do { try write() } catch { failure = error }
        return failure == nil && Interruption.exitStatus == nil
    }

    func finish() {
        progress.finish()
        guard failure == nil else { return }
        do {
            try keep()
            try history?.close()
        } catch {
            failure = error
        }
    }
}
