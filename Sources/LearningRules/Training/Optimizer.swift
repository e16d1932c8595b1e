import LearningTasks

/// Which way a discrete step goes, and how far.
public enum Optimizer: String, Sendable, CaseIterable, Codable {
    /// Steps of the length that the circuit's own answers ask for: `Automatic`.
    case auto
    /// θ ← θ + α θ̇: the rule itself.
    case plain
    /// The rule, and a share of the step before: `Momentum`.
    case momentum
    /// A rate of its own for each parameter: `Adam`.
    case adam

    /// What is taken where none is named: `auto` reads the answers of all squared errors, and so needs them.
    public static func standard(for loss: any Loss, _ plan: BatchPlan) -> Optimizer {
        loss.isSquared && !plan.isStochastic ? .auto : .adam
    }

    /// Why it can't train so; nil where it can.
    public func unfit(for task: LearningTask, _ plan: BatchPlan, rate: StepRate) -> String? {
        let loss = task.loss
        let isPlain = self == .adam || self == .plain && rate != .automatic
        guard !isPlain else { return nil }
        if task.hasCorners, self != .auto {
            return "asks for the spectrum of one circuit, and the data sets "
                + task.settings.map(\.name).joined(separator: ", ")
        }
        if plan.isStochastic {
            return "sees how the whole loss falls, and a batch is a part of it"
        }
        return loss.isSquared
            ? nil : "is for squared errors, and this loss is \(loss.name)"
    }

    /// - Parameter isStochastic: whether steps are taken though the loss of their samples rises.
    func state(rate: StepRate, isStochastic: Bool) -> any OptimizerState {
        switch self {
        case .auto: Automatic()
        case .plain: PlainDescent(rate: rate)
        case .momentum: Momentum(rate: rate)
        case .adam: Adam(rate: rate, isStochastic: isStochastic)
        }
    }

    var stateType: any OptimizerState.Type {
        switch self {
        case .auto: Automatic.self
        case .plain: PlainDescent.self
        case .momentum: Momentum.self
        case .adam: Adam.self
        }
    }
}

/// An optimizer at work: a value that holds all that it remembers.
///
/// What a parameter remembers is its own (a velocity, moments of its updates). All are told the same few
/// numbers: the rates of this step, and whether the last one is taken back.
///
/// At each point the trainer calls `prepare` once, then `next` and `accepts` until a step is accepted.
protocol OptimizerState: Sendable, Codable {
    var optimizer: Optimizer { get }
    /// The rate of the coming step, for those who watch.
    var rate: Double { get }
    /// Whether it looks for the best rate; one that a user gave may be slow on purpose.
    var choosesRate: Bool { get }
    /// Why training should end here; nil while it should go on.
    var end: TrainingResult.Reason? { get }

    mutating func prepare(at point: TrainingPoint) throws
    /// Where a step leads.
    func next(from point: TrainingPoint) -> TrainedValues
    /// Whether training goes on from `end`; otherwise it asks for another step from `start`.
    mutating func accepts(_ end: TrainingPoint, after start: TrainingPoint) throws -> Bool
    /// Takes back a step to a point that can't be solved; false where it has no other to try.
    mutating func retreats(to start: TrainingPoint) -> Bool

    /// Forgets what is no plain number and not to be kept in a checkpoint.
    mutating func forgetSolutions()
    /// Whether what was read from a checkpoint has the shape that the task asks for.
    func fits(_ task: LearningTask) -> Bool
}

extension OptimizerState {
    mutating func forgetSolutions() {}
}

extension [Double] {
    /// Whether these are finite numbers, one for each parameter, or none yet.
    func fits(_ task: LearningTask) -> Bool {
        (isEmpty || count == task.parameters.count) && allSatisfy(\.isFinite)
    }
}

/// A point on the way of a training, and what the circuit shows there.
struct TrainingPoint {
    let conductances: TrainedValues
    let states: LearningStates
    /// θ̇ of each trained parameter at rate 1.
    let velocity: [Double]

    /// By which the schedule multiplies the rate of the coming step.
    var rateFactor = 1.0

    private let solver: StateSolver

    init(_ conductances: TrainedValues, _ states: LearningStates, solver: StateSolver) {
        self.conductances = conductances
        self.states = states
        self.solver = solver
        velocity = conductances.velocity(update: states.update, of: solver.task)
    }

    var task: LearningTask { solver.task }
    var rule: any LearningRule { solver.method.rule }

    /// `LearningStates.errors`, sample by sample.
    var errors: [Double] { states.errors.values }

    /// Whether the operator takes no more solutions than the states have taken.
    var isOperatorFree: Bool { solver.superposes }

    /// Whether signals pass every device both ways, so that the update follows the gradient.
    var isReciprocal: Bool { solver.isReciprocal }

    /// What governs learning here to first order; this is the point that was solved last.
    func learningOperator() throws -> LearningOperator {
        try solver.learningOperator(at: conductances, states)
    }

    /// d ln g/dt of each trained parameter at rate 1.
    var logarithmicVelocity: [Double] {
        conductances.logarithmicVelocity(velocity, of: task)
    }

    /// Resistors from which on a solution costs more than what the states tell without one.
    private static let mostByDifference = 2000

    /// How the errors answer to the update of the logarithms.
    ///
    /// This is the point that was solved last.
    ///
    /// - Parameter update: `moving(logarithmicVelocity)`.
    /// - Returns: as `response(to:)`.
    func response(toUpdate update: [Double]) throws -> (change: [Double], response: [Double])? {
        // A difference would tell small circuits the same, and is the same for every way of solving them.
        guard isOperatorFree, isReciprocal,
            task.circuit.resistors.count >= Self.mostByDifference
        else { return try response(to: update) }
        let weights = conductances.logarithmicWeights(of: task)
        let fall = try learningOperator().apply(to: errors, weights: moving(weights))
        return (update, fall.map { -$0 })
    }

    /// How the errors answer to a small change along a direction: a difference of free states.
    ///
    /// - Parameter direction: of the logarithms of the conductances.
    /// - Returns: a change along it within the bounds and the answer to that, V; nil where no state nearby
    ///   can be solved.
    func response(to direction: [Double]) throws -> (change: [Double], response: [Double])? {
        let size = largestMagnitude(direction)
        guard size > 0 else { return nil }
        for length in [1e-4, -1e-4, 1e-5, -1e-5] {
            let moved = conductances.moved(
                byLogarithms: direction.map { $0 * length / size }, of: task)
            let change = moved.logarithms(over: conductances, of: task)
            guard change.contains(where: { $0 != 0 }) else { continue }
            do {
                let there = try solver.errors(at: moved)
                return (change, zip(there, errors).map(-))
            } catch  where error.isUnsolvedPoint {
                continue
            }
        }
        return nil
    }

    /// `weights`, but 0 for parameters that rest at a bound.
    func moving(_ weights: [Double]) -> [Double] {
        let resting = conductances.resting(velocity: velocity, of: task)
        return weights.indices.map { resting.contains($0) ? 0 : weights[$0] }
    }
}
