import Netlist

/// What the exact gradient says of a point: whether the loss can fall at all, and whether the rule's update
/// leads there.
public struct DescentDiagnosis: Sendable {
    public let angle: GradientAngle
    /// The steepest relative fall of the loss, |∂ ln(loss)/∂ ln k| of the trained number that has most of it:
    /// 0.01 means that a hundredth of a resistance changes a ten-thousandth of the loss. Those pushed
    /// against a bound do not count. 0 where the loss is.
    public let steepness: Double
    /// Whether no nudge reaches a trained resistor.
    public let updateIsZero: Bool
    /// Trained resistors whose derivative is the largest, the largest first: at most three.
    public let strongest: [Int]

    /// Below this the loss has no slope, but for rounding and for the difference quotients that tell it.
    static let flat = 1e-5

    /// Whether no small change of the trained resistors within their bounds lowers the loss.
    public var isStationary: Bool { steepness < Self.flat }

    /// Operating points that are worth an explanation.
    public static let mostPoints = 20_000

    /// - Parameters:
    ///   - states: at these conductances.
    ///   - most: operating points that the diagnosis may take.
    /// - Returns: nil where it would take more, or where there is nothing to learn.
    public static func make(
        of task: LearningTask, at conductances: TrainedConductances, _ states: LearningStates,
        in physics: any Physics, most: Int = mostPoints
    ) throws -> DescentDiagnosis? {
        guard !task.outputs.isEmpty, !task.parameters.isEmpty,
            ExactGradient.differences(of: task, in: physics) ?? 0 <= most
        else { return nil }
        let gradient = try ExactGradient(of: task, at: conductances, in: physics)
        return DescentDiagnosis(task, conductances, states, gradient)
    }

    init(
        _ task: LearningTask, _ conductances: TrainedConductances, _ states: LearningStates,
        _ gradient: ExactGradient
    ) {
        angle = GradientAngle(update: states.update, gradient: gradient, of: task)
        let velocity = conductances.velocity(update: gradient.descent, of: task)
        let resting = conductances.resting(velocity: velocity, of: task)
        let slopes = velocity.indices.map { index in
            resting.contains(index)
                ? 0
                : task.numbers.areLogarithms[index]
                    ? velocity[index] : velocity[index] * conductances.values[index]
        }
        steepness = states.loss > 0 ? largestMagnitude(slopes) / states.loss : 0
        let trained = task.parameters.flatMap { $0.members.map(\.resistor) }
        updateIsZero = trained.allSatisfy { states.update[$0] == 0 }
        strongest = slopes.indices.filter { slopes[$0] != 0 }
            .sorted { abs(slopes[$0]) > abs(slopes[$1]) }.prefix(3)
            .map { task.parameters[$0].members[0].resistor }
    }
}
