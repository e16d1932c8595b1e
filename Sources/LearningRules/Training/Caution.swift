/// Shortens steps that would raise the loss, so that no training diverges silently.
///
/// A step that raises the loss is taken back and tried at half the length, which recovers step by step.
/// If halving does not help, the rule does not descend its loss here. That may pass (coupled learning
/// need not descend L_CL far from a solution), so the step is accepted; but not many times in a row.
struct Caution: Sendable, Codable {
    /// The length of steps over what was asked for, at most 1.
    private(set) var scale = 1.0
    private let recovery: Double
    private var rejections = 0
    private var ascents = 0

    /// 2⁻¹² of the step shows whether the rise shrinks with it.
    private static let patience = 12
    /// Ascending steps in a row after which going on would be a walk, not a descent.
    private static let mostAscents = 20

    /// - Parameter recovery: by which the length grows with each step that lowers the loss.
    init(recovery: Double) { self.recovery = recovery }

    var ascendsPersistently: Bool { ascents >= Self.mostAscents }

    var isSound: Bool {
        (0...1).contains(scale) && (1...2).contains(recovery)
            && (0...Self.patience).contains(rejections) && (0...Self.mostAscents).contains(ascents)
    }

    /// Halves the step that ended where no state can be found; false where it has been halved too often.
    mutating func retreats() -> Bool {
        rejections += 1
        scale /= 2
        return rejections <= Self.patience
    }

    /// Whether a step from one loss to another is accepted.
    mutating func accepts(_ end: Double, after start: Double) -> Bool {
        // A loss that is not a number is a rise.
        if end <= start {
            if rejections == 0 { scale = min(recovery * scale, 1) }
            (rejections, ascents) = (0, 0)
            return true
        }
        rejections += 1
        guard rejections > Self.patience else {
            scale /= 2
            return false
        }
        (scale, rejections) = (1, 0)
        ascents += 1
        return true
    }
}
