import ArgumentParser
import LearningTasks
import Netlist

/// `spicelearn analyze`: whether a circuit can learn its task, and at what rate, without training.
struct AnalyzeCommand: ParsableCommand, EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Say whether, how fast and with which steps a deck learns where it is.",
        discussion: """
            The local convergence theory at the deck's present resistances: the singular values of \
            the sensitivities of all outputs to all trained variables, the coercivity constant of \
            each rule, the decay rate, the stable and the best step, the conserved quantity; and \
            where the circuit can't correct every error, why. Predictions hold near a solution: \
            analyze a trained deck, or one that is close.

              spicelearn analyze deck.cir
              spicelearn analyze trained.cir --rule cl --json
              spicelearn analyze trained.cir --rank-tolerance 1e-6

            Outputs of a nonlinear circuit are linearised at its operating point.
            """)

    @Argument(help: "The netlist, or - for standard input.", completion: .deck)
    var netlist: String

    @OptionGroup(title: LearningOptions.title) var learning: LearningOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Singular values up to this fraction of the largest count as zero: give more than the \
            training tolerance to see what a trained deck only approaches. (default: 100 eps times \
            the number of outputs or resistors; 1e-7 in nonlinear circuits)
            """, valueName: "fraction"))
    var rankTolerance: Double?

    @OptionGroup(title: EngineOptions.title) var engine: EngineOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let rankTolerance, !(rankTolerance >= 0 && rankTolerance < 1) {
            throw ValidationError("--rank-tolerance must be at least 0 and less than 1")
        }
    }

    /// Beyond this number of operating points another engine, which ngspice confirms, is faster.
    private static let mostByNgspice = 64

    func run() throws {
        let deck = try LearningDeck(path: netlist, options: learning)
        try deck.requireOutputs()
        try deck.requireOneCircuit(for: "analyze")
        guard deck.task.loss.isSquared else {
            throw Failure(
                """
                analyze is the theory of squared errors, and the loss of this deck is \
                \(deck.task.loss.name): give --loss squared
                """, status: ExitStatus.usage)
        }
        deck.warnOfIdleFlags(
            Set(learning.given.keys), in: .oneState("analyze"), engine: engine.engine,
            workers: engine.workers)
        let trainer = try deck.trainer()
        let points = deck.task.samples.count + deck.task.outputs.count
        let setup = points > Self.mostByNgspice ? engine.setup.for(.manyPoints) : engine.setup
        let (report, warnings) = try deck.withEngine(setup) { [rankTolerance] session in
            try session.confirmStart(of: trainer)
            return try Waiting.during("analyzing") {
                try AnalyzeReport(
                    of: trainer, at: TrainedValues(initial: trainer.task),
                    rankTolerance: rankTolerance, in: session)
            }
        }
        for warning in warnings { printError("spicelearn: warning: \(warning)") }
        if json {
            try printJSON(report.json)
        } else {
            try printOutput(report.text)
        }
    }
}
