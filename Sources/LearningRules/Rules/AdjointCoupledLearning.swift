import Engines

/// Adjoint Coupled Learning (after McGinnis, Li & Mori, arXiv:2606.15443): the current −η e is
/// injected at each output; η is the strength, in siemens. With another loss than squared errors, e is its
/// pull, and η in amperes per unit of that.
///
/// The nudge is the right-hand side of the adjoint equation, so the change of state is the adjoint
/// field itself: centered, the update is −∇ₖ ½|e|² at any η in a linear circuit. Never singular.
public struct AdjointCoupledLearning: LearningRule {
    public static let name = "al"
    public static let strengthUnit = NudgeUnit.siemens
    public static let nudgeKind = Nudge.Kind.currents
    public static let errorWeight = ErrorWeight.identity

    public init() {}

    public func nudge(strength h: Double, free: [Double], pull: [Double]) -> Nudge {
        .currents(pull.map { -h * $0 })
    }
}
