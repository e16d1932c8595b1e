import CSuiteSparse

/// A failure of a sparse factorization.
public enum SparseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not positive definite: elimination ended at this row and column.
    case notPositiveDefinite(Int)
    case outOfMemory
    /// CHOLMOD's status.
    case failed(Int)

    public var description: String {
        switch self {
        case .notPositiveDefinite(let row):
            "the matrix is not positive definite at row \(row)"
        case .outOfMemory: "there is not enough memory for the sparse factorization"
        case .failed(let status): "CHOLMOD failed with status \(status)"
        }
    }
}

/// A = L Lᵀ of a sparse symmetric positive definite matrix whose pattern stays while its values change.
///
/// CHOLMOD (Chen, Davis, Hager & Rajamanickam 2008, DOI 10.1145/1391989.1391995) orders the matrix and
/// finds the pattern of L once; each `factor` then only computes numbers. It takes the supernodal form,
/// with dense blocks for BLAS, where that pays.
public final class CholeskyFactorization {
    public let pattern: SymmetricPattern
    private var common = cholmod_common()
    private let matrix: UnsafeMutablePointer<cholmod_sparse>
    private var factorization: UnsafeMutablePointer<cholmod_factor>?
    private var solution: UnsafeMutablePointer<cholmod_dense>?
    // Two properties, not a tuple: CHOLMOD is given both at once.
    private var permuted: UnsafeMutablePointer<cholmod_dense>?
    private var workspace: UnsafeMutablePointer<cholmod_dense>?
    /// The values of the matrix by slot of the pattern.
    public let values: UnsafeMutableBufferPointer<Double>

    /// - Throws: `outOfMemory`.
    public init(_ pattern: SymmetricPattern) throws(SparseError) {
        self.pattern = pattern
        cholmod_start(&common)
        // Errors come back as status, not as text on standard output.
        common.print = 0
        common.error_handler = nil
        // L Lᵀ in the simplicial form too: L D Lᵀ would go on past a negative pivot.
        common.final_ll = 1
        let upper: Int32 = 1
        guard
            let matrix = cholmod_allocate_sparse(
                pattern.size, pattern.size, pattern.slotCount, 1, 1, upper, CHOLMOD_REAL, &common)
        else {
            cholmod_finish(&common)
            throw .outOfMemory
        }
        self.matrix = matrix
        let starts = matrix.pointee.p.assumingMemoryBound(to: Int32.self)
        for (index, start) in pattern.columnStarts.enumerated() { starts[index] = start }
        let rows = matrix.pointee.i.assumingMemoryBound(to: Int32.self)
        for (index, row) in pattern.rows.enumerated() { rows[index] = row }
        values = UnsafeMutableBufferPointer(
            start: matrix.pointee.x.assumingMemoryBound(to: Double.self), count: pattern.slotCount)
        values.initialize(repeating: 0)
        factorization = cholmod_analyze(matrix, &common)
        guard factorization != nil else { throw failure() }
    }

    deinit {
        var matrix: UnsafeMutablePointer<cholmod_sparse>? = matrix
        cholmod_free_sparse(&matrix, &common)
        cholmod_free_factor(&factorization, &common)
        cholmod_free_dense(&solution, &common)
        cholmod_free_dense(&permuted, &common)
        cholmod_free_dense(&workspace, &common)
        cholmod_finish(&common)
    }

    /// Factors the matrix of the present `values`.
    ///
    /// - Throws: `notPositiveDefinite`; `outOfMemory`.
    public func factor() throws(SparseError) {
        guard let factorization else { throw .failed(Int(common.status)) }
        guard cholmod_factorize(matrix, factorization, &common) != 0 else { throw failure() }
        let minor = Int(factorization.pointee.minor)
        guard minor == pattern.size else {
            let order = factorization.pointee.Perm.assumingMemoryBound(to: Int32.self)
            throw .notPositiveDefinite(Int(order[minor]))
        }
    }

    /// min/max of the diagonal of L, squared: a rough upper bound of the reciprocal condition number.
    public var reciprocalCondition: Double {
        factorization.map { cholmod_rcond($0, &common) } ?? 0
    }

    /// Solves A x = b for several right-hand sides, in place, with the last factorization.
    ///
    /// - Parameter columns: `size` numbers for each right-hand side, one after another.
    /// - Throws: `outOfMemory`.
    public func solve(_ columns: inout [Double]) throws(SparseError) {
        guard let factorization, pattern.size > 0 else { return }
        let size = pattern.size
        let count = columns.count / size
        guard count > 0 else { return }
        let succeeded = columns.withUnsafeMutableBufferPointer { buffer in
            var right = cholmod_dense()
            right.nrow = size
            right.ncol = count
            right.nzmax = buffer.count
            right.d = size
            right.x = UnsafeMutableRawPointer(buffer.baseAddress)
            right.xtype = CHOLMOD_REAL
            right.dtype = CHOLMOD_DOUBLE
            guard
                cholmod_solve2(
                    CHOLMOD_A, factorization, &right, nil, &solution, nil, &permuted,
                    &workspace, &common) != 0, let solution
            else { return false }
            buffer.baseAddress?.update(
                from: solution.pointee.x.assumingMemoryBound(to: Double.self), count: buffer.count)
            return true
        }
        if !succeeded { throw failure() }
    }

    private func failure() -> SparseError {
        switch common.status {
        case CHOLMOD_OUT_OF_MEMORY, CHOLMOD_TOO_LARGE: .outOfMemory
        default: .failed(Int(common.status))
        }
    }
}
