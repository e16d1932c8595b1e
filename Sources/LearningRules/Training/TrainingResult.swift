import LearningTasks
import Netlist

/// What an observer sees of each step, before it is taken.
public struct TrainingStep: Sendable {
    /// 0 for the deck's own conductances.
    public let step: Int
    public let rate: Double
    public let states: LearningStates
    public let conductances: TrainedValues
    public let task: LearningTask
    /// After an epoch, and with all samples in each step, of a task with classes or samples for testing.
    public let score: EpochScore?
    /// To go on from this step, which counts as observed.
    public let progress: TrainingProgress
    /// Whether an observer has seen this step before the training was interrupted.
    public let isRepeated: Bool
}

/// What an observer sees of training in continuous time.
public struct TrainingMoment: Sendable {
    /// 0 for the deck's own conductances.
    public let time: Double
    public let states: LearningStates
    public let conductances: TrainedValues
    public let task: LearningTask
    /// Whether the solution was asked for at this time; the others are steps of the integrator, for
    /// those who watch. The first and the last moment always are.
    public let isOutput: Bool

    package init(
        time: Double, states: LearningStates, conductances: TrainedValues, task: LearningTask,
        isOutput: Bool
    ) {
        self.time = time
        self.states = states
        self.conductances = conductances
        self.task = task
        self.isOutput = isOutput
    }
}

/// How a training ended.
public struct TrainingResult: Sendable {
    public enum Reason: String, Sendable {
        /// Every error is within the tolerance.
        case tolerance
        /// What else was asked for (`TrainingGoal`).
        case goal
        /// The most steps allowed were taken.
        case steps
        /// The end of the time allowed was reached.
        case duration
        /// More steps would not lower the loss.
        case stagnation
        /// The update raises the loss however small the step is: the rule does not descend here.
        case ascent
        /// The next points can't be solved.
        case unsolved
        /// The engine failed (`failure`).
        case failed
        /// The observer asked to stop.
        case interrupted
    }

    public let reason: Reason
    /// Steps taken.
    public let steps: Int
    /// Time reached; nil in discrete steps.
    public let time: Double?
    /// Of the last step; nil in continuous time.
    public let rate: Double?
    public let initialLoss: Double
    public let nudging: Nudging
    public let conductances: TrainedValues
    /// The states at `conductances`; free ones only, and no update, where steps saw a part of the samples.
    public let states: LearningStates
    /// Steps that were taken back since they led to points that can't be solved.
    public let unsolved: [UnsolvedPoint]
    /// What ended a training that had begun: ngspice gone for good, for example.
    public let failure: (any Error)?

    package init(
        reason: Reason, steps: Int, time: Double?, rate: Double? = nil, initialLoss: Double,
        nudging: Nudging,
        conductances: TrainedValues, states: LearningStates, unsolved: [UnsolvedPoint] = [],
        failure: (any Error)? = nil
    ) {
        self.reason = reason
        self.steps = steps
        self.time = time
        self.rate = rate
        self.initialLoss = initialLoss
        self.nudging = nudging
        self.conductances = conductances
        self.states = states
        self.unsolved = unsolved
        self.failure = failure
    }

    /// Whether it has reached what was asked for.
    public var converged: Bool { reason == .tolerance || reason == .goal }
}
