/// What the numbers in a deck's text set beside resistances and the values of sources: such a number can't be
/// trained.
struct TextUses: Sendable {
    /// The deck's own file, the only one that is written; nil for a circuit made without a deck.
    let mainFile: SourceFile?
    private(set) var users: [NumberText: String] = [:]

    init(mainFile: SourceFile? = nil) { self.mainFile = mainFile }

    /// Notes that something other than a resistance depends on a value.
    fileprivate mutating func use(_ texts: [NumberText], by user: String, at range: SourceRange) {
        for text in texts where text.range.bytes != range.bytes {
            if users[text] == nil { users[text] = user }
        }
    }
}

extension Elaborator {
    /// Notes that something depends on a value which doesn't follow where a text is written.
    func noteUse(_ value: ParameterValue, by user: String, at range: SourceRange) {
        guard value.origin != .constant else { return }
        textUses.use(recorder.texts(of: value), by: user, at: range)
    }
}
