import LinearAlgebra

/// Solves A x = b for a sparse symmetric positive definite A of one pattern whose values change: by a new
/// factorization, or by conjugate gradients with the last one where that is cheaper.
///
/// The smallest matrices are factored as dense ones, which takes less time than following their pattern.
final class PositiveDefiniteSolver {
    /// Up to this size dense factorizations are faster: on a lattice of 12 resistors a step takes 4.4 µs and
    /// not 7.6, from one of 24 on it takes longer (`engine-steps 3 4 5` of Benchmarks, with this at 0 and 96).
    static let largestDense = 12

    let pattern: SymmetricPattern
    private let factorization: any PositiveDefiniteFactorization
    private let values: UnsafeMutableBufferPointer<Double>
    private var isFactored = false
    /// Diagonal of the matrix that was factored, where iterations may pay.
    private var factoredDiagonal: [Double] = []
    /// Largest relative change of the diagonal since then.
    private var change = 0.0
    private let work: FactorizationWork
    private var refactoring: Refactoring
    private let gradients: ConjugateGradients
    private(set) var counts = SolverCounts()

    var size: Int { pattern.size }

    /// Whether a guess of the solution is of use.
    var iterates: Bool { !isFactored && refactoring.prefersIteration(at: change) }

    /// The rows of a matrix in an order of elimination with little fill.
    ///
    /// - Throws: `SparseError.outOfMemory`.
    static func order(_ pattern: SymmetricPattern) throws(SparseError) -> [Int] {
        guard pattern.size > largestDense else { return Array(0..<pattern.size) }
        return try CholeskyFactorization(pattern).order
    }

    /// - Parameters:
    ///   - pattern: rows in an order of elimination with little fill.
    ///   - work: what governs the choice of the way; nil for that of the factorization.
    /// - Throws: `SparseError.outOfMemory`.
    init(_ pattern: SymmetricPattern, work: FactorizationWork? = nil) throws(SparseError) {
        self.pattern = pattern
        if pattern.size <= Self.largestDense {
            factorization = DenseCholesky(pattern)
        } else {
            factorization = try CholeskyFactorization(pattern, ordering: .natural)
        }
        values = factorization.values
        gradients = ConjugateGradients(pattern)
        self.work = work ?? factorization.work
        refactoring = Refactoring(self.work)
    }

    /// Forgets all solutions and factorizations, and keeps the order and the pattern of elimination.
    func restart() {
        isFactored = false
        factoredDiagonal = []
        change = 0
        refactoring = Refactoring(work)
    }

    func setValues(_ set: (UnsafeMutableBufferPointer<Double>) -> Void) {
        set(values)
        isFactored = false
        change = 0
        for (row, old) in factoredDiagonal.enumerated() {
            change = max(change, abs(values[pattern.diagonalSlot(row)] / old - 1))
        }
    }

    /// - Parameters:
    ///   - columns: right-hand sides, of which the solutions take the place.
    ///   - guesses: solutions for other values; empty if there are none.
    ///   - drift: by which the guesses differ from solutions before them, or empty; where it iterates, the
    ///     solutions from the guesses afterwards.
    /// - Throws: `SparseError`.
    func solve(
        _ columns: UnsafeMutableBufferPointer<Double>, count: Int, guesses: [Double],
        drift: inout [Double]
    ) throws(SparseError) {
        if !isFactored {
            if !guesses.isEmpty,
                try iterate(columns, count: count, guesses: guesses, drift: &drift)
            {
                return
            }
            try factorization.factor()
            isFactored = true
            counts.factorizations += 1
            refactoring.factored()
            if refactoring.mayIterate {
                factoredDiagonal = (0..<size).map { values[pattern.diagonalSlot($0)] }
            }
        }
        counts.solutions += count
        try factorization.solve(columns, count: count)
    }

    /// False if the factorization is too old to be of help.
    private func iterate(
        _ columns: UnsafeMutableBufferPointer<Double>, count: Int, guesses: [Double],
        drift: inout [Double]
    ) throws(SparseError) -> Bool {
        let outcome = try gradients.solve(
            columns, count: count, guesses: guesses, drift: &drift, values: values,
            preconditioner: factorization, mostIterations: refactoring.mostIterations(count))
        counts.solutions += outcome.iterations * count
        if outcome.isSolved {
            refactoring.iterated(outcome.iterations, columns: count)
        } else {
            refactoring.failed(at: change)
        }
        return outcome.isSolved
    }
}
