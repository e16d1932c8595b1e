import LinearAlgebra

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
    /// A change of the matrix at which iterations are not tried.
    private var tooLarge = Double.infinity

    init(_ work: FactorizationWork) { self.work = work }

    /// Two columns that take two iterations each are the least that a step could ask for.
    var mayIterate: Bool { work.factorization > 4 * work.solution }

    /// - Parameter change: of the matrix since it was factored, relative.
    func prefersIteration(at change: Double) -> Bool {
        mayIterate && spent > 0 && last <= spent / steps && change < tooLarge
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

    /// A factorization would have been cheaper, and is so until steps are half as large.
    mutating func failed(at change: Double) { tooLarge = change / 2 }
}
