/// One thing that other tools stumble over: what it is, how it is mended, and how it is found.
///
/// What a rule says of a tool was seen with spicelib 1.6.4, PySpice 1.5, neospice 0.2.0 and ngspice 39.3, or
/// stands in HSPICE's manual.
public struct PortabilityRule: Sendable {
    /// What a rule has found.
    struct Match {
        /// In the deck's own file.
        let range: Range<Int>
        let message: String
        var edits: [TextEdit] = []
    }

    /// A stable, kebab-case name, unlike that of any diagnostic.
    public let id: String
    /// What is found, in a few words.
    public let summary: String
    /// What `--fix` does about it; nil where only the author can mend it.
    public let fix: String?
    let find: @Sendable (DeckText) -> [Match]
}

/// All that is looked for.
public enum PortabilityRules {
    public static let all: [PortabilityRule] = [
        .byteOrderMark, .titleWithoutStar, .inlineComment, .commentSign, .splitContinuation,
        .backslashContinuation, .longLine, .tab, .blankAroundEquals, .nodePunctuation,
        .namedResistance, .dcWithEquals, .lowerCaseDevice, .mixedCase, .unequalNumber, .microSign,
        .notUTF8, .nonASCIIParameter, .extremeResistance, .looseTolerance, .fileElsewhere,
        .missingEnd,
    ]
}
