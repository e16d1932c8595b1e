import Engines
import LearningRules
import LearningTasks

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
    /// 1/λ_max of the flow at the deck's own conductances.
    ///
    /// - Throws: what the engine throws; `TaskError` where no output depends on a trained resistor.
    public func fastestTime(in physics: any Physics) throws -> Double {
        let conductances = TrainedValues(initial: task)
        try physics.set(conductances, of: task)
        let solver = try StateSolver(
            task: task, method: try resolveMethod(in: physics), in: physics, superposes: false)
        let eigenvalue = try solver.learningOperator(
            at: conductances, solver.states(at: conductances)
        )
        .largestEigenvalue(weights: task.parameters.map { _ in 1 })
        guard eigenvalue > 0, eigenvalue.isFinite else {
            throw TaskError(
                message: "no output depends on a trained resistor: the circuit can't learn")
        }
        return 1 / eigenvalue
    }

    /// Finds the time that the flow takes to this trainer's tolerance, by following it for as long as
    /// that takes.
    ///
    /// - Throws: as `fastestTime`.
    public func learningTime(in physics: any Physics) throws -> LearningTime {
        let fastest = try fastestTime(in: physics)
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
            duration: 1.25 * max(lastFall, 10 * fastest), fastest: fastest,
            converged: result.converged)
    }
}
