/// A stretch of bytes in one source file: what a diagnostic points at and what a rewrite replaces.
public struct SourceRange: Sendable, Hashable {
    public let file: SourceFile
    /// Byte offsets into `file.bytes`.
    public let bytes: Range<Int>

    public init(file: SourceFile, bytes: Range<Int>) {
        self.file = file
        self.bytes = bytes
    }
}

/// One finding about a deck or its data, positioned in the text that caused it.
public struct Diagnostic: Error, Sendable, Hashable {
    public enum Severity: String, Sendable { case error, warning }

    /// A stable, kebab-case name of the kind of finding, for tests and scripts: `unknown-node`.
    public let id: String
    public let severity: Severity
    /// What is wrong and the way out, in one sentence without a final full stop.
    public let message: String
    /// Where; nil only if nothing in a text is to blame.
    public let range: SourceRange?

    public init(
        _ id: String, _ severity: Severity, _ message: String, at range: SourceRange?
    ) {
        self.id = id
        self.severity = severity
        self.message = message
        self.range = range
    }

    /// An error.
    public init(_ id: String, _ message: String, at range: SourceRange?) {
        self.init(id, .error, message, at: range)
    }
}

/// All the errors (and the warnings met on the way) that stopped an operation.
public struct DiagnosticsError: Error, Sendable {
    public let diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}
