import CLAPACK

/// A B of column-major matrices.
///
/// - Parameters:
///   - a: rows × inner.
///   - b: inner × columns; with `transposed`, columns × inner, of which the transpose is taken.
///   - adding: whether the product is added to what the result is.
///   - result: rows × columns; apart from a and b.
package func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, transposed: Bool = false,
    rows: Int, inner: Int, columns: Int, adding: Bool = false,
    into result: UnsafeMutablePointer<Double>
) {
    // Calling BLAS takes longer than this many multiplications. Where there is none, this one is as right.
    if rows * inner * columns >= 4096 {
        let isDone: Void? = try? BLAS.onOneThread {
            clapack_dgemm(
                transposed ? 1 : 0, Int32(rows), Int32(columns), Int32(inner), a, b,
                adding ? 1 : 0, result)
        }
        if isDone != nil { return }
    }
    for column in 0..<columns {
        let sums = result + column * rows
        if !adding { sums.update(repeating: 0, count: rows) }
        for i in 0..<inner {
            let factor = b[transposed ? column + i * columns : i + column * inner]
            let terms = a + i * rows
            for row in 0..<rows { sums[row] += terms[row] * factor }
        }
    }
}

/// x/|x| in place of x, where that is not 0. Returns |x|.
@discardableResult
package func normalize(_ vector: inout [Double]) -> Double {
    let size = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard size > 0 else { return 0 }
    for index in vector.indices { vector[index] /= size }
    return size
}
