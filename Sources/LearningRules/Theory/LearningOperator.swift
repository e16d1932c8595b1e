import Foundation
import Netlist

/// The matrix that governs learning to first order, ė = −A e, without ever forming it.
///
/// A = −(1/M) J B with J = ∂(outputs)/∂θ, a row for each sample and output, and B the rule's velocity
/// per volt of error. For EP and AL, B = −Jᵀ and A = J Jᵀ/M; for CL, A = J Jᵀ Λ/M (theory: "Coercivity
/// and local convergence"). Discrete steps are stable below the rate 2/λ_max.
struct LearningOperator {
    let task: LearningTask
    let conductances: TrainedConductances
    let free: [OperatingPoint]
    let response: OutputResponse

    /// λ_max of A, by power iteration to a relative change of 1e-3 (at most 60 iterations).
    ///
    /// A has real, non-negative eigenvalues in a reciprocal circuit, being similar to a symmetric
    /// matrix. The estimate approaches λ_max from below. Complexity: O(M · outputs · resistors) an
    /// iteration.
    ///
    /// - Parameter weights: the rate of each parameter over the common one; 0 for those at rest.
    func largestEigenvalue(weights: [Double]) -> Double {
        let size = task.samples.count * task.outputs.count
        // A fixed start with no symmetry that an eigenvector could be orthogonal to.
        var vector = (0..<size).map { 1 + 0.5 * sin(Double($0 + 1) * 1.7) }
        normalize(&vector)
        var eigenvalue = 0.0
        for _ in 0..<60 {
            vector = apply(to: vector, weights: weights)
            let next = normalize(&vector)
            if abs(next - eigenvalue) <= 1e-3 * next { return next }
            eigenvalue = next
        }
        return eigenvalue
    }

    /// A x for x indexed by sample, then output.
    func apply(to x: [Double], weights: [Double]) -> [Double] {
        let resistors = task.circuit.resistors
        let outputs = task.outputs.count
        let mean = 1 / Double(task.samples.count)
        var update = [Double](repeating: 0, count: resistors.count)
        for m in task.samples.indices {
            let v = free[m].voltages
            let fields = response.nudge(sample: m)
            var w = [Double](repeating: 0, count: v.count)
            for o in 0..<outputs {
                let weight = x[m * outputs + o]
                for node in w.indices { w[node] += weight * fields[o][node] }
            }
            for (index, r) in resistors.enumerated() {
                update[index] -=
                    mean * (v[r.positive] - v[r.negative]) * (w[r.positive] - w[r.negative])
            }
        }
        let velocity = conductances.velocity(update: update, of: task)
        let change = conductanceChanges(zip(weights, velocity).map(*))
        var result = [Double](repeating: 0, count: x.count)
        for m in task.samples.indices {
            let v = free[m].voltages
            let fields = response.adjoint(sample: m)
            for o in 0..<outputs {
                let a = fields[o]
                var sum = 0.0
                for (index, r) in resistors.enumerated() where change[index] != 0 {
                    sum +=
                        change[index] * (v[r.positive] - v[r.negative])
                        * (a[r.positive] - a[r.negative])
                }
                result[m * outputs + o] = sum
            }
        }
        return result
    }

    /// dk of every resistor for a velocity of the trained variables.
    private func conductanceChanges(_ velocity: [Double]) -> [Double] {
        var change = [Double](repeating: 0, count: task.circuit.resistors.count)
        for (index, parameter) in task.parameters.enumerated() where velocity[index] != 0 {
            let g = conductances.values[index]
            let speed =
                parameter.variable == .logConductance ? g * velocity[index] : velocity[index]
            for member in parameter.members {
                change[member.resistor] = member.proportion * speed
            }
        }
        return change
    }

    @discardableResult
    private func normalize(_ vector: inout [Double]) -> Double {
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard norm > 0 else { return 0 }
        for index in vector.indices { vector[index] /= norm }
        return norm
    }
}
