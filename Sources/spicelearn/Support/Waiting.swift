import CSystem

/// Says what is done and for how long, while it is done: for what may take long and has nothing to tell before its
/// end. On a terminal it begins after two seconds, elsewhere after a minute.
enum Waiting {
    /// - Parameter work: what is done, like "reading deck.cir".
    static func during<Result>(_ work: String, _ body: () throws -> Result) rethrows -> Result {
        if StatusLine.isTerminal {
            csystem_begin_waiting(StatusLine.beginning + StatusLine.fitted(work) + "  ", " s", 2, 1)
        } else {
            csystem_begin_waiting("spicelearn: \(work)  ", " s\n", 60, 60)
        }
        defer {
            if csystem_end_waiting() != 0 { StatusLine.clear() }
        }
        return try body()
    }
}
