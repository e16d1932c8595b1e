import Foundation

/// The times at which the solution in continuous time is asked for.
public enum OutputTimes: Sendable, Equatable {
    /// Wherever the integrator steps: close together where the solution changes fast.
    case steps
    /// These; each must be within the duration to count.
    case at([Double])

    /// `count` times at equal distances, the first 0, the last the duration.
    public static func even(_ count: Int, duration: Double) -> Self {
        .at((0..<count).map { duration * (Double($0) / Double(max(count - 1, 1))) })
    }

    /// 0, then `count` − 1 times in a geometric sequence over the last six decades of the duration.
    public static func logarithmic(_ count: Int, duration: Double) -> Self {
        let last = Double(max(count - 2, 1))
        let positive: [Double] = (0..<max(count - 1, 0)).map { index in
            duration * pow(10, 6 * (Double(index) / last - 1))
        }
        return .at([0] + positive)
    }

    package var followsSteps: Bool { self == .steps }

    package func within(_ duration: Double) -> [Double] {
        guard case .at(let times) = self else { return [] }
        return times.filter { $0 >= 0 && $0 <= duration }.sorted()
    }
}
