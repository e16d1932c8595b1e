import LinearAlgebra

/// Singular values and left singular vectors of J, or of C⁻¹ J, found from its shorter side.
///
/// Rows are those of the states (`Sensitivity.states`), columns the parameters that move. A wide J = L Qᵀ
/// has the singular values and left vectors of L, a tall J = Q R the singular values and right vectors of R.
/// Both triangles come from Householder reflections on one block of columns or rows after the other, so
/// that every singular value is right to a small multiple of eps · σ_max: those of J Jᵀ or Jᵀ J would
/// be lost below √eps · σ_max.
///
/// Where all rows of a large J count, no vector is needed but the left one of the smallest singular value,
/// and of C⁻¹ J only the largest and the smallest one with its vector: neither takes a whole decomposition.
///
/// Complexity: with n the shorter side, O(rows · columns · n) time and O(n²) memory.
struct SensitivitySpectrum {
    private enum Side {
        case wide(left: DenseMatrix)
        /// All rows count.
        case fullRank(leftOfSmallest: [Double])
        /// The right vectors of J as columns, and Uᵀ Qᵀ e with what is left of e beyond the columns of J.
        case tall(right: DenseMatrix, errors: [Double], beyond: Double)
    }

    private let sensitivity: Sensitivity
    private let moving: [Int]
    private let weights: [DenseMatrix]
    /// L of a wide J.
    private let triangle: DenseMatrix?
    private let side: Side
    /// In descending order, as many as the shorter side is long; the largest and the smallest alone where
    /// nothing else was asked for.
    let values: [Double]
    /// Values that count.
    let rank: Int

    /// From this many rows on, the vectors are left out of the decomposition where they aren't needed.
    static let largeSize = 600

    /// - Parameters:
    ///   - moving: the parameters that have a column.
    ///   - errors: e, for each state and output.
    ///   - largeSize: see there.
    ///   - tolerance: from the largest singular value, what others must exceed in order to count.
    init(
        of sensitivity: Sensitivity, moving: [Int], errors: [Double],
        largeSize: Int = Self.largeSize, tolerance: (Double) -> Double
    ) throws(FactorizationError) {
        let rows = sensitivity.states.count * sensitivity.task.outputs.count
        guard rows > moving.count else {
            var factor = WideFactor(rows: rows)
            for index in moving { try factor.append(sensitivity.stateColumn(index)) }
            try self.init(
                triangle: try factor.factor(), of: sensitivity, moving: moving, weights: [],
                largeSize: largeSize, needsAll: true, tolerance: tolerance)
            return
        }
        try self.init(
            tall: sensitivity, moving: moving, weights: [], errors: errors, tolerance: tolerance)
    }

    /// Those of C⁻¹ J, of which as many count as of J.
    ///
    /// - Parameters:
    ///   - weights: C for each state, or one for all.
    ///   - errors: e, for each state and output.
    func weighted(
        by weights: [DenseMatrix], errors: [Double], largeSize: Int = Self.largeSize
    ) throws(FactorizationError) -> SensitivitySpectrum {
        guard var triangle else {
            return try SensitivitySpectrum(
                tall: sensitivity, moving: moving, weights: weights, errors: errors,
                tolerance: { _ in 0 })
        }
        let outputs = sensitivity.task.outputs.count
        for state in sensitivity.states.indices {
            try solveLower(weights[min(state, weights.count - 1)], &triangle, from: state * outputs)
        }
        return try SensitivitySpectrum(
            triangle: triangle, of: sensitivity, moving: moving, weights: weights,
            largeSize: rank == rows ? largeSize : .max, needsAll: false, tolerance: { _ in 0 })
    }

    private init(
        triangle: DenseMatrix, of sensitivity: Sensitivity, moving: [Int], weights: [DenseMatrix],
        largeSize: Int, needsAll: Bool, tolerance: (Double) -> Double
    ) throws(FactorizationError) {
        self.sensitivity = sensitivity
        self.moving = moving
        self.weights = weights
        self.triangle = triangle
        let rows = triangle.rows
        if rows >= largeSize, let extremes = try ExtremeSingularValues(lower: triangle),
            extremes.smallest > tolerance(extremes.largest)
        {
            values =
                needsAll
                ? try SingularValues.alone(of: triangle) : [extremes.largest, extremes.smallest]
            rank = rows
            side = .fullRank(leftOfSmallest: extremes.leftOfSmallest)
            return
        }
        let decomposition = try SingularValues(triangle)
        values = Array(decomposition.values.prefix(moving.count))
        let least = tolerance(values.first ?? 0)
        rank = values.filter { $0 > least }.count
        side = .wide(left: decomposition.left)
    }

    private init(
        tall sensitivity: Sensitivity, moving: [Int], weights: [DenseMatrix], errors: [Double],
        tolerance: (Double) -> Double
    ) throws(FactorizationError) {
        self.sensitivity = sensitivity
        self.moving = moving
        self.weights = weights
        triangle = nil
        let outputs = sensitivity.task.outputs.count
        let columns = moving.count
        // The errors are one more column: R of [J e] says what part of them J reaches.
        var factor = WideFactor(rows: columns + 1)
        for state in sensitivity.states.indices {
            let block = try Self.block(state, of: sensitivity, moving, weights)
            for o in 0..<outputs {
                try factor.append(
                    (0..<columns).map { block[o, $0] } + [errors[state * outputs + o]])
            }
        }
        let triangle = try factor.factor()
        var ofMatrix = DenseMatrix(rows: columns, columns: columns)
        for column in 0..<columns {
            for row in column..<columns { ofMatrix[row, column] = triangle[row, column] }
        }
        // Rᵀ = V diag(σ) Uᵀ.
        let decomposition = try SingularValues(ofMatrix)
        values = decomposition.values
        let least = tolerance(values.first ?? 0)
        rank = values.filter { $0 > least }.count
        side = .tall(
            right: decomposition.left,
            errors: (0..<columns).map { i in
                (0..<columns).reduce(0) {
                    $0 + decomposition.right[i, $1] * triangle[columns, $1]
                }
            },
            beyond: triangle[columns, columns])
    }

    /// C⁻¹ J of one state.
    private static func block(
        _ state: Int, of sensitivity: Sensitivity, _ moving: [Int], _ weights: [DenseMatrix]
    ) throws(FactorizationError) -> DenseMatrix {
        var block = sensitivity.block(state: state, of: moving)
        if !weights.isEmpty {
            try solveLower(weights[min(state, weights.count - 1)], &block, from: 0)
        }
        return block
    }

    private var rows: Int { sensitivity.states.count * sensitivity.task.outputs.count }

    /// The left singular vector of a singular value that is not zero, over states, then outputs.
    func left(_ index: Int) throws(FactorizationError) -> [Double] {
        switch side {
        case .wide(let left): return left.column(index)
        case .fullRank(let leftOfSmallest):
            precondition(index == rows - 1, "where all rows count, only the last is there")
            return leftOfSmallest
        case .tall(let right, _, _):
            let direction = right.column(index)
            var result: [Double] = []
            result.reserveCapacity(rows)
            for state in sensitivity.states.indices {
                let block = try Self.block(state, of: sensitivity, moving, weights)
                for o in 0..<block.rows {
                    result.append(direction.indices.reduce(0) { $0 + block[o, $1] * direction[$1] })
                }
            }
            normalize(&result)
            return result
        }
    }

    /// The value of an index; of those that were not asked for, none.
    func value(_ index: Int) -> Double {
        if case .fullRank = side, index == rows - 1 { return values[values.count - 1] }
        return values[index]
    }

    /// |N Nᵀ e| with N the left vectors beyond the first `rank`.
    func lost(of errors: [Double], rank: Int) -> Double {
        switch side {
        case .fullRank: 0
        case .wide(let left):
            (rank..<rows).reduce(0.0) { sum, index in
                let along = zip(left.column(index), errors).reduce(0) { $0 + $1.0 * $1.1 }
                return sum + along * along
            }.squareRoot()
        case .tall(_, let errors, let beyond):
            errors[rank...].reduce(beyond * beyond) { $0 + $1 * $1 }.squareRoot()
        }
    }

    /// Multiplications that null vectors and what is made of them may take.
    private static let mostWork = 5e8

    /// All orthonormal vectors beyond the first `rank` left ones; none where they are more than anyone would
    /// read them: they and their fields take O(vectors · rows · (vectors + nodes)) time.
    func null(rank: Int) throws(FactorizationError) -> [[Double]] {
        let count = rows - rank
        let nodes = sensitivity.task.circuit.nodes.count
        guard Double(count) * Double(rows) * Double(count + nodes) <= Self.mostWork else {
            return []
        }
        switch side {
        case .fullRank: return []
        case .wide(let left): return (rank..<rows).map(left.column)
        case .tall:
            var basis: [[Double]] = []
            for index in 0..<rank { basis.append(try left(index)) }
            // What of each row's axis lies beyond the basis, squared.
            var beyond = [Double](repeating: 1, count: rows)
            func subtract(_ vector: [Double]) {
                for row in beyond.indices { beyond[row] -= vector[row] * vector[row] }
            }
            for vector in basis { subtract(vector) }
            for _ in 0..<count {
                guard let row = beyond.indices.max(by: { beyond[$0] < beyond[$1] }) else { break }
                var vector = [Double](repeating: 0, count: rows)
                vector[row] = 1
                // Twice is enough (Giraud et al. 2005, DOI 10.1007/s00211-005-0615-4).
                for _ in 0..<2 {
                    for other in basis {
                        let along = zip(other, vector).reduce(0) { $0 + $1.0 * $1.1 }
                        for i in vector.indices { vector[i] -= along * other[i] }
                    }
                    normalize(&vector)
                }
                subtract(vector)
                basis.append(vector)
            }
            return Array(basis[rank...])
        }
    }
}
