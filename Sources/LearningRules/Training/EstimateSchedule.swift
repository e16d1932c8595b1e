/// When the operator that governs learning is looked at again: often while it changes, rarely once it
/// is steady.
struct EstimateSchedule: Sendable, Codable {
    private var interval = shortest / 2
    /// Steps until the next look.
    private var left = 0

    private static let shortest = 10
    private static let longest = 160

    var isDue: Bool { left == 0 }

    mutating func renew(isSteady: Bool) {
        interval = isSteady ? min(2 * interval, Self.longest) : Self.shortest
        left = interval
    }

    var isSound: Bool {
        (0...Self.longest).contains(interval) && (0...Self.longest).contains(left)
    }

    mutating func stepTaken() { left = max(left - 1, 0) }

    /// What was seen does not hold any more.
    mutating func expire() { (interval, left) = (Self.shortest / 2, 0) }
}
