import LearningTasks
import Netlist

/// An independent solution of a linear resistor network, to test against: nodal equations in dense
/// form, by Gaussian elimination with partial pivoting. Knows voltage sources to ground only.
struct DenseCircuit {
    let task: LearningTask
    var conductances: [Double]
    private let fixed: [Int: Double]

    init(_ task: LearningTask) {
        self.task = task
        conductances = task.circuit.resistors.map(\.conductance)
        var fixed = [0: 0.0]
        for source in task.circuit.sources where source.kind == .voltage {
            fixed[source.positive] = source.dcValue
        }
        self.fixed = fixed
    }

    /// Voltages with some nodes held, extra conductances to a voltage at nodes, and injected currents.
    func voltages(
        held: [Int: Double]? = nil, clamps: [Int: Double] = [:],
        branches: [Int: (conductance: Double, voltage: Double)] = [:], currents: [Int: Double] = [:]
    ) -> [Double] {
        let held = (held ?? fixed).merging(clamps) { $1 }
        let n = task.circuit.nodes.count
        var matrix = [[Double]](repeating: [Double](repeating: 0, count: n + 1), count: n)
        for (index, r) in task.circuit.resistors.enumerated() {
            let k = conductances[index]
            matrix[r.positive][r.positive] += k
            matrix[r.negative][r.negative] += k
            matrix[r.positive][r.negative] -= k
            matrix[r.negative][r.positive] -= k
        }
        for (node, branch) in branches {
            matrix[node][node] += branch.conductance
            matrix[node][n] += branch.conductance * branch.voltage
        }
        for (node, current) in currents { matrix[node][n] += current }
        for (node, voltage) in held {
            matrix[node] = [Double](repeating: 0, count: n + 1)
            matrix[node][node] = 1
            matrix[node][n] = voltage
        }
        return solve(matrix)
    }

    var free: [Double] { voltages() }

    func outputs(_ v: [Double]) -> [Double] {
        task.outputs.map { v[$0.positive] - v[$0.negative] }
    }

    /// Outputs minus targets of the first sample.
    var error: [Double] { zip(outputs(free), task.samples[0].targets).map { $0 - $1 } }

    var loss: Double { 0.5 * error.reduce(0) { $0 + $1 * $1 } }

    /// P_Oᵀ R P_O for outputs to ground.
    var outputResistance: [[Double]] {
        let zero = fixed.mapValues { _ in 0.0 }
        let columns = task.outputs.map { outputs(voltages(held: zero, currents: [$0.positive: 1])) }
        return task.outputs.indices.map { row in columns.map { $0[row] } }
    }

    /// Λ e.
    var restoringCurrents: [Double] {
        let r = outputResistance
        let e = error
        return solve(r.indices.map { r[$0] + [e[$0]] })
    }

    /// ½ eᵀ Λ e.
    var couplingLoss: Double {
        0.5 * zip(error, restoringCurrents).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// −(1/(2h)) [ (Δv^N)² − (Δv^F)² ] for each resistor.
    func update(nudged: [Double], reference: [Double], span: Double) -> [Double] {
        task.circuit.resistors.map { r in
            let n = nudged[r.positive] - nudged[r.negative]
            let f = reference[r.positive] - reference[r.negative]
            return -(n - f) * (n + f) / (2 * span)
        }
    }

    /// Δv^F ⊙ Δx for a field x.
    func product(_ field: [Double]) -> [Double] {
        let v = free
        return task.circuit.resistors.map { r in
            (v[r.positive] - v[r.negative]) * (field[r.positive] - field[r.negative])
        }
    }

    /// The field of currents injected at the outputs, sources at zero.
    func field(currents: [Double]) -> [Double] {
        let zero = fixed.mapValues { _ in 0.0 }
        let injected = Dictionary(
            uniqueKeysWithValues: zip(task.outputs.map(\.positive), currents))
        return voltages(held: zero, currents: injected)
    }

    private func solve(_ system: [[Double]]) -> [Double] {
        var m = system
        let n = m.count
        for column in 0..<n {
            let pivot = (column..<n).max { abs(m[$0][column]) < abs(m[$1][column]) } ?? column
            m.swapAt(column, pivot)
            for row in column + 1..<n where m[row][column] != 0 {
                let factor = m[row][column] / m[column][column]
                for k in column...n { m[row][k] -= factor * m[column][k] }
            }
        }
        var x = [Double](repeating: 0, count: n)
        for row in (0..<n).reversed() {
            var sum = m[row][n]
            for k in row + 1..<n { sum -= m[row][k] * x[k] }
            x[row] = sum / m[row][row]
        }
        return x
    }
}
