import Engines

/// Coupled Learning (Stern, Hexner, Rocks & Liu 2021, DOI 10.1103/PhysRevX.11.021045): each output is
/// held at v − η e, a fraction η of the way to its target; η is the strength, dimensionless.
///
/// At η → 0 the update is −∇ₖ L_CL + ½(Δu)², with L_CL = ½ eᵀΛe half the extra power that holding the
/// outputs at their targets takes; one-sided at η = 1 it is −∇ₖ L_CL exactly.
public struct CoupledLearning: LearningRule {
    public static let name = "cl"
    public static let strengthUnit = NudgeUnit.dimensionless
    /// At 1, outputs are at their targets.
    public static let largestStrength = 1.0
    public static let nudgeKind = Nudge.Kind.clamps
    public static let needsGoals = true
    public static let errorWeight = ErrorWeight.outputConductance

    public init() {}

    public func nudge(strength h: Double, free: [Double], pull: [Double]) -> Nudge {
        .clamps(zip(free, pull).map { v, e in v - h * e })
    }
}
