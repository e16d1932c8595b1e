import LearningTasks

/// Responses found from operating points of everything at once, as an engine gives them that can't switch
/// sources off: what an excitation adds is its state less the first one. Where there is no state among them,
/// there is nothing to be switched off but the inputs.
final class ComparedResponses: LinearResponses {
    private(set) var fields: Fields
    private let physics: any Physics
    private let drives: [Drive]
    private let isCompared: [Bool]

    /// - Parameter excitations: the first is a state, with which the others are compared, or there is none.
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
            case .currents(let currents):
                return Drive(inputs: reference, nudge: .currents(currents))
            case .current(let output):
                return Drive(
                    inputs: reference,
                    nudge: .currents(task.outputs.indices.map { $0 == output ? 1 : 0 }))
            }
        }
        let hasReference = excitations.contains(where: \.isState)
        isCompared = excitations.map { hasReference && !$0.isState }
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
