import Foundation
import LearningTasks
import LinearAlgebra
import Netlist

/// The matrix that governs learning to first order, ė = −A e, without ever forming it.
///
/// A = −(1/M) J B with J = ∂(outputs)/∂θ, a row for each sample and output, and B the rule's velocity
/// per volt of error. For EP and AL, B = −Jᵀ and A = J Jᵀ/M; for CL, A = J Jᵀ Λ/M (docs/theory.md (16)).
/// Discrete steps are stable below the rate 2/λ_max.
package struct LearningOperator {
    let task: LearningTask
    let conductances: TrainedValues
    /// Node voltages, V per unit of a coordinate, of which the free states are sums.
    let basis: [[Double]]
    /// The coordinates of each sample's free state; nil where each is its own member of the basis.
    let coordinates: [[Double]]?
    /// For each member of the basis, or one for all.
    let response: OutputResponse
    /// ∂(outputs)/∂(value) of each trained source, over samples, then outputs; each sample is then its own
    /// member of the basis.
    var valueResponses: [[Double]] = []

    /// λ_max of A, by power iteration to a relative change of 1e-3 (at most 60 iterations).
    ///
    /// A has real, non-negative eigenvalues in a reciprocal circuit, being similar to a symmetric
    /// matrix. The estimate approaches λ_max from below. Complexity: O(basis · outputs · resistors) an
    /// iteration.
    ///
    /// - Parameter weights: the rate of each parameter over the common one; 0 for those at rest.
    package func largestEigenvalue(weights: [Double]) -> Double {
        var vector: [Double] = []
        return largestEigenvalue(weights: weights, from: &vector)
    }

    /// As above, from the eigenvector found nearby, which saves most of the iterations.
    ///
    /// A tenth of the fixed start is added to it: an eigenvector alone would never see that another
    /// eigenvalue has become the largest.
    ///
    /// - Parameter eigenvector: of any other length, there is none; then the one found here.
    func largestEigenvalue(weights: [Double], from eigenvector: inout [Double]) -> Double {
        let size = task.samples.count * task.outputs.count
        // A fixed start with no symmetry that an eigenvector could be orthogonal to.
        var vector = (0..<size).map { 1 + 0.5 * sin(Double($0 + 1) * 1.7) }
        normalize(&vector)
        if eigenvector.count == size {
            for index in vector.indices { vector[index] = 0.1 * vector[index] + eigenvector[index] }
            normalize(&vector)
        }
        var eigenvalue = 0.0
        for _ in 0..<60 {
            vector = apply(to: vector, weights: weights)
            let previous = eigenvalue
            eigenvalue = normalize(&vector)
            if abs(eigenvalue - previous) <= 1e-3 * eigenvalue { break }
        }
        eigenvector = vector
        return eigenvalue
    }

    /// The rate of each parameter over the common one: 1, but for mixed variables.
    ///
    /// A rate of conductances [S²/V²] and one of their logarithms [1/V²] differ by the square of a
    /// conductance, so that one number for both would leave one kind where it is. Logarithms then move
    /// at λ_max(conductances)/λ_max(logarithms) times the rate: both kinds alone would have the same
    /// stable step. So do other kinds of variables.
    func balance() -> [Double] {
        let variables = task.parameters.map(\.variable)
        let equal = variables.map { _ in 1.0 }
        let kinds = variables.reduce(into: [TrainableParameter.Variable]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        guard kinds.count > 1 else { return equal }
        var eigenvalues: [TrainableParameter.Variable: Double] = [:]
        for kind in kinds {
            eigenvalues[kind] = largestEigenvalue(weights: variables.map { $0 == kind ? 1 : 0 })
        }
        let reference = eigenvalues[kinds.contains(.conductance) ? .conductance : kinds[0]] ?? 0
        guard reference > 0, eigenvalues.values.allSatisfy({ $0 > 0 }) else { return equal }
        return variables.map { reference / (eigenvalues[$0] ?? reference) }
    }

    /// A x for x indexed by sample, then output.
    func apply(to x: [Double], weights: [Double]) -> [Double] {
        let resistors = task.circuit.resistors
        let outputs = task.outputs.count
        let mean = 1 / Double(task.samples.count)
        let errors = inBasis(x)
        var update = task.zeroUpdate
        for (i, v) in basis.enumerated() {
            let fields = response.nudge(sample: i)
            var w = [Double](repeating: 0, count: v.count)
            for o in 0..<outputs {
                let weight = errors[i * outputs + o]
                for node in w.indices { w[node] += weight * fields[o][node] }
            }
            for (index, r) in resistors.enumerated() {
                update[index] -=
                    mean * (v[r.positive] - v[r.negative]) * (w[r.positive] - w[r.negative])
            }
        }
        for (place, response) in valueResponses.enumerated() {
            update[resistors.count + place] = -mean * dot(response, errors)
        }
        let velocity = conductances.velocity(update: update, of: task)
        let change = conductanceChanges(zip(weights, velocity).map(*))
        var result = [Double](repeating: 0, count: basis.count * outputs)
        for (i, v) in basis.enumerated() {
            let fields = response.adjoint(sample: i)
            for o in 0..<outputs {
                let a = fields[o]
                var sum = 0.0
                for (index, r) in resistors.enumerated() where change[index] != 0 {
                    sum +=
                        change[index] * (v[r.positive] - v[r.negative])
                        * (a[r.positive] - a[r.negative])
                }
                result[i * outputs + o] = sum
            }
        }
        for (place, response) in valueResponses.enumerated() {
            let moved = change[resistors.count + place]
            for index in result.indices { result[index] -= response[index] * moved }
        }
        return inSamples(result)
    }

    /// Σ over samples of their coordinates times x.
    private func inBasis(_ x: [Double]) -> [Double] {
        guard let coordinates else { return x }
        let outputs = task.outputs.count
        var result = [Double](repeating: 0, count: basis.count * outputs)
        for (m, weights) in coordinates.enumerated() {
            for (i, weight) in weights.enumerated() where weight != 0 {
                for o in 0..<outputs { result[i * outputs + o] += weight * x[m * outputs + o] }
            }
        }
        return result
    }

    /// Σ over the basis of each sample's coordinates times z.
    private func inSamples(_ z: [Double]) -> [Double] {
        guard let coordinates else { return z }
        let outputs = task.outputs.count
        return coordinates.flatMap { weights in
            (0..<outputs).map { o in
                weights.indices.reduce(0.0) { $0 + weights[$1] * z[$1 * outputs + o] }
            }
        }
    }

    /// What a velocity of the trained variables changes at every place.
    private func conductanceChanges(_ velocity: [Double]) -> [Double] {
        var change = task.zeroUpdate
        for (index, parameter) in task.parameters.enumerated() where velocity[index] != 0 {
            guard parameter.isConductance else {
                for effect in conductances.effects(of: index, in: task) {
                    change[effect.place] += effect.slope * velocity[index]
                }
                continue
            }
            let speed =
                velocity[index] * task.numbers.charts[index].slope(conductances.values[index])
            for member in parameter.members {
                change[member.resistor] = member.proportion * speed
            }
        }
        return change
    }
}
