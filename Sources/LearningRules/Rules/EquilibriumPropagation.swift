import Engines

/// Equilibrium Propagation (Scellier & Bengio 2017, DOI 10.3389/fncom.2017.00024; for resistive
/// networks Kendall et al. 2020, arXiv:2006.01981): each output is tied to its target through a
/// conductance β, the strength, in siemens.
///
/// At β → 0 the update is −∇ₖ ½|e|². Centered nudging needs a negative conductance −β and is singular
/// where that cancels the conductance seen at an output.
public struct EquilibriumPropagation: LearningRule {
    public static let name = "ep"
    public static let strengthUnit = NudgeUnit.siemens
    public static let nudgeKind = Nudge.Kind.branches
    public static let needsGoals = true
    public static let errorWeight = ErrorWeight.identity

    public init() {}

    public func nudge(strength h: Double, free: [Double], pull: [Double]) -> Nudge {
        .branches(conductance: h, voltages: zip(free, pull).map(-))
    }

    /// A conductance β to the target draws β times the pull; what it adds to the circuit's own is of second order.
    public func limitNudge(strength h: Double, free: [Double], pull: [Double]) -> Nudge {
        .currents(pull.map { -h * $0 })
    }
}
