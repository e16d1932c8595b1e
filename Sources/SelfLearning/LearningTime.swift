import Engines
import LearningRules
import LearningTasks

/// How long the continuous rule takes, at rate 1.
public struct LearningTime: Sendable {
    /// Time in which the rule reaches the tolerance, or comes to rest where it can't, with a quarter to
    /// spare.
    public let duration: Double
    /// The fastest time constant at the start: see `ContinuousTrainer.fastestTime`.
    public let fastest: Double
    /// Whether the rule reached the tolerance at all.
    public let converged: Bool
    /// Whether a conductance came to a bound, at any time.
    public let meetsBounds: Bool

    /// Fastest time constants that are followed. More could not be followed by ngspice: its least
    /// step is 10⁻¹¹ of its largest, which is a fiftieth of the duration.
    static let longest = 1e8
}

extension ContinuousTrainer {
    /// The fastest time constant of the flow at the deck's own conductances: the lesser of 1/λ_max and of
    /// the time in which an error or a conductance would change by its own size.
    ///
    /// λ_max, of the learning operator, is exact where the update is the gradient. Where signals pass one
    /// way it is not, and the flow may be a billion times as fast: that shows only in following it.
    ///
    /// - Throws: what the engine throws; `TaskError` where no output depends on a trained resistor.
    public func fastestTime(in physics: any Physics) throws -> Double {
        var pace = Pace(expected: try operatorTime(in: physics))
        _ = try lasting(min(limits.duration, pace.expected)).run(in: physics) { moment in
            pace.observe(moment)
            return pace.isRunning
        }
        return pace.fastest
    }

    /// Finds the time that the flow takes to this trainer's tolerance, by following it for as long as
    /// that takes, or as `limits.duration`.
    ///
    /// - Parameter goesOn: asked at each step; false ends it where it is.
    /// - Throws: as `fastestTime`.
    public func learningTime(
        in physics: any Physics, while goesOn: () -> Bool = { true }
    ) throws -> LearningTime {
        var pace = Pace(expected: try operatorTime(in: physics))
        var loss = Double.infinity
        var lastFall = 0.0
        var meetsBounds = false
        let trainer = lasting(min(limits.duration, LearningTime.longest * pace.expected))
        let result = try trainer.run(in: physics) { moment in
            pace.observe(moment)
            if moment.states.naturalLoss < (1 - Stagnation.progress) * loss {
                (loss, lastFall) = (moment.states.naturalLoss, moment.time)
            }
            meetsBounds =
                meetsBounds
                || zip(task.parameters, moment.conductances.values).contains {
                    $1 <= $0.bounds.lowerBound || $1 >= $0.bounds.upperBound
                }
            return goesOn()
        }
        return LearningTime(
            duration: 1.25 * max(lastFall, 10 * pace.fastest), fastest: pace.fastest,
            converged: result.converged, meetsBounds: meetsBounds)
    }

    /// 1/λ_max of the learning operator.
    private func operatorTime(in physics: any Physics) throws -> Double {
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

    private func lasting(_ duration: Double) -> ContinuousTrainer {
        var limits = limits
        limits.duration = duration
        return ContinuousTrainer(task: task, rule: rule, nudge: nudge, limits: limits)
    }
}

/// How fast a flow begins, from its first moments.
private struct Pace {
    /// 1/λ_max.
    let expected: Double
    private(set) var isRunning = true
    private var measured = Double.infinity
    private var start: (errors: [Double], conductances: [Double])?

    /// The part of itself that something has to change by, before that says how fast it is.
    private static let change = 0.1

    init(expected: Double) { self.expected = expected }

    var fastest: Double { min(expected, measured) }

    mutating func observe(_ moment: TrainingMoment) {
        guard isRunning else { return }
        let now = (moment.states.errors.values, moment.conductances.values)
        guard let start else {
            self.start = now
            return
        }
        let distance = zip(now.0, start.errors).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let size = start.errors.reduce(0) { $0 + $1 * $1 }
        let change = zip(now.1, start.conductances).reduce((distance / size).squareRoot()) {
            max($0, abs($1.0 / $1.1 - 1))
        }
        guard change >= Self.change else { return }
        measured = moment.time / change
        isRunning = false
    }
}
