extension KLUFactorization {
    /// The backward error above which a solution is refined. A solution that is right to its last bits has
    /// a few roundings, one for each element of a row.
    private static let acceptedError = 8 * Double.ulpOfOne

    /// The part of the largest unknown that counts as rounding in any other.
    private static let negligible = 1000 * Double.ulpOfOne

    /// Solves A x = b for several right-hand sides, in place, as `solve` does, and adds to each a step of
    /// iterative refinement where its backward error asks for one.
    ///
    /// The backward error of x is the largest of
    ///
    ///     |b − A x|ᵢ / (|A| (|x| + δ) + |b|)ᵢ,  δ = 1000 ε max |x|.
    ///
    /// Elements of A and b that differ from the given ones by no more than this part of themselves have x
    /// as their exact solution (Oettli & Prager 1964, DOI 10.1007/BF01386090); without δ it would mean
    /// nothing where unknowns are zero but for rounding (Arioli, Demmel & Duff 1989, DOI
    /// 10.1137/0610013). One step brings it to some roundings unless the matrix is nearly singular.
    ///
    /// - Parameter columns: `size` numbers for each right-hand side, one after another.
    /// - Returns: the largest backward error that is left; not a number where a solution is not finite.
    /// - Complexity: beside the solution, O(elements) for each right-hand side.
    public func solveRefining(_ columns: inout [Double]) throws(SparseError) -> Double {
        guard pattern.size > 0 else { return 0 }
        let right = columns
        try solve(&columns)
        var residual = [Double](repeating: 0, count: pattern.size)
        var worst = 0.0
        for start in stride(from: 0, to: columns.count, by: pattern.size) {
            let range = start..<start + pattern.size
            var error = backwardError(of: columns[range], for: right[range], residual: &residual)
            if error > Self.acceptedError {
                try solve(&residual)
                for (index, correction) in residual.enumerated() {
                    columns[start + index] += correction
                }
                error = backwardError(of: columns[range], for: right[range], residual: &residual)
            }
            // Written so that an error that is not a number is the worst.
            if !(error <= worst) { worst = error }
        }
        return worst
    }

    /// The backward error of x for one right-hand side, and b − A x.
    private func backwardError(
        of x: ArraySlice<Double>, for right: ArraySlice<Double>, residual: inout [Double]
    ) -> Double {
        let negligible = Self.negligible * x.reduce(0) { max($0, abs($1)) }
        var scale = right.map(abs)
        residual.withUnsafeMutableBufferPointer { residual in
            _ = residual.update(fromContentsOf: right)
            scale.withUnsafeMutableBufferPointer { scale in
                for (column, value) in x.enumerated() {
                    let size = abs(value) + negligible
                    let slots = pattern.columnStarts[column]..<pattern.columnStarts[column + 1]
                    for slot in slots {
                        let row = Int(pattern.rows[Int(slot)])
                        residual[row] -= values[Int(slot)] * value
                        scale[row] += abs(values[Int(slot)]) * size
                    }
                }
            }
        }
        var error = 0.0
        for (residual, scale) in zip(residual, scale) where residual != 0 {
            let ratio = abs(residual) / scale
            if !(ratio <= error) { error = ratio }
        }
        return error
    }
}
