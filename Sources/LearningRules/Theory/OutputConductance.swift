/// The smallest conductance with which the circuit resists a current at its outputs, S: 1/λ_max of
/// P_Oᵀ R P_O, over samples.
///
/// A conductance −β at every output makes the circuit singular at β equal to this value.
/// Returns nil where no output responds to a current.
func smallestOutputConductance(of task: LearningTask, adjoint: [[[Double]]]) -> Double? {
    var largest = 0.0
    for fields in adjoint {
        let matrix = task.outputs.map { row in
            fields.map { $0[row.positive] - $0[row.negative] }
        }
        largest = max(largest, dominantEigenvalue(matrix))
    }
    return largest > 0 ? 1 / largest : nil
}

/// By power iteration; the matrix is symmetric and non-negative definite in a reciprocal circuit.
private func dominantEigenvalue(_ matrix: [[Double]]) -> Double {
    var vector = matrix.indices.map { 1 / Double($0 + 1) }
    var eigenvalue = 0.0
    for _ in 0..<200 {
        let image = matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
        let norm = image.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard norm > 0, length > 0 else { return 0 }
        let next = norm / length
        vector = image.map { $0 / norm }
        if abs(next - eigenvalue) <= 1e-9 * next { return next }
        eigenvalue = next
    }
    return eigenvalue
}
