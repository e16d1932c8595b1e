/// The size of a discrete step: given, or chosen by the optimizer.
public enum StepRate: Sendable, Equatable {
    /// α in θ ← θ + α θ̇: S²/V² for EP and AL, S/V² for CL. For Adam the largest change of a conductance
    /// relative to itself.
    case fixed(Double)
    case automatic

    /// The rate given.
    var given: Double? {
        if case .fixed(let value) = self { value } else { nil }
    }
}
