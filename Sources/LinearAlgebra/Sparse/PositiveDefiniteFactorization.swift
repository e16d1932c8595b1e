/// A factorization of a symmetric positive definite matrix whose pattern stays while its values change.
public protocol PositiveDefiniteFactorization: AnyObject {
    /// The values of the matrix by slot of the pattern.
    var values: UnsafeMutableBufferPointer<Double> { get }

    var work: FactorizationWork { get }

    /// Factors the matrix of the present `values`.
    ///
    /// - Throws: `SparseError.notPositiveDefinite`, `.outOfMemory`.
    func factor() throws(SparseError)

    /// Solves A x = b for several right-hand sides, in place, with the last factorization.
    ///
    /// - Parameters:
    ///   - columns: `size` numbers for each right-hand side, one after another.
    ///   - count: right-hand sides.
    /// - Throws: `SparseError.outOfMemory`.
    func solve(
        _ columns: UnsafeMutableBufferPointer<Double>, count: Int
    ) throws(SparseError)
}

/// What a factorization and the solution of one right-hand side cost, in one unit of time.
public struct FactorizationWork: Sendable {
    public let factorization: Double
    public let solution: Double

    public init(factorization: Double, solution: Double) {
        (self.factorization, self.solution) = (factorization, solution)
    }
}
