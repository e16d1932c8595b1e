import LearningTasks
import Netlist

extension LearningTask {
    /// The task that a deck's own directives describe, and that its rule can learn.
    ///
    /// - Parameters:
    ///   - data: the samples that its `data` directive names.
    ///   - includes: how the files that the deck includes are read again, where the data sets numbers of it.
    /// - Throws: `DiagnosticsError` with all that is wrong in the deck and its directives.
    public init(
        deck: Deck, data: SampleTable? = nil, includes: IncludeReader = .none
    ) throws(DiagnosticsError) {
        let rule = try Rules.asked(for: deck.directives)
        let elaboration = deck.elaborate()
        let made = Self.make(
            circuit: elaboration.understood, directives: deck.directives, data: data,
            clamping: rule.clampingName)
        guard elaboration.circuit != nil, let task = made.task else {
            throw DiagnosticsError(elaboration.diagnostics + made.diagnostics)
        }
        self =
            task.settings.isEmpty
            ? task
            : try task.withCorners(of: deck, deck.directives) { bytes in
                Deck.parse(
                    path: deck.file.path, bytes: bytes, includes: includes, dialect: deck.dialect)
            }
    }
}
