/// One point in which a deck is not what was expected.
public struct Difference: Sendable, Hashable {
    public enum Kind: String, Sendable {
        /// The expected deck has it, the actual one hasn't.
        case missing
        /// The actual deck has it in addition.
        case extra
        /// Numbers differ by more than the tolerances.
        case value
        /// Anything else: nodes, names, expressions, the number of values.
        case structure
    }

    public let kind: Kind
    /// `X1.R3` style for what is in a subcircuit's definition: `div/R3`.
    public let name: String
    /// What differs, in one sentence without a final full stop.
    public let message: String
    /// Where in the expected deck; nil for what is extra.
    public let expected: SourceRange?
    /// Where in the actual deck; nil for what is missing.
    public let actual: SourceRange?
}
