/// One way to excite a linear circuit.
public enum Excitation: Sendable, Equatable {
    /// Everything at work: the inputs at these values [V or A], all other sources at their own.
    case state(inputs: [Double])
    /// Nothing but one input, at this value, V or A.
    case input(Int, value: Double)
    /// Nothing but one ampere into an output: into its positive node and out of its negative one.
    case current(output: Int)
    /// Nothing but these amperes into the outputs.
    case currents([Double])

    var isState: Bool {
        if case .state = self { true } else { false }
    }
}

/// What a linear circuit does under given excitations, solved anew for each set of resistances.
///
/// Made once for a training, so that an engine keeps between steps what does not change, and begins from
/// the last solution where it iterates.
public protocol LinearResponses: AnyObject {
    /// Volt at every node, a column for each excitation.
    var fields: Fields { get }

    /// Solves all of them at the physics' present resistances.
    func solve() throws
}
