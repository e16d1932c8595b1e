/// Tells when more steps at the automatic rate would be wasted. (At a rate of the user's own, slow
/// progress may be what is wanted.)
///
/// Training has stagnated when the best loss fell by less than a part in 10⁵ over 200 steps: even a
/// circuit whose coercivity constant is 10⁻⁶ of its largest eigenvalue learns faster than that.
struct Stagnation {
    private var best = Double.infinity
    private var reference = Double.infinity
    private var steps = 0

    static let window = 200
    static let progress = 1e-5

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
