import LearningRules
import LinearAlgebra

extension Sensitivity {
    /// The velocity of the trained variables in the limit of small nudges, θ̇ = −Jᵀ W e/M (docs/theory.md (16)):
    /// V²/S for EP and AL, V² for CL with conductances.
    ///
    /// From adjoint fields instead of nudged states, so that it has no nudging strength; exact to
    /// rounding in a linear circuit, to about 1e-7 in others (`OutputResponse`).
    ///
    /// - Returns: nil for CL where its clamps contradict each other.
    public func velocity(of rule: some LearningRule) -> [Double]? {
        let outputs = task.outputs.count
        var pull = mixture?.reduced(errors, outputs: outputs) ?? errors
        if type(of: rule).errorWeight == .outputConductance {
            let factors = adjoint.indices.map { choleskyFactor(outputResistance(state: $0)) }
            for m in states.indices {
                guard let factor = factors[min(m, factors.count - 1)] else { return nil }
                var part = Array(pull[m * outputs..<(m + 1) * outputs])
                solveLower(factor, &part)
                solveLowerTransposed(factor, &part)
                pull.replaceSubrange(m * outputs..<(m + 1) * outputs, with: part)
            }
        }
        let mean = 1 / Double(max(task.samples.count, 1))
        return task.parameters.indices.map { index in
            -mean * zip(stateColumn(index), pull).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    /// The smallest conductance with which the circuit resists a current at its outputs, S: what the
    /// strengths of EP and AL are measured by. Nil where no output responds to a current.
    public var outputConductance: Double? { smallestOutputConductance(of: task, adjoint: adjoint) }
}
