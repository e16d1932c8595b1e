import Engines
import LearningTasks
import Netlist
import SundialsBridge

/// Trains in continuous time: integrates dθ/dt = the rule's velocity, at rate 1.
///
/// θ is the conductance g of each parameter [S], or ln g. Time is what a rate is in discrete steps
/// (θ ← θ + α θ̇ is one Euler step of length α): S²/V² for EP and AL, S/V² for CL; where θ is ln g,
/// 1/V² and 1/(S V²). Near a solution the loss falls as exp(−2 c t), c the coercivity constant
/// (docs/theory.md (17)).
///
/// Why not small discrete steps: their size is bound by the fastest direction, 2/λ_max, and their
/// duration by the slowest, 1/λ_min. CVODE's implicit steps grow as the fast directions die out, and
/// each has a known error.
///
/// At its bounds the flow is projected: θ̇ is 0 for a parameter at a bound as long as the rule pushes it
/// outward. Both moments, of arrival and of release, are events that the integrator locates, so no
/// state is ever solved at a resistance beyond a bound, or at a negative one.
public struct ContinuousTrainer: Sendable {
    public struct Limits: Sendable {
        /// The time at which training ends.
        public var duration: Double
        /// Converged when |error| ≤ this for every output and sample, V.
        public var tolerance: Double

        public init(duration: Double, tolerance: Double = LearningTask.standardTolerance) {
            (self.duration, self.tolerance) = (duration, tolerance)
        }
    }

    /// How exact the solution is: the local error of a step in θ is at most relative·|θ| + absolute,
    /// as a root mean square over the parameters. The error at the end is some ten times that.
    ///
    /// An output can't settle more exactly than its conductances: `Limits.tolerance` should be above
    /// `relative` times the outputs' voltages.
    public struct Accuracy: Sendable {
        public var relative: Double
        /// S; nil: a thousandth of `relative` times the parameter's conductance at the start. For a
        /// logarithm it is always `relative`, which is a relative error of the conductance.
        public var absolute: Double?

        public init(relative: Double = 1e-8, absolute: Double? = nil) {
            (self.relative, self.absolute) = (relative, absolute)
        }
    }

    public let task: LearningTask
    public let rule: any LearningRule
    public let nudge: NudgeRequest
    public let limits: Limits
    public let accuracy: Accuracy
    /// As in `Trainer`.
    public let superposes: Bool

    public init(
        task: LearningTask, rule: any LearningRule = AdjointCoupledLearning(),
        nudge: NudgeRequest = NudgeRequest(), limits: Limits, accuracy: Accuracy = Accuracy(),
        superposes: Bool = true
    ) {
        self.task = task
        self.rule = rule
        self.nudge = nudge
        self.limits = limits
        self.accuracy = accuracy
        self.superposes = superposes
    }

    /// Settles what the user left open at the deck's own conductances.
    ///
    /// The physics must hold the task's initial resistances.
    ///
    /// - Parameter isExact: as in `Trainer.resolveMethod`.
    public func resolveMethod(
        in physics: any Physics, isExact: Bool = true
    ) throws -> LearningMethod {
        try Trainer(task: task, rule: rule, nudge: nudge)
            .resolveMethod(in: physics, isExact: isExact)
    }

    /// - Parameters:
    ///   - physics: the engine, loaded with the task's circuit.
    ///   - times: when the solution is asked for.
    ///   - observer: called at each of those times and after each step of the integrator, in order of
    ///     time, from 0 to the end; returns false to stop.
    /// - Returns: where the flow was at the end. `steps` counts the integrator's. The reason is
    ///   `stagnation` where it came to rest before the duration was over: the integrator took
    ///   `Standstill.arrived` steps without lowering the rule's loss by a part in 10⁵, and going on for as
    ///   long again would lower it by less than a part in 10¹⁴, t · Σ θ̇² ≤ 1e-14 · loss. What it would
    ///   follow from there on is the rounding of the states. So where a training ends does not depend on a
    ///   duration beyond what it needs.
    /// - Throws: what the engine throws, `SingularNudge`, or `CVODEError`.
    public func run(
        in physics: any Physics, at times: OutputTimes = .steps,
        observer: (TrainingMoment) -> Bool = { _ in true }
    ) throws -> TrainingResult {
        try physics.set(TrainedValues(initial: task), of: task)
        let method = try UnsolvedStart.naming { try resolveMethod(in: physics) }
        let flow = try LearningFlow(
            solver: StateSolver(
                task: task, method: method, in: physics, superposes: superposes),
            tolerance: limits.tolerance)
        var point = try UnsolvedStart.naming { try flow.start() }
        let initialLoss = point.states.loss
        var steps = 0
        var time = 0.0
        var asked = times.within(limits.duration)[...]

        func tell(_ point: LearningFlow.Point, at time: Double, isOutput: Bool) -> Bool {
            observer(
                TrainingMoment(
                    time: time, states: point.states, conductances: point.conductances, task: task,
                    isOutput: isOutput))
        }
        func end(_ reason: TrainingResult.Reason) throws -> TrainingResult {
            TrainingResult(
                reason: reason, steps: steps, time: time, initialLoss: initialLoss,
                nudging: method.nudging, conductances: point.conductances,
                states: try flow.statesAfresh(at: point))
        }

        let goOn = tell(point, at: 0, isOutput: true)
        if point.states.largestError <= limits.tolerance { return try end(.tolerance) }
        if !goOn { return try end(.interrupted) }
        if asked.first == 0 { asked.removeFirst() }
        if flow.staysPut(at: point, for: limits.duration) {
            for next in asked where next < limits.duration {
                time = next
                guard tell(point, at: next, isOutput: true) else { return try end(.interrupted) }
            }
            time = limits.duration
            _ = tell(point, at: time, isOutput: true)
            return try end(flow.descent(at: point) > 0 ? .duration : .stagnation)
        }

        let solver = try CVODE(
            from: flow.initial,
            tolerances: CVODE.Tolerances(
                relative: accuracy.relative, absolute: flow.absoluteTolerances(accuracy)),
            stopTime: limits.duration, krylovDimension: flow.krylovDimension,
            eventCount: flow.eventCount, events: { _, y in try flow.events(at: y) },
            excuses: { $0.isUnsolvedPoint }, rightHandSide: { _, y in try flow.velocity(at: y) })
        var standstill = Standstill()
        while true {
            let arrival: CVODE.Arrival
            do {
                arrival = try solver.step()
            } catch let error as CVODEError
                where error.isStepTooSmall && standstill.idle >= Standstill.arrived
            {
                return try end(.stagnation)
            }
            steps += 1
            time = solver.time
            while let next = asked.first, next < time {
                let between = try flow.point(at: try solver.state(at: next))
                guard tell(between, at: next, isOutput: true) else {
                    (point, time) = (between, next)
                    return try end(.interrupted)
                }
                asked.removeFirst()
            }
            point = try flow.point(at: solver.state)
            var reason: TrainingResult.Reason?
            var isEvent = false
            if case .events(let indices) = arrival {
                isEvent = true
                if indices.contains(LearningFlow.toleranceEvent) { reason = .tolerance }
            }
            // An event that changes nothing may stay at zero for a while, which only a restart excuses.
            if reason == nil,
                let next = try flow.projection(of: solver.state) ?? (isEvent ? solver.state : nil)
            {
                try solver.restart(from: next)
                point = try flow.point(at: next)
            }
            // A restart too close to the end would leave CVODE no room for a step.
            if reason == nil, arrival == .stopTime || time >= limits.duration * (1 - 1e-12) {
                time = limits.duration
                reason = .duration
            }
            standstill.observe(point.states.naturalLoss)
            if reason == nil,
                standstill.idle >= Standstill.limit || flow.descent(at: point) == 0
                    || standstill.idle >= Standstill.arrived
                        && time * flow.descent(at: point) <= 1e-14 * point.states.naturalLoss
            {
                reason = .stagnation
            }
            let isAsked = asked.first == time
            if isAsked { asked.removeFirst() }
            let goOn = tell(
                point, at: time, isOutput: isAsked || reason != nil || times.followsSteps)
            if let reason { return try end(reason) }
            if !goOn { return try end(.interrupted) }
        }
    }
}
