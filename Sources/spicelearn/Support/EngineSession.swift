import ArgumentParser
import Foundation
import LearningRules
import Netlist
import NgspiceBridge

/// What solves operating points.
enum Engine: String, ExpressibleByArgument, CaseIterable { case ngspice, sparse, native }

/// Which engine, and how it is used.
struct EngineOptions: ParsableArguments {
    static let title = "Engine"

    @Option(
        help: """
            ngspice, or sparse: a direct solver for resistors, sources (linear controlled ones \
            too), inductors and capacitors, many times faster; ngspice confirms its states up to \
            \(EngineSession.largestConfirmed) resistors.
            """)
    var engine = Engine.ngspice

    @OptionGroup var simulator: NgspiceOptions

    @Option(
        help: ArgumentHelp(
            """
            Processes among which ngspice's operating points are divided, for circuits and data that \
            keep ngspice busy; at most as many as there are points and processors. The result has \
            the same bits for any number.
            """, valueName: "count"))
    var workers = 1

    @Option(
        help: """
            on: ngspice runs in a process of its own, so that its crash or hang is an error, or, where \
            it can be repeated, nothing but a delay; off: in this one. (default: on for nonlinear \
            circuits, whose points take far longer than a message to another process, and with --workers)
            """)
    var isolation: Isolation?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            How long ngspice may take to load the netlist, and for one operating point in a process of its \
            own, until it is replaced. (default: 60, more beyond 10000 lines)
            """, valueName: "seconds"))
    var timeLimit: Double?

    enum Isolation: String, ExpressibleByArgument, CaseIterable { case on, off }

    func validate() throws {
        guard workers >= 1 else { throw ValidationError("--workers \(workers): at least 1") }
        if isolation == .off, workers > 1 {
            throw ValidationError("--workers are processes of their own: leave --isolation off out")
        }
        if let timeLimit, !(timeLimit >= 0.1 && timeLimit.isFinite) {
            throw ValidationError("--time-limit \(timeLimit): at least 0.1 s")
        }
    }

    var setup: EngineSetup {
        EngineSetup(
            engine: engine,
            workers: min(workers, max(2, ProcessInfo.processInfo.activeProcessorCount)),
            isIsolated: isolation.map { $0 == .on },
            timeLimit: timeLimit)
    }
}

/// Which engine, and where it runs.
struct EngineSetup: Sendable {
    let engine: Engine
    let workers: Int
    /// Nil where it depends on the circuit.
    var isIsolated: Bool?
    /// What solves ngspice's equations, to go on as a training began; nil to choose.
    var matrixSolver: SimulatorOptions.MatrixSolver?
    /// Seconds.
    let timeLimit: Double?

    func isolates(_ task: LearningTask) -> Bool {
        workers > 1 || isIsolated ?? !task.circuit.isLinear
    }

    func isolatedNgspice() -> IsolatedNgspice {
        IsolatedNgspice(program: WorkerCommand.program, timeLimit: timeLimit)
    }

    /// ngspice in processes of its own.
    func isolatedPhysics(
        deck: Deck, task: LearningTask, rule: any LearningRule
    ) throws -> any Physics {
        let make: @Sendable () throws -> NgspicePhysics = {
            try NgspicePhysics(
                deck: deck, task: task, ngspice: isolatedNgspice(), for: rule,
                matrixSolver: matrixSolver)
        }
        return workers > 1 ? try ParallelPhysics(engines: workers, make: make) : try make()
    }
}

/// An engine at work on a deck, with ngspice beside it as the referee.
///
/// Exists only inside `Ngspice.withInstance`.
final class EngineSession {
    /// ngspice orders a lattice of this size in seconds, one ten times larger in minutes.
    static let largestConfirmed = 20_000

    let physics: any Physics
    private let setup: EngineSetup
    private let deck: Deck
    private let task: LearningTask
    private let rule: any LearningRule
    private let ngspice: Ngspice
    /// In this process.
    private var local: NgspicePhysics?
    private var notes: [String] = []

    init(
        _ setup: EngineSetup, deck: Deck, task: LearningTask, rule: any LearningRule,
        ngspice: Ngspice
    ) throws {
        self.setup = setup
        self.deck = deck
        self.task = task
        self.rule = rule
        self.ngspice = ngspice
        switch setup.engine {
        // One factorization serves all samples: there is nothing to divide.
        case .sparse: physics = try SparsePhysics(task: task)
        case .native: physics = try NativePhysics(task: task, for: rule)
        case .ngspice where setup.isolates(task):
            physics = try setup.isolatedPhysics(deck: deck, task: task, rule: rule)
        case .ngspice:
            let physics = try NgspicePhysics(
                deck: deck, task: task, ngspice: ngspice, for: rule,
                matrixSolver: setup.matrixSolver)
            local = physics
            self.physics = physics
        }
        noteMissingKLU(setup)
    }

    /// What solves ngspice's equations; nil with another engine.
    var matrixSolver: SimulatorOptions.MatrixSolver? {
        switch physics {
        case let physics as NgspicePhysics: physics.matrixSolver
        case let physics as ParallelPhysics: physics.matrixSolver
        default: nil
        }
    }

    private func noteMissingKLU(_ setup: EngineSetup) {
        guard let matrixSolver, matrixSolver == .sparse else { return }
        if setup.matrixSolver == .klu {
            notes.append(
                "this training began with KLU, which this ngspice doesn't have: it goes on with "
                    + "Sparse 1.3, and its last digits may be others")
        } else if setup.matrixSolver == nil, task.circuit.traits.options.matrixSolver == .klu {
            notes.append(
                "the netlist asks for KLU, which this ngspice doesn't have: Sparse 1.3 solves it")
        }
    }

    /// What had to be given up, for the user to know.
    var warnings: [String] {
        let warnings =
            switch physics {
            case let physics as NgspicePhysics: physics.warnings
            case let physics as ParallelPhysics: physics.warnings
            default: [String]()
            }
        return warnings + notes
    }

    /// Lets ngspice solve the same states where it did not itself.
    ///
    /// - Parameter place: as in `at the start`.
    /// - Throws: `EngineDisagreement`, and what ngspice throws.
    func confirm(
        _ states: LearningStates, of task: LearningTask, at conductances: TrainedConductances,
        by method: LearningMethod, _ place: String
    ) throws {
        guard setup.engine != .ngspice else { return }
        let count = task.circuit.resistors.count
        guard count <= Self.largestConfirmed else {
            let note = """
                \(count) resistors are too many for ngspice to confirm the sparse engine's states \
                (\(Self.largestConfirmed) at most)
                """
            if !notes.contains(note) { notes.append(note) }
            return
        }
        let verdict = try Referee(
            states, at: conductances, of: task, by: method, ngspice: localNgspice())
        if !verdict.agrees { throw EngineDisagreement(referee: verdict, place: place) }
    }

    /// ngspice with this deck in this process: the engine itself, or one beside it.
    func localNgspice() throws -> NgspicePhysics {
        if let local { return local }
        let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice, for: rule)
        local = physics
        return physics
    }

    /// Lets ngspice confirm the states at the deck's own conductances.
    func confirmStart(of trainer: Trainer) throws {
        guard setup.engine != .ngspice else { return }
        let method = try trainer.resolveMethod(in: physics)
        try confirm(
            at: TrainedConductances(initial: task), by: method, "at the deck's own resistances")
    }

    /// Samples, at equal distances, that ngspice confirms of many.
    private static let mostConfirmed = 64

    private func confirm(
        at conductances: TrainedConductances, by method: LearningMethod, _ place: String
    ) throws {
        let few = task.few(Self.mostConfirmed)
        try confirm(
            method.states(of: few, at: conductances, in: physics), of: few, at: conductances,
            by: method, place)
    }

    /// What `ngspice -b` finds in a trained deck. A circuit that ngspice holds in this process is gone after it.
    func plainConfirmation(
        of trained: Deck, _ states: LearningStates
    ) throws -> PlainConfirmation {
        guard setup.isolates(task) else {
            local = nil
            return try PlainConfirmation(deck: trained, task: task, states: states, in: ngspice)
        }
        return try PlainConfirmation(
            deck: trained, task: task, states: states, in: setup.isolatedNgspice())
    }

    /// ngspice's disagreement with the states that a training ended with: the deck is written all the same.
    func doubt(of result: TrainingResult, rule: any LearningRule) throws -> Failure? {
        do {
            let method = LearningMethod(rule: rule, nudging: result.nudging)
            let place = "at the trained resistances"
            if result.states.points.isEmpty || task.samples.count > Self.mostConfirmed {
                guard setup.engine != .ngspice else { return nil }
                try confirm(at: result.conductances, by: method, place)
            } else {
                try confirm(result.states, of: task, at: result.conductances, by: method, place)
            }
            return nil
        } catch let error as EngineDisagreement {
            return Failure("\(error)", status: ExitStatus.software)
        }
    }
}

extension LearningDeck {
    /// Runs code with an engine loaded with this deck.
    func withEngine<Result: Sendable>(
        _ setup: EngineSetup, _ body: @escaping @Sendable (EngineSession) throws -> Result
    ) throws -> (Result, warnings: [String]) {
        try locating {
            try Ngspice.withInstance { [deck, task, rule] ngspice in
                let session = try EngineSession(
                    setup, deck: deck, task: task, rule: rule, ngspice: ngspice)
                return (try body(session), session.warnings)
            }
        }
    }
}
