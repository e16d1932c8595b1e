import Foundation

/// How long the continuous rule takes, at rate 1, as told by discrete training.
public struct LearningTime: Sendable {
    /// Time in which the rule reaches the tolerance, with a quarter to spare.
    public let duration: Double
    /// 1/λ_max at the start: the fastest time constant.
    public let fastest: Double
    /// Whether discrete training reached the tolerance.
    public let converged: Bool
}

extension Trainer {
    /// Estimates the time that dk/dt = update takes to this trainer's tolerance.
    ///
    /// Discrete training at the automatic rate α is that flow in Euler's steps, and the sum of its rates
    /// is the time that passed. A mode that decays by x = α λ in a step's time decays by −ln|1 − x| in a
    /// step: 1.39 times as much at x = ½, and without limit near x = 1. So the time is the larger of 1.39
    /// times that sum (modes with x ≤ ½) and 2 α ln(|e|/tolerance) (the others).
    ///
    /// - Parameter steps: at most so many; 0 finds the fastest time constant only.
    /// - Throws: what the engine throws; `TaskError` where no output depends on a trained resistor.
    public func learningTime(in physics: any Physics, steps: Int) throws -> LearningTime {
        var limits = limits
        limits.steps = steps
        let trainer = Trainer(
            task: task, rule: rule, nudge: nudge, rate: .automatic, limits: limits)
        var rates: [Double] = []
        var initialError = 0.0
        let result = try trainer.run(in: physics) { step in
            if step.step == 0 { initialError = step.states.largestError }
            rates.append(step.rate)
            return true
        }
        // A task that is solved already needs no time; a second shows it.
        guard initialError > limits.tolerance else {
            return LearningTime(duration: 1, fastest: 1, converged: true)
        }
        guard let first = rates.first, first > 0 else {
            throw TaskError(
                message: "no output depends on a trained resistor: the circuit can't learn")
        }
        let passed = rates.dropLast().reduce(0, +)
        let tolerance = max(limits.tolerance, 1e-9 * initialError)
        let others = 2 * (rates.max() ?? first) * log(initialError / tolerance)
        return LearningTime(
            duration: 1.25 * max(1.39 * passed, others), fastest: first / 1.5,
            converged: result.converged)
    }
}
