import Foundation
import Netlist

/// The angle between an update and the exact gradient of the loss: whether a rule can learn here.
public struct GradientAngle: Sendable {
    /// 0 where the update is the direction in which the loss falls fastest, above 90 where it rises; over the
    /// trained resistors, as dk/dt. Nil where one of the two is zero.
    public let degrees: Double?
    /// The trained resistors whose shares of the two differ most, the first most: at most three, none where
    /// the shares agree to a thousandth.
    public let differingMost: [Int]

    /// - Parameters:
    ///   - update: dk/dt of every resistor.
    ///   - gradient: at the same conductances.
    public init(update: [Double], gradient: ExactGradient, of task: LearningTask) {
        let trained = task.parameters.flatMap { $0.members.map(\.resistor) }.sorted()
        func unit(_ vector: [Double]) -> [Double]? {
            let own = trained.map { vector[$0] }
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
        differingMost = trained.indices.filter { abs(difference[$0]) > 1e-3 }
            .sorted { abs(difference[$0]) > abs(difference[$1]) }.prefix(3).map { trained[$0] }
    }
}
