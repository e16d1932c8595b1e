import ArgumentParser
import LearningTasks
import Netlist
import NgspiceBridge
import Theory

/// `spicelearn solve`: states and the local update, without training.
struct SolveCommand: ParsableCommand, EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "solve",
        abstract: "Solve a deck's states and show the local update, without training.",
        discussion: """
            On a deck without learning directives: its operating point, as ngspice -b finds it. With \
            outputs: the free and the nudged state of every sample, the errors, and dk/dt of every \
            trained resistor at rate 1 (V²/S for ep and al, V² for cl); nonlinear circuits are then \
            solved under tolerances fit for differences.

              spicelearn solve deck.cir
              spicelearn solve deck.cir --output 'V(b)=0.2' --rule cl --nudge 0.1
              cat deck.cir | spicelearn solve - --json
            """)

    @Argument(help: "The netlist, or - for standard input.", completion: .deck)
    var netlist: String

    @OptionGroup(title: LearningOptions.title) var learning: LearningOptions

    @OptionGroup(title: EngineOptions.title) var engine: EngineOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let deck = try LearningDeck(path: netlist, options: learning)
        deck.warnOfIdleFlags(
            Set(learning.given.keys), in: .oneState("solve"), engine: engine.engine,
            workers: engine.workers)
        if deck.task.outputs.isEmpty, deck.task.inputs.isEmpty,
            [.auto, .ngspice].contains(engine.engine)
        {
            try printOperatingPoint(of: deck)
        } else {
            try printStates(of: deck)
        }
    }

    private func printOperatingPoint(of deck: LearningDeck) throws {
        let circuit = deck.task.circuit
        let point = try Ngspice.withInstance {
            [deck = deck.deck, task = deck.task, setup = engine.setup] ngspice in
            try setup.isolates(task)
                ? setup.isolatedNgspice().operatingPoint(of: deck, circuit)
                : ngspice.operatingPoint(of: deck, circuit)
        }
        let report = OperatingPointReport(circuit: circuit, point: point)
        if json {
            try printJSON(report.json)
        } else {
            try printOutput(report.text)
        }
    }

    /// Of an update, beyond which its nudge is warned of.
    private static let tellingError = 1e-4

    private func printStates(of deck: LearningDeck) throws {
        try deck.requireGoals()
        let trainer = try deck.trainer()
        // Of a nonlinear circuit ngspice has the limit of small nudges by differences, which lose digits beside
        // blocked junctions; it confirms the native engine's, which is exact.
        let isLimit = trainer.nudge.sides == .limit && !trainer.task.circuit.isLinear
        let setup = isLimit ? engine.setup.for(.training) : engine.setup
        let ((method, states, diagnosis), warnings) = try deck.withEngine(setup) { session in
            // An engine that was chosen and does not agree gives way to ngspice.
            if isLimit { try session.confirmStart(of: trainer) }
            let method = try trainer.resolveMethod(in: session.physics)
            let start = TrainedValues(initial: trainer.task)
            let states = try method.states(of: trainer.task, at: start, in: session.physics)
            try session.confirm(
                states, of: trainer.task, at: start, by: method,
                "in this circuit")
            let diagnosis = try DescentDiagnosis.make(
                of: trainer.task, at: start, states, in: session.physics)
            return (method, states, diagnosis)
        }
        for warning in warnings { printError("spicelearn: warning: \(warning)") }
        if let error = method.nudgeError, error > Self.tellingError {
            printError(
                """
                spicelearn: warning: at the best nudge that there is here, updates are off the limit of small nudges \
                by up to \(String(format: "%.1g", 100 * error)) %, by what the nudge does to junctions and by \
                rounding: --nudging limit has neither
                """)
        }
        let report = SolveReport(
            task: trainer.task, method: method, states: states, diagnosis: diagnosis)
        if json {
            try printJSON(report.json)
        } else {
            try printOutput(report.text)
        }
    }
}
