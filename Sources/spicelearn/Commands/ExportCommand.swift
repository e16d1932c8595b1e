import ArgumentParser
import Engines
import Foundation
import Generators
import LearningRules
import Netlist
import NgspiceBridge
import SelfLearning

/// `spicelearn export`: a deck that trains itself under plain ngspice.
struct ExportCommand: ParsableCommand, NgspiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a deck that trains itself under plain ngspice.",
        discussion: """
            A free copy and nudged copies of the circuit share conductances that are voltages of \
            capacitors; behavioural sources charge these by the learning rule, so a transient \
            analysis is the training. Nothing but ngspice is needed to run the deck.

              spicelearn export deck.cir --self-learning -o self.cir
              ngspice -b self.cir

            Each sample has copies of its own, or with --period all are shown in turn to the same \
            copies. --duration, or the deck's, is how long the circuit learns, in seconds; without \
            one it is what the rule's differential equation takes to the tolerance.
            """)

    @Argument(help: "The netlist, or - for standard input.", completion: .deck)
    var netlist: String

    @Flag(help: "The circuit itself learns, in a transient analysis.")
    var selfLearning = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to write the deck; - is standard output.", valueName: "file"),
        completion: .deck)
    var out: String

    @OptionGroup(title: LearningOptions.title) var learning: LearningOptions

    @OptionGroup(title: EngineOptions.title) var simulator: NgspiceOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Show the samples in turn, all of them within this many seconds.", valueName: "period"))
    var period: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard selfLearning else {
            throw ValidationError("say what to export: --self-learning")
        }
        _ = try seconds("period", period)
        try requireOneUser(
            ofStandardOutput: [
                ("--json", json), ("-o \(out)", OutputPath.isStandardOutput(out)),
            ])
    }

    func run() throws {
        let period = try seconds("period", period)
        let deck = try LearningDeck(path: netlist, options: learning)
        try deck.requireOutputs()
        try deck.requireLocalRule(for: "a circuit that trains itself")
        try SelfLearningDeck.requireLearnable(deck.task)
        var claims = deck.claims
        claims.read(netlist, as: "the netlist")
        try claims.write(out, as: "-o")
        let output = try OutputFile(path: out)
        let trainer = try deck.trainer()
        var rate = 1.0
        if case .fixed(let value) = trainer.rate { rate = value }
        let wanted = deck.directives.duration?.value
        let (method, start, time) = try settle(deck, trainer, until: wanted.map { $0 * rate })
        var timing = SelfLearningDeck.Timing(
            rate: rate, duration: wanted ?? Self.roundedUp(time.duration / rate),
            resolution: 0, meetsBounds: time.meetsBounds)
        timing.resolution = min(timing.duration / 100, 0.1 * time.fastest / rate)
        var presentation = SelfLearningDeck.Presentation.together
        if let period, deck.task.samples.count > 1 {
            guard period < timing.duration else {
                throw Failure(
                    "--period \(readable(period)): the samples would not be shown once in the "
                        + "\(readable(timing.duration)) s that the circuit learns",
                    status: ExitStatus.usage)
            }
            presentation = .inTurn(period: period)
            let slot = period / Double(deck.task.samples.count)
            timing.resolution = min(timing.resolution, slot / 10)
        }
        let made = try SelfLearningDeck(
            deck: deck.deck, task: deck.task, method: method, timing: timing,
            presentation: presentation, start: start)
        try output.write(Array(made.text.utf8))
        let rehearsal = try deck.locating {
            let end = ContinuousClock.now + Self.patience
            return try Ngspice.withInstance {
                try made.rehearsal(in: $0) { ContinuousClock.now < end }
            }
        }
        warn(deck, time, isEstimated: wanted == nil)
        warn(made, rehearsal, converges: time.converged)
        try report(made, rehearsal)
    }

    private func seconds(_ flag: String, _ text: String?) throws -> Double? {
        guard let text else { return nil }
        let file = SourceFile(
            path: LearningOptions.sourceName, bytes: Array("train duration=\(text)".utf8))
        let (said, diagnostics) = LearningDirectives.parse(file)
        if let error = diagnostics.first(where: { $0.severity == .error }) {
            let message = error.message.replacingOccurrences(of: "duration", with: flag)
            throw ValidationError("--\(flag) \(text): \(message)")
        }
        return said.duration?.value
    }

    /// How long the learning is followed, to know what it takes.
    private static let longestLook = Duration.seconds(30)
    /// How long the deck is tried.
    private static let patience = Duration.seconds(5)

    /// V: more than ngspice's tolerances explain.
    private static let farOff = 1e-3

    /// The nudge, the states that it begins with, and how the rule learns at rate 1: until it is done, or for as
    /// long as is wanted.
    private func settle(
        _ deck: LearningDeck, _ trainer: Trainer, until wanted: Double?
    ) throws -> (LearningMethod, start: LearningStates, LearningTime) {
        let flow = ContinuousTrainer(
            task: trainer.task, rule: trainer.rule, nudge: trainer.nudge,
            limits: ContinuousTrainer.Limits(
                duration: wanted ?? .infinity, tolerance: trainer.limits.tolerance))
        do {
            return try deck.locating {
                try Ngspice.withInstance { [deck = deck.deck] ngspice in
                    let physics = try NgspicePhysics(deck: deck, task: flow.task, ngspice: ngspice)
                    let method = try flow.resolveMethod(in: physics, isExact: false)
                    let start = try method.states(of: flow.task, in: physics)
                    let end = ContinuousClock.now + Self.longestLook
                    let time = try Waiting.during("following the learning") {
                        try flow.learningTime(in: physics) { ContinuousClock.now < end }
                    }
                    return (method, start, time)
                }
            }
        } catch let error as NgspiceError where error.kind == .convergence {
            // What ngspice printed meanwhile are the points that it tried.
            throw Failure(
                """
                ngspice finds no operating point for some values that this circuit takes while it learns \
                (\(error.message)), and an exported deck is solved by ngspice alone; train the netlist \
                with spicelearn train, which takes such steps back
                """, status: ExitStatus.software)
        }
    }

    /// To two significant digits.
    private static func roundedUp(_ duration: Double) -> Double {
        let unit = pow(10, floor(log10(duration)) - 1)
        let digits = (duration / unit).rounded(.up)
        return Double(String(format: "%.1e", digits * unit)) ?? duration
    }

    private func warn(_ deck: LearningDeck, _ time: LearningTime, isEstimated: Bool) {
        if isEstimated, !time.converged {
            printError(
                """
                spicelearn: warning: learning does not reach the tolerance, or not within the \
                \(Self.longestLook.components.seconds) s for which it is followed, nor does the deck; see \
                spicelearn analyze and spicelearn train for the reason, or give a --duration
                """)
        }
        let storing = deck.task.circuit.otherDevices.first { "cltoy".contains($0.letter) }
        if let storing {
            printDiagnostics([
                Diagnostic(
                    "stores-charge", .warning,
                    "\(storing.name) stores energy: the circuit has to settle faster than it learns; "
                        + "slow learning down with --rate if it does not", at: storing.range)
            ])
        }
    }

    private func warn(_ made: SelfLearningDeck, _ rehearsal: Rehearsal, converges: Bool) {
        let reached = "\(readable(rehearsal.time)) s of \(readable(made.timing.duration)) s"
        switch rehearsal.end {
        case .finished:
            guard converges, let error = rehearsal.largestError, error > Self.farOff else { break }
            printError(
                """
                spicelearn: warning: in ngspice it ends \(String(format: "%.2g", error)) V off its targets, which \
                the rule reaches: what stores charge, as capacitances of models do, has to settle faster than the \
                circuit learns; slow learning down with --rate
                """)
        case .failed(let words):
            printError(
                """
                spicelearn: warning: tried in ngspice, \(out) stops at \(reached): \(words); \
                another --nudge or --vary log may help
                """)
        case .outOfTime:
            printError(
                """
                spicelearn: warning: in the \(Self.patience.components.seconds) s for which \(out) was tried \
                in ngspice it came to \(reached); the rest was not tried
                """)
        }
    }

    private struct JSON: Encodable {
        struct Run: Encodable {
            let finished: Bool
            let time: Double
            let largestError: Double?
        }

        let rule: String
        let nudge: Double
        let nudging: String
        let rate: Double
        let duration: Double
        let samples: Int
        let schedule: Double?
        let conductanceUnit: Double
        let output: String
        /// What ngspice made of it here.
        let run: Run
    }

    private func report(_ made: SelfLearningDeck, _ rehearsal: Rehearsal) throws {
        let nudging = made.method.nudging
        var period: Double?
        if case .inTurn(let value) = made.presentation { period = value }
        if json {
            try printJSON(
                JSON(
                    rule: made.method.rule.name,
                    nudge: nudging.strength,
                    nudging: nudging.sides.name,
                    rate: made.timing.rate, duration: made.timing.duration,
                    samples: made.task.samples.count, schedule: period, conductanceUnit: made.unit,
                    output: out,
                    run: JSON.Run(
                        finished: rehearsal.end == .finished, time: rehearsal.time,
                        largestError: rehearsal.largestError)))
        } else if !OutputPath.isStandardOutput(out) {
            try printOutput(
                """
                \(made.task.circuit.title)

                \(describe(made.method, made.task))
                learns for \(readable(made.timing.duration)) s: ngspice -b \(out)
                \(outcome(rehearsal))wrote \(out)
                """)
        }
    }

    private func outcome(_ rehearsal: Rehearsal) -> String {
        guard rehearsal.end == .finished else { return "" }
        let error = rehearsal.largestError.map {
            ": largest error \(String(format: "%.2g", $0)) V"
        }
        return "run by ngspice to its end\(error ?? "")\n"
    }
}
