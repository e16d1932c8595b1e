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

    /// - Parameter optimizer: nil for the plain rule where a rate is given, `Optimizer.auto` otherwise.
    public init(
        task: LearningTask, rule: any LearningRule = AdjointCoupledLearning(),
        nudge: NudgeRequest = NudgeRequest(), optimizer: Optimizer? = nil,
        rate: StepRate = .automatic, limits: Limits = Limits(), superposes: Bool = true
    ) {
        self.task = task
        self.rule = rule
        self.nudge = nudge
        self.optimizer = optimizer ?? (rate == .automatic ? .auto : .plain)
        self.rate = rate
        self.limits = limits
        self.superposes = superposes
    }

    /// Steps after which the engine starts again (`TrainingProgress`).
    static let leg = 100

    /// How often a nudge is chosen again: it falls by a half at least each time.
    static let mostRenewals = 8

    /// - Parameters:
    ///   - physics: the engine, freshly loaded with the task's circuit.
    ///   - progress: where to go on from, of a training with the same settings.
    ///   - observer: called with each step's states before the step is taken, and with the last ones;
    ///     returns false to stop.
    /// - Returns: the best conductances met, by loss; the last ones if they converged.
    /// - Throws: what the engine throws at the start, `SingularNudge`, or `CheckpointError`
    ///   where `progress` is of another training.
    public func run(
        in physics: any Physics, from progress: TrainingProgress? = nil,
        observer: (TrainingStep) -> Bool = { _ in true }
    ) throws -> TrainingResult {
        let initial = TrainedConductances(initial: task)
        try physics.setResistances(initial.resistances(of: task))
        let asked = try UnsolvedStart.naming { try resolveMethod(in: physics) }
        var method = progress.map { asked.with($0.presentNudging) } ?? asked
        func makeSolver(superposes: Bool) throws -> StateSolver {
            try StateSolver(
                task: task, method: method, in: physics, superposes: superposes,
                asksOperator: optimizer == .momentum)
        }
        var solver = try makeSolver(superposes: superposes)
        var point = TrainingPoint(
            initial, try UnsolvedStart.naming { try solver.firstStates(at: initial) },
            solver: solver)
        let initialLoss = point.states.loss
        var state =
            try progress?.state(for: self)
            ?? TrainingState(initial, loss: initialLoss, optimizer: optimizer.state(rate: rate))
        var start = state

        func solve(_ conductances: TrainedConductances) throws -> TrainingPoint {
            TrainingPoint(conductances, try solver.states(at: conductances), solver: solver)
        }

        var unsolved: [UnsolvedPoint] = []

        /// The next point that can be solved; nil where there is none.
        func step(from start: TrainingPoint) throws -> TrainingPoint? {
            while true {
                let next = state.optimizer.next(from: start)
                guard next != start.conductances else { return nil }
                do {
                    return try solve(next)
                } catch  where error.isUnsolvedPoint {
                    unsolved.append(
                        UnsolvedPoint(
                            step: state.step, error: error,
                            from: start.conductances.resistances(of: task),
                            to: next.resistances(of: task), of: task))
                    guard state.optimizer.retreats(to: start) else { return nil }
                }
            }
        }

        /// Chooses the nudge again at the best point so far, and goes on from there.
        ///
        /// - Returns: false where the nudge stays as it is: it was given, suits every circuit, or still fits.
        func renewsNudge() throws -> Bool {
            guard nudge.strength == nil, rule.isLocal, !task.circuit.isLinear,
                state.renewals < Self.mostRenewals
            else { return false }
            let best = state.best.conductances
            try physics.setResistances(best.resistances(of: task))
            guard let renewed = try? resolveMethod(in: physics),
                renewed.nudging.strength < 0.5 * method.nudging.strength
            else { return false }
            method = renewed
            state.restart(at: best, nudging: renewed.nudging, optimizer.state(rate: rate))
            // Back to the best point is a step of its own.
            state.step += 1
            solver = try makeSolver(superposes: solver.usesLinearity)
            point = try solve(best)
            return true
        }

        func result(_ reason: TrainingResult.Reason) throws -> TrainingResult {
            let end = reason == .tolerance ? state.conductances : state.best.conductances
            return TrainingResult(
                reason: reason, steps: state.step, time: nil, initialLoss: initialLoss,
                nudging: method.nudging, conductances: end,
                states: try solver.statesAfresh(at: end),
                unsolved: unsolved)
        }

        /// The best point met in this run, whose states are known.
        var best = state.best.conductances == initial ? point : nil
        func train() throws -> TrainingResult {
            while true {
                if state.step > 0, state.step.isMultiple(of: Self.leg) {
                    state.optimizer.forgetSolutions()
                    start = state
                    try physics.restart()
                    try physics.setResistances(state.conductances.resistances(of: task))
                    solver = try makeSolver(superposes: solver.usesLinearity)
                    point = try solve(state.conductances)
                }
                let converged = point.states.largestError <= limits.tolerance
                if !converged { try state.optimizer.prepare(at: point) }
                let goOn = observer(
                    TrainingStep(
                        step: state.step, rate: state.optimizer.rate, states: point.states,
                        conductances: point.conductances, task: task,
                        progress: TrainingProgress(
                            step: state.step, start: start, initialLoss: initialLoss,
                            nudging: asked.nudging),
                        isRepeated: state.step <= progress?.step ?? -1))
                if converged { return try result(.tolerance) }
                if !goOn { return try result(.interrupted) }
                if state.step >= limits.steps { return try result(.steps) }
                if state.optimizer.choosesRate, state.stagnation.observes(point.states.loss) {
                    if try renewsNudge() { continue }
                    return try result(.stagnation)
                }
                let before = point
                var end: TrainingResult.Reason?
                repeat {
                    end = state.optimizer.end
                    guard end == nil else { break }
                    let known = unsolved.count
                    guard let next = try step(from: before) else {
                        end = unsolved.count > known ? .unsolved : .stagnation
                        break
                    }
                    point = next
                } while try !state.optimizer.accepts(point, after: before)
                if let end {
                    if end != .ascent, try renewsNudge() { continue }
                    return try result(end)
                }
                state.step += 1
                state.conductances = point.conductances
                if point.states.loss < state.best.loss {
                    state.best = TrainingState.Best(
                        conductances: point.conductances, loss: point.states.loss)
                    best = point
                }
            }
        }
        do {
            return try train()
        } catch {
            guard let best else { throw error }
            return TrainingResult(
                reason: .failed, steps: state.step, time: nil, initialLoss: initialLoss,
                nudging: method.nudging, conductances: best.conductances, states: best.states,
                unsolved: unsolved, failure: error)
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
        let free = try physics.operatingPoints(task.samples.map { Drive(inputs: $0.inputs) })
        let adjoint = try adjointFields(of: task, free: free, in: physics)
        let method = LearningMethod(
            rule: rule,
            nudging: try nudge.resolved(rule: rule, task: task, free: free, adjoint: adjoint))
        guard isExact, nudge.strength == nil, nudge.sides == .centered, !task.circuit.isLinear,
            !task.outputs.isEmpty
        else { return method }
        var errors = OutputTable(free, of: task)
        errors.subtract(task.targets)
        return try method.settled(for: task, errors: errors, in: physics)
    }
}
