import Netlist

/// All rules, by name: a new one is a file and its line here.
public enum Rules {
    public static let all: [any LearningRule] = [
        EquilibriumPropagation(), AdjointCoupledLearning(), CoupledLearning(), GradientDescent(),
    ]

    /// What a deck that names none learns by.
    public static var standard: any LearningRule {
        named(LearningDirectives.standardRule) ?? AdjointCoupledLearning()
    }

    /// Those that need nothing but an element's own voltage drops.
    public static var local: [any LearningRule] { all.filter(\.isLocal) }

    public static func named(_ name: String) -> (any LearningRule)? {
        all.first { $0.name == name }
    }

    /// The rule that directives ask for.
    ///
    /// - Throws: `DiagnosticsError` for a name that no rule has.
    public static func asked(
        for directives: LearningDirectives
    ) throws(DiagnosticsError) -> any LearningRule {
        guard let asked = directives.rule else { return standard }
        guard let rule = named(asked.value) else {
            throw DiagnosticsError([
                Diagnostic(
                    "unknown-rule",
                    "there is no rule \(asked.value); rules are "
                        + all.map(\.name).joined(separator: ", "),
                    at: asked.range)
            ])
        }
        return rule
    }
}
