import CSuiteSparse

/// P A Q = L U of a sparse square matrix whose pattern stays while its values change.
///
/// KLU (Davis & Palamadai Natarajan 2010, DOI 10.1145/1824801.1824814), made for the matrices of circuits,
/// permutes the matrix to block triangular form and orders the blocks once. The first `factor` looks for
/// pivots, the next ones take the same as long as they are good enough, which is several times cheaper.
public final class KLUFactorization {
    public let pattern: SparsePattern
    /// The values of the matrix by slot of the pattern.
    public let values: UnsafeMutableBufferPointer<Double>
    private let library: csuitesparse_routines
    private var common = klu_common()
    // KLU takes pointers to mutable numbers, but doesn't change these.
    private var starts: [Int32]
    private var rows: [Int32]
    private var symbolic: UnsafeMutablePointer<klu_symbolic>?
    private var numeric: UnsafeMutablePointer<klu_numeric>?
    /// The reciprocal growth of the elements when the pivots were last chosen.
    private var chosenGrowth = 1.0
    /// How many times pivots were looked for.
    public private(set) var pivotings = 0

    /// A diagonal element is taken for pivot where it is at least this part of the largest in its column.
    /// With KLU's 0.001 solutions lose three digits.
    private static let pivotTolerance = 0.1

    /// How much larger the elements may grow with pivots from earlier values than with fresh ones: an
    /// error of so many roundings is what a step of iterative refinement mends (Arioli, Demmel & Duff
    /// 1989, DOI 10.1137/0610013).
    private static let toleratedGrowth = 1e3

    /// - Throws: `outOfMemory`; `libraryMissing`.
    public init(_ pattern: SparsePattern) throws(SparseError) {
        self.pattern = pattern
        library = try SuiteSparse.routines()
        starts = pattern.columnStarts
        rows = pattern.rows
        values = .allocate(capacity: pattern.slotCount)
        values.initialize(repeating: 0)
        _ = library.klu_defaults(&common)
        common.tol = Self.pivotTolerance
        guard pattern.size > 0 else { return }
        symbolic = library.klu_analyze(Int32(pattern.size), &starts, &rows, &common)
        guard symbolic != nil else { throw failure() }
    }

    deinit {
        _ = library.klu_free_numeric(&numeric, &common)
        _ = library.klu_free_symbolic(&symbolic, &common)
        values.deallocate()
    }

    /// Factors the matrix of the present `values`.
    ///
    /// - Throws: `singular`; `outOfMemory`.
    public func factor() throws(SparseError) {
        guard let symbolic else { return }
        if let numeric,
            library.klu_refactor(&starts, &rows, values.baseAddress, symbolic, numeric, &common)
                != 0,
            common.status == KLU_OK, growth * Self.toleratedGrowth >= chosenGrowth
        {
            return
        }
        _ = library.klu_free_numeric(&numeric, &common)
        numeric = library.klu_factor(&starts, &rows, values.baseAddress, symbolic, &common)
        pivotings += 1
        guard numeric != nil else { throw failure() }
        chosenGrowth = growth
    }

    /// Has the next `factor` look for pivots, as the first one did.
    public func forgetPivots() { _ = library.klu_free_numeric(&numeric, &common) }

    /// The least of max |A| / max |U| over the columns, rows scaled: 1 where elements did not grow.
    private var growth: Double {
        _ = library.klu_rgrowth(&starts, &rows, values.baseAddress, symbolic, numeric, &common)
        return common.rgrowth
    }

    /// Solves A x = b for several right-hand sides, in place, with the last factorization.
    ///
    /// - Parameter columns: `size` numbers for each right-hand side, one after another.
    public func solve(_ columns: inout [Double]) throws(SparseError) {
        guard let symbolic else { return }
        let size = Int32(pattern.size)
        guard
            library.klu_solve(
                symbolic, numeric, size, Int32(columns.count) / size, &columns, &common) != 0
        else { throw failure() }
    }

    /// Solves Aᵀ x = b as `solve` does A x = b.
    public func solveTransposed(_ columns: inout [Double]) throws(SparseError) {
        guard let symbolic else { return }
        let size = Int32(pattern.size)
        guard
            library.klu_tsolve(
                symbolic, numeric, size, Int32(columns.count) / size, &columns, &common) != 0
        else { throw failure() }
    }

    /// The pivot that elimination left the smallest beside the elements of its column, and the ratio
    /// |U(k,k)| / max |A(·,k)|, rows scaled to a largest element of 1; 1 where no pivot shrank.
    ///
    /// Where it is a few roundings, the matrix is singular as far as its elements are known. Only the
    /// elements of a diagonal block count, because the others take no part in its elimination.
    ///
    /// - Parameter magnitudes: |A| by slot; where elements are sums that may cancel, the sums of the
    ///   absolute terms, because with these go their roundings.
    /// - Complexity: O(size + elements).
    public func weakestPivot(beside magnitudes: [Double]) -> (column: Int, ratio: Double) {
        guard let symbolic = symbolic?.pointee, let numeric = numeric?.pointee else {
            return (0, 1)
        }
        var rowMaxima = [Double](repeating: 0, count: pattern.size)
        var pivotScales = rowMaxima
        for (slot, row) in pattern.rows.enumerated() {
            rowMaxima[Int(row)] = max(rowMaxima[Int(row)], magnitudes[slot])
            pivotScales[Int(row)] = max(pivotScales[Int(row)], abs(values[slot]))
        }
        let diagonal = numeric.Udiag.assumingMemoryBound(to: Double.self)
        var weakest = (column: 0, ratio: 1.0)
        for block in 0..<Int(symbolic.nblocks) {
            let places = symbolic.R[block]..<symbolic.R[block + 1]
            for place in places {
                let column = Int(symbolic.Q[Int(place)])
                var largest = 0.0
                for (row, slot) in pattern.column(column) where places.contains(numeric.Pinv[row]) {
                    largest = max(largest, magnitudes[slot] / rowMaxima[row])
                }
                let row = Int(numeric.Pnum[Int(place)])
                let pivot = abs(diagonal[Int(place)]) * pivotScales[row] / rowMaxima[row]
                if pivot / largest < weakest.ratio { weakest = (column, pivot / largest) }
            }
        }
        return weakest
    }

    private func failure() -> SparseError {
        switch common.status {
        case KLU_SINGULAR: .singular(Int(common.singular_col))
        case KLU_OUT_OF_MEMORY, KLU_TOO_LARGE: .outOfMemory
        default: .failed(Int(common.status))
        }
    }
}
