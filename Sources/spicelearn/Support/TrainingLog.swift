import LearningRules
import Reports

/// What happens beside a training as it runs: progress on the terminal, the history file, checkpoints, and a
/// look at whether a signal has come.
final class TrainingLog {
    /// Nil where there is none, or none any more.
    private var history: History?
    /// For a report; nil where none is wanted.
    private var reported: ReportedCurve?
    private let checkpoints: CheckpointFile?
    private let progress: Progress
    private let live: LiveView?
    /// Of the last step that is new, and whether it is in the checkpoint.
    private var last: (progress: TrainingProgress, isKept: Bool)?
    /// What kept a file from being written, and ended the training.
    private(set) var failure: Failure?

    init(
        history: History?, reported: ReportedCurve? = nil, checkpoints: CheckpointFile? = nil,
        progress: Progress, live: LiveView? = nil
    ) {
        (self.history, self.reported) = (history, reported)
        (self.checkpoints, self.progress, self.live) = (checkpoints, progress, live)
    }

    /// What a report shows of the training.
    var curve: TrainingCurve? { reported?.curve }

    /// Whether there was a step that no run before has seen.
    var sawNewSteps: Bool { last != nil }

    /// False to stop: a signal has come, or a file can't be written.
    func record(_ step: TrainingStep) -> Bool {
        progress.show(step)
        reported?.record(step)
        live?.show(step, reported?.curve)
        return goesOn { () throws(Failure) in
            guard !step.isRepeated else { return }
            Interruption.keepWhatIsReached()
            try keepRow { history throws(Failure) in try history.record(step) }
            last = (step.progress, isKept: false)
            if let checkpoints, checkpoints.isDue(at: step.step) { try keep() }
        }
    }

    /// As for steps; only moments that were asked for go into the history.
    func record(_ moment: TrainingMoment) -> Bool {
        progress.show(moment)
        reported?.record(moment)
        live?.show(moment, reported?.curve)
        return goesOn { () throws(Failure) in
            Interruption.keepWhatIsReached()
            if moment.isOutput {
                try keepRow { history throws(Failure) in try history.record(moment) }
            }
        }
    }

    /// A reader that goes away, or does not come before a signal does, costs the history and not the training.
    private func keepRow(_ record: (History) throws(Failure) -> Void) throws(Failure) {
        guard let history else { return }
        do {
            try record(history)
        } catch {
            guard error.cause != .other else { throw error }
            self.history = nil
            guard error.cause == .noReader else { return }
            printError(
                "spicelearn: warning: nobody reads the history any more: training goes on without it"
            )
        }
    }

    /// The history first: a checkpoint must not be ahead of it.
    private func keep() throws(Failure) {
        guard let checkpoints, let last, !last.isKept else { return }
        var position: Checkpoint.HistoryPosition?
        try keepRow { history throws(Failure) in position = try history.synchronize() }
        try checkpoints.write(last.progress, history: position)
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
            try keepRow { history throws(Failure) in try history.close() }
        } catch {
            failure = error
        }
    }
}
