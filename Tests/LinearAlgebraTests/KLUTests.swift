import CLAPACK
import LinearAlgebra
import Testing

@Suite struct KLUTests {
    /// Random matrices with one element of 0.5 to 1 in each row and column, most of them off the diagonal,
    /// and three of at most 0.1 in each column: the condition number in the 1-norm is below
    /// 1.3/(0.5 − 0.3) = 6.5, and so with pivots from other values, which are tolerated up to a growth of
    /// 1000, solutions agree within some 6500 roundings.
    struct Sample {
        let matrix: KLUFactorization
        private var random: Xorshift

        init(size: Int, seed: UInt64) throws {
            random = Xorshift(state: seed)
            let columns = Array(0..<Int32(size))
            let strong = zip(columns.shuffled(using: &random), columns).map { ($0, $1) }
            var weak: [(Int32, Int32)] = []
            for column in columns + columns + columns {
                weak.append((Int32.random(in: 0..<Int32(size), using: &random), column))
            }
            matrix = try KLUFactorization(
                SparsePattern(
                    size: size, elements: (strong + weak).map { (row: $0.0, column: $0.1) }))
        }

        mutating func fill() {
            matrix.values.update(repeating: 0)
            for (index, slot) in matrix.pattern.slots.enumerated() {
                matrix.values[Int(slot)] +=
                    index < matrix.pattern.size
                    ? .random(in: 0.5...1, using: &random) : .random(in: -0.1...0.1, using: &random)
            }
        }

        mutating func rightHandSides(_ count: Int) -> [Double] {
            (0..<count * matrix.pattern.size).map { _ in .random(in: -1...1, using: &random) }
        }
    }

    /// A x = b or Aᵀ x = b by LAPACK, column by column.
    static func denseSolution(
        _ matrix: KLUFactorization, isTransposed: Bool, _ columns: [Double]
    ) throws -> [Double] {
        let size = matrix.pattern.size
        return try stride(from: 0, to: columns.count, by: size).flatMap { start in
            var dense = [Double](repeating: 0, count: size * size)
            for column in 0..<size {
                for (row, slot) in matrix.pattern.column(column) {
                    let place = isTransposed ? column + row * size : row + column * size
                    dense[place] = matrix.values[slot]
                }
            }
            var x = Array(columns[start..<start + size])
            var pivots = [Int32](repeating: 0, count: size)
            let info = try BLAS.onOneThread { clapack_dgesv(Int32(size), 1, &dense, &pivots, &x) }
            #expect(info == 0)
            return x
        }
    }

    @Test("random matrices, again and again with new values", arguments: [1, 2, 5, 17, 60], 1...5)
    func random(size: Int, seed: Int) throws {
        var sample = try Sample(size: size, seed: UInt64(size * 100 + seed))
        let matrix = sample.matrix
        for _ in 0..<4 {
            sample.fill()
            try matrix.factor()
            // More than the four columns that KLU takes at once.
            let right = sample.rightHandSides(6)
            for isTransposed in [false, true] {
                var x = right
                try isTransposed ? matrix.solveTransposed(&x) : matrix.solve(&x)
                let expected = try Self.denseSolution(matrix, isTransposed: isTransposed, right)
                for (a, b) in zip(x, expected) { #expect(abs(a - b) < 1e-11) }
            }
            // Refined, they agree to a few roundings.
            var refined = right
            #expect(try matrix.solveRefining(&refined) < 8 * Double.ulpOfOne)
            let expected = try Self.denseSolution(matrix, isTransposed: false, right)
            for (a, b) in zip(refined, expected) { #expect(abs(a - b) < 2e-14) }
        }
        #expect(matrix.pivotings == 1)
        #expect(matrix.weakestPivot(beside: matrix.values.map(abs)).ratio > 1e-3)
    }

    private static func twoByTwo() throws -> (KLUFactorization, ([Double]) -> Void) {
        let pattern = SparsePattern(size: 2, elements: [(1, 1), (0, 1), (1, 0), (0, 0)])
        let matrix = try KLUFactorization(pattern)
        // By columns.
        return (
            matrix,
            { values in
                for (slot, value) in zip(pattern.slots, values.reversed()) {
                    matrix.values[Int(slot)] = value
                }
            }
        )
    }

    /// Each of these has its large elements where those of the one before has its small ones: with its
    /// pivots elements would grow to 10²⁰.
    @Test func pivotsThatNoLongerServeAreReplaced() throws {
        let (matrix, set) = try Self.twoByTwo()
        for (index, (a, b)) in [(1.0, 1e-20), (1e-20, 1), (1, 1e-20)].enumerated() {
            set([a, b, b + 1e-21, a])
            try matrix.factor()
            #expect(matrix.pivotings == index + 1)
            var x = [a + 2 * (b + 1e-21), b + 2 * a]
            try matrix.solve(&x)
            #expect(abs(x[0] - 1) < 1e-15 && abs(x[1] - 2) < 1e-15, "\(x)")
        }
    }

    @Test func singularMatricesNameAColumn() throws {
        let (matrix, set) = try Self.twoByTwo()
        set([1, 2, 2, 4])
        #expect(throws: SparseError.self) { try matrix.factor() }
        // Nothing is left of the failure.
        set([1, 2, 2, 5])
        try matrix.factor()
        var x = [5.0, 12]
        try matrix.solve(&x)
        #expect(abs(x[0] - 1) < 1e-14 && abs(x[1] - 2) < 1e-14)

        // The second column is empty by its pattern.
        let empty = try KLUFactorization(
            SparsePattern(size: 3, elements: [(0, 0), (1, 2), (2, 2), (1, 0)]))
        empty.values.update(repeating: 1)
        #expect(throws: SparseError.singular(1)) { try empty.factor() }
    }

    @Test("the weakest pivot says how nearly singular it is", arguments: [1e-3, 1e-7, 1e-12])
    func weakestPivot(gap: Double) throws {
        let (matrix, set) = try Self.twoByTwo()
        for scale in [1, 1e-30] {
            set([1, scale, 1, scale * (1 + gap)])
            try matrix.factor()
            #expect(abs(matrix.weakestPivot(beside: matrix.values.map(abs)).ratio / gap - 1) < 1e-3)
        }
    }

    @Test func nothingToSolve() throws {
        let matrix = try KLUFactorization(SparsePattern(size: 0, elements: []))
        try matrix.factor()
        var columns: [Double] = []
        try matrix.solve(&columns)
        #expect(try matrix.solveRefining(&columns) == 0)
        #expect(columns.isEmpty)
        #expect(matrix.weakestPivot(beside: matrix.values.map(abs)).ratio == 1)
    }
}

/// Repeatable random bits (Marsaglia 2003, DOI 10.18637/jss.v008.i14).
struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
