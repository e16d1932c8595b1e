/// A netlist as it was read: every byte of the file, the statements in it and in the files that it
/// includes, and what its `*.learn` lines say.
///
/// Reading never fails: what is wrong is in `diagnostics`, and whatever could be understood is there.
///
/// ```swift
/// let deck = Deck.parse(path: "divider.cir", bytes: bytes, includes: .disk)
/// let elaboration = deck.elaborate()
/// ```
public struct Deck: Sendable {
    /// The deck's own file.
    public let file: SourceFile
    /// The first line without a `*` at its beginning, or what a `.title` card says.
    public let title: String
    /// Devices and cards in the order in which ngspice reads them, included files in their place.
    public let statements: [Statement]
    public let directives: LearningDirectives
    /// What is wrong with the text itself; `elaborate()` gives these and its own.
    public let diagnostics: [Diagnostic]
    /// The words of lines that could not be read, in lower case: what they name is not missing in the text.
    public let unreadWords: Set<String>
    /// Whether there is a `.control` section, whose commands ngspice runs.
    let hasControl: Bool
    /// Of each `.control` section that is read the commands that change the circuit or its options, where there
    /// are some.
    let changingCommands: [[SourceRange]]
    /// All files read, the deck's own first.
    public let files: [SourceFile]
    /// The language in which it was read, and in which its numbers are understood.
    public let dialect: Dialect
    /// Paths of the compiled Verilog-A models (OSDI) that ngspice loads before the deck. No text can name
    /// them, since to load one is to run it.
    public var compiledModels: [String] = []
    /// As which simulators ngspice reads it.
    public var compatibility: Compatibility { dialect.compatibility ?? [] }
    /// To which folder the data files of code models are held, as the included files were.
    let confinement: Confinement?

    /// Reads a deck from text.
    ///
    /// - Parameters:
    ///   - path: The file's name for diagnostics, and from where relative includes start.
    ///   - bytes: Its text, in any encoding that ngspice reads.
    ///   - includes: How included files are read.
    ///   - dialect: The language of the ngspice that will solve it.
    public static func parse(
        path: String, bytes: [UInt8], includes: IncludeReader = .disk,
        dialect: Dialect = Dialect()
    ) -> Deck {
        var reader = DeckReader(
            file: SourceFile(path: path, bytes: bytes), includes: includes, dialect: dialect)
        return reader.read()
    }
}
