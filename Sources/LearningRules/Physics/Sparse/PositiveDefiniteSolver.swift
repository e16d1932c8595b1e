import SparseBridge

/// Solves A x = b for a sparse symmetric positive definite A of one pattern whose values change: by a new
/// factorization, or by conjugate gradients with the last one where that is cheaper.
///
/// Small matrices are factored as dense ones, which takes less time than following their pattern.
final class PositiveDefiniteSolver {
    /// Up to this size dense factorizations are faster (`make bench`).
    static let largestDense = 48

    let pattern: SymmetricPattern
    private let factorization: any PositiveDefiniteFactorization
    private let values: UnsafeMutableBufferPointer<Double>
    private var isFactored = false
    private var refactoring: Refactoring
    private var gradients: ConjugateGradients?

    var size: Int { pattern.size }

    /// Whether a guess of the solution is of use.
    var iterates: Bool { !isFactored && refactoring.prefersIteration }

    /// The rows of a matrix in an order of elimination with little fill.
    ///
    /// - Throws: `SparseError.outOfMemory`.
    static func order(_ pattern: SymmetricPattern) throws(SparseError) -> [Int] {
        guard pattern.size > largestDense else { return Array(0..<pattern.size) }
        return try CholeskyFactorization(pattern).order
    }

    /// - Parameter pattern: rows in an order of elimination with little fill.
    /// - Throws: `SparseError.outOfMemory`.
    init(_ pattern: SymmetricPattern) throws(SparseError) {
        self.pattern = pattern
        if pattern.size <= Self.largestDense {
            factorization = DenseCholesky(pattern)
        } else {
            factorization = try CholeskyFactorization(pattern, ordering: .natural)
        }
        values = factorization.values
        refactoring = Refactoring(factorization.work)
    }

    func setValues(_ set: (UnsafeMutableBufferPointer<Double>) -> Void) {
        set(values)
        isFactored = false
    }

    /// - Parameters:
    ///   - columns: right-hand sides, of which the solutions take the place.
    ///   - guesses: solutions for other values; empty if there are none.
    /// - Throws: `SparseError`.
    func solve(
        _ columns: UnsafeMutableBufferPointer<Double>, count: Int, guesses: [Double]
    ) throws(SparseError) {
        if !isFactored {
            if !guesses.isEmpty, try iterate(columns, count: count, guesses: guesses) { return }
            try factorization.factor()
            isFactored = true
            refactoring.factored()
        }
        try factorization.solve(columns, count: count)
    }

    /// False if the factorization is too old to be of help.
    private func iterate(
        _ columns: UnsafeMutableBufferPointer<Double>, count: Int, guesses: [Double]
    ) throws(SparseError) -> Bool {
        let gradients = self.gradients ?? ConjugateGradients(pattern)
        self.gradients = gradients
        let iterations = try gradients.solve(
            columns, count: count, guesses: guesses, values: values,
            preconditioner: factorization, mostIterations: refactoring.mostIterations(count))
        refactoring.iterated(iterations ?? refactoring.mostIterations(count), columns: count)
        return iterations != nil
    }
}

/// Whether to factor anew, by the work of what was done since the last factorization.
///
/// Each step with an old factorization takes more iterations than the one before. The average work of a
/// step, the factorization included, is least if one factors when a step takes more than that average.
/// Work is counted, not timed, so that a training takes the same path every time.
struct Refactoring {
    private let work: FactorizationWork
    private var spent = 0.0
    private var steps = 0.0
    private var last = 0.0

    init(_ work: FactorizationWork) { self.work = work }

    var prefersIteration: Bool {
        // Two columns that take two iterations each are the least that a step could ask for.
        guard spent > 0, work.factorization > 4 * work.solution else { return false }
        return last <= spent / steps
    }

    /// Iterations beyond which a factorization would have been cheaper.
    func mostIterations(_ columns: Int) -> Int {
        max(1, Int(work.factorization / (work.solution * Double(columns))))
    }

    mutating func factored() {
        (spent, steps, last) = (work.factorization, 1, 0)
    }

    mutating func iterated(_ iterations: Int, columns: Int) {
        last = Double(iterations * columns) * work.solution
        spent += last
        steps += 1
    }
}
