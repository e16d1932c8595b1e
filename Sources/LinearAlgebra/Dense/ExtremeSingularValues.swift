import CLAPACK
import Foundation

/// The largest and the smallest singular value of a lower triangular matrix L, and the left singular vector
/// of the smallest.
///
/// σ_max² is the largest eigenvalue of L Lᵀ and σ_min⁻² that of its inverse, of which two triangular solutions
/// make a product. The method of Lanczos finds either from the products with some tens of vectors, all of
/// them kept orthogonal (Parlett, The Symmetric Eigenvalue Problem, 1998, ch. 13), so that errors are a small
/// multiple of eps · σ_max: as from all singular values together, which take the time of n such products.
///
/// Complexity: O(n²) time for each vector.
package struct ExtremeSingularValues {
    package let largest: Double
    package let smallest: Double
    /// A unit vector u with |Lᵀ u| = σ_min.
    package let leftOfSmallest: [Double]

    /// - Parameter matrix: square, of which the lower triangle is read.
    /// - Returns: nil where L is singular to rounding, or the extremes are not found from `mostVectors`.
    package init?(lower matrix: DenseMatrix) throws(FactorizationError) {
        let n = matrix.rows
        guard n > 0, (0..<n).allSatisfy({ matrix[$0, $0] != 0 }) else { return nil }
        guard
            let top = try Self.dominant(
                size: n,
                { vector throws(FactorizationError) in
                    try callLAPACK("dtrmv") {
                        clapack_dtrmv_lower(1, Int32(n), matrix.elements, &vector)
                        clapack_dtrmv_lower(0, Int32(n), matrix.elements, &vector)
                        return 0
                    }
                }),
            let bottom = try Self.dominant(
                size: n,
                { vector throws(FactorizationError) in
                    try callLAPACK("dtrsv") {
                        clapack_dtrsv_lower(0, Int32(n), matrix.elements, &vector)
                        clapack_dtrsv_lower(1, Int32(n), matrix.elements, &vector)
                        return 0
                    }
                })
        else { return nil }
        largest = top.value.squareRoot()
        smallest = 1 / bottom.value.squareRoot()
        leftOfSmallest = bottom.vector
        guard smallest > Double(n) * Double.ulpOfOne * largest else { return nil }
    }

    private static let mostVectors = 400
    /// Of the eigenvalue: its error is the square of this.
    private static let residual = 1e-11

    /// The largest eigenvalue of a symmetric, positive matrix, and its eigenvector.
    private static func dominant(
        size n: Int, _ multiply: (inout [Double]) throws(FactorizationError) -> Void
    ) throws(FactorizationError) -> (value: Double, vector: [Double])? {
        let most = min(n, mostVectors)
        // Column by column; a fixed start with no symmetry to which an eigenvector could be orthogonal.
        var basis = (0..<n).map { 1 + 0.5 * sin(Double($0 + 1) * 1.7) }
        normalize(&basis)
        var (diagonal, beside): ([Double], [Double]) = ([], [])
        var next = 10
        while diagonal.count < most {
            let count = diagonal.count + 1
            var vector = Array(basis[(count - 1) * n..<count * n])
            try multiply(&vector)
            guard vector.allSatisfy(\.isFinite) else { return nil }
            // Twice is enough (Giraud et al. 2005, DOI 10.1007/s00211-005-0615-4).
            var own = 0.0
            for _ in 0..<2 { own += orthogonalize(&vector, against: basis, count: count) }
            diagonal.append(own)
            let rest = normalize(&vector)
            // Nothing but rounding is left of the vector: what it would begin is not orthogonal to the others.
            let isLast = rest <= 1e-14 * (diagonal.max() ?? 0) || count == n
            if count == next || isLast || count == most {
                next = count + max(10, count / 3)
                let (value, coordinates) = try leading(diagonal, beside)
                if isLast || rest * abs(coordinates[count - 1]) <= residual * value {
                    guard value > 0, value.isFinite else { return nil }
                    var result = [Double](repeating: 0, count: n)
                    LinearAlgebra.multiply(
                        basis, coordinates, rows: n, inner: count, columns: 1, into: &result)
                    normalize(&result)
                    return (value, result)
                }
            }
            beside.append(rest)
            basis += vector
        }
        return nil
    }

    /// The largest eigenvalue of a tridiagonal matrix that is symmetric and positive.
    private static func leading(
        _ diagonal: [Double], _ beside: [Double]
    ) throws(FactorizationError) -> (value: Double, vector: [Double]) {
        let count = diagonal.count
        var matrix = DenseMatrix(rows: count, columns: count)
        for index in 0..<count {
            matrix[index, index] = diagonal[index]
            if index + 1 < count {
                matrix[index, index + 1] = beside[index]
                matrix[index + 1, index] = beside[index]
            }
        }
        let decomposition = try SingularValues(matrix)
        return (decomposition.values[0], decomposition.left.column(0))
    }

    /// x ← x − Q Qᵀ x. Returns the last of Qᵀ x.
    private static func orthogonalize(
        _ vector: inout [Double], against basis: [Double], count: Int
    ) -> Double {
        let n = vector.count
        var along = [Double](repeating: 0, count: count)
        // Qᵀ x as the row xᵀ Q.
        multiply(vector, basis, rows: 1, inner: n, columns: count, into: &along)
        let last = along[count - 1]
        for index in along.indices { along[index] = -along[index] }
        multiply(basis, along, rows: n, inner: count, columns: 1, adding: true, into: &vector)
        return last
    }
}
