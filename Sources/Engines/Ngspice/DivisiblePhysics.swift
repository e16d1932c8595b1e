/// An engine whose work can be divided among several of its kind: a point has the same bits whichever of
/// them solves it, and whatever each has solved before.
public protocol DivisiblePhysics: Physics {
    /// The drives of a call may be divided after any multiple of so many, into calls of their own.
    var divisor: Int { get }

    /// Puts in what clamps and branches need, which changes the last bits of everything: in all engines
    /// before the first of them is asked for a clamp or branch.
    func provideBranches() throws

}

extension Nudge {
    /// Whether it ties the outputs to voltages.
    var needsBranches: Bool { kind.needsBranches }

    var kind: Kind {
        switch self {
        case .none: .none
        case .currents: .currents
        case .clamps: .clamps
        case .branches: .branches
        }
    }
}

extension Nudge.Kind {
    var needsBranches: Bool { self == .clamps || self == .branches }
}
