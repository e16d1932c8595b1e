import Engines
import LearningRules
import LearningTasks
import LinearAlgebra
import Netlist

/// How the outputs of all samples answer to the trained variables, to first order: J = ∂(outputs)/∂θ.
///
/// One row for each sample and output (sample by sample), one column for each parameter,
///
///     J = −P_Oᵀ R Dᵀ diag(Δv^F)        (docs/theory.md (15))
///
/// so that an element is −Δv Δa of a resistor: its drop in the free state times its drop in the field a
/// of one ampere at the output. Those of all resistors that a parameter moves are summed, each times ∂k/∂θ (the
/// proportion cᵢ, and g where ln g is the variable); fixed resistors have no column. How outputs answer to a
/// trained source is seen from differences of free states. Only the fields are kept:
/// the free states and one adjoint solution per output (per output and sample in a nonlinear circuit).
///
/// Where a linear circuit has more samples than inputs, the free states are V = V' Qᵀ, with as many states V'
/// as there are inputs and orthonormal columns in Q: J has the singular values of the few rows that belong
/// to V', and its size does not grow with the number of samples.
///
/// The field of a current at an output is the adjoint field because the circuit is reciprocal. With
/// devices that pass signals one way it is what nudges see, and J with it (docs/theory.md, "Nonlinear
/// circuits").
public struct Sensitivity: Sendable {
    public let task: LearningTask
    public let conductances: TrainedValues
    /// Volt at every node: the free state of each sample or, with a `mixture`, V'.
    let states: [[Double]]
    /// Q; nil where each sample has a state of its own.
    let mixture: SampleMixture?
    /// V/A at every node: a field for each output, for each state or one set for all.
    let adjoint: [[[Double]]]
    /// Outputs minus targets, V; a row of J each.
    public let errors: [Double]
    /// ∂(outputs)/∂(value) of each trained source, a row for each state and output.
    private let valueResponses: [[Double]]
    /// What each parameter changes, per unit of θ.
    private let effects: [[(place: Int, slope: Double)]]

    /// Solves the fields; the physics is left at these conductances.
    public init(
        of task: LearningTask, at conductances: TrainedValues, in physics: any Physics
    ) throws {
        try physics.set(conductances, of: task)
        if task.circuit.isLinear, !task.trainsValues {
            let basis = InputBasis(of: task)
            if let coordinates = basis.coordinates {
                let responses = try physics.responses(
                    to: basis.excitations + task.outputs.indices.map { .current(output: $0) },
                    of: task)
                try responses.solve()
                let fields = (0..<responses.fields.columns).map(responses.fields.column)
                let size = basis.excitations.count
                let (mixture, states) = try SampleMixture.orthogonalizing(
                    coordinates, samples: task.samples.count, states: Array(fields[..<size]))
                self.init(
                    task: task, conductances: conductances, states: states, mixture: mixture,
                    adjoint: [Array(fields[size...])])
                return
            }
        }
        let free = try physics.operatingPoints(task.samples.map { Drive(inputs: $0.inputs) })
        self.init(
            task: task, conductances: conductances, states: free.map(\.voltages), mixture: nil,
            adjoint: try adjointFields(of: task, free: free, in: physics),
            valueResponses: try physics.valueResponses(of: task, at: conductances))
    }

    /// - Parameter states: the free state of each sample or, with a mixture, those that it mixes.
    init(
        task: LearningTask, conductances: TrainedValues, states: [[Double]],
        mixture: SampleMixture?, adjoint: [[[Double]]], valueResponses: [[Double]] = []
    ) {
        self.task = task
        self.conductances = conductances
        self.states = states
        self.mixture = mixture
        self.adjoint = adjoint
        self.valueResponses = valueResponses
        effects = task.parameters.indices.map { conductances.effects(of: $0, in: task) }
        let outputs = states.flatMap { state in
            task.outputs.map { state[$0.positive] - state[$0.negative] }
        }
        var errors = mixture?.expanded(outputs, outputs: task.outputs.count) ?? outputs
        for (index, target) in task.samples.lazy.flatMap(\.targets).enumerated() {
            errors[index] -= target
        }
        self.errors = errors
    }

    /// Samples × outputs.
    public var rows: Int { task.samples.count * task.outputs.count }

    /// Voltages of the free state of each sample.
    public var free: [OperatingPoint] {
        let columns = mixture?.expanded(states.flatMap(\.self), outputs: nodes)
        guard let columns else { return states.map { OperatingPoint(voltages: $0) } }
        return task.samples.indices.map { m in
            OperatingPoint(voltages: Array(columns[m * nodes..<(m + 1) * nodes]))
        }
    }

    private var nodes: Int { task.circuit.nodes.count }

    /// The adjoint fields of one of the states.
    func adjoint(state: Int) -> [[Double]] { adjoint[min(state, adjoint.count - 1)] }

    /// ∂(outputs)/∂θ of one parameter. Complexity: O(rows · members).
    public func column(_ parameter: Int) -> [Double] {
        let column = stateColumn(parameter)
        return mixture?.expanded(column, outputs: task.outputs.count) ?? column
    }

    /// A row of J, or with a mixture of Qᵀ J, for each state and output. Complexity: O(states · outputs ·
    /// members).
    func stateColumn(_ parameter: Int) -> [Double] {
        let outputs = task.outputs.count
        var column = [Double](repeating: 0, count: states.count * outputs)
        var drops = [Double](repeating: 0, count: outputs)
        for effect in effects[parameter] {
            guard effect.place < task.circuit.resistors.count else {
                let response = valueResponses[effect.place - task.circuit.resistors.count]
                for index in column.indices { column[index] += effect.slope * response[index] }
                continue
            }
            let resistor = task.circuit.resistors[effect.place]
            let (a, b) = (resistor.positive, resistor.negative)
            for m in states.indices {
                if m < adjoint.count {
                    for o in 0..<outputs { drops[o] = adjoint[m][o][a] - adjoint[m][o][b] }
                }
                let scaled = -effect.slope * (states[m][a] - states[m][b])
                for o in 0..<outputs { column[m * outputs + o] += scaled * drops[o] }
            }
        }
        return column
    }

    /// The rows that belong to one state: outputs × the parameters given.
    func block(state: Int, of parameters: [Int]) -> DenseMatrix {
        var block = DenseMatrix(rows: task.outputs.count, columns: parameters.count)
        let v = states[state]
        for (o, a) in adjoint(state: state).enumerated() {
            for (column, parameter) in parameters.enumerated() {
                var sum = 0.0
                for effect in effects[parameter] {
                    guard effect.place < task.numbers.ends.count else {
                        let response = valueResponses[effect.place - task.numbers.ends.count]
                        sum += effect.slope * response[state * task.outputs.count + o]
                        continue
                    }
                    let ends = task.numbers.ends[effect.place]
                    let (p, n) = (Int(ends.positive), Int(ends.negative))
                    sum -= effect.slope * (v[p] - v[n]) * (a[p] - a[n])
                }
                block[o, column] = sum
            }
        }
        return block
    }

    /// The size that an element of J would have if one of its drops were as large as the voltages
    /// themselves: what rounding in the fields is a fraction of. Largest over columns.
    func scale() -> Double {
        func largest(_ fields: some Sequence<[Double]>) -> Double {
            fields.reduce(0) { $1.reduce($0) { max($0, abs($1)) } }
        }
        let v = largest(states)
        let a = adjoint.reduce(0) { max($0, largest($1)) }
        var result = 0.0
        for effects in effects {
            for effect in effects {
                guard effect.place < task.circuit.resistors.count else {
                    let response = valueResponses[effect.place - task.circuit.resistors.count]
                    result = max(result, abs(effect.slope) * largestMagnitude(response))
                    continue
                }
                let r = task.circuit.resistors[effect.place]
                func drop(_ field: [Double]) -> Double {
                    abs(field[r.positive] - field[r.negative])
                }
                let dv = states.reduce(0) { max($0, drop($1)) }
                let da = adjoint.reduce(0) { $1.reduce($0) { max($0, drop($1)) } }
                result = max(result, abs(effect.slope) * (v * da + a * dv))
            }
        }
        return result
    }

    /// P_Oᵀ R P_O = Λ⁻¹ at a state, Ω: volt at one output per ampere at another.
    func outputResistance(state: Int) -> DenseMatrix {
        let fields = adjoint(state: state)
        var matrix = DenseMatrix(rows: task.outputs.count, columns: task.outputs.count)
        for (row, output) in task.outputs.enumerated() {
            for column in fields.indices {
                matrix[row, column] =
                    fields[column][output.positive] - fields[column][output.negative]
            }
        }
        return matrix
    }
}
