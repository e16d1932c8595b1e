import LinearAlgebra
import Testing

@testable import Engines
@testable import LearningTasks

/// Conjugate gradients with an old factorization against a new one.
@Suite struct PositiveDefiniteSolverTests {
    private static let side = 12

    /// A cube of nodes, each tied to its neighbours and weakly to ground.
    private static let pattern: SymmetricPattern = {
        let n = Int32(side)
        var pairs: [(Int32, Int32)] = []
        for node in 0..<n * n * n {
            if node % n + 1 < n { pairs.append((node, node + 1)) }
            if node / n % n + 1 < n { pairs.append((node, node + n)) }
            if node / (n * n) + 1 < n { pairs.append((node, node + n * n)) }
        }
        return SymmetricPattern(size: Int(n * n * n), pairs: pairs)
    }()

    /// Conductances around 1 S, changed by about a hundredth in each step.
    private static func setValues(_ solver: PositiveDefiniteSolver, step: Int) {
        var generator = SplitMix64(seed: 7)
        solver.setValues { values in
            values.update(repeating: 0)
            for row in 0..<pattern.size { values[pattern.diagonalSlot(row)] = 1e-3 }
            var rows = [(Int, Int)](repeating: (0, 0), count: pattern.slotCount)
            let n = side
            var pair = 0
            for node in 0..<pattern.size {
                for (next, exists) in [
                    (node + 1, node % n + 1 < n), (node + n, node / n % n + 1 < n),
                    (node + n * n, node / (n * n) + 1 < n),
                ] where exists {
                    rows[pair] = (node, next)
                    pair += 1
                }
            }
            for (pair, slot) in pattern.pairSlots.enumerated() {
                let drift =
                    1 + 0.01 * Double(step) * (Double.random(in: 0..<1, using: &generator) - 0.5)
                let k = (0.5 + Double.random(in: 0..<1, using: &generator)) * drift
                values[Int(slot)] -= k
                values[pattern.diagonalSlot(rows[pair].0)] += k
                values[pattern.diagonalSlot(rows[pair].1)] += k
            }
        }
    }

    private static func rightHandSides() -> [Double] {
        var generator = SplitMix64(seed: 3)
        return (0..<3 * pattern.size).map { _ in Double.random(in: 0..<1, using: &generator) - 0.5 }
    }

    private static func solve(_ solver: PositiveDefiniteSolver, guesses: [Double]) throws
        -> [Double]
    {
        var drift: [Double] = []
        return try solve(solver, guesses: guesses, drift: &drift)
    }

    private static func solve(
        _ solver: PositiveDefiniteSolver, guesses: [Double], drift: inout [Double]
    ) throws -> [Double] {
        var columns = rightHandSides()
        try columns.withUnsafeMutableBufferPointer {
            try solver.solve($0, count: 3, guesses: guesses, drift: &drift)
        }
        return columns
    }

    @Test func iterationsAgreeWithFactorizations() throws {
        let direct = try PositiveDefiniteSolver(Self.pattern)
        // A factorization that costs a hundred solutions, as in three dimensions.
        let iterative = try PositiveDefiniteSolver(
            Self.pattern, work: FactorizationWork(factorization: 100, solution: 1))
        var guesses: [Double] = []
        var drift: [Double] = []
        for step in 0..<12 {
            Self.setValues(direct, step: step)
            Self.setValues(iterative, step: step)
            let expected = try Self.solve(direct, guesses: [])
            guesses = try Self.solve(iterative, guesses: guesses, drift: &drift)
            // The error that conjugate gradients end at.
            #expect(differenceOverNorm(expected, guesses) < 1e-11)
        }
        #expect(direct.counts.factorizations == 12)
        // Three columns of a few iterations each are less than a third of a factorization.
        #expect(iterative.counts.factorizations < 5)
        #expect(iterative.counts.solutions > 36)
    }

    /// Where the matrix is no longer near the factorization, it is factored anew.
    @Test func leavesAUselessFactorization() throws {
        let solver = try PositiveDefiniteSolver(
            Self.pattern, work: FactorizationWork(factorization: 100, solution: 1))
        Self.setValues(solver, step: 0)
        let guesses = try Self.solve(solver, guesses: [])
        Self.setValues(solver, step: 180)
        let found = try Self.solve(solver, guesses: guesses)
        #expect(solver.counts.factorizations == 2)
        let direct = try PositiveDefiniteSolver(Self.pattern)
        Self.setValues(direct, step: 180)
        #expect(differenceOverNorm(try Self.solve(direct, guesses: []), found) < 1e-13)
    }
}
