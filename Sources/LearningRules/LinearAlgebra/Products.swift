import CLAPACK
import SparseBridge

/// A B of column-major matrices.
///
/// - Parameters:
///   - a: rows × inner.
///   - b: inner × columns; with `transposed`, columns × inner, of which the transpose is taken.
///   - result: rows × columns, overwritten.
func multiply(
    _ a: [Double], _ b: [Double], transposed: Bool = false, rows: Int, inner: Int, columns: Int,
    into result: inout [Double]
) {
    // Calling BLAS takes longer than so many multiplications.
    guard rows * inner * columns < 4096 else {
        BLAS.onOneThread {
            clapack_dgemm(
                transposed ? 1 : 0, Int32(rows), Int32(columns), Int32(inner), a, b, &result)
        }
        return
    }
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            result.withUnsafeMutableBufferPointer { result in
                for column in 0..<columns {
                    let start = column * rows
                    for row in 0..<rows { result[start + row] = 0 }
                    for i in 0..<inner {
                        let factor = b[transposed ? column + i * columns : i + column * inner]
                        let place = i * rows
                        for row in 0..<rows {
                            result[start + row] += a[place + row] * factor
                        }
                    }
                }
            }
        }
    }
}
