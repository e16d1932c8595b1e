/// One way to excite a linear circuit.
public enum Excitation: Sendable, Equatable {
    /// Everything at work: the inputs at these values [V or A], all other sources at their own.
    case state(inputs: [Double])
    /// Nothing but one input, at this value, V or A.
    case input(Int, value: Double)
    /// Nothing but one ampere into an output: into its positive node and out of its negative one.
    case current(output: Int)
}

/// What a linear circuit does under given excitations, solved anew for each set of resistances.
///
/// Made once for a training, so that an engine keeps between steps what does not change, and begins from
/// the last solution where it iterates.
public protocol LinearResponses: AnyObject {
    /// Volt at every node, a column for each excitation.
    var fields: Fields { get }

    /// Solves all of them at the physics' present resistances.
    func solve() throws
}

/// Voltages of all nodes, ground first and 0, in one piece of memory: column after column.
public struct Fields: Sendable {
    /// Nodes of the circuit, the length of a column.
    public let nodes: Int
    public let columns: Int
    public var values: [Double]

    /// All 0 V.
    public init(nodes: Int, columns: Int) {
        (self.nodes, self.columns) = (nodes, columns)
        values = [Double](repeating: 0, count: nodes * columns)
    }

    public subscript(node: Int, column: Int) -> Double {
        get { values[node + column * nodes] }
        set { values[node + column * nodes] = newValue }
    }

    public func column(_ index: Int) -> [Double] {
        Array(values[index * nodes..<(index + 1) * nodes])
    }

    /// The voltage of an output in one of the columns.
    func voltage(_ output: LearningTask.Output, _ column: Int) -> Double {
        self[output.positive, column] - self[output.negative, column]
    }
}

/// Responses found from operating points of everything at once, as an engine gives them that can't switch
/// sources off: what an excitation adds is its state less the first one.
final class ComparedResponses: LinearResponses {
    private(set) var fields: Fields
    private let physics: any Physics
    private let drives: [Drive]
    private let isCompared: [Bool]

    /// - Parameter excitations: the first is a state, with which the others are compared.
    init(_ excitations: [Excitation], of task: LearningTask, in physics: any Physics) {
        self.physics = physics
        fields = Fields(nodes: task.circuit.nodes.count, columns: excitations.count)
        var reference = [Double](repeating: 0, count: task.inputs.count)
        if case .state(let inputs) = excitations.first { reference = inputs }
        drives = excitations.map { excitation in
            switch excitation {
            case .state(let inputs): return Drive(inputs: inputs)
            case .input(let index, let value):
                var inputs = reference
                inputs[index] += value
                return Drive(inputs: inputs)
            case .current(let output):
                return Drive(
                    inputs: reference,
                    nudge: .currents(task.outputs.indices.map { $0 == output ? 1 : 0 }))
            }
        }
        isCompared = excitations.map {
            if case .state = $0 { false } else { true }
        }
    }

    func solve() throws {
        for (column, point) in try physics.operatingPoints(drives).enumerated() {
            for (node, voltage) in point.voltages.enumerated() {
                fields[node, column] =
                    isCompared[column] ? voltage - fields[node, 0] : voltage
            }
        }
    }
}
