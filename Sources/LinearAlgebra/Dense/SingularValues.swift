import CLAPACK

/// A wide matrix A (few rows, columns without end), reduced as its columns come to the square factor L
/// of A = L Qᵀ, which has A's singular values and left singular vectors.
///
/// Sequential tall-skinny QR of Aᵀ (Demmel, Grigori, Hoemmen & Langou 2012, DOI 10.1137/080731992):
/// blocks of columns are stacked under the triangle so far and factored again by Householder
/// reflections. Errors are a small multiple of eps · σ_max for every singular value, while the
/// eigenvalues of A Aᵀ would lose those below √eps · σ_max. Memory O(rows²), time O(columns · rows²).
package struct WideFactor {
    let rows: Int
    private var stack: DenseMatrix
    /// Rows of the stack that are taken: by columns of A alone until the first triangle is made of them.
    private var filled = 0

    package init(rows: Int) {
        self.rows = rows
        // Four triangles' worth of columns: a quarter more work than one factorization of all. Of large
        // triangles less, so that memory stays near that of two.
        let block = max(64, min(4 * rows, max(rows, 4096)))
        stack = DenseMatrix(rows: rows + block, columns: rows)
    }

    package mutating func append(_ column: [Double]) throws(FactorizationError) {
        if filled == stack.rows { try reduce() }
        for index in column.indices { stack[filled, index] = column[index] }
        filled += 1
    }

    private mutating func reduce() throws(FactorizationError) {
        guard filled > 0, rows > 0 else { return }
        let height = Int32(filled)
        let (width, stride) = (Int32(rows), Int32(stack.rows))
        var tau = [Double](repeating: 0, count: min(rows, filled))
        var size = [0.0]
        try callLAPACK("dgeqrf") {
            _ = clapack_dgeqrf(height, width, &stack.elements, stride, &tau, &size, -1)
            var work = [Double](repeating: 0, count: max(Int(size[0]), rows))
            return clapack_dgeqrf(
                height, width, &stack.elements, stride, &tau, &work, Int32(work.count))
        }
        // What lies below the triangle are the reflections.
        for column in 0..<rows {
            for row in column + 1..<max(filled, column + 1) { stack[row, column] = 0 }
        }
        filled = rows
    }

    /// L, lower triangular.
    package mutating func factor() throws(FactorizationError) -> DenseMatrix {
        try reduce()
        var result = DenseMatrix(rows: rows, columns: rows)
        for row in 0..<rows {
            for column in 0...row { result[row, column] = stack[column, row] }
        }
        return result
    }
}

/// Singular values in descending order, and the singular vectors: the left ones as columns, the right ones
/// as rows.
package struct SingularValues {
    package let values: [Double]
    package let left: DenseMatrix
    package let right: DenseMatrix

    /// - Parameter matrix: square.
    package init(_ matrix: DenseMatrix) throws(FactorizationError) {
        let n = matrix.rows
        var values = [Double](repeating: 0, count: n)
        var left = DenseMatrix(rows: n, columns: n)
        guard n > 0 else {
            (self.values, self.left, right) = (values, left, left)
            return
        }
        guard matrix.elements.allSatisfy(\.isFinite) else {
            throw FactorizationError(routine: "dgesdd", info: -4)
        }
        var copy = matrix.elements
        var right = left
        var integers = [Int32](repeating: 0, count: 8 * n)
        var size = [0.0]
        let width = Int32(n)
        try callLAPACK("dgesdd") {
            _ = clapack_dgesdd(
                width, &copy, &values, &left.elements, &right.elements, &size, -1, &integers)
            var work = [Double](repeating: 0, count: max(Int(size[0]), 1))
            return clapack_dgesdd(
                width, &copy, &values, &left.elements, &right.elements, &work, Int32(work.count),
                &integers)
        }
        (self.values, self.left, self.right) = (values, left, right)
    }
}

extension SingularValues {
    /// The singular values alone of a square matrix, in descending order: two thirds of the time, and less
    /// than half the memory.
    package static func alone(of matrix: DenseMatrix) throws(FactorizationError) -> [Double] {
        let n = matrix.rows
        var values = [Double](repeating: 0, count: n)
        guard n > 0 else { return values }
        guard matrix.elements.allSatisfy(\.isFinite) else {
            throw FactorizationError(routine: "dgesdd", info: -4)
        }
        var copy = matrix.elements
        var integers = [Int32](repeating: 0, count: 8 * n)
        var size = [0.0]
        let width = Int32(n)
        try callLAPACK("dgesdd") {
            _ = clapack_dgesdd_values(width, &copy, &values, &size, -1, &integers)
            var work = [Double](repeating: 0, count: max(Int(size[0]), 1))
            return clapack_dgesdd_values(
                width, &copy, &values, &work, Int32(work.count), &integers)
        }
        return values
    }
}

/// A = Q R of a tall matrix A, with orthonormal columns in Q, by Householder reflections.
package struct TallFactors {
    package let q: DenseMatrix
    /// Upper triangular.
    package let r: DenseMatrix

    /// - Parameter matrix: at least as many rows as columns.
    package init(_ matrix: DenseMatrix) throws(FactorizationError) {
        var factors = matrix
        var r = DenseMatrix(rows: matrix.columns, columns: matrix.columns)
        let (height, width) = (Int32(matrix.rows), Int32(matrix.columns))
        if width > 0 {
            var tau = [Double](repeating: 0, count: matrix.columns)
            var work = [Double](repeating: 0, count: 64 * matrix.columns)
            let size = Int32(work.count)
            try callLAPACK("dgeqrf") {
                clapack_dgeqrf(height, width, &factors.elements, height, &tau, &work, size)
            }
            for column in 0..<matrix.columns {
                for row in 0...column { r[row, column] = factors[row, column] }
            }
            try callLAPACK("dorgqr") {
                clapack_dorgqr(height, width, &factors.elements, height, &tau, &work, size)
            }
        }
        (q, self.r) = (factors, r)
    }
}
