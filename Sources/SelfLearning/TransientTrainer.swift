import Engines
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge

/// Trains in continuous time by letting the circuit train itself: a transient analysis of its
/// self-learning deck (`SelfLearningDeck`) in ngspice.
///
/// The same differential equation as `ContinuousTrainer`, found in another way: there an integrator
/// asks ngspice for operating points, here ngspice integrates, and nothing but its circuit computes the
/// update. The two agree to some 10⁻⁴ of a conductance at the default accuracies (of 10⁻⁶ here, 10⁻⁸
/// there).
///
/// The copies of the circuit, and with them the time, grow with the number of samples.
public struct TransientTrainer: Sendable {
    public let task: LearningTask
    public let rule: any LearningRule
    public let nudge: NudgeRequest
    public let limits: ContinuousTrainer.Limits
    /// ngspice's reltol: the error of a step relative to each conductance.
    public let relativeTolerance: Double

    public static let defaultRelativeTolerance = 1e-6

    public init(
        task: LearningTask, rule: any LearningRule = AdjointCoupledLearning(),
        nudge: NudgeRequest = NudgeRequest(), limits: ContinuousTrainer.Limits,
        relativeTolerance: Double = TransientTrainer.defaultRelativeTolerance
    ) {
        self.task = task
        self.rule = rule
        self.nudge = nudge
        self.limits = limits
        self.relativeTolerance = relativeTolerance
    }

    /// - Parameters:
    ///   - physics: ngspice, loaded with the task's circuit. It settles the nudge before the analysis
    ///     and solves the states of the conductances reached after it, those of the result.
    ///   - times: when the solution is asked for; ngspice puts a point of its own there.
    ///   - observer: called at time 0 and at each of ngspice's points, with the states of the copies;
    ///     returns false to stop.
    /// - Returns: as `ContinuousTrainer.run`; `steps` counts ngspice's points. It ends at the first of
    ///   them at which every error is within the tolerance.
    /// - Throws: what the engine throws, `SingularNudge`, `DiagnosticsError` for a deck that can't be
    ///   copied, `TaskError` where no output depends on a trained resistor.
    public func run(
        in physics: NgspicePhysics, at times: OutputTimes = .steps,
        observer: (TrainingMoment) -> Bool = { _ in true }
    ) throws -> TrainingResult {
        let flow = ContinuousTrainer(task: task, rule: rule, nudge: nudge, limits: limits)
        var conductances = TrainedValues(initial: task)
        try physics.set(conductances, of: task)
        let method = try flow.resolveMethod(in: physics, isExact: false)
        var states = try method.states(of: task, in: physics)
        let initialLoss = states.loss
        var steps = 0
        var time = 0.0

        func end(_ reason: TrainingResult.Reason) -> TrainingResult {
            TrainingResult(
                reason: reason, steps: steps, time: time, initialLoss: initialLoss,
                nudging: method.nudging, conductances: conductances, states: states)
        }
        func tell(isOutput: Bool) -> Bool {
            observer(
                TrainingMoment(
                    time: time, states: states, conductances: conductances, task: task,
                    isOutput: isOutput))
        }

        let goOn = tell(isOutput: true)
        if states.largestError <= limits.tolerance { return end(.tolerance) }
        if !goOn { return end(.interrupted) }
        guard let ngspice = physics.simulator as? Ngspice else {
            throw NgspiceError(.misuse, "a transient analysis needs ngspice in this process")
        }
        let fastest = try flow.fastestTime(in: physics)
        let deck = try SelfLearningDeck(
            deck: physics.deck, task: task, method: method,
            timing: SelfLearningDeck.Timing(
                duration: limits.duration,
                resolution: min(limits.duration / 100, 0.1 * fastest),
                relativeTolerance: relativeTolerance),
            start: states)
        let layout = deck.layout
        /// The point before the present one.
        var before = (time: time, conductances: conductances, states: states)
        var asked = times.within(limits.duration).filter { $0 > 0 }[...]
        var reason: TrainingResult.Reason?
        var standstill = Standstill()
        do {
            try ngspice.transient(
                deck.circuitLines(pausingAt: Array(asked)), deck.timing.analysis,
                vectors: layout.vectors
            ) { now, values in
                before = (time, conductances, states)
                steps += 1
                time = now
                var isAsked = false
                while let next = asked.first, next <= now * (1 + 1e-9) {
                    // As it was asked for, without the rounding of ngspice's sum of steps.
                    (time, isAsked) = (next, true)
                    asked.removeFirst()
                }
                conductances = layout.conductances(in: values)
                states = layout.states(in: values)
                standstill.observe(states.naturalLoss)
                if states.largestError <= limits.tolerance {
                    reason = .tolerance
                } else if standstill.idle >= Standstill.limit {
                    reason = .stagnation
                } else if deck.timing.analysis.isLast(now) {
                    (time, reason) = (limits.duration, .duration)
                } else if !tell(isOutput: isAsked || times.followsSteps) {
                    reason = .interrupted
                }
                return reason == nil
            }
        } catch let error as NgspiceError
            where error.kind == .convergence && standstill.idle >= Standstill.arrived
        {
            // The noise of a flow that stands still leaves ngspice no step to take.
            reason = .stagnation
        }
        try physics.reload()
        func settle(_ reached: TrainedValues) throws {
            conductances = reached
            try physics.set(reached, of: task)
            states = try method.states(of: task, in: physics)
        }
        // What counts is the circuit that is written, without copies and behavioural sources.
        let last = (time: time, conductances: conductances, states: states)
        var reached = 1.0
        if reason == .tolerance {
            // The tolerance is met somewhere between the last two points: to 0.1 % of their distance.
            var missed = 0.0
            while reached - missed > 1e-3 {
                let part = (reached + missed) / 2
                try settle(before.conductances.mixed(part, of: last.conductances))
                if states.largestError <= limits.tolerance { reached = part } else { missed = part }
            }
            time = before.time + reached * (last.time - before.time)
        }
        try settle(before.conductances.mixed(reached, of: last.conductances))
        if reason == .tolerance, states.largestError > limits.tolerance { reason = .stagnation }
        if reason != .interrupted { _ = tell(isOutput: true) }
        return end(reason ?? .duration)
    }
}

extension TrainedValues {
    /// Between these and others, each at this part of the way.
    fileprivate func mixed(_ part: Double, of others: Self) -> Self {
        TrainedValues(values: zip(values, others.values).map { (1 - part) * $0 + part * $1 })
    }
}
