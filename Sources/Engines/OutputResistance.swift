import LearningTasks
import LinearAlgebra

/// What the circuit shows at its outputs, P_Oᵀ R P_O = Λ⁻¹ (docs/theory.md (3)): volt at one output per
/// ampere at another.
///
/// In a linear circuit every nudge comes down to the currents j that it injects, v = v_F + R P_O j.
package struct OutputResistance {
    private let matrix: DenseMatrix

    /// - Parameter matrix: Λ⁻¹, ohm.
    package init(_ matrix: DenseMatrix) { self.matrix = matrix }

    /// - Parameters:
    ///   - fields: node voltages for one ampere injected at each output, everything else being zero.
    ///   - start: the column of the first output.
    init(of outputs: [LearningTask.Output], in fields: Fields, from start: Int) {
        var matrix = DenseMatrix(rows: outputs.count, columns: outputs.count)
        for (row, output) in outputs.enumerated() {
            for column in outputs.indices {
                matrix[row, column] = fields.voltage(output, start + column)
            }
        }
        self.matrix = matrix
    }

    /// The currents j of a nudge, A, one for each output.
    ///
    /// Those of a clamp at d solve Λ⁻¹ j = d − P_Oᵀ v_F, those of a branch of conductance β to d solve
    /// (Λ⁻¹ + 1/β) j = d − P_Oᵀ v_F.
    ///
    /// - Parameter free: the outputs in the free state, V.
    /// - Throws: `FactorizationError` where clamps contradict each other or a branch makes the circuit
    ///   singular.
    func currents(of nudge: Nudge, free: [Double]) throws(FactorizationError) -> [Double] {
        switch nudge {
        case .none: free.map { _ in 0 }
        case .currents(let currents): currents
        case .clamps(let voltages): try currents(to: voltages, through: 0, from: free)
        case .branches(let conductance, let voltages):
            try currents(to: voltages, through: 1 / conductance, from: free)
        }
    }

    private func currents(
        to targets: [Double], through resistance: Double, from free: [Double]
    ) throws(FactorizationError) -> [Double] {
        var voltages = DenseMatrix(rows: free.count, columns: 1)
        for index in free.indices { voltages.elements[index] = targets[index] - free[index] }
        return try currents(to: voltages, through: resistance).elements
    }

    /// j with (Λ⁻¹ + r) j = u, A, for each column u: volts by which the outputs are to move.
    ///
    /// - Parameter resistance: r, in series with each output, ohm.
    package func currents(
        to voltages: DenseMatrix, through resistance: Double
    ) throws(FactorizationError) -> DenseMatrix {
        var matrix = matrix
        for index in 0..<matrix.rows { matrix[index, index] += resistance }
        return try solveDense(matrix, voltages)
    }
}
