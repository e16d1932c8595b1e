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
    public let rate: StepRate
    public let limits: Limits
    /// Whether the states of a linear circuit are superposed where that saves operating points.
    public let superposes: Bool

    public init(
        task: LearningTask, rule: any LearningRule = AdjointCoupledLearning(),
        nudge: NudgeRequest = NudgeRequest(), rate: StepRate = .automatic,
        limits: Limits = Limits(), superposes: Bool = true
    ) {
        self.task = task
        self.rule = rule
        self.nudge = nudge
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
        var conductances = TrainedConductances(initial: task)
        try physics.setResistances(conductances.resistances(of: task))
        let method = try resolveMethod(in: physics)
        var automatic = AutomaticRate()
        var stagnation = Stagnation()
        var solver = try StateSolver(
            task: task, method: method, in: physics, superposes: superposes)
        var states = try solver.firstStates()
        let weights = try rateWeights(conductances, states, solver)
        var best = (conductances: conductances, states: states)
        let initialLoss = states.loss
        var step = 0

        func result(_ reason: TrainingResult.Reason) throws -> TrainingResult {
            var end = reason == .tolerance ? (conductances, states) : best
            if end.1.free.isEmpty {
                try physics.setResistances(end.0.resistances(of: task))
                end.1 = try solver.statesOneByOne()
            }
            return TrainingResult(
                reason: reason, steps: step, time: nil, initialLoss: initialLoss,
                nudging: method.nudging, conductances: end.0, states: end.1)
        }

        while true {
            let converged = states.largestError <= limits.tolerance
            if rate == .automatic, automatic.needsEstimate, !converged {
                let resting = conductances.resting(
                    velocity: conductances.velocity(update: states.update, of: task), of: task)
                let moving = weights.indices.map { resting.contains($0) ? 0 : weights[$0] }
                automatic.estimate(
                    try solver.learningOperator(at: conductances, states)
                        .largestEigenvalue(weights: moving))
            }
            var applied = automatic.value
            if case .fixed(let value) = rate { applied = value }
            let goOn = observer(
                TrainingStep(
                    step: step, rate: applied, states: states, conductances: conductances,
                    task: task))
            if converged { return try result(.tolerance) }
            if !goOn { return try result(.interrupted) }
            if step >= limits.steps { return try result(.steps) }
            if rate == .automatic, stagnation.observes(states.loss) {
                return try result(.stagnation)
            }
            if automatic.ascendsPersistently { return try result(.ascent) }

            let velocity = zip(weights, conductances.velocity(update: states.update, of: task))
                .map(*)
            var next = stepped(conductances, by: applied, along: velocity)
            guard next != conductances else { return try result(.stagnation) }
            try physics.setResistances(next.resistances(of: task))
            var nextStates = try solver.states()
            if rate == .automatic {
                while nextStates.naturalLoss > states.naturalLoss, automatic.rejects() {
                    next = stepped(conductances, by: automatic.value, along: velocity)
                    try physics.setResistances(next.resistances(of: task))
                    nextStates = try solver.states()
                }
                automatic.accepted()
            }
            (conductances, states) = (next, nextStates)
            step += 1
            if states.loss < best.states.loss { best = (conductances, states) }
        }
    }

    /// A rate that the user gave is applied as it is; the automatic one comes from a linear theory and is
    /// not trusted beyond a factor of 2 in any conductance.
    private func stepped(
        _ conductances: TrainedConductances, by rate: Double, along velocity: [Double]
    ) -> TrainedConductances {
        guard self.rate == .automatic else {
            return conductances.stepped(by: rate, along: velocity, of: task)
        }
        return conductances.stepped(
            by: rate, along: velocity, of: task, largestFactor: 2, capsRise: true)
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

    /// The rate of each parameter over the common one: 1, but for mixed variables at an automatic rate.
    ///
    /// A rate of conductances [S²/V²] and one of their logarithms [1/V²] differ by the square of a
    /// conductance, so that one number for both would leave one kind where it is. Logarithms then move
    /// at λ_max(conductances)/λ_max(logarithms) times the rate: both kinds alone would have the same
    /// stable step.
    private func rateWeights(
        _ conductances: TrainedConductances, _ states: LearningStates, _ solver: StateSolver
    ) throws -> [Double] {
        let isLogarithm = task.parameters.map { $0.variable == .logConductance }
        guard rate == .automatic, Set(isLogarithm).count > 1 else {
            return isLogarithm.map { _ in 1 }
        }
        let spectrum = try solver.learningOperator(at: conductances, states)
        let ofConductances = spectrum.largestEigenvalue(weights: isLogarithm.map { $0 ? 0 : 1 })
        let ofLogarithms = spectrum.largestEigenvalue(weights: isLogarithm.map { $0 ? 1 : 0 })
        guard ofConductances > 0, ofLogarithms > 0 else { return isLogarithm.map { _ in 1 } }
        return isLogarithm.map { $0 ? ofConductances / ofLogarithms : 1 }
    }
}
