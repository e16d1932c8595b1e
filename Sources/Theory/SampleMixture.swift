import LinearAlgebra

/// Q with orthonormal columns, a row for each sample: how the free states of all samples follow from a few.
struct SampleMixture: Sendable {
    private let q: DenseMatrix

    /// From X = Q R: V' = G Rᵀ for samples V = G Xᵀ.
    ///
    /// - Parameters:
    ///   - coordinates: Xᵀ, a column for each sample.
    ///   - states: G, volt at every node.
    /// - Returns: Q, and V'.
    /// - Complexity: O(samples · states²).
    static func orthogonalizing(
        _ coordinates: [Double], samples: Int, states: [[Double]]
    ) throws(FactorizationError) -> (SampleMixture, [[Double]]) {
        let size = states.count
        var x = DenseMatrix(rows: samples, columns: size)
        for sample in 0..<samples {
            for i in 0..<size { x[sample, i] = coordinates[sample * size + i] }
        }
        let factors = try TallFactors(x)
        let mixed = (0..<size).map { row in
            var state = [Double](repeating: 0, count: states[row].count)
            for i in row..<size where factors.r[row, i] != 0 {
                for node in state.indices { state[node] += factors.r[row, i] * states[i][node] }
            }
            return state
        }
        return (SampleMixture(q: factors.q), mixed)
    }

    /// Qᵀ x: numbers for each sample and output to numbers for each state and output.
    func reduced(_ values: [Double], outputs: Int) -> [Double] {
        var result = [Double](repeating: 0, count: outputs * q.columns)
        multiply(
            values, q.elements, rows: outputs, inner: q.rows, columns: q.columns, into: &result)
        return result
    }

    /// Q x.
    func expanded(_ values: [Double], outputs: Int) -> [Double] {
        var result = [Double](repeating: 0, count: outputs * q.rows)
        multiply(
            values, q.elements, transposed: true, rows: outputs, inner: q.columns, columns: q.rows,
            into: &result)
        return result
    }
}
