import Engines
import LearningTasks
import Netlist

/// Trains in discrete steps: states, updates, step, stop.
public struct Trainer: Sendable {
    public struct Limits: Sendable {
        /// Steps at most.
        public var steps: Int
        /// Converged when |error| ≤ this for every output and sample, V.
        public var tolerance: Double

        public init(steps: Int = 10_000, tolerance: Double = LearningTask.standardTolerance) {
            (self.steps, self.tolerance) = (steps, tolerance)
        }
    }

    public let task: LearningTask
    public let rule: any LearningRule
    public let nudge: NudgeRequest
    public let optimizer: Optimizer
    public let rate: StepRate
    public let limits: Limits
    /// Whether the states of a linear circuit are superposed where that saves operating points.
    public let superposes: Bool
    /// Which samples each step sees.
    public let plan: BatchPlan
    /// How the rate falls.
    public let schedule: RateSchedule
    /// What ends training before its last step.
    public let goal: TrainingGoal
    /// The same task with samples that are not trained.
    public let testing: LearningTask?

    /// - Parameters:
    ///   - optimizer: nil for the plain rule where a rate is given, or else `Optimizer.standard`.
    ///   - testing: has a score of its own after each epoch.
    public init(
        task: LearningTask, rule: any LearningRule = AdjointCoupledLearning(),
        nudge: NudgeRequest = NudgeRequest(), optimizer: Optimizer? = nil,
        rate: StepRate = .automatic, limits: Limits = Limits(), superposes: Bool = true,
        plan: BatchPlan = BatchPlan(), schedule: RateSchedule = .constant,
        goal: TrainingGoal = .tolerance, testing: LearningTask? = nil
    ) {
        self.task = task
        self.rule = rule
        self.nudge = nudge
        self.optimizer =
            optimizer
            ?? (rate == .automatic ? .standard(for: task.loss, plan) : .plain)
        self.rate = rate
        self.limits = limits
        self.superposes = superposes
        self.plan = plan
        self.schedule = schedule
        self.goal = goal
        self.testing = testing
    }

    /// How well the circuit does that a training has reached; the physics is left at it.
    public func score(_ result: TrainingResult, in physics: any Physics) throws -> EpochScore {
        try physics.set(result.conductances, of: task)
        return EpochScore(
            epoch: epochs(after: result.steps),
            training: Score(result.states.outputs, of: task),
            test: try testing.map { try physics.score($0) })
    }

    /// How often this number of steps has gone through the samples.
    public func epochs(after steps: Int) -> Int { steps / plan.stepsPerEpoch(task.samples.count) }

    /// Steps at most: those of the epochs, where these are counted.
    public var steps: Int {
        let perEpoch = plan.stepsPerEpoch(task.samples.count)
        guard let epochs = plan.epochs else { return limits.steps }
        let (product, overflows) = epochs.multipliedReportingOverflow(by: perEpoch)
        return min(overflows ? .max : product, plan.steps ?? .max, Int(Int32.max))
    }

    /// Steps after which the engine starts again (`TrainingProgress`).
    static let leg = 100

    /// Samples, at equal distances, from which a nudge is chosen where there are more.
    static let mostNudged = 64

    /// How often a nudge is chosen again: it falls by a half at least each time.
    static let mostRenewals = 8

    /// - Parameters:
    ///   - physics: the engine, freshly loaded with the task's circuit.
    ///   - progress: where to go on from, of a training with the same settings.
    ///   - observer: called with each step's states before the step is taken, and with the last ones;
    ///     returns false to stop.
    /// - Returns: the best conductances met, by loss; the last ones if they converged, or where a step sees a
    ///   part of the loss only.
    /// - Throws: what the engine throws at the start, `SingularNudge`, or `CheckpointError`
    ///   where `progress` is of another training.
    public func run(
        in physics: any Physics, from progress: TrainingProgress? = nil,
        observer: (TrainingStep) -> Bool = { _ in true }
    ) throws -> TrainingResult {
        try withoutActuallyEscaping(observer) { observer in
            let run = try TrainingRun(of: self, in: physics, from: progress, observer)
            return plan.isStochastic ? try run.sampled() : try run.whole()
        }
    }

    /// Settles what the user left open at the deck's own conductances.
    ///
    /// The physics must hold the task's initial resistances.
    ///
    /// - Parameter isExact: whether states are operating points, which bear differences of small nudges;
    ///   those of a transient analysis have its tolerances.
    public func resolveMethod(
        in physics: any Physics, isExact: Bool = true
    ) throws -> LearningMethod {
        guard rule.isLocal else {
            return LearningMethod(rule: rule, nudging: Nudging(strength: 0, sides: .centered))
        }
        // One strength serves all circuits; it only has to be small.
        if let first = try physics.inParts(
            of: self.task.few(1),
            { part, engine in
                let part = self.task.parts.first { $0.corner == part.corner } ?? part
                return try Trainer(task: part.task, rule: rule, nudge: nudge, optimizer: optimizer)
                    .resolveMethod(in: engine, isExact: isExact)
            })?.first
        {
            return first.result
        }
        let mayBeSingular = rule.nudgeKind == .branches && nudge.sides == .centered
        if let strength = nudge.strength, !mayBeSingular {
            return LearningMethod(
                rule: rule, nudging: Nudging(strength: strength, sides: nudge.sides))
        }
        let task = self.task.few(Self.mostNudged)
        let free = try physics.operatingPoints(task.samples.map { Drive(inputs: $0.inputs) })
        let adjoint = try adjointFields(of: task, free: free, in: physics)
        let method = LearningMethod(
            rule: rule,
            nudging: try nudge.resolved(rule: rule, task: task, free: free, adjoint: adjoint))
        guard isExact, nudge.strength == nil, nudge.sides == .centered, !task.circuit.isLinear,
            !task.outputs.isEmpty
        else { return method }
        let errors = task.assess(OutputTable(free, of: task)).errors
        return try method.settled(for: task, errors: errors, in: physics)
    }
}
