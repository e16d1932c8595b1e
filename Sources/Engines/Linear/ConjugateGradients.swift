import Foundation
import LinearAlgebra
import LinearAlgebra

/// Conjugate gradients for several right-hand sides, preconditioned by the factorization of a matrix nearby
/// (Golub & Van Loan, Matrix Computations, 4th ed., section 11.5.2).
///
/// Solved again and again while the matrix and the solutions drift, they start from the last solution, moved
/// on along its last change as far as that helps.
struct ConjugateGradients {
    /// Ended where the preconditioned residual, which is the error if the preconditioner is good, is below
    /// this part of the largest element of the solution. The states that ngspice confirms to 1e-9 have three
    /// digits to spare.
    static let tolerance = 1e-12
    /// The true residual's largest element, over that of |A| |x| + |b|, must be below this in the end.
    static let residualBound = 1e-13

    private let pattern: SymmetricPattern

    init(_ pattern: SymmetricPattern) { self.pattern = pattern }

    /// - Parameters:
    ///   - columns: right-hand sides, of which the solutions take the place.
    ///   - guesses: where to begin.
    ///   - drift: by which the guesses differ from solutions before them, or empty; the solutions from the
    ///     guesses afterwards, if they were reached.
    ///   - values: of the matrix, by slot.
    /// - Returns: whether the solutions were reached; if they were not, or not in sight of so many iterations,
    ///   the columns are what they were.
    func solve(
        _ columns: UnsafeMutableBufferPointer<Double>, count: Int, guesses: [Double],
        drift: inout [Double], values: UnsafeMutableBufferPointer<Double>,
        preconditioner: any PositiveDefiniteFactorization, mostIterations: Int
    ) throws(SparseError) -> (isSolved: Bool, iterations: Int) {
        let a = Matrix(pattern: pattern, values: UnsafeBufferPointer(values), count: count)
        var x = guesses
        var residual = Array(columns)
        a.subtractProduct(x, from: &residual)
        if drift.count == x.count { a.extrapolate(&x, &residual, along: drift) }
        var correction = residual
        try Self.precondition(preconditioner, &correction, count)
        var direction = correction
        var product = [Double](repeating: 0, count: x.count)
        var energies = (0..<count).map { a.dot(residual, correction, $0) }
        var iterations = 1
        var error = a.relativeError(correction, beside: x)
        let first = error
        while error > Self.tolerance {
            guard iterations < mostIterations,
                iterations < 3
                    || Self.expectedIterations(iterations, from: first, to: error)
                        <= mostIterations
            else { return (false, iterations) }
            a.multiply(direction, into: &product)
            for column in 0..<count {
                let curvature = a.dot(direction, product, column)
                guard curvature > 0 else { continue }
                let length = energies[column] / curvature
                a.add(length, direction, to: &x, column)
                a.add(-length, product, to: &residual, column)
            }
            for index in correction.indices { correction[index] = residual[index] }
            try Self.precondition(preconditioner, &correction, count)
            for column in 0..<count {
                let energy = a.dot(residual, correction, column)
                let turn = energies[column] > 0 ? energy / energies[column] : 0
                energies[column] = energy
                for i in a.range(column) { direction[i] = correction[i] + turn * direction[i] }
            }
            iterations += 1
            error = a.relativeError(correction, beside: x)
        }
        // The last preconditioned residual is a correction that costs nothing more.
        for index in x.indices { x[index] += correction[index] }
        let isSolved = a.isSolved(x, for: columns)
        if isSolved {
            _ = columns.update(from: x)
            for index in x.indices { x[index] -= guesses[index] }
            drift = x
        }
        return (isSolved, iterations)
    }

    private static func precondition(
        _ preconditioner: any PositiveDefiniteFactorization, _ columns: inout [Double], _ count: Int
    ) throws(SparseError) {
        try columns.withUnsafeMutableBufferPointer { buffer throws(SparseError) in
            try preconditioner.solve(buffer, count: count)
        }
    }

    /// How many iterations it takes at the present pace.
    private static func expectedIterations(_ done: Int, from first: Double, to error: Double) -> Int
    {
        guard error < first else { return .max }
        let pace = log(first / error) / Double(done - 1)
        return done + Int((log(error / tolerance) / pace).rounded(.up))
    }
}

/// A symmetric matrix that acts on vectors stored column after column.
private struct Matrix {
    let pattern: SymmetricPattern
    let values: UnsafeBufferPointer<Double>
    package let count: Int

    func range(_ column: Int) -> Range<Int> {
        column * pattern.size..<(column + 1) * pattern.size
    }

    /// y −= A x.
    func subtractProduct(_ x: [Double], from y: inout [Double]) {
        x.withUnsafeBufferPointer { x in
            y.withUnsafeMutableBufferPointer { y in
                for column in 0..<count {
                    pattern.subtractProduct(
                        values, UnsafeBufferPointer(rebasing: x[range(column)]),
                        from: UnsafeMutableBufferPointer(rebasing: y[range(column)]))
                }
            }
        }
    }

    /// y = A x.
    func multiply(_ x: [Double], into y: inout [Double]) {
        for index in y.indices { y[index] = 0 }
        subtractProduct(x, from: &y)
        for index in y.indices { y[index] = -y[index] }
    }

    /// Moves x, whose residual is r, along d to the least error in the norm of A.
    func extrapolate(_ x: inout [Double], _ r: inout [Double], along d: [Double]) {
        var product = d
        multiply(d, into: &product)
        for column in 0..<count {
            let curvature = dot(d, product, column)
            guard curvature > 0 else { continue }
            let length = dot(d, r, column) / curvature
            add(length, d, to: &x, column)
            add(-length, product, to: &r, column)
        }
    }

    package func dot(_ a: [Double], _ b: [Double], _ column: Int) -> Double {
        // Several sums at once: one waits for each of its additions.
        var sums = SIMD8<Double>.zero
        a[range(column)].withUnsafeBufferPointer { a in
            b[range(column)].withUnsafeBufferPointer { b in
                let whole = a.count / 8 * 8
                for i in stride(from: 0, to: whole, by: 8) {
                    for lane in 0..<8 { sums[lane] += a[i + lane] * b[i + lane] }
                }
                for i in whole..<a.count { sums[0] += a[i] * b[i] }
            }
        }
        return sums.sum()
    }

    func add(_ factor: Double, _ a: [Double], to b: inout [Double], _ column: Int) {
        for i in range(column) { b[i] += factor * a[i] }
    }

    private func largest(_ x: [Double], _ column: Int) -> Double {
        x[range(column)].withUnsafeBufferPointer { x in
            var result = 0.0
            for value in x where abs(value) > result { result = abs(value) }
            return result
        }
    }

    /// The largest preconditioned residual of a column over its largest solution.
    func relativeError(_ z: [Double], beside x: [Double]) -> Double {
        (0..<count).reduce(0) { worst, column in
            let scale = largest(x, column)
            return scale > 0 ? max(worst, largest(z, column) / scale) : worst
        }
    }

    func isSolved(_ x: [Double], for right: UnsafeMutableBufferPointer<Double>) -> Bool {
        let rightHandSides = Array(right)
        var residual = rightHandSides
        subtractProduct(x, from: &residual)
        let element = values.reduce(0) { max($0, abs($1)) }
        return (0..<count).allSatisfy { column in
            largest(residual, column) <= ConjugateGradients.residualBound
                * (element * largest(x, column) + largest(rightHandSides, column))
        }
    }
}
