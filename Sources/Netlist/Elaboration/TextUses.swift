/// What the numbers in a deck's text set beside resistances: through such a number no resistor can be
/// trained.
struct TextUses: Sendable {
    /// The deck's own file, the only one that is written; nil for a circuit made without a deck.
    let mainFile: SourceFile?
    private(set) var users: [NumberText: String] = [:]

    init(mainFile: SourceFile? = nil) { self.mainFile = mainFile }

    /// Notes that something other than a resistance depends on a value.
    mutating func use(_ value: ParameterValue, by user: String, at range: SourceRange) {
        for text in value.sources.keys where text.range.bytes != range.bytes {
            if users[text] == nil { users[text] = user }
        }
    }
}
