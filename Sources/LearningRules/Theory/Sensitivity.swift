import Netlist

/// How the outputs of all samples answer to the trained variables, to first order: J = ∂(outputs)/∂θ.
///
/// One row for each sample and output (sample by sample), one column for each parameter,
///
///     J = −P_Oᵀ R Dᵀ diag(Δv^F)        (theory: "Coercivity and local convergence")
///
/// so that an element is −Δv Δa of a resistor: its drop in the free state times its drop in the field a
/// of one ampere at the output. Resistors that share a text are summed with their proportions cᵢ,
/// ln g as the variable puts a factor g, fixed resistors have no column. Only the fields are kept:
/// M states and one adjoint solution per output (per output and sample in a nonlinear circuit).
///
/// The field of a current at an output is the adjoint field because the circuit is reciprocal. With
/// devices that pass signals one way it is what nudges see, and J with it (theory: "Nonlinear
/// circuits, as measured").
public struct Sensitivity: Sendable {
    public let task: LearningTask
    public let conductances: TrainedConductances
    /// Voltages of the free state of each sample.
    public let free: [OperatingPoint]
    /// V/A at every node: a field for each output, for each sample or one set for all.
    let adjoint: [[[Double]]]

    /// Solves the fields; the physics is left at these conductances.
    public init(
        of task: LearningTask, at conductances: TrainedConductances, in physics: any Physics
    ) throws {
        try physics.setResistances(conductances.resistances(of: task))
        let free = try physics.operatingPoints(task.samples.map { Drive(inputs: $0.inputs) })
        self.init(
            task: task, conductances: conductances, free: free,
            adjoint: try adjointFields(of: task, free: free, in: physics))
    }

    init(
        task: LearningTask, conductances: TrainedConductances, free: [OperatingPoint],
        adjoint: [[[Double]]]
    ) {
        self.task = task
        self.conductances = conductances
        self.free = free
        self.adjoint = adjoint
    }

    /// Samples × outputs.
    public var rows: Int { task.samples.count * task.outputs.count }

    func adjoint(sample: Int) -> [[Double]] { adjoint[min(sample, adjoint.count - 1)] }

    /// Outputs minus targets, V; a row of J each.
    public var errors: [Double] {
        zip(free, task.samples).flatMap { point, sample in
            zip(task.outputs, sample.targets).map { point.voltage($0) - $1 }
        }
    }

    /// ∂(outputs)/∂θ of one parameter. Complexity: O(rows · members).
    public func column(_ parameter: Int) -> [Double] {
        var column = [Double](repeating: 0, count: rows)
        let outputs = task.outputs.count
        let trained = task.parameters[parameter]
        let factor =
            trained.variable == .logConductance ? conductances.values[parameter] : 1
        var drops = [Double](repeating: 0, count: outputs)
        for member in trained.members {
            let resistor = task.circuit.resistors[member.resistor]
            let (a, b) = (resistor.positive, resistor.negative)
            for m in free.indices {
                if m < adjoint.count {
                    for o in 0..<outputs { drops[o] = adjoint[m][o][a] - adjoint[m][o][b] }
                }
                let scaled =
                    -factor * member.proportion * (free[m].voltages[a] - free[m].voltages[b])
                for o in 0..<outputs { column[m * outputs + o] += scaled * drops[o] }
            }
        }
        return column
    }

    /// The size that an element of J would have if one of its drops were as large as the voltages
    /// themselves: what rounding in the fields is a fraction of. Largest over columns.
    func scale() -> Double {
        func largest(_ fields: some Sequence<[Double]>) -> Double {
            fields.reduce(0) { $1.reduce($0) { max($0, abs($1)) } }
        }
        let v = largest(free.map(\.voltages))
        let a = adjoint.reduce(0) { max($0, largest($1)) }
        var result = 0.0
        for (parameter, g) in zip(task.parameters, conductances.values) {
            let factor = parameter.variable == .logConductance ? g : 1
            for member in parameter.members {
                let r = task.circuit.resistors[member.resistor]
                func drop(_ field: [Double]) -> Double {
                    abs(field[r.positive] - field[r.negative])
                }
                let dv = free.reduce(0) { max($0, drop($1.voltages)) }
                let da = adjoint.reduce(0) { $1.reduce($0) { max($0, drop($1)) } }
                result = max(result, factor * member.proportion * (v * da + a * dv))
            }
        }
        return result
    }

    /// P_Oᵀ R P_O = Λ⁻¹ of a sample, Ω: volt at one output per ampere at another.
    func outputResistance(sample: Int) -> DenseMatrix {
        let fields = adjoint(sample: sample)
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
