import Engines
import LearningTasks
import Netlist

/// Solves the states of each step at the physics' present resistances: sample by sample or, where the circuit
/// is linear, in a way that takes fewer operating points.
package final class StateSolver {
    private enum Way {
        case oneByOne
        /// No nudged states: the update is the exact gradient.
        case gradient
        /// The states at −h are those at +h, mirrored at the free ones.
        case mirrored
        case superposed(Superposition)
    }

    package let task: LearningTask
    let method: LearningMethod
    package let physics: any Physics
    /// Whether every nudge comes back to every resistor as the adjoint equation would have it.
    private(set) lazy var isReciprocal = task.oneWayDevices.isEmpty
    private var way: Way

    /// The largest difference of an update, over its largest element, that another way than one by one may
    /// make. All take differences of squares of states that are exact to some 1e-15 of the voltages.
    static let bound = 1e-9

    /// How many voltages a step must save with an engine that superposes by itself to make good for handling
    /// points one by one: on lattices with one sample and four outputs the two are equal from 170 nodes (507
    /// voltages) to 1700, and there is more to gain with more outputs.
    private static let leastSaved = 1000

    /// - Parameters:
    ///   - superposes: whether use may be made of a circuit's being linear.
    ///   - asksOperator: whether the operator that governs learning is asked for at each step.
    package init(
        task: LearningTask, method: LearningMethod, in physics: any Physics, superposes: Bool,
        asksOperator: Bool = false
    ) throws {
        self.task = task
        self.method = method
        self.physics = physics
        way = method.rule.isLocal ? .oneByOne : .gradient
        guard method.rule.isLocal, superposes, task.circuit.isLinear, !task.hasCorners,
            !task.outputs.isEmpty,
            !task.samples.isEmpty, !task.trainsValues
        else { return }
        let nudges = method.unitNudges(outputs: task.outputs.count)
        let mirrors = nudges.areOpposite
        let superposed = Superposition.operatingPoints(of: task)
        // A superposition knows the operator, for which mirrored states need more operating points.
        let others = task.samples.count * (1 + (mirrors && !asksOperator ? 1 : nudges.count))
        // An engine that superposes by itself solves one by one with fewer solutions only where nudges are
        // currents: otherwise it takes one for each output all the same.
        let savesLittle = (superposed - others) * task.circuit.nodes.count < Self.leastSaved
        let superposesAnyway =
            physics.superposesAnyway
            && (asksOperator || savesLittle || nudges.contains { $0.currents == nil })
        if superposed < others || superposesAnyway {
            way = .superposed(try Superposition(of: task, by: method, in: physics))
        } else if mirrors {
            way = .mirrored
        }
    }

    /// Whether use is made of the circuit's being linear.
    var usesLinearity: Bool {
        switch way {
        case .oneByOne, .gradient: false
        case .mirrored, .superposed: true
        }
    }

    var superposes: Bool {
        if case .superposed = way { true } else { false }
    }

    /// The states at these conductances.
    package func states(at conductances: TrainedValues) throws -> LearningStates {
        switch way {
        case .oneByOne, .gradient:
            return try method.states(of: task, at: conductances, in: physics)
        case .mirrored:
            try physics.set(conductances, of: task)
            return try method.states(of: task, in: physics, mirrored: true)
        case .superposed(let superposition):
            try physics.set(conductances, of: task)
            return try superposition.states()
        }
    }

    /// `LearningStates.errors` at these conductances, from free states alone.
    func errors(at conductances: TrainedValues) throws -> [Double] {
        try physics.set(conductances, of: task)
        if case .superposed(let superposition) = way {
            return try superposition.states().errors.values
        }
        return task.assess(try physics.freeOutputs(of: task)).errors.values
    }

    private func statesOneByOne(at conductances: TrainedValues) throws -> LearningStates {
        try method.states(of: task, at: conductances, in: physics)
    }

    /// The states at these conductances, each solved by itself and from the start: an iteration that begins
    /// from other states is content with a digit less.
    func statesAfresh(at conductances: TrainedValues) throws -> LearningStates {
        try physics.restart()
        return try statesOneByOne(at: conductances)
    }

    /// The first states of a training, solved both ways: one by one from here on where they differ.
    package func firstStates(at conductances: TrainedValues) throws -> LearningStates {
        let states = try statesOneByOne(at: conductances)
        guard usesLinearity else { return states }
        let difference = try states.difference(
            ofUpdate: self.states(at: conductances).update, nudging: method.nudging)
        if difference > Self.bound { way = .oneByOne }
        return states
    }

    /// What governs learning to first order at the states that were solved last; where they were
    /// superposed, without another solution.
    package func learningOperator(
        at conductances: TrainedValues, _ states: LearningStates
    ) throws -> LearningOperator {
        if case .superposed(let superposition) = way {
            return try superposition.learningOperator(at: conductances)
        }
        let free = Array(states.free)
        return LearningOperator(
            task: task, conductances: conductances, basis: free.map(\.voltages),
            coordinates: nil,
            response: OutputResponse(
                adjoint: try adjointFields(of: task, free: free, in: physics),
                nudge: try nudgeFields(of: task, method: method, free: free, in: physics)),
            valueResponses: try physics.valueResponses(of: task, at: conductances))
    }
}
