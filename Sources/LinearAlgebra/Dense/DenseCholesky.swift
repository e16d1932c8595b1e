import CLAPACK

/// A = Uᵀ U of a small matrix as a dense one, by LAPACK's dpotrf.
public final class DenseCholesky: PositiveDefiniteFactorization {
    public let values: UnsafeMutableBufferPointer<Double>
    private let size: Int
    private let matrix: UnsafeMutableBufferPointer<Double>
    /// Where the value of each slot goes in the matrix, column by column.
    private let places: [Int32]

    public init(_ pattern: SymmetricPattern) {
        size = pattern.size
        values = .allocate(capacity: pattern.slotCount)
        values.initialize(repeating: 0)
        matrix = .allocate(capacity: size * size)
        matrix.initialize(repeating: 0)
        var places: [Int32] = []
        for column in 0..<size {
            for slot in pattern.columnStarts[column]..<pattern.columnStarts[column + 1] {
                places.append(pattern.rows[Int(slot)] + Int32(column * size))
            }
        }
        self.places = places
    }

    deinit {
        values.deallocate()
        matrix.deallocate()
    }

    public var work: FactorizationWork {
        let n = Double(size)
        return FactorizationWork(factorization: n * n * n / 3, solution: 2 * n * n)
    }

    public func factor() throws(SparseError) {
        guard size > 0 else { return }
        matrix.update(repeating: 0)
        for (slot, place) in places.enumerated() { matrix[Int(place)] = values[slot] }
        let info = try BLAS.onOneThread {
            clapack_dpotrf_upper(Int32(size), matrix.baseAddress, Int32(size))
        }
        guard info == 0 else { throw .notPositiveDefinite(Int(info) - 1) }
    }

    public func solve(
        _ columns: UnsafeMutableBufferPointer<Double>, count: Int
    ) throws(SparseError) {
        guard size > 0, count > 0 else { return }
        try BLAS.onOneThread {
            clapack_dpotrs_upper(
                Int32(size), Int32(count), matrix.baseAddress, columns.baseAddress)
        }
    }
}
