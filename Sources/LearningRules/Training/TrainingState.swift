import LearningTasks

/// All that the rest of a training depends on, beside its task: plain numbers.
struct TrainingState: Sendable {
    /// The point with the lowest loss so far.
    struct Best: Sendable, Codable {
        var conductances: TrainedValues
        /// V².
        var loss: Double
    }

    /// Steps taken.
    var step = 0
    var conductances: TrainedValues
    var optimizer: any OptimizerState
    var stagnation = Stagnation()
    var best: Best
    /// The nudge that took the place of the one at the start, as the circuit had changed; nil before.
    var nudging: Nudging?
    /// How often it did.
    var renewals = 0

    init(_ start: TrainedValues, loss: Double, optimizer: any OptimizerState) {
        conductances = start
        best = Best(conductances: start, loss: loss)
        self.optimizer = optimizer
    }

    /// Begins again at a point, with another nudge.
    mutating func restart(
        at point: TrainedValues, nudging: Nudging, _ optimizer: any OptimizerState
    ) {
        conductances = point
        self.nudging = nudging
        self.optimizer = optimizer
        stagnation = Stagnation()
        renewals += 1
    }

    func fits(_ task: LearningTask) -> Bool {
        conductances.fits(task) && best.conductances.fits(task) && optimizer.fits(task)
            && stagnation.isSound && (0...Trainer.mostRenewals).contains(renewals)
            && nudging.map { $0.strength.isFinite && $0.strength > 0 } ?? true
    }
}

extension TrainingState: Codable {
    private enum CodingKeys: CodingKey {
        case step, conductances, optimizer, optimizerState, stagnation, best, nudging, renewals
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        step = try values.decode(Int.self, forKey: .step)
        conductances = try values.decode(TrainedValues.self, forKey: .conductances)
        stagnation = try values.decode(Stagnation.self, forKey: .stagnation)
        best = try values.decode(Best.self, forKey: .best)
        nudging = try values.decodeIfPresent(Nudging.self, forKey: .nudging)
        renewals = try values.decode(Int.self, forKey: .renewals)
        let type = try values.decode(Optimizer.self, forKey: .optimizer).stateType
        optimizer = try type.init(from: values.superDecoder(forKey: .optimizerState))
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(step, forKey: .step)
        try values.encode(conductances, forKey: .conductances)
        try values.encode(optimizer.optimizer, forKey: .optimizer)
        try optimizer.encode(to: values.superEncoder(forKey: .optimizerState))
        try values.encode(stagnation, forKey: .stagnation)
        try values.encode(best, forKey: .best)
        try values.encodeIfPresent(nudging, forKey: .nudging)
        try values.encode(renewals, forKey: .renewals)
    }
}
