/// The step size of plain discrete training: given, or from the spectrum.
public enum StepRate: Sendable, Equatable {
    /// α in θ ← θ + α θ̇: S²/V² for EP and AL, S/V² for CL.
    case fixed(Double)
    case automatic
}

/// The automatic rate: 1.5/λ_max of the operator that governs learning at the present conductances.
///
/// Steps are stable below 2/λ_max (theory: "Discrete time"); 1.5 leaves room for an estimate that is
/// up to a quarter too low, and for λ_max to move between two estimates. Far from a solution, where
/// the linear theory does not hold, a step that raises the loss is taken back and tried at half the
/// rate, which then recovers by a tenth a step.
///
/// If halving does not help, the rule does not descend its loss here. That may pass (coupled learning
/// need not descend L_CL far from a solution), so the step is accepted; but not many times in a row.
struct AutomaticRate {
    private(set) var value = 0.0
    private var spectral = 0.0
    private var interval = 10
    private var age = 0
    private var rejections = 0
    private var ascents = 0

    /// 2⁻¹² of the rate shows whether the rise shrinks with the step.
    private static let patience = 12
    /// Ascending steps in a row after which going on would be a walk, not a descent.
    private static let mostAscents = 20

    var needsEstimate: Bool { age == 0 }

    /// So many steps in a row have raised the loss, however small they were, that training should end.
    var ascendsPersistently: Bool { ascents >= Self.mostAscents }

    /// - Parameter eigenvalue: λ_max; 0 where no output depends on a trained resistor.
    mutating func estimate(_ eigenvalue: Double) {
        let previous = spectral
        spectral = eigenvalue > 0 ? 1.5 / eigenvalue : 0
        value = previous == 0 || rejections == 0 ? spectral : min(value, spectral)
        let steady = previous > 0 && abs(spectral - previous) <= 0.05 * previous
        interval = steady ? min(2 * interval, 160) : 10
        age = interval
    }

    /// After a step that lowered the loss, or was accepted all the same.
    mutating func accepted() {
        ascents = rejections > Self.patience ? ascents + 1 : 0
        rejections = 0
        value = min(1.1 * value, spectral)
        age = max(age - 1, 0)
    }

    /// After a step that raised the loss; false if it is to be accepted.
    mutating func rejects() -> Bool {
        rejections += 1
        guard rejections <= Self.patience else {
            value = spectral
            return false
        }
        value /= 2
        return true
    }
}
