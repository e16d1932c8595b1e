import LinearAlgebra
import Testing

/// The three ways to factor one matrix.
enum Way: CaseIterable {
    case fillReducing, natural, dense

    func callAsFunction(_ pattern: SymmetricPattern) throws -> any PositiveDefiniteFactorization {
        switch self {
        case .fillReducing: try CholeskyFactorization(pattern)
        case .natural: try CholeskyFactorization(pattern, ordering: .natural)
        case .dense: DenseCholesky(pattern)
        }
    }
}

extension PositiveDefiniteFactorization {
    fileprivate func solve(_ columns: inout [Double], count: Int = 1) throws {
        try columns.withUnsafeMutableBufferPointer { try solve($0, count: count) }
    }
}

@Suite struct CholeskyTests {
    /// The chain with 2 on its diagonal and −1 beside it, whose inverse is known:
    /// (A⁻¹)ᵢⱼ = (min(i,j) + 1)(n − max(i,j))/(n + 1).
    @Test("the inverse of a chain", arguments: [1, 2, 7, 500], Way.allCases)
    func chain(size: Int, way: Way) throws {
        // In any order, each given twice: repeated pairs share a slot.
        let once = (1..<max(size, 1)).map { (Int32($0), Int32($0 - 1)) }
        let pattern = SymmetricPattern(size: size, pairs: once.reversed() + once.map { ($1, $0) })
        #expect(pattern.slotCount == 2 * size - 1)
        let matrix = try way(pattern)
        for row in 0..<size { matrix.values[pattern.diagonalSlot(row)] = 2 }
        for slot in pattern.pairSlots { matrix.values[Int(slot)] -= 0.5 }
        try matrix.factor()
        var columns = [Double](repeating: 0, count: 2 * size)
        let (first, second) = (0, size / 2)
        columns[first] = 1
        columns[size + second] = 1
        try matrix.solve(&columns, count: 2)
        for (column, unit) in [first, second].enumerated() {
            for row in 0..<size {
                let expected =
                    Double((min(row, unit) + 1) * (size - max(row, unit))) / Double(size + 1)
                // The condition number is about (n/π)²·4 roundings at most.
                let tolerance = 4 * Double(size * size) * Double.ulpOfOne * expected
                #expect(abs(columns[column * size + row] - expected) <= tolerance + 1e-15)
            }
        }
    }

    /// New numbers, same pattern: nothing is left of the old ones.
    @Test("numbers that change", arguments: Way.allCases)
    func refactoring(way: Way) throws {
        let pattern = SymmetricPattern(size: 2, pairs: [(0, 1)])
        let matrix = try way(pattern)
        for scale in [1.0, 8] {
            matrix.values[pattern.diagonalSlot(0)] = 2 * scale
            matrix.values[pattern.diagonalSlot(1)] = 2 * scale
            matrix.values[Int(pattern.pairSlots[0])] = -scale
            try matrix.factor()
            var x = [3 * scale, 0]
            try matrix.solve(&x)
            #expect(abs(x[0] - 2) < 1e-15 && abs(x[1] - 1) < 1e-15)
        }
    }

    @Test("not positive definite", arguments: Way.allCases)
    func notPositiveDefinite(way: Way) throws {
        let pattern = SymmetricPattern(size: 3, pairs: [(0, 1)])
        let matrix = try way(pattern)
        for row in 0..<3 { matrix.values[pattern.diagonalSlot(row)] = 1 }
        matrix.values[pattern.diagonalSlot(2)] = -1
        #expect(throws: SparseError.notPositiveDefinite(2)) { try matrix.factor() }
        matrix.values[pattern.diagonalSlot(2)] = 1
        try matrix.factor()
    }

    @Test("nothing to solve", arguments: Way.allCases)
    func nothingToSolve(way: Way) throws {
        let matrix = try way(SymmetricPattern(size: 0, pairs: []))
        try matrix.factor()
        var columns: [Double] = []
        try matrix.solve(&columns, count: 0)
        #expect(columns.isEmpty)
    }

    /// A matrix in the order that was found for it factors with the same fill.
    @Test func order() throws {
        let pairs = (0..<400).flatMap { i in
            [(i, i + 1), (i, i + 20)].filter { $1 < 400 && ($1 != i + 1 || $1 % 20 != 0) }
        }
        let pattern = SymmetricPattern(size: 400, pairs: pairs.map { (Int32($0), Int32($1)) })
        let found = try CholeskyFactorization(pattern)
        var rows = [Int32](repeating: 0, count: 400)
        for (row, old) in found.order.enumerated() { rows[old] = Int32(row) }
        let ordered = try CholeskyFactorization(
            SymmetricPattern(size: 400, pairs: pairs.map { (rows[$0], rows[$1]) }),
            ordering: .natural)
        #expect(ordered.order == Array(0..<400))
        #expect(ordered.work.solution == found.work.solution)
    }
}
