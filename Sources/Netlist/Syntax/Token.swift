/// One piece of a statement, as a stretch of the file's bytes.
///
/// White space, commas, parentheses and `=` separate; a `{…}` or `'…'` expression is one token, and so
/// is a value after `=` with the calls in it (`r=max(1k, 3k)`), because ngspice reads them so.
public struct Token: Sendable, Hashable {
    public enum Kind: UInt8, Sendable {
        /// A name, number or other run of characters.
        case word
        /// `{…}` or `'…'`, delimiters included.
        case expression
        /// `"…"`, quotes included.
        case string
        /// A comma, which separates like white space.
        case comma
        case equals
        case leftParenthesis
        case rightParenthesis
    }

    public let kind: Kind
    /// Byte offsets in the file. A token may reach over a continuation; `Statement.bytes(of:)` blanks
    /// out what lies between.
    public let range: Range<Int>

    /// True for the tokens that carry text of their own.
    public var isValue: Bool { kind == .word || kind == .expression || kind == .string }
}
