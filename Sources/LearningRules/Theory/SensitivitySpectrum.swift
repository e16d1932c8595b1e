/// Singular values and left singular vectors of J, or of C⁻¹ J, found from its shorter side.
///
/// Rows are those of the states (`Sensitivity.states`), columns the parameters that move. A wide J = L Qᵀ
/// has the singular values and left vectors of L, a tall J = Q R the singular values and right vectors of R.
/// Both triangles come from Householder reflections on one block of columns or rows after the other, so
/// that every singular value is right to a small multiple of eps · σ_max: those of J Jᵀ or Jᵀ J would
/// be lost below √eps · σ_max.
///
/// Complexity: with n the shorter side, O(rows · columns · n) time and O(n²) memory.
struct SensitivitySpectrum {
    private enum Side {
        case wide(left: DenseMatrix)
        /// The right vectors of J as columns, and Uᵀ Qᵀ e with what is left of e beyond the columns of J.
        case tall(right: DenseMatrix, errors: [Double], beyond: Double)
    }

    private let sensitivity: Sensitivity
    private let moving: [Int]
    private let weights: [DenseMatrix]
    private let side: Side
    /// In descending order, as many as the shorter side is long.
    let values: [Double]

    /// - Parameters:
    ///   - moving: the parameters that have a column.
    ///   - weights: C for each state, or one for all; none where rows are taken as they are.
    ///   - errors: e, for each state and output.
    init(
        of sensitivity: Sensitivity, moving: [Int], weights: [DenseMatrix] = [], errors: [Double]
    ) throws(FactorizationError) {
        self.sensitivity = sensitivity
        self.moving = moving
        self.weights = weights
        let outputs = sensitivity.task.outputs.count
        let rows = sensitivity.states.count * outputs
        guard rows > moving.count else {
            var factor = WideFactor(rows: rows)
            for index in moving { try factor.append(sensitivity.stateColumn(index)) }
            var triangle = try factor.factor()
            for state in weights.isEmpty ? 0..<0 : sensitivity.states.indices {
                try solveLower(
                    weights[min(state, weights.count - 1)], &triangle, from: state * outputs)
            }
            let decomposition = try SingularValues(triangle)
            values = Array(decomposition.values.prefix(moving.count))
            side = .wide(left: decomposition.left)
            return
        }
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

    /// |N Nᵀ e| with N the left vectors beyond the first `rank`.
    func lost(of errors: [Double], rank: Int) -> Double {
        switch side {
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

private func normalize(_ vector: inout [Double]) {
    let size = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard size > 0 else { return }
    for index in vector.indices { vector[index] /= size }
}
