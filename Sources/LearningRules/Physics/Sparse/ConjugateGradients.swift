import Foundation
import SparseBridge

/// Conjugate gradients for several right-hand sides, preconditioned by the factorization of a matrix nearby
/// (Golub & Van Loan, Matrix Computations, 4th ed., Algorithm 11.5.1).
final class ConjugateGradients {
    /// Ended where the preconditioned residual, which is the error if the preconditioner is good, is below
    /// this part of the largest element of the solution. The states that ngspice confirms to 1e-9 have three
    /// digits to spare.
    static let tolerance = 1e-12
    /// The true residual's largest element, over that of |A| |x| + |b|, must be below this in the end.
    static let residualBound = 1e-13

    private let pattern: SymmetricPattern
    private var residuals: [Double] = []
    private var preconditioned: [Double] = []
    private var directions: [Double] = []
    private var products: [Double] = []

    init(_ pattern: SymmetricPattern) { self.pattern = pattern }

    /// - Parameters:
    ///   - columns: right-hand sides, of which the solutions take the place.
    ///   - guesses: where to begin.
    ///   - values: of the matrix, by slot.
    /// - Returns: whether the solutions were reached; if they were not, or not in sight of so many iterations,
    ///   the columns are what they were.
    func solve(
        _ columns: UnsafeMutableBufferPointer<Double>, count: Int, guesses: [Double],
        values: UnsafeMutableBufferPointer<Double>,
        preconditioner: any PositiveDefiniteFactorization, mostIterations: Int
    ) throws(SparseError) -> (isSolved: Bool, iterations: Int) {
        let size = pattern.size
        var x = guesses
        residuals = Array(columns)
        subtractProduct(values, x, from: &residuals, count: count)
        preconditioned = residuals
        try precondition(preconditioner, count: count)
        directions = preconditioned
        if products.count != residuals.count {
            products = [Double](repeating: 0, count: residuals.count)
        }
        var energies = (0..<count).map { dot(residuals, preconditioned, column: $0) }
        var iterations = 1
        var error = relativeError(preconditioned, beside: x, count: count)
        let first = error
        while error > Self.tolerance {
            guard iterations < mostIterations,
                iterations < 3
                    || expectedIterations(iterations, from: first, to: error) <= mostIterations
            else { return (false, iterations) }
            for index in products.indices { products[index] = 0 }
            subtractProduct(values, directions, from: &products, count: count)
            for column in 0..<count {
                let range = column * size..<(column + 1) * size
                // Of −A p, whence the signs.
                let curvature = -dot(directions, products, column: column)
                guard curvature > 0 else { continue }
                let length = energies[column] / curvature
                for i in range {
                    x[i] += length * directions[i]
                    residuals[i] += length * products[i]
                }
            }
            preconditioned = residuals
            try precondition(preconditioner, count: count)
            for column in 0..<count {
                let range = column * size..<(column + 1) * size
                let energy = dot(residuals, preconditioned, column: column)
                let turn = energies[column] > 0 ? energy / energies[column] : 0
                energies[column] = energy
                for i in range { directions[i] = preconditioned[i] + turn * directions[i] }
            }
            iterations += 1
            error = relativeError(preconditioned, beside: x, count: count)
        }
        // The last preconditioned residual is a correction that costs nothing more.
        for index in x.indices { x[index] += preconditioned[index] }
        let isSolved = isSolved(columns, x, values, count: count)
        if isSolved { _ = columns.update(from: x) }
        return (isSolved, iterations)
    }

    /// How many iterations it takes at the present pace.
    private func expectedIterations(_ done: Int, from first: Double, to error: Double) -> Int {
        guard error < first else { return .max }
        let pace = log(first / error) / Double(done - 1)
        return done + Int((log(error / Self.tolerance) / pace).rounded(.up))
    }

    private func precondition(
        _ preconditioner: any PositiveDefiniteFactorization, count: Int
    ) throws(SparseError) {
        try preconditioned.withUnsafeMutableBufferPointer { buffer throws(SparseError) in
            try preconditioner.solve(buffer, count: count)
        }
    }

    /// The largest preconditioned residual of a column over its largest solution.
    private func relativeError(_ z: [Double], beside x: [Double], count: Int) -> Double {
        (0..<count).reduce(0) { worst, column in
            let scale = largest(x, column)
            return scale > 0 ? max(worst, largest(z, column) / scale) : worst
        }
    }

    private func isSolved(
        _ right: UnsafeMutableBufferPointer<Double>, _ x: [Double],
        _ values: UnsafeMutableBufferPointer<Double>, count: Int
    ) -> Bool {
        residuals = Array(right)
        subtractProduct(values, x, from: &residuals, count: count)
        let largestElement = values.reduce(0) { max($0, abs($1)) }
        let rightHandSides = Array(right)
        return (0..<count).allSatisfy { column in
            largest(residuals, column) <= Self.residualBound
                * (largestElement * largest(x, column) + largest(rightHandSides, column))
        }
    }

    private func largest(_ x: [Double], _ column: Int) -> Double {
        var result = 0.0
        for i in column * pattern.size..<(column + 1) * pattern.size {
            result = max(result, abs(x[i]))
        }
        return result
    }

    private func dot(_ a: [Double], _ b: [Double], column: Int) -> Double {
        var sum = 0.0
        for i in column * pattern.size..<(column + 1) * pattern.size { sum += a[i] * b[i] }
        return sum
    }

    /// y −= A x, column by column.
    private func subtractProduct(
        _ values: UnsafeMutableBufferPointer<Double>, _ x: [Double], from y: inout [Double],
        count: Int
    ) {
        let size = pattern.size
        x.withUnsafeBufferPointer { x in
            y.withUnsafeMutableBufferPointer { y in
                for column in 0..<count {
                    pattern.subtractProduct(
                        UnsafeBufferPointer(values),
                        UnsafeBufferPointer(rebasing: x[column * size..<(column + 1) * size]),
                        from: UnsafeMutableBufferPointer(
                            rebasing: y[column * size..<(column + 1) * size]))
                }
            }
        }
    }
}
