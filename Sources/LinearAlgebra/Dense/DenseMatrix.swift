import CLAPACK

/// A failure of the linear algebra: a matrix that is singular, or with numbers that are not finite, or no
/// library.
public struct FactorizationError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(routine: String, info: Int32) {
        description =
            "LAPACK's \(routine) failed with info \(info): the matrix is singular or not finite"
    }

    fileprivate init(_ cause: SparseError) { description = cause.description }
}

/// Calls one of LAPACK's routines.
///
/// - Parameter body: gives the routine's info.
/// - Throws: `FactorizationError` where that is not zero.
func callLAPACK(_ routine: String, _ body: () -> Int32) throws(FactorizationError) {
    let info: Int32
    do {
        info = try BLAS.onOneThread(body)
    } catch {
        throw FactorizationError(error)
    }
    guard info == 0 else { throw FactorizationError(routine: routine, info: info) }
}

/// Dense, column-major, as LAPACK has it.
package struct DenseMatrix {
    package let rows: Int
    package let columns: Int
    package var elements: [Double]

    package init(rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        elements = [Double](repeating: 0, count: rows * columns)
    }

    package subscript(row: Int, column: Int) -> Double {
        get { elements[row + column * rows] }
        set { elements[row + column * rows] = newValue }
    }

    package func column(_ index: Int) -> [Double] {
        Array(elements[index * rows..<(index + 1) * rows])
    }
}

/// X with A X = B for a square A, by Gaussian elimination with partial pivoting.
///
/// - Throws: `FactorizationError` where A is singular.
package func solveDense(_ matrix: DenseMatrix, _ b: DenseMatrix) throws(FactorizationError)
    -> DenseMatrix
{
    guard b.rows > 0, b.columns > 0 else { return b }
    var factors = matrix.elements
    var pivots = [Int32](repeating: 0, count: b.rows)
    var x = b
    try callLAPACK("dgesv") {
        clapack_dgesv(Int32(b.rows), Int32(b.columns), &factors, &pivots, &x.elements)
    }
    return x
}
