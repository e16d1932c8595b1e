import Foundation
import Generators
import LearningRules
import LearningTasks

/// How far a training is, on standard error (`StatusLine`).
final class Progress {
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
        StatusLine.show([
            "time \(readable(moment.time, digits: 4)) of \(readable(end, digits: 4))",
            "loss \(readable(moment.states.loss, digits: 4))\(lossUnit)",
            "error \(readable(moment.states.largestError, digits: 3))\(errorUnit)",
        ])
    }

    /// The time, where a line is due: on a terminal at once, in a log after a minute.
    private func isDue() -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        if let last = lastShown ?? (StatusLine.isTerminal ? nil : start),
            now - last < StatusLine.interval
        {
            return nil
        }
        lastShown = now
        return now
    }

    func show(_ step: TrainingStep) {
        let error = step.states.largestError
        if first == nil { first = (step.step, error) }
        guard let now = isDue() else { return }
        var parts = [
            "step \(step.step)", "loss \(readable(step.states.loss, digits: 4))\(lossUnit)",
            "error \(readable(error, digits: 3))\(errorUnit)",
        ]
        if let left = timeLeft(step: step.step, error: error, elapsed: now - start) {
            parts.append("about \(left) left")
        }
        StatusLine.show(parts + ["rate \(readable(step.rate, digits: 3))"])
    }

    func finish() {
        if lastShown != nil { StatusLine.clear() }
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
