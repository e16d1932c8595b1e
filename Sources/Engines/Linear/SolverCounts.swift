/// What a sparse engine has done so far.
public struct SolverCounts: Sendable, Equatable {
    /// Numeric factorizations.
    public var factorizations = 0
    /// Right-hand sides solved with a factorization; with conjugate gradients, one in each iteration.
    public var solutions = 0

    public init() {}
}
