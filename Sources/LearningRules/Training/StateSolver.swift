import Netlist

/// Solves the states of each step at the physics' present resistances: sample by sample or, where that
/// takes fewer operating points, superposed.
final class StateSolver {
    let task: LearningTask
    let method: LearningMethod
    let physics: any Physics
    /// Nil where samples are solved one by one.
    private var superposition: Superposition?

    /// The largest difference of an update, over its largest element, that superposition may make. Both
    /// ways take differences of squares of states that are exact to some 1e-15 of the voltages.
    static let bound = 1e-9

    /// - Parameter superposes: whether states may be superposed where the circuit is linear and that saves.
    init(
        task: LearningTask, method: LearningMethod, in physics: any Physics, superposes: Bool
    ) throws {
        self.task = task
        self.method = method
        self.physics = physics
        let oneByOne = task.samples.count * (1 + method.nudging.strengths.count)
        guard
            superposes, task.circuit.isLinear, !task.outputs.isEmpty, !task.samples.isEmpty,
            physics.superposesAnyway || Superposition.operatingPoints(of: task) < oneByOne
        else { return }
        superposition = try Superposition(of: task, by: method, in: physics)
    }

    var superposes: Bool { superposition != nil }

    func states() throws -> LearningStates {
        try superposition?.states() ?? statesOneByOne()
    }

    func statesOneByOne() throws -> LearningStates { try method.states(of: task, in: physics) }

    /// The first states of a training, solved both ways: superposition is given up where they differ.
    func firstStates() throws -> LearningStates {
        let states = try statesOneByOne()
        guard let superposition else { return states }
        let difference = try states.difference(
            ofUpdate: superposition.states().update, nudging: method.nudging)
        if difference > Self.bound { self.superposition = nil }
        return states
    }

    /// What governs learning to first order at the states that were solved last; where they were
    /// superposed, without another solution.
    func learningOperator(
        at conductances: TrainedConductances, _ states: LearningStates
    ) throws -> LearningOperator {
        if let superposition { return try superposition.learningOperator(at: conductances) }
        let free = Array(states.free)
        return LearningOperator(
            task: task, conductances: conductances, basis: free.map(\.voltages),
            coordinates: nil,
            response: OutputResponse(
                adjoint: try adjointFields(of: task, free: free, in: physics),
                nudge: try nudgeFields(of: task, method: method, free: free, in: physics)))
    }
}
