import Foundation
import Generators
import LearningRules
import LearningTasks

/// One line on standard error, rewritten a few times a second, if that is a terminal.
final class Progress {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?
    /// Steps at most, or the duration.
    private let end: Double
    private let tolerance: Double
    private let lossUnit: String
    private let errorUnit: String
    private var first: (step: Int, error: Double)?

    init(task: LearningTask, limits: Trainer.Limits, _ steps: Int) {
        (end, tolerance) = (Double(steps), limits.tolerance)
        (lossUnit, errorUnit) = (task.lossUnit, task.errorUnit)
    }

    init(task: LearningTask, limits: ContinuousTrainer.Limits) {
        (end, tolerance) = (limits.duration, limits.tolerance)
        (lossUnit, errorUnit) = (task.lossUnit, task.errorUnit)
    }

    func show(_ moment: TrainingMoment) {
        guard isDue() != nil else { return }
        rewrite(
            "time \(readable(moment.time, digits: 4)) of \(readable(end, digits: 4))"
                + "  loss \(readable(moment.states.loss, digits: 4))\(lossUnit)"
                + "  error \(readable(moment.states.largestError, digits: 3))\(errorUnit)")
    }

    /// The time, where a line is due.
    private func isDue() -> ContinuousClock.Instant? {
        guard isTerminal else { return nil }
        let now = ContinuousClock.now
        if let lastShown, now - lastShown < .milliseconds(200) { return nil }
        lastShown = now
        return now
    }

    private func rewrite(_ line: String) {
        _ = StandardStreams.write("\r\u{1B}[K\(line)".utf8, to: STDERR_FILENO)
    }

    func show(_ step: TrainingStep) {
        guard let now = isDue() else { return }
        let error = step.states.largestError
        if first == nil { first = (step.step, error) }
        var line =
            "step \(step.step)  loss \(readable(step.states.loss, digits: 4))\(lossUnit)"
            + "  error \(readable(error, digits: 3))\(errorUnit)  rate \(readable(step.rate, digits: 3))"
        if let left = timeLeft(step: step.step, error: error, elapsed: now - start) {
            line += "  about \(left) left"
        }
        rewrite(line)
    }

    func finish() {
        guard isTerminal, lastShown != nil else { return }
        rewrite("")
    }

    /// From the mean fall of log |error| so far, and never more than the steps allowed.
    private func timeLeft(step: Int, error: Double, elapsed: Duration) -> String? {
        guard let first, step > first.step + 5 else { return nil }
        let perStep = elapsed / Double(step - first.step)
        var steps = end - Double(step)
        let fall = log(first.error / error) / Double(step - first.step)
        if fall > 0 { steps = min(steps, log(error / tolerance) / fall) }
        let seconds =
            max(steps, 0) * Double(perStep.components.seconds)
            + max(steps, 0) * Double(perStep.components.attoseconds) * 1e-18
        if seconds < 100 { return "\(Int(seconds.rounded(.up))) s" }
        return seconds < 6000
            ? "\(Int(seconds / 60)) min" : String(format: "%.1f h", seconds / 3600)
    }
}
