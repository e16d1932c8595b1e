/// How long the continuous rule takes, at rate 1.
public struct LearningTime: Sendable {
    /// Time in which the rule reaches the tolerance, or comes to rest where it can't, with a quarter to
    /// spare.
    public let duration: Double
    /// 1/λ_max at the start: the fastest time constant.
    public let fastest: Double
    /// Whether the rule reached the tolerance at all.
    public let converged: Bool

    /// Fastest time constants that are followed. More could not be followed by ngspice: its least
    /// step is 10⁻¹¹ of its largest, which is a fiftieth of the duration.
    static let longest = 1e8
}

extension ContinuousTrainer {
    /// 1/λ_max of the flow at the deck's own conductances; nil where nothing moves there: the task is
    /// solved, or no output depends on a trained resistor.
    public func fastestTime(in physics: any Physics) throws -> Double? {
        let trainer = Trainer(
            task: task, rule: rule, nudge: nudge,
            limits: Trainer.Limits(steps: 0, tolerance: limits.tolerance))
        var rate = 0.0
        _ = try trainer.run(in: physics) { step in
            rate = step.rate
            return true
        }
        // The automatic rate is 1.5/λ_max.
        return rate > 0 && rate.isFinite ? rate / 1.5 : nil
    }

    /// Finds the time that the flow takes to this trainer's tolerance, by following it for as long as
    /// that takes.
    ///
    /// - Throws: what the engine throws; `TaskError` where no output depends on a trained resistor.
    public func learningTime(in physics: any Physics) throws -> LearningTime {
        guard let fastest = try fastestTime(in: physics) else {
            let states = try resolveMethod(in: physics).states(of: task, in: physics)
            guard states.largestError <= limits.tolerance else {
                throw TaskError(
                    message: "no output depends on a trained resistor: the circuit can't learn")
            }
            // A task that is solved already needs no time; a second shows it.
            return LearningTime(duration: 1, fastest: 1, converged: true)
        }
        var limits = limits
        limits.duration = LearningTime.longest * fastest
        let trainer = ContinuousTrainer(task: task, rule: rule, nudge: nudge, limits: limits)
        var loss = Double.infinity
        var lastFall = 0.0
        let result = try trainer.run(in: physics) { moment in
            if moment.states.naturalLoss < (1 - Stagnation.progress) * loss {
                (loss, lastFall) = (moment.states.naturalLoss, moment.time)
            }
            return true
        }
        return LearningTime(
            duration: 1.25 * max(lastFall, fastest), fastest: fastest, converged: result.converged)
    }
}
