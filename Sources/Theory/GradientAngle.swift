import Foundation
import LearningRules
import LearningTasks
import Netlist

/// The angle between an update and the exact gradient of the loss: whether a rule can learn here.
public struct GradientAngle: Sendable {
    /// 0 where the update is the direction in which the loss falls fastest, above 90 where it rises; over the
    /// trained numbers, as dk/dt of their first resistors; where other numbers than conductances are among them,
    /// as changes relative to their size. Nil where one of the two is zero.
    public let degrees: Double?
    /// The parameters whose shares of the two differ most, the first most: at most three, none where
    /// the shares agree to a thousandth.
    public let differingMost: [Int]

    /// - Parameters:
    ///   - update: dk/dt of every resistor.
    ///   - gradient: at the same conductances.
    public init(
        update: [Double], gradient: ExactGradient, at conductances: TrainedValues,
        of task: LearningTask
    ) {
        // Resistors that share a text move together: their sum is what counts.
        func unit(_ update: [Double]) -> [Double]? {
            let velocity = conductances.velocity(update: update, of: task)
            let own =
                task.numbers.areAlike
                ? conductances.ownVelocity(velocity, of: task)
                : conductances.logarithmicVelocity(velocity, of: task)
            // Squares of the smallest updates would vanish.
            let scale = largestMagnitude(own)
            guard scale > 0, scale.isFinite else { return nil }
            let scaled = own.map { $0 / scale }
            let length = dot(scaled, scaled).squareRoot()
            return scaled.map { $0 / length }
        }
        guard let u = unit(update), let g = unit(gradient.descent) else {
            (degrees, differingMost) = (nil, [])
            return
        }
        let difference = zip(u, g).map(-), sum = zip(u, g).map(+)
        // Exact for small angles, too (Kahan).
        degrees =
            2 * atan2(dot(difference, difference).squareRoot(), dot(sum, sum).squareRoot())
            * 180 / .pi
        differingMost = difference.indices.filter { abs(difference[$0]) > 1e-3 }
            .sorted { abs(difference[$0]) > abs(difference[$1]) }.prefix(3).map { $0 }
    }
}
