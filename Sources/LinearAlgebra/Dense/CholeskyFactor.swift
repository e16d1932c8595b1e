import CLAPACK

/// C of A = C Cᵀ, lower triangular; nil if A is not positive definite beyond rounding, that is unless
/// every pivot exceeds 100 n · eps times its diagonal element. Only the lower triangle is read.
package func choleskyFactor(_ matrix: DenseMatrix) -> DenseMatrix? {
    var factor = matrix
    let size = Int32(matrix.rows)
    // Where there is no LAPACK, the loops beneath are as right.
    if let info = try? BLAS.onOneThread({ clapack_dpotrf(size, &factor.elements, size) }) {
        guard info == 0 else { return nil }
    } else {
        guard factor.becomeCholeskyFactor() else { return nil }
    }
    let least = 100 * Double(matrix.rows) * Double.ulpOfOne
    for column in 0..<matrix.columns {
        let pivot = factor[column, column]
        guard pivot * pivot > least * matrix[column, column] else { return nil }
        for row in 0..<column { factor[row, column] = 0 }
    }
    return factor
}

extension DenseMatrix {
    /// Replaces the lower triangle of A by C, column by column; false where A is not positive definite.
    fileprivate mutating func becomeCholeskyFactor() -> Bool {
        for column in 0..<columns {
            for inner in 0..<column {
                let factor = self[column, inner]
                for row in column..<rows { self[row, column] -= self[row, inner] * factor }
            }
            guard self[column, column] > 0 else { return false }
            let pivot = self[column, column].squareRoot()
            for row in column..<rows { self[row, column] /= pivot }
        }
        return true
    }
}

/// X with C X = B, in place.
///
/// - Parameters:
///   - factor: C, lower triangular.
///   - start: the first row of B in the matrix, which has as many as C.
package func solveLower(
    _ factor: DenseMatrix, _ matrix: inout DenseMatrix, from start: Int
) throws(FactorizationError) {
    let (size, columns, stride) = (factor.rows, matrix.columns, matrix.rows)
    guard size > 0, columns > 0 else { return }
    try callLAPACK("dtrsm") {
        matrix.elements.withUnsafeMutableBufferPointer { elements in
            guard let base = elements.baseAddress else { return }
            clapack_dtrsm_lower(
                Int32(size), Int32(columns), factor.elements, base + start, Int32(stride))
        }
        return 0
    }
}

/// x with C x = b for a lower triangular C, in place.
package func solveLower(_ factor: DenseMatrix, _ b: inout [Double]) {
    for row in b.indices {
        var sum = b[row]
        for column in 0..<row { sum -= factor[row, column] * b[column] }
        b[row] = sum / factor[row, row]
    }
}

/// x with Cᵀ x = b for a lower triangular C, in place.
package func solveLowerTransposed(_ factor: DenseMatrix, _ b: inout [Double]) {
    for row in b.indices.reversed() {
        var sum = b[row]
        for column in row + 1..<b.count { sum -= factor[column, row] * b[column] }
        b[row] = sum / factor[row, row]
    }
}
