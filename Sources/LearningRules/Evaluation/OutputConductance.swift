import LearningTasks
import LinearAlgebra

/// The smallest conductance with which the circuit resists a current at its outputs, S: 1/λ_max of
/// P_Oᵀ R P_O, over samples.
///
/// A conductance −β at every output makes the circuit singular at β equal to this value.
/// Returns nil where no output responds to a current.
package func smallestOutputConductance(of task: LearningTask, adjoint: [[[Double]]]) -> Double? {
    var largest = 0.0
    for fields in adjoint {
        var matrix = DenseMatrix(rows: task.outputs.count, columns: fields.count)
        for (column, field) in fields.enumerated() {
            for (row, output) in task.outputs.enumerated() {
                matrix[row, column] = field[output.positive] - field[output.negative]
            }
        }
        largest = max(largest, dominantEigenvalue(matrix))
    }
    return largest > 0 ? 1 / largest : nil
}

/// By power iteration, to a relative change of 1e-9, of large matrices 1e-4: what is measured by it are strengths
/// of nudges. The matrix is symmetric and non-negative definite in a reciprocal circuit.
private func dominantEigenvalue(_ matrix: DenseMatrix) -> Double {
    var vector = (0..<matrix.columns).map { 1 / Double($0 + 1) }
    var image = [Double](repeating: 0, count: matrix.rows)
    let change = matrix.rows < 1000 ? 1e-9 : 1e-4
    var eigenvalue = 0.0
    for _ in 0..<200 {
        multiply(
            matrix.elements, vector, rows: matrix.rows, inner: matrix.columns, columns: 1,
            into: &image)
        let norm = image.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard norm > 0, length > 0 else { return 0 }
        let next = norm / length
        vector = image.map { $0 / norm }
        if abs(next - eigenvalue) <= change * next { return next }
        eigenvalue = next
    }
    return eigenvalue
}
