import CSuiteSparse

/// A failure of a sparse factorization.
public enum SparseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not positive definite: elimination ended at this row and column.
    case notPositiveDefinite(Int)
    /// No pivot is left in this column.
    case singular(Int)
    case outOfMemory
    /// A library can't be loaded, for this reason.
    case libraryMissing(String)
    /// CHOLMOD's or KLU's status.
    case failed(Int)

    public var description: String {
        switch self {
        case .notPositiveDefinite(let row):
            "the matrix is not positive definite at row \(row)"
        case .singular(let column): "the matrix is singular at column \(column)"
        case .outOfMemory: "there is not enough memory for the sparse factorization"
        case .libraryMissing(let reason): reason
        case .failed(let status): "the sparse factorization failed with status \(status)"
        }
    }
}

/// A = L Lᵀ of a sparse symmetric positive definite matrix whose pattern stays while its values change.
///
/// CHOLMOD (Chen, Davis, Hager & Rajamanickam 2008, DOI 10.1145/1391989.1391995) orders the matrix and
/// finds the pattern of L once; each `factor` then only computes numbers. It takes the supernodal form,
/// with dense blocks for BLAS, where that pays.
public final class CholeskyFactorization: PositiveDefiniteFactorization {
    public enum Ordering: Sendable {
        /// One with little fill: the best of minimum degree and nested dissection.
        case fillReducing
        /// The rows as they are, which saves a permutation of the matrix in each factorization.
        case natural
    }

    public let pattern: SymmetricPattern
    private let library: csuitesparse_routines
    private var common = cholmod_common()
    private let matrix: UnsafeMutablePointer<cholmod_sparse>
    private var factorization: UnsafeMutablePointer<cholmod_factor>?
    private var solution: UnsafeMutablePointer<cholmod_dense>?
    // Two properties, not a tuple: CHOLMOD is given both at once.
    private var permuted: UnsafeMutablePointer<cholmod_dense>?
    private var workspace: UnsafeMutablePointer<cholmod_dense>?
    /// The values of the matrix by slot of the pattern.
    public let values: UnsafeMutableBufferPointer<Double>

    /// - Throws: `outOfMemory`; `libraryMissing`.
    public init(
        _ pattern: SymmetricPattern, ordering: Ordering = .fillReducing
    ) throws(SparseError) {
        self.pattern = pattern
        library = try SuiteSparse.routines()
        _ = library.cholmod_start(&common)
        // Errors come back as status, not as text on standard output.
        common.print = 0
        common.error_handler = nil
        // L Lᵀ in the simplicial form too: L D Lᵀ would go on past a negative pivot.
        common.final_ll = 1
        // Operations for each element of L beyond which dense blocks pay, measured on lattices of two and
        // three dimensions; CHOLMOD's own 40 made one of 10⁴ edges half as fast.
        common.supernodal_switch = 100
        let upper: Int32 = 1
        guard
            let matrix = library.cholmod_allocate_sparse(
                pattern.size, pattern.size, pattern.slotCount, 1, 1, upper, CHOLMOD_REAL, &common)
        else {
            _ = library.cholmod_finish(&common)
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
        if ordering == .natural {
            common.nmethods = 1
            cholmod_set_ordering(&common, CHOLMOD_NATURAL)
            // An order with little fill is in postorder already.
            common.postorder = 0
        }
        factorization = library.cholmod_analyze(matrix, &common)
        guard factorization != nil else { throw failure() }
    }

    /// Calls a routine of CHOLMOD.
    ///
    /// Threads pay only where blocks take longer than waking them: from some 10¹⁰ operations.
    private func call(_ routine: () -> Int32) throws(SparseError) {
        let several = common.fl >= 1e10 && BLAS.hasThreads
        cholmod_use_threads(library, several ? 1 : 0)
        let isDone =
            try several ? BLAS.onSeveralThreads(routine) : BLAS.onOneThread(routine)
        guard isDone != 0 else { throw failure() }
    }

    deinit {
        var matrix: UnsafeMutablePointer<cholmod_sparse>? = matrix
        _ = library.cholmod_free_sparse(&matrix, &common)
        _ = library.cholmod_free_factor(&factorization, &common)
        _ = library.cholmod_free_dense(&solution, &common)
        _ = library.cholmod_free_dense(&permuted, &common)
        _ = library.cholmod_free_dense(&workspace, &common)
        _ = library.cholmod_finish(&common)
    }

    /// Factors the matrix of the present `values`.
    ///
    /// - Throws: `notPositiveDefinite`; `outOfMemory`.
    public func factor() throws(SparseError) {
        guard let factorization else { throw .failed(Int(common.status)) }
        try call { library.cholmod_factorize(matrix, factorization, &common) }
        let minor = Int(factorization.pointee.minor)
        guard minor == pattern.size else {
            throw .notPositiveDefinite(order[minor])
        }
    }

    /// The rows of the matrix in the order of their elimination.
    public var order: [Int] {
        guard let permutation = factorization?.pointee.Perm else {
            return Array(0..<pattern.size)
        }
        let rows = permutation.assumingMemoryBound(to: Int32.self)
        return (0..<pattern.size).map { Int(rows[$0]) }
    }

    /// The unit is the time of one floating-point operation in a solution. Where dense blocks are given to
    /// BLAS, an operation of a factorization takes an eighth of that (`make bench-lattices`
    /// prints what a step with a factorization takes, and one with so many solutions).
    public var work: FactorizationWork {
        let isSupernodal = (factorization?.pointee.is_super ?? 0) != 0
        return FactorizationWork(
            factorization: common.fl / (isSupernodal ? 8 : 1), solution: 4 * common.lnz)
    }

    /// min/max of the diagonal of L, squared: a rough upper bound of the reciprocal condition number.
    public var reciprocalCondition: Double {
        factorization.map { library.cholmod_rcond($0, &common) } ?? 0
    }

    public func solve(
        _ columns: UnsafeMutableBufferPointer<Double>, count: Int
    ) throws(SparseError) {
        guard let factorization, pattern.size > 0, count > 0 else { return }
        var right = cholmod_dense()
        right.nrow = pattern.size
        right.ncol = count
        right.nzmax = columns.count
        right.d = pattern.size
        right.x = UnsafeMutableRawPointer(columns.baseAddress)
        right.xtype = CHOLMOD_REAL
        right.dtype = CHOLMOD_DOUBLE
        try call {
            library.cholmod_solve2(
                CHOLMOD_A, factorization, &right, nil, &solution, nil, &permuted, &workspace,
                &common)
        }
        guard let solution else { throw failure() }
        columns.baseAddress?.update(
            from: solution.pointee.x.assumingMemoryBound(to: Double.self), count: columns.count)
    }

    private func failure() -> SparseError {
        switch common.status {
        case CHOLMOD_OUT_OF_MEMORY, CHOLMOD_TOO_LARGE: .outOfMemory
        default: .failed(Int(common.status))
        }
    }
}
