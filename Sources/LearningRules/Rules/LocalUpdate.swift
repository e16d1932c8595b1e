import LearningTasks

/// The squared-drop comparison at the heart of every rule, for one sample.
///
/// (Δv^P)² − (Δv^Q)² is computed as Δ(v^P − v^Q) · Δ(v^P + v^Q): the difference of the states is taken
/// first, node by node, so that a small nudge loses no more digits than the states themselves have.
///
/// - Parameters:
///   - nudged: voltages at the nudge +h.
///   - reference: voltages of the free state (one-sided) or at −h (centered).
///   - span: the distance of the two in h.
///   - scale: factor on the result, 1/M for a mean over M samples.
///   - update: dk/dt of every resistor, S per unit of time at rate 1, to which this is added.
func accumulateUpdate(
    nudged: [Double], reference: [Double], span: Double, scale: Double,
    ends: [TaskNumbers.Ends], into update: inout [Double]
) {
    let factor = -scale / (2 * span)
    for index in ends.indices {
        let (a, b) = (Int(ends[index].positive), Int(ends[index].negative))
        let difference = (nudged[a] - reference[a]) - (nudged[b] - reference[b])
        let sum = (nudged[a] + reference[a]) - (nudged[b] + reference[b])
        update[index] += factor * difference * sum
    }
}

/// The same comparison for superposed states, of which only sums of products of drops are needed.
///
/// Adds scale · Σ Δa Δb over the columns for each resistor, Δ being the difference between its ends.
///
/// - Parameters:
///   - a, b: rows × columns, a row for each node.
///   - sums: one for each resistor.
func addProducts(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, rows: Int, columns: Int,
    scale: Double, _ ends: [TaskNumbers.Ends], to sums: UnsafeMutablePointer<Double>
) {
    for column in 0..<columns {
        let (a, b) = (a + column * rows, b + column * rows)
        for (index, ends) in ends.enumerated() {
            let (from, to) = (Int(ends.positive), Int(ends.negative))
            sums[index] += scale * ((a[from] - a[to]) * (b[from] - b[to]))
        }
    }
}
