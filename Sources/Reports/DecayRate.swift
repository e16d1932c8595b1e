import Foundation

/// How fast the loss fell late in a training, beside what the theory predicts near its end.
///
/// Measured where the loss has half to three quarters of its way behind it, in decades: before that, errors that
/// decay faster are still there, and after it an integrator's own errors may be as large as those of the outputs.
public struct DecayRate: Encodable, Sendable, Equatable {
    /// What the loss falls over.
    public enum Abscissa: String, Encodable, Sendable {
        /// Time at rate 1: the sum of the rates of plain steps, or the time of the rule's differential equation.
        case time
        /// Steps of an optimizer that chooses its own way.
        case step
    }

    /// −d ln(loss)/d(abscissa), by least squares.
    public let measured: Double
    /// 2c, the decay rate that `analyze` tells; for plain steps of one rate r what these make of it,
    /// −2 ln(1 − r c)/r; nil where it says nothing of these steps.
    public let predicted: Double?
    public let abscissa: Abscissa
    /// The rows that were measured, in the unit of the history's first column.
    public let from: Double
    public let to: Double
    /// Rows between them.
    public let rows: Int

    /// Of the decades by which the loss fell: those that are looked at.
    static let part = 0.5...0.75
    /// Rows that make a slope.
    static let fewestRows = 5

    /// - Parameters:
    ///   - curve: of a training; its first column is `step` or `time`.
    ///   - predicted: the decay rate at its end.
    ///   - followsFlow: whether its steps are those of the rule's differential equation.
    /// - Returns: nil where the loss did not fall, or in too few rows.
    public init?(of curve: TrainingCurve, predicted: Double?, followsFlow: Bool) {
        guard let place = curve.columns.first, let losses = curve.column("loss"),
            let places = curve.column(place), place == "time" || place == "step"
        else { return nil }
        let isTime = place == "time" || followsFlow && curve.stride == 1
        var times = places
        if place == "step", isTime {
            guard let rates = curve.column("rate") else { return nil }
            // The rate of a row is that of the step which follows it.
            var time = 0.0
            times = rates.map { rate in
                defer { time += rate ?? 0 }
                return time
            }
        }
        guard let first = losses.first ?? nil, let last = losses.last ?? nil, last > 0,
            first > last
        else { return nil }
        func level(_ part: Double) -> Double { first * pow(last / first, part) }
        // From where the loss is below the upper level for good, to where it passes the lower one.
        let start =
            (losses.lastIndex { ($0 ?? .infinity) > level(Self.part.lowerBound) } ?? -1) + 1
        let end =
            losses[start...].firstIndex { ($0 ?? .infinity) < level(Self.part.upperBound) }
            ?? losses.count
        let points = (start..<end).compactMap { index -> (x: Double, y: Double)? in
            guard let x = times[index], let loss = losses[index], loss > 0 else { return nil }
            return (x, log(loss))
        }
        guard points.count >= Self.fewestRows, let slope = Self.slope(points), slope < 0,
            let from = places[start], let to = places[end - 1]
        else { return nil }
        measured = -slope
        if isTime, place == "step", let rates = curve.column("rate"), let predicted {
            let rates = Set(rates[start..<end])
            let rate = rates.count == 1 ? (rates.first ?? nil) : nil
            self.predicted = rate.map { Self.decay(ofSteps: $0, predicted) } ?? predicted
        } else {
            self.predicted = isTime ? predicted : nil
        }
        abscissa = isTime ? .time : .step
        (self.from, self.to, rows) = (from, to, points.count)
    }

    /// What steps θ ← θ + rate · θ̇ make of the slowest error's decay e^(−ct): (1 − rate · c) a step.
    private static func decay(ofSteps rate: Double, _ predicted: Double) -> Double {
        let factor = 1 - rate * predicted / 2
        return rate > 0 && factor > 0 ? -2 * log(factor) / rate : predicted
    }

    /// Of the line with the least squares; nil where all x are equal.
    static func slope(_ points: [(x: Double, y: Double)]) -> Double? {
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + $1.x } / count
        let meanY = points.reduce(0) { $0 + $1.y } / count
        let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        guard spread > 0 else { return nil }
        return points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
    }
}
