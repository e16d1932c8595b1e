import ArgumentParser
import LearningRules
import Reports

/// Whether a training is shown while it goes on, and where.
struct LiveOptions: ParsableArguments {
    static let title = "Watching"

    @Flag(
        help: """
            Show the training while it goes on: a page on this machine alone, as --report writes it at the end, \
            drawn again when there is news. Its address is printed at the start; it ends with the training.
            """)
    var live = false

    @Option(
        help: ArgumentHelp(
            "Serve it at this port of 127.0.0.1. (default: one that is free)", valueName: "port"))
    var livePort: UInt16?

    @Flag(help: "Open it in the browser.")
    var open = false

    func validate() throws {
        if !live, livePort != nil || open {
            throw ValidationError("\(open ? "--open" : "--live-port") is of the page of --live")
        }
    }

    /// Nil where nobody watches.
    ///
    /// - Throws: `Failure` where no page can be served.
    func view(
        of trainer: Trainer, origin: Report.Origin, solver: Report.Solver
    ) throws -> LiveView? {
        guard live else { return nil }
        let view = try LiveView(
            of: trainer, origin: origin, solver: solver, port: livePort ?? 0)
        if open { view.open() }
        return view
    }
}
