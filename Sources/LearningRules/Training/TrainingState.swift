/// All that the rest of a training depends on, beside its task: plain numbers.
struct TrainingState: Sendable {
    /// The point with the lowest loss so far.
    struct Best: Sendable, Codable {
        var conductances: TrainedConductances
        /// V².
        var loss: Double
    }

    /// Steps taken.
    var step = 0
    var conductances: TrainedConductances
    var optimizer: any OptimizerState
    var stagnation = Stagnation()
    var best: Best

    init(_ start: TrainedConductances, loss: Double, optimizer: any OptimizerState) {
        conductances = start
        best = Best(conductances: start, loss: loss)
        self.optimizer = optimizer
    }

    func fits(_ task: LearningTask) -> Bool {
        conductances.fits(task) && best.conductances.fits(task) && optimizer.fits(task)
            && stagnation.isSound
    }
}

extension TrainingState: Codable {
    private enum CodingKeys: CodingKey {
        case step, conductances, optimizer, optimizerState, stagnation, best
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        step = try values.decode(Int.self, forKey: .step)
        conductances = try values.decode(TrainedConductances.self, forKey: .conductances)
        stagnation = try values.decode(Stagnation.self, forKey: .stagnation)
        best = try values.decode(Best.self, forKey: .best)
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
    }
}
