import Foundation
import Testing

@testable import Generators
@testable import LearningTasks
@testable import LinearAlgebra

@Suite struct SingularValueTests {
    /// A = H diag(σ) W with a reflection H and orthonormal rows W (the discrete cosine transform), so that
    /// its singular values are known and its columns can be made one by one.
    static func reduced(_ sigma: [Double], columns: Int) throws -> SingularValues {
        let rows = sigma.count
        let mirror = (0..<rows).map { 1 + 0.3 * sin(Double($0) * 1.3) }
        let square = mirror.reduce(0) { $0 + $1 * $1 }
        var factor = WideFactor(rows: rows)
        let scale = (2 / Double(columns)).squareRoot()
        for j in 0..<columns {
            var column = [Double](repeating: 0, count: rows)
            var along = 0.0
            for i in 0..<rows {
                // The angle is reduced in integers, exactly.
                let quarter = ((i + 1) * (2 * j + 1)) % (4 * columns)
                column[i] =
                    sigma[i] * scale * cos(.pi * Double(quarter) / Double(2 * columns))
                along += mirror[i] * column[i]
            }
            for i in 0..<rows { column[i] -= 2 * along / square * mirror[i] }
            try factor.append(column)
        }
        return try SingularValues(factor.factor())
    }

    /// Ten outputs and ten samples of a hundred thousand resistors, which a debug build takes too long for.
    #if DEBUG
        static let sizes = [(12, 7), (5, 300), (20, 4001)]
    #else
        static let sizes = [(12, 7), (5, 300), (20, 4001), (100, 100_000)]
    #endif

    /// Singular values down to 1e-13 of the largest: eigenvalues of A Aᵀ would end at 1e-8.
    @Test(arguments: sizes)
    func small(rows: Int, columns: Int) throws {
        // The transform has rows of its own up to one less than its columns.
        let count = min(rows, columns - 1)
        let sigma = (0..<rows).map {
            $0 < count ? pow(10, -13 * Double($0) / Double(count - 1)) : 0
        }
        let found = try Self.reduced(sigma, columns: columns)
        for (a, b) in zip(found.values, sigma) { #expect(abs(a - b) < 2e-14) }
        let order = zip(found.values, found.values.dropFirst())
        #expect(order.allSatisfy { $0 >= $1 })
    }

    @Test func leftVectorsOfARankDeficientMatrix() throws {
        let found = try Self.reduced([3, 2, 0, 0], columns: 50)
        #expect(found.values[2] < 1e-14)
        // H maps the third and fourth axis to the null space.
        let mirror = (0..<4).map { 1 + 0.3 * sin(Double($0) * 1.3) }
        let square = mirror.reduce(0) { $0 + $1 * $1 }
        for axis in 2...3 {
            let image = (0..<4).map {
                ($0 == axis ? 1 : 0) - 2 * mirror[axis] / square * mirror[$0]
            }
            for column in 0...1 {
                let product = zip(image, found.left.column(column)).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(product) < 1e-14)
            }
        }
    }

    @Test func numbersThatAreNotFinite() {
        #expect(throws: FactorizationError.self) {
            var factor = WideFactor(rows: 2)
            try factor.append([1, .nan])
            _ = try SingularValues(factor.factor())
        }
    }

    // MARK: Extremes

    /// A lower triangle with elements of the order of 1 and the diagonal given.
    private static func triangle(_ diagonal: [Double], seed: UInt64 = 1) -> DenseMatrix {
        var random = SplitMix64(seed: seed)
        var matrix = DenseMatrix(rows: diagonal.count, columns: diagonal.count)
        for column in diagonal.indices {
            matrix[column, column] = diagonal[column]
            for row in (column + 1)..<max(diagonal.count, column + 1) {
                matrix[row, column] = random.voltage(in: -1...1) * diagonal[row] / 20
            }
        }
        return matrix
    }

    /// Relative to the largest, as those of the whole decomposition; the condition is up to 10⁹.
    @Test(arguments: [0.0, 3, 6, 9])
    func extremesAreThoseOfTheWholeDecomposition(decades: Double) throws {
        let size = 250
        let matrix = Self.triangle(
            (0..<size).map { pow(10, -decades * Double($0) / Double(size - 1)) })
        let whole = try SingularValues(matrix)
        let alone = try SingularValues.alone(of: matrix)
        #expect(zip(alone, whole.values).allSatisfy { abs($0 - $1) < 1e-14 * whole.values[0] })
        let extremes = try #require(try ExtremeSingularValues(lower: matrix))
        #expect(abs(extremes.largest / whole.values[0] - 1) < 1e-13)
        #expect(abs(extremes.smallest - whole.values[size - 1]) < 1e-14 * whole.values[0])
        let (u, other) = (extremes.leftOfSmallest, whole.left.column(size - 1))
        #expect(abs(u.reduce(0) { $0 + $1 * $1 } - 1) < 1e-14)
        // |Lᵀ u| = σ, which is what makes it that vector.
        let image = (0..<size).map { column in
            (column..<size).reduce(0) { $0 + matrix[$1, column] * u[$1] }
        }
        let length = image.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(length / extremes.smallest - 1) < 1e-7)
        #expect(abs(abs(zip(u, other).reduce(0) { $0 + $1.0 * $1.1 }) - 1) < 1e-6)
    }

    @Test func extremesOfEqualValues() throws {
        let extremes = try #require(
            try ExtremeSingularValues(lower: Self.triangle([Double](repeating: 2, count: 1))))
        #expect(extremes.largest == 2 && extremes.smallest == 2)
        var same = DenseMatrix(rows: 50, columns: 50)
        for index in 0..<50 { same[index, index] = 3 }
        let found = try #require(try ExtremeSingularValues(lower: same))
        // Fifty roundings of a unit vector.
        #expect(abs(found.largest - 3) < 1e-12 && abs(found.smallest - 3) < 1e-12)
    }

    @Test func noExtremesOfASingularMatrix() throws {
        var diagonal = [Double](repeating: 1, count: 30)
        diagonal[17] = 0
        #expect(try ExtremeSingularValues(lower: Self.triangle(diagonal)) == nil)
        diagonal[17] = 1e-16
        #expect(try ExtremeSingularValues(lower: Self.triangle(diagonal)) == nil)
    }
}
