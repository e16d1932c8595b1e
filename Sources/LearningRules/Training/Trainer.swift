import Netlist

/// Trains in discrete steps: states, updates, step, stop.
public struct Trainer: Sendable {
    public struct Limits: Sendable {
        /// Steps at most.
        public var steps: Int
        /// Converged when |error| ≤ this for every output and sample, V.
        public var tolerance: Double

        public init(steps: Int = 10_000, tolerance: Double = 1e-6) {
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

    public init(
        task: LearningTask, rule: any LearningRule = AdjointCoupledLearning(),
        nudge: NudgeRequest = NudgeRequest(), optimizer: Optimizer = .plain,
        rate: StepRate = .automatic, limits: Limits = Limits(), superposes: Bool = true
    ) {
        self.task = task
        self.rule = rule
        self.nudge = nudge
        self.optimizer = optimizer
        self.rate = rate
        self.limits = limits
        self.superposes = superposes
    }

    /// - Parameters:
    ///   - physics: the engine, loaded with the task's circuit.
    ///   - observer: called with each step's states before the step is taken, and with the last ones;
    ///     returns false to stop.
    /// - Returns: the best conductances met, by loss; the last ones if they converged.
    /// - Throws: what the engine throws, or `SingularNudge`.
    public func run(
        in physics: any Physics, observer: (TrainingStep) -> Bool = { _ in true }
    ) throws -> TrainingResult {
        let start = TrainedConductances(initial: task)
        try physics.setResistances(start.resistances(of: task))
        let method = try resolveMethod(in: physics)
        var solver = try StateSolver(
            task: task, method: method, in: physics, superposes: superposes)
        var point = TrainingPoint(start, try solver.firstStates(), solver: solver)
        var optimizer = self.optimizer.state(rate: rate)
        var stagnation = Stagnation()
        var best = point
        let initialLoss = point.states.loss
        var step = 0

        func result(_ reason: TrainingResult.Reason) throws -> TrainingResult {
            let end = reason == .tolerance ? point : best
            var states = end.states
            if states.free.isEmpty {
                try physics.setResistances(end.conductances.resistances(of: task))
                states = try solver.statesOneByOne()
            }
            return TrainingResult(
                reason: reason, steps: step, time: nil, initialLoss: initialLoss,
                nudging: method.nudging, conductances: end.conductances, states: states)
        }

        while true {
            let converged = point.states.largestError <= limits.tolerance
            if !converged { try optimizer.prepare(at: point) }
            let goOn = observer(
                TrainingStep(
                    step: step, rate: optimizer.rate, states: point.states,
                    conductances: point.conductances, task: task))
            if converged { return try result(.tolerance) }
            if !goOn { return try result(.interrupted) }
            if step >= limits.steps { return try result(.steps) }
            if optimizer.choosesRate, stagnation.observes(point.states.loss) {
                return try result(.stagnation)
            }
            if optimizer.ascendsPersistently { return try result(.ascent) }

            let start = point
            repeat {
                let next = optimizer.next(from: start)
                guard next != start.conductances else { return try result(.stagnation) }
                try physics.setResistances(next.resistances(of: task))
                point = TrainingPoint(next, try solver.states(), solver: solver)
            } while !optimizer.accepts(point, after: start)
            step += 1
            if point.states.loss < best.states.loss { best = point }
        }
    }

    /// Settles what the user left open at the deck's own conductances.
    ///
    /// The physics must hold the task's initial resistances.
    public func resolveMethod(in physics: any Physics) throws -> LearningMethod {
        let free = try physics.operatingPoints(task.samples.map { Drive(inputs: $0.inputs) })
        let adjoint = try adjointFields(of: task, free: free, in: physics)
        return LearningMethod(
            rule: rule,
            nudging: try nudge.resolved(rule: rule, task: task, free: free, adjoint: adjoint))
    }
}
