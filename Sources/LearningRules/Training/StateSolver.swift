import Netlist

/// Solves the states of each step at the physics' present resistances: sample by sample or, where that
/// takes fewer operating points, superposed.
struct StateSolver {
    let task: LearningTask
    let method: LearningMethod
    let physics: any Physics
    private(set) var superposes: Bool

    /// The largest difference of an update, over its largest element, that superposition may make. Both
    /// ways take differences of squares of states that are exact to some 1e-15 of the voltages.
    static let bound = 1e-9

    /// - Parameter superposes: whether states may be superposed where the circuit is linear and that saves.
    init(task: LearningTask, method: LearningMethod, in physics: any Physics, superposes: Bool) {
        self.task = task
        self.method = method
        self.physics = physics
        let oneByOne = task.samples.count * (1 + method.nudging.strengths.count)
        self.superposes =
            superposes && task.circuit.isLinear && !task.outputs.isEmpty
            && Superposition.operatingPoints(of: task) < oneByOne
    }

    func states() throws -> LearningStates {
        guard superposes else { return try statesOneByOne() }
        return try Superposition(of: task, in: physics).states(by: method)
    }

    func statesOneByOne() throws -> LearningStates { try method.states(of: task, in: physics) }

    /// The first states of a training, solved both ways: superposition is given up where they differ.
    mutating func firstStates() throws -> LearningStates {
        let states = try statesOneByOne()
        guard superposes else { return states }
        superposes =
            try states.difference(ofUpdate: self.states().update, nudging: method.nudging)
            <= Self.bound
        return states
    }

    /// What governs learning at these states to first order.
    func learningOperator(
        at conductances: TrainedConductances, _ states: LearningStates
    ) throws -> LearningOperator {
        if superposes {
            return try Superposition(of: task, in: physics)
                .learningOperator(of: method, at: conductances)
        }
        return LearningOperator(
            task: task, conductances: conductances, basis: states.free.map(\.voltages),
            coordinates: nil,
            response: OutputResponse(
                adjoint: try adjointFields(of: task, free: states.free, in: physics),
                nudge: try nudgeFields(of: task, method: method, free: states.free, in: physics)))
    }
}
