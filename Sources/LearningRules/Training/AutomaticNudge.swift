import Engines
import LearningTasks

/// What a user asks of a nudge: the strength may be left to the circuit.
public struct NudgeRequest: Sendable {
    public let strength: Double?
    public let sides: Nudging.Sides

    public init(strength: Double? = nil, sides: Nudging.Sides = .centered) {
        (self.strength, self.sides) = (strength, sides)
    }
}

/// A nudging strength at which the nudged circuit has no stable solution.
public struct SingularNudge: Error, Sendable, CustomStringConvertible {
    public let strength: Double
    public let outputConductance: Double

    public var description: String {
        """
        centered EP ties the outputs through a negative conductance, and \(strength) S is too close \
        to (or beyond) the \(outputConductance) S that the circuit shows at its outputs: the nudged \
        circuit is singular there; give a nudge below \(0.5 * outputConductance), leave it out, or \
        use rule=al, which is never singular
        """
    }
}

extension NudgeRequest {
    /// Chooses the strength where it was left open.
    ///
    /// Let g be the smallest conductance seen at the outputs. In a linear circuit centered AL and CL
    /// give the small-nudging limit at any strength, so the nudge is as large as the error itself
    /// (η = g and η = 1) and no digits are lost. Everywhere else it is 1e-3 of that: the bias of
    /// centered nudging is then about 1e-6 of the update and its rounding error about 1e-9 (docs/theory.md,
    /// "Nonlinear circuits"), unless large errors meet steep junctions (`LearningMethod.settled`).
    ///
    /// - Throws: `SingularNudge` for centered branches with β ≥ 0.95 g.
    func resolved(
        rule: any LearningRule, task: LearningTask, free: [OperatingPoint], adjoint: [[[Double]]]
    ) throws -> Nudging {
        guard rule.isLocal else { return Nudging(strength: 0, sides: .centered) }
        let conductance = smallestOutputConductance(of: task, adjoint: adjoint) ?? 1
        let usesBranches = rule.nudgeKind == .branches
        if let strength {
            if usesBranches, sides == .centered, strength >= 0.95 * conductance {
                throw SingularNudge(strength: strength, outputConductance: conductance)
            }
            return Nudging(strength: strength, sides: sides)
        }
        let exact =
            !usesBranches && (sides == .limit || task.circuit.isLinear && sides == .centered)
        let unit =
            type(of: rule).strengthUnit == .siemens
            ? conductance * task.loss.pullScale : 1
        return Nudging(strength: (exact ? 1 : 1e-3) * unit, sides: sides)
    }
}
