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
    /// The values as the decks have them, `3k` and `5k`; nil where one of them has none.
    public let values: Values?

    /// Two values that are not equal.
    public struct Values: Sendable, Hashable {
        public let expected: Value
        public let actual: Value
        /// |actual − expected|/|expected|, of an expression the largest of its numbers'; nil where no numbers
        /// differ, or the expected one is 0.
        public let relativeError: Double?
    }

    public struct Value: Sendable, Hashable {
        /// As written.
        public let text: String
        /// Nil where it is no single number.
        public let number: Double?
    }

    init(
        kind: Kind, name: String, message: String, expected: SourceRange?, actual: SourceRange?,
        values: Values? = nil
    ) {
        self.kind = kind
        self.name = name
        self.message = message
        self.expected = expected
        self.actual = actual
        self.values = values
    }
}
