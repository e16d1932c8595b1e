import CLAPACK

/// A failure of the linear algebra: a matrix that is singular, or with numbers that are not finite.
public struct FactorizationError: Error, Sendable, CustomStringConvertible {
    let routine: String
    let info: Int32
    public var description: String {
        "LAPACK's \(routine) failed with info \(info): the matrix is singular or not finite"
    }
}

/// Dense, column-major, as LAPACK has it.
struct DenseMatrix {
    let rows: Int
    let columns: Int
    var elements: [Double]

    init(rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        elements = [Double](repeating: 0, count: rows * columns)
    }

    subscript(row: Int, column: Int) -> Double {
        get { elements[row + column * rows] }
        set { elements[row + column * rows] = newValue }
    }

    func column(_ index: Int) -> [Double] {
        Array(elements[index * rows..<(index + 1) * rows])
    }
}

/// x with A x = b for a square A, by Gaussian elimination with partial pivoting.
///
/// - Throws: `FactorizationError` where A is singular.
func solveDense(_ matrix: DenseMatrix, _ b: [Double]) throws(FactorizationError) -> [Double] {
    guard !b.isEmpty else { return [] }
    clapack_use_one_thread()
    var factors = matrix.elements
    var pivots = [Int32](repeating: 0, count: b.count)
    var x = b
    let info = clapack_dgesv(Int32(b.count), &factors, &pivots, &x)
    guard info == 0 else { throw FactorizationError(routine: "dgesv", info: info) }
    return x
}
