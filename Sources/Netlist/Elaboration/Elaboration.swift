/// What a deck means: its circuit, what it says about learning, and all that is wrong with it.
public struct Elaboration: Sendable {
    /// Nil where there are errors.
    public let circuit: Circuit?
    /// As much of the circuit as could be understood: for looking up names where there are errors, so
    /// that all of a deck's errors can be told at once.
    public let understood: Circuit
    public let directives: LearningDirectives
    /// In the order of the text.
    public let diagnostics: [Diagnostic]

    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// The circuit, or all that is wrong.
    public func get() throws(DiagnosticsError) -> Circuit {
        guard let circuit else { throw DiagnosticsError(diagnostics) }
        return circuit
    }
}

extension Elaboration {
    /// What a circuit is wanted for.
    public enum Purpose: Sendable {
        /// Every voltage has to follow from the circuit: a part without a path to ground or a loop of
        /// ideal voltages is an error.
        case learning
        /// Whatever ngspice finds will do: gmin, or a short transient, decides what the circuit leaves
        /// open, and of that there is a warning.
        case operatingPoint
    }
}

extension Deck {
    /// Evaluates parameters, expands subcircuits and checks the circuit that results.
    ///
    /// - Parameter deviceLimit: how many devices the circuit may have, X lines included; a deck of more
    ///   is an error, where possible before any of them is made. They take some 0.5 kB each.
    /// - Complexity: linear in the text and in the number of devices after expansion.
    public func elaborate(
        for purpose: Elaboration.Purpose = .learning, deviceLimit: Int = 5_000_000
    ) -> Elaboration {
        Elaborator(self, for: purpose, deviceLimit: deviceLimit).run()
    }
}
