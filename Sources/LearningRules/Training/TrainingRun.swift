import Engines
import LearningTasks

/// A training at work: states, updates, step, stop.
final class TrainingRun {
    private let trainer: Trainer
    private let physics: any Physics
    private let observer: (TrainingStep) -> Bool
    private let progress: TrainingProgress?
    private let asked: LearningMethod
    private let initial: TrainedValues

    private var method: LearningMethod
    private var solver: StateSolver
    private var point: TrainingPoint
    private var state: TrainingState
    /// At the start of the present leg (`TrainingProgress`).
    private var start: TrainingState
    private let initialLoss: Double
    private var unsolved: [UnsolvedPoint] = []
    /// The best point met in this run, whose states are known.
    private var best: TrainingPoint?
    /// Of the present epoch.
    private var order = (epoch: -1, samples: [Int]())

    private var task: LearningTask { trainer.task }

    init(
        of trainer: Trainer, in physics: any Physics, from progress: TrainingProgress?,
        _ observer: @escaping (TrainingStep) -> Bool
    ) throws {
        self.trainer = trainer
        self.physics = physics
        self.progress = progress
        self.observer = observer
        let task = trainer.task
        initial = TrainedValues(initial: task)
        try physics.set(initial, of: task)
        asked = try UnsolvedStart.naming { try trainer.resolveMethod(in: physics) }
        method = progress.map { [asked] in asked.with($0.presentNudging) } ?? asked
        let isStochastic = trainer.plan.isStochastic
        let first = isStochastic ? task.few(1) : task
        solver = try Self.solver(trainer, first, method, physics, trainer.superposes)
        let states: LearningStates
        if isStochastic {
            initialLoss = try UnsolvedStart.naming { try physics.score(task).loss }
            states = try solver.states(at: initial)
        } else {
            states = try UnsolvedStart.naming { [solver, initial] in
                try solver.firstStates(at: initial)
            }
            initialLoss = states.loss
        }
        point = TrainingPoint(initial, states, solver: solver)
        state =
            try progress?.state(for: trainer)
            ?? TrainingState(
                initial, loss: initialLoss,
                optimizer: trainer.optimizer.state(
                    rate: trainer.rate, isStochastic: isStochastic))
        start = state
        best = state.best.conductances == initial ? point : nil
    }

    private static func solver(
        _ trainer: Trainer, _ task: LearningTask, _ method: LearningMethod, _ physics: any Physics,
        _ superposes: Bool
    ) throws -> StateSolver {
        try StateSolver(
            task: task, method: method, in: physics, superposes: superposes,
            asksOperator: trainer.optimizer == .momentum)
    }

    private func solve(_ conductances: TrainedValues) throws -> TrainingPoint {
        TrainingPoint(conductances, try solver.states(at: conductances), solver: solver)
    }

    private var rate: Double { state.optimizer.rate * rateFactor }

    /// Of the coming step.
    private var rateFactor: Double {
        trainer.schedule.factor(at: Double(state.step) / Double(max(trainer.steps, 1)))
    }

    /// The next point that can be solved; nil where there is none.
    ///
    /// - Parameter solve: what is to be found at its end.
    private func step(
        from start: TrainingPoint, to solve: (TrainedValues) throws -> TrainingPoint
    ) throws -> TrainingPoint? {
        var start = start
        start.rateFactor = rateFactor
        while true {
            let next = asynchronous(state.optimizer.next(from: start), from: start.conductances)
            guard next != start.conductances || trainer.plan.isStochastic else { return nil }
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

    /// A step in which not all elements take part.
    private func asynchronous(
        _ next: TrainedValues, from start: TrainedValues
    ) -> TrainedValues {
        guard
            let takesPart = trainer.plan.takesPart(
                step: state.step, parameters: task.parameters.count)
        else { return next }
        return next.replacing(by: start) { !takesPart[$0] }
    }

    /// Chooses the nudge again at the best point so far, and goes on from there.
    ///
    /// - Returns: false where the nudge stays as it is: it was given, suits every circuit, or still fits.
    private func renewsNudge() throws -> Bool {
        guard trainer.nudge.strength == nil, trainer.rule.isLocal, !task.circuit.isLinear,
            state.renewals < Trainer.mostRenewals
        else { return false }
        let best = state.best.conductances
        try physics.set(best, of: task)
        guard let renewed = try? trainer.resolveMethod(in: physics),
            renewed.nudging.strength < 0.5 * method.nudging.strength
        else { return false }
        method = renewed
        state.restart(
            at: best, nudging: renewed.nudging,
            trainer.optimizer.state(rate: trainer.rate, isStochastic: false))
        // Back to the best point is a step of its own.
        state.step += 1
        solver = try Self.solver(trainer, task, method, physics, solver.usesLinearity)
        point = try solve(best)
        return true
    }

    private func result(_ reason: TrainingResult.Reason, failure: (any Error)? = nil) throws
        -> TrainingResult
    {
        // At a plateau the last of the steps may be higher than one before.
        let isEnd = reason == .tolerance || (reason == .goal && trainer.goal != .plateau)
        let end = isEnd ? state.conductances : state.best.conductances
        return TrainingResult(
            reason: reason, steps: state.step, time: nil, rate: rate,
            initialLoss: initialLoss,
            nudging: method.nudging, conductances: end, states: try solver.statesAfresh(at: end),
            unsolved: unsolved, failure: failure)
    }

    private func observe(_ score: EpochScore? = nil) -> Bool {
        observer(
            TrainingStep(
                step: state.step, rate: rate, states: point.states,
                conductances: point.conductances, task: task, score: score,
                progress: TrainingProgress(
                    step: state.step, start: start, initialLoss: initialLoss,
                    nudging: asked.nudging),
                isRepeated: state.step <= progress?.step ?? -1))
    }

    /// Begins the next leg: the engine forgets what it has solved.
    private func beginLeg() throws {
        state.optimizer.forgetSolutions()
        start = state
        try physics.restart()
        try physics.set(state.conductances, of: task)
    }

    // MARK: All samples at each step

    /// Trains on the whole loss: what raises it is taken back.
    func whole() throws -> TrainingResult {
        do {
            return try wholeLoop()
        } catch {
            guard let best else { throw error }
            return TrainingResult(
                reason: .failed, steps: state.step, time: nil, rate: rate,
                initialLoss: initialLoss,
                nudging: method.nudging, conductances: best.conductances, states: best.states,
                unsolved: unsolved, failure: error)
        }
    }

    private func wholeLoop() throws -> TrainingResult {
        while true {
            if state.step > 0, state.step.isMultiple(of: Trainer.leg) {
                try beginLeg()
                solver = try Self.solver(trainer, task, method, physics, solver.usesLinearity)
                point = try solve(state.conductances)
            }
            let score = try epochScore(Score(point.states.outputs, of: task))
            let reached = reached(point.states.largestError, score)
            if reached == nil { try state.optimizer.prepare(at: point) }
            let goOn = observe(score)
            if let reached { return try result(reached) }
            if !goOn { return try result(.interrupted) }
            if state.step >= trainer.steps { return try result(.steps) }
            if state.optimizer.choosesRate, state.stagnation.observes(point.states.loss) {
                if try renewsNudge() { continue }
                return try result(stagnation)
            }
            let before = point
            var end: TrainingResult.Reason?
            repeat {
                end = state.optimizer.end
                guard end == nil else { break }
                let known = unsolved.count
                guard let next = try step(from: before, to: solve) else {
                    end = unsolved.count > known ? .unsolved : .stagnation
                    break
                }
                point = next
            } while try !state.optimizer.accepts(point, after: before)
            if let end {
                if end != .ascent, try renewsNudge() { continue }
                return try result(end == .stagnation ? stagnation : end)
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

    private var stagnation: TrainingResult.Reason {
        trainer.goal == .plateau ? .goal : .stagnation
    }

    /// Only where somebody asks for it, since it may take states of its own.
    private func epochScore(_ training: @autoclosure () -> Score) throws -> EpochScore? {
        guard trainer.testing != nil || task.classes != nil || trainer.plan.isStochastic else {
            return nil
        }
        var test: Score?
        if let testing = trainer.testing {
            try physics.set(state.conductances, of: task)
            test = try physics.score(testing)
        }
        let perEpoch = trainer.plan.stepsPerEpoch(task.samples.count)
        return EpochScore(epoch: state.step / perEpoch, training: training(), test: test)
    }

    /// Why training has come to its end; nil where it goes on.
    private func reached(_ largestError: Double, _ score: EpochScore?) -> TrainingResult.Reason? {
        switch trainer.goal {
        case .tolerance: largestError <= trainer.limits.tolerance ? .tolerance : nil
        case .loss(let bound):
            (score?.training.loss ?? point.states.loss) < bound ? .goal : nil
        case .accuracy(let share):
            (score?.test ?? score?.training)?.accuracy.map { $0 >= share } ?? false ? .goal : nil
        case .plateau: nil
        }
    }

    // MARK: Some samples at each step

    /// Trains on a part of the loss at each step, which is taken as it is.
    func sampled() throws -> TrainingResult {
        let perEpoch = trainer.plan.stepsPerEpoch(task.samples.count)
        // After each epoch, for a plateau.
        var losses: [Double] = []
        if state.step == 0 { point = try solveBatch(0, at: state.conductances) }
        while true {
            if state.step > 0, state.step.isMultiple(of: Trainer.leg) {
                try beginLeg()
                point = try solveBatch(state.step, at: state.conductances)
            }
            var score: EpochScore?
            if state.step.isMultiple(of: perEpoch) {
                try physics.set(state.conductances, of: task)
                let training = try physics.score(task)
                score = try epochScore(training)
                losses.append(training.loss)
            }
            var reached = score.flatMap { self.reached($0.training.largestError, $0) }
            if trainer.goal == .plateau, score != nil, losses.count > Self.plateau,
                losses.suffix(Self.plateau).min() ?? 0
                    > 0.999 * (losses.dropLast(Self.plateau).min() ?? 0)
            {
                reached = .goal
            }
            let isLast = state.step >= trainer.steps
            if reached == nil, !isLast { try state.optimizer.prepare(at: point) }
            let goOn = observe(score)
            if reached != nil || !goOn || isLast {
                return try sampledResult(reached ?? (isLast ? .steps : .interrupted))
            }
            let next = try step(from: point) { try solveBatch(state.step + 1, at: $0) }
            guard let next else { return try sampledResult(.unsolved) }
            state.step += 1
            point = next
            state.conductances = point.conductances
        }
    }

    /// Epochs without progress that make a plateau.
    private static let plateau = 10

    /// The samples of a step, at these conductances.
    private func solveBatch(_ step: Int, at conductances: TrainedValues) throws
        -> TrainingPoint
    {
        let samples = task.samples.count
        let (epoch, place) = step.quotientAndRemainder(
            dividingBy: trainer.plan.stepsPerEpoch(samples))
        if epoch != order.epoch {
            order = (epoch, trainer.plan.order(epoch: epoch, samples: samples))
        }
        let size = min(trainer.plan.size ?? samples, samples)
        let batch = order.samples[place * size..<min((place + 1) * size, samples)]
        let part = batch.count == samples ? task : task.selecting(batch)
        solver = try Self.solver(trainer, part, method, physics, trainer.superposes)
        return try solve(conductances)
    }

    private func sampledResult(_ reason: TrainingResult.Reason) throws -> TrainingResult {
        try physics.restart()
        try physics.set(state.conductances, of: task)
        let outputs = try physics.freeOutputs(of: task)
        let assessment = task.assess(outputs)
        return TrainingResult(
            reason: reason, steps: state.step, time: nil, rate: rate,
            initialLoss: initialLoss,
            nudging: method.nudging, conductances: state.conductances,
            states: LearningStates(
                outputs: outputs, assessment, naturalLoss: assessment.loss, update: []),
            unsolved: unsolved)
    }
}
