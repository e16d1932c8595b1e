import LinearAlgebra

/// A measure of errors in which the operator that governs learning is symmetric.
///
/// A = J Jᵀ W/M is symmetric in the inner product eᵀ W e, W being the rule's weight: 1 for EP and AL, Λ for
/// CL (docs/theory.md (16)). With Λ⁻¹ = C Cᵀ that is the plain product of C⁻¹ e.
struct ErrorMeasure: Sendable {
    /// C for each sample, or one for all; empty where errors are measured as they are.
    private let factors: [DenseMatrix]
    private let outputs: Int

    init(_ operation: LearningOperator, rule: some LearningRule) {
        let outputs = operation.task.outputs
        self.outputs = outputs.count
        guard type(of: rule).errorWeight == .outputConductance else {
            factors = []
            return
        }
        let found = operation.response.adjoint.map { fields in
            var resistance = DenseMatrix(rows: outputs.count, columns: outputs.count)
            for (row, output) in outputs.enumerated() {
                for column in fields.indices {
                    resistance[row, column] =
                        fields[column][output.positive] - fields[column][output.negative]
                }
            }
            return choleskyFactor(resistance)
        }
        // None where the circuit is not reciprocal: then no measure makes A symmetric.
        factors = found.contains { $0 == nil } ? [] : found.compactMap(\.self)
    }

    /// C⁻¹ e, sample by sample.
    func measured(_ errors: [Double]) -> [Double] {
        guard !factors.isEmpty else { return errors }
        return stride(from: 0, to: errors.count, by: outputs).flatMap { start in
            var part = Array(errors[start..<start + outputs])
            solveLower(factors[min(start / outputs, factors.count - 1)], &part)
            return part
        }
    }
}
