#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

import Engines
import LearningRules
import LearningTasks
import Netlist

/// What the exact gradient says of a point: whether the loss can fall at all, and whether the rule's update
/// leads there.
public struct DescentDiagnosis: Sendable {
    public let angle: GradientAngle
    /// By which part of itself a step along the exact gradient lowers the loss: the longest that does, of the best
    /// one to first order, its half, its quarter and so on, within the bounds. 0 where the gradient is, or where
    /// none of them lowers the loss by a millionth of it.
    public private(set) var share = 1.0
    /// Whether the errors are no more than rounding, and with them the update and the gradient: there is no angle.
    public let isRounding: Bool
    /// Whether no nudge reaches a trained resistor or source.
    public let updateIsZero: Bool
    /// Parameters whose derivative is the largest, the largest first: at most three.
    public let strongest: [Int]

    /// −∂loss/∂ ln k of each trained number (by its scale where it may be negative); 0 for those that rest at a bound.
    private let slopes: [Double]

    /// Below this part of the loss nothing is to be gained.
    static let negligible = 1e-6

    /// Whether no step along the exact gradient, within the bounds, lowers the loss by more than a millionth of it.
    public var isStationary: Bool { share < Self.negligible }

    /// Operating points times elements that an explanation is worth: a second or two.
    private static let mostWork = 2_000_000

    /// - Parameter states: at these conductances.
    /// - Returns: nil where it would take too long, or where there is nothing to learn.
    public static func make(
        of task: LearningTask, at conductances: TrainedValues, _ states: LearningStates,
        in physics: any Physics
    ) throws -> DescentDiagnosis? {
        guard !task.outputs.isEmpty, !task.parameters.isEmpty,
            task.circuit.isLinear && task.oneWayDevices.isEmpty
                || ExactGradient.operatingPoints(of: task, in: physics)
                    * task.circuit.size <= mostWork
        else { return nil }
        let gradient = try ExactGradient(of: task, at: conductances, in: physics)
        var diagnosis = DescentDiagnosis(
            task, conductances, states, gradient, accuracy: physics.accuracy)
        diagnosis.share = try diagnosis.reach(task, conductances, states, in: physics)
        try physics.set(conductances, of: task)
        return diagnosis
    }

    init(
        _ task: LearningTask, _ conductances: TrainedValues, _ states: LearningStates,
        _ gradient: ExactGradient, accuracy: Double = 1e-14
    ) {
        isRounding = Self.isRounding(states, of: task, accuracy)
        angle = GradientAngle(
            update: isRounding ? states.update.map { _ in 0 } : states.update,
            gradient: gradient, at: conductances, of: task)
        let velocity = conductances.velocity(update: gradient.descent, of: task)
        let resting = conductances.resting(velocity: velocity, of: task)
        slopes = conductances.logarithmicVelocity(velocity, of: task).enumerated()
            .map { resting.contains($0.offset) ? 0 : $0.element }
        updateIsZero = task.numbers.trainedPlaces.allSatisfy { place in
            stride(from: place, to: states.update.count, by: task.zeroUpdate.count)
                .allSatisfy { states.update[$0] == 0 }
        }
        let slopes = slopes
        strongest = slopes.indices.filter { slopes[$0] != 0 }
            .sorted { abs(slopes[$0]) > abs(slopes[$1]) }.prefix(3)
            .map { $0 }
    }

    /// |e| ≤ the accuracy of the largest output of its kind, all voltages or each current, for every squared error: the
    /// update is made of differences of drops that are as small beside the drops themselves.
    private static func isRounding(
        _ states: LearningStates, of task: LearningTask, _ accuracy: Double
    ) -> Bool {
        guard task.loss.isSquared, states.loss > 0 else { return false }
        let (outputs, errors) = (states.outputs, states.errors)
        var scales = [Double](repeating: 0, count: outputs.outputs)
        var largestVoltage = 0.0
        for m in 0..<outputs.samples {
            for (o, value) in outputs.row(m).enumerated() {
                scales[o] = max(scales[o], abs(value))
                guard task.outputs[o].source == nil else { continue }
                largestVoltage = max(largestVoltage, abs(value))
            }
        }
        for o in scales.indices where task.outputs[o].source == nil { scales[o] = largestVoltage }
        return (0..<errors.samples).allSatisfy { m in
            zip(errors.row(m), scales).allSatisfy { abs($0) <= accuracy * $1 }
        }
    }

    private func reach(
        _ task: LearningTask, _ conductances: TrainedValues, _ states: LearningStates,
        in physics: any Physics
    ) throws -> Double {
        let steepest = largestMagnitude(slopes)
        guard steepest > 0, steepest.isFinite, states.loss > 0 else { return 0 }
        let errors = states.errors.values
        for length in [1e-4, -1e-4, 1e-5] {
            let moved = conductances.moved(
                byLogarithms: slopes.map { $0 * length / steepest }, of: task)
            try physics.set(moved, of: task)
            guard let outputs = try? physics.freeOutputs(of: task) else { continue }
            let answer = zip(outputs.values, states.outputs.values).map(-)
            let (size, along) = (dot(answer, answer), abs(dot(answer, errors)))
            guard size > 0, along * along >= Self.negligible * size * dot(errors, errors) else {
                return 0
            }
            return try lowered(
                task, conductances, states, in: physics,
                byLogarithms: slopes.map { $0 * abs(length) * (along / size) / steepest })
        }
        return 1
    }

    /// By which part of itself the loss falls with the longest of a step and its halves that lowers it.
    private func lowered(
        _ task: LearningTask, _ conductances: TrainedValues, _ states: LearningStates,
        in physics: any Physics, byLogarithms step: [Double]
    ) throws -> Double {
        // A decade at most.
        var factor = min(1, log(10) / largestMagnitude(step))
        for _ in 0..<Self.halvings {
            try physics.set(
                conductances.moved(byLogarithms: step.map { $0 * factor }, of: task), of: task)
            if let outputs = try? physics.freeOutputs(of: task) {
                let share = 1 - task.assess(outputs).loss / states.loss
                if share >= Self.negligible { return share }
            }
            factor /= 2
        }
        return 0
    }

    private static let halvings = 12
}
