/// Tells when more steps at the automatic rate would be wasted. (At a rate of the user's own, slow
/// progress may be what is wanted.)
///
/// Training has stagnated when the best loss fell by less than a part in 10⁵ over 200 steps: even a
/// circuit whose coercivity constant is 10⁻⁶ of its largest eigenvalue learns faster than that.
package struct Stagnation: Sendable, Codable {
    private var best = Double.infinity
    private var reference = Double.infinity
    private var steps = 0

    static let window = 200
    package static let progress = 1e-5

    var isSound: Bool { (0..<Self.window).contains(steps) }

    mutating func observes(_ loss: Double) -> Bool {
        best = min(best, loss)
        steps += 1
        guard steps >= Self.window else { return false }
        let stagnant = best > (1 - Self.progress) * reference
        reference = best
        steps = 0
        return stagnant
    }
}

/// Tells when a flow stands still but for the rounding of its states, where an integrator can lose its
/// way in steps without end.
///
/// A flow that rests at an equilibrium (a least-squares fit, or bounds) is followed to the end of its
/// duration in a few hundred steps that grow: those are no standstill.
package struct Standstill {
    private var reference = Double.infinity
    /// Steps since the rule's loss last fell by a part in 10⁵.
    package private(set) var idle = 0

    package init() {}

    package static let limit = 1000
    /// Enough of them to say that an integrator which gives up had arrived.
    package static let arrived = 20

    package mutating func observe(_ loss: Double) {
        if loss < (1 - Stagnation.progress) * reference {
            (reference, idle) = (loss, 0)
        } else {
            idle += 1
        }
    }
}
