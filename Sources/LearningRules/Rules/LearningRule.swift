import Engines

/// A local learning rule: how the nudged state is made.
///
/// All rules share one update (docs/theory.md (4), (5)): each resistor compares the square of its
/// own voltage drop in two states,
///
///     k̇ = −(1/(2h)) [ (Δv^N)² − (Δv^F)² ]              one-sided
///     k̇ = −(1/(4h)) [ (Δv^{+h})² − (Δv^{−h})² ]        centered
///
/// and differ only in the element that nudges an output. So this is all a rule has to say.
public protocol LearningRule: Sendable {
    /// The nudge of strength `h` (negative for the second state of centered nudging).
    ///
    /// It must be linear in the pull, as the currents of a branch to v − pull are.
    ///
    /// - Parameters:
    ///   - free: the outputs in the free state, V.
    ///   - pull: ∂ℓ/∂v of each in the free state (`Loss.pull`); of squared errors the error itself, V.
    func nudge(strength h: Double, free: [Double], pull: [Double]) -> Nudge

    /// The same in the limit of small nudges, of a circuit that is linearised at its free state: there any strength
    /// gives the limit, if the nudge has the right derivative by it.
    func limitNudge(strength h: Double, free: [Double], pull: [Double]) -> Nudge

    /// What it does to the outputs.
    static var nudgeKind: Nudge.Kind { get }

    /// Whether it leads the outputs to voltages, and so needs a loss that has them (`Loss.hasGoals`).
    static var needsGoals: Bool { get }

    /// As decks and commands name it: the field's two letters, lower case.
    static var name: String { get }

    /// What `h` is measured in.
    static var strengthUnit: NudgeUnit { get }

    /// Beyond it, a strength is a mistake.
    static var largestStrength: Double { get }

    /// Whether a resistor needs nothing but its own voltage drops.
    static var isLocal: Bool { get }

    /// How the rule weighs the errors of several outputs to first order, and in its own loss ½ eᵀ W e.
    static var errorWeight: ErrorWeight { get }
}

extension LearningRule {
    public static var isLocal: Bool { true }
    public static var needsGoals: Bool { false }
    public static var largestStrength: Double { .infinity }

    /// As sentences have it: `AL`.
    public static var title: String { isLocal ? name.uppercased() : name }

    public var name: String { Self.name }

    /// For `LearningTask.make`: its name, if it holds outputs by ideal sources.
    public var clampingName: String? { nudgeKind == .clamps ? name : nil }

    /// As in: the nudge of cl is a fraction of the error, at most 1.
    public var strengthBound: String {
        "\(name) is a fraction of the error, at most \(Int(Self.largestStrength))"
    }

    public func limitNudge(strength h: Double, free: [Double], pull: [Double]) -> Nudge {
        nudge(strength: h, free: free, pull: pull)
    }

    public var isLocal: Bool { Self.isLocal }
    public var nudgeKind: Nudge.Kind { Self.nudgeKind }

    public var errorWeight: ErrorWeight { Self.errorWeight }

    /// The function that the rule itself descends, for one sample: the task's loss for EP and AL, ½ eᵀΛe in W
    /// for CL.
    ///
    /// - Parameters:
    ///   - loss: the task's.
    ///   - pull: of the outputs, which for CL are errors, V.
    ///   - restoringCurrents: −(nudge current)/h at each output, A: the current that would push the
    ///     outputs back from their errors, Λ e for clamps.
    func naturalLoss(
        loss: @autoclosure () -> Double, pull: ArraySlice<Double>,
        restoringCurrents: @autoclosure () -> [Double]
    ) -> Double {
        switch errorWeight {
        case .identity: loss()
        case .outputConductance:
            0.5 * zip(pull, restoringCurrents()).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }
}

/// W in the small-nudging limit θ̇ = −Jᵀ W e/M of a rule (docs/theory.md (6), (7), (16)).
public enum ErrorWeight: Sendable {
    /// W = 1: gradient descent on ½|e|².
    case identity
    /// W = Λ = (P_Oᵀ R P_O)⁻¹, the conductance matrix that the circuit shows at its outputs.
    case outputConductance
}

/// The unit of a nudging strength.
public enum NudgeUnit: Sendable {
    case siemens
    /// A fraction of the error.
    case dimensionless
}
