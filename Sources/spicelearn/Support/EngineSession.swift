import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge

/// An engine at work on a deck, with ngspice beside it as the referee.
///
/// Exists only inside `Ngspice.withInstance`.
final class EngineSession {
    /// ngspice orders a lattice of this size in seconds, one ten times larger in minutes.
    static let largestConfirmed = 20_000
    /// Seconds that ngspice has for a larger one, unless `--time-limit` gives it others.
    static let patience = 20.0

    private(set) var physics: any Physics
    /// The one at work: never `auto`.
    private(set) var engine: Engine
    private let setup: EngineSetup
    private let deck: Deck
    private let task: LearningTask
    private let rule: any LearningRule
    private let ngspice: Ngspice
    /// In this process.
    private var local: (any Physics)?
    /// Beside another engine: in this process or another.
    private var judge: (any Physics)?
    private var notes: [String] = []
    /// Why ngspice has confirmed nothing yet, where that is due.
    private var missing: String?
    /// Of states that ngspice solved again.
    private(set) var confirmed = ConfirmedStates()
    /// Found while a training went on.
    private(set) var disagreement: EngineDisagreement?

    init(
        _ setup: EngineSetup, deck: Deck, task: LearningTask, rule: any LearningRule,
        ngspice: Ngspice
    ) throws {
        self.setup = setup
        self.deck = deck
        self.task = task
        self.rule = rule
        self.ngspice = ngspice
        engine = setup.engine
        physics = NoPhysics()
        try Waiting.during("loading the circuit") { try start() }
        noteMissingKLU(setup)
    }

    /// The same deck, loaded again; this session must not be used any more.
    ///
    /// - Parameter rule: whose nudges will be asked for.
    func restarted(for rule: any LearningRule) throws -> EngineSession {
        var setup = setup
        // What took over from another engine stays.
        if setup.engine == .auto { setup.engine = engine }
        return try EngineSession(setup, deck: deck, task: task, rule: rule, ngspice: ngspice)
    }

    /// Makes the engine that was asked for; with `auto` the first that knows all of the circuit's devices.
    private func start() throws {
        if let kind = setup.engine.kind {
            physics = try make(kind)
        } else if setup.engine == .auto, let (kind, made) = chosen() {
            (engine, physics) = (Engine(kind), made)
        } else {
            try startNgspice()
        }
    }

    private func chosen() -> (any ConfirmedEngine.Type, any Physics)? {
        // Beyond such gains feedback, and beside such resistances their neighbours, leave no engine the digits to
        // compare.
        guard setup.isIsolated == nil, setup.timeLimit == nil, task.circuit.largestGain <= 1e5,
            task.circuit.resistors.allSatisfy({ abs($0.resistance) >= Self.leastResistance })
        else { return nil }
        for kind in ConfirmedEngines.all where kind.suits(setup.purpose) {
            if let made = try? make(kind) { return (kind, made) }
        }
        return nil
    }

    /// Ω. From version 44 on, ngspice takes 10⁻¹² Ω for zero.
    private static let leastResistance = 1e-9

    /// An engine of the deck, or one of each corner.
    ///
    /// - Parameter most: engines that are kept.
    private func inCorners(
        keepingAtMost most: Int = .max, _ make: @escaping (Deck, LearningTask) throws -> any Physics
    ) throws -> any Physics {
        guard task.hasCorners else { return try make(deck, task) }
        let physics = CornerPhysics(task: task, keepingAtMost: most) {
            try make($0.deck, $0.task)
        }
        // What it can't solve is said at once.
        try physics.warmUp()
        return physics
    }

    private func make(_ kind: any ConfirmedEngine.Type) throws -> any Physics {
        try inCorners { [unowned self] deck, task in
            try kind.make(
                for: task, nudges: rule.nudgeKind, workers: setup.workers,
                // Where Newton's method fails, ngspice has more ways to try.
                fallback: { [unowned self] in try ngspice(beside: deck, task) })
        }
    }

    private func startNgspice() throws {
        engine = .ngspice
        if setup.isolates(task) {
            physics = try inCorners(keepingAtMost: Self.mostProcesses) {
                [setup, rule] deck, task in
                try setup.isolatedPhysics(deck: deck, task: task, rule: rule)
            }
        } else {
            physics = try localCorners()
        }
    }

    /// Processes of ngspice's that are kept for corners.
    private static let mostProcesses = 8

    /// What solves ngspice's equations; nil with another engine.
    var matrixSolver: SimulatorOptions.MatrixSolver? { physics.matrixSolver }

    private func noteMissingKLU(_ setup: EngineSetup) {
        guard let matrixSolver, matrixSolver == .sparse else { return }
        if setup.matrixSolver == .klu {
            notes.append(
                "this training began with KLU, which this ngspice doesn't have: it goes on with "
                    + "Sparse 1.3, and its last digits may be others")
        } else if setup.matrixSolver == nil, task.circuit.traits.options.matrixSolver == .klu {
            let place = task.circuit.optionPlaces["klu"].map { " in \($0.place)" } ?? ""
            notes.append(
                "the netlist asks\(place) for KLU, which this ngspice doesn't have: "
                    + "Sparse 1.3 solves it")
        }
    }

    /// What had to be given up, for the user to know.
    var warnings: [String] { physics.warnings + notes + [missing].compactMap(\.self) }

    /// Lets ngspice solve the same states where it did not itself.
    ///
    /// - Parameter place: as in `at the start`.
    /// - Throws: `EngineDisagreement`, and what ngspice throws.
    func confirm(
        _ states: LearningStates, of task: LearningTask, at conductances: TrainedValues,
        by method: LearningMethod, _ place: String
    ) throws {
        guard engine != .ngspice else { return }
        guard !isLarge else {
            missing = """
                ngspice has not confirmed the \(engine.rawValue) engine's states: of more than \
                \(Self.largestConfirmed) resistors it confirms only those that a training ends with
                """
            return
        }
        try settle(
            Referee(states, at: conductances, of: task, by: method, ngspice: referee()),
            of: states, place)
    }

    private var isLarge: Bool { task.circuit.resistors.count > Self.largestConfirmed }

    /// Lets ngspice solve the states of one sample of a large circuit once more, as far as it gets in its time.
    private func confirmLarge(
        at conductances: TrainedValues, by method: LearningMethod, _ place: String
    ) throws {
        guard engine != .ngspice, !task.hasCorners else { return }
        let seconds = setup.timeLimit ?? Self.patience
        let one = task.few(1)
        do {
            let judge = try NgspicePhysics(
                deck: deck, task: task,
                ngspice: IsolatedNgspice(program: WorkerCommand.program, timeLimit: seconds),
                nudges: rule.nudgeKind)
            let states = try method.states(of: one, at: conductances, in: physics)
            let verdict = try Referee(
                states, at: conductances, of: one, by: method, ngspice: judge)
            missing = nil
            try settle(verdict, of: states, place)
        } catch let error as NgspiceError where error.kind == .timeLimit {
            missing = """
                ngspice has not confirmed the \(engine.rawValue) engine's states: it was not done within \
                \(seconds) s, and --time-limit gives it more
                """
        }
    }

    private func settle(_ verdict: Referee, of states: LearningStates, _ place: String) throws {
        confirmed.add(states.points.count, verdict)
        if !verdict.agrees {
            throw EngineDisagreement(
                engine: engine.rawValue, referee: verdict, place: place)
        }
    }

    /// ngspice with this deck in this process: the engine itself, which goes on as the training began, or one beside it.
    func localNgspice() throws -> NgspicePhysics {
        if let local = local as? NgspicePhysics { return local }
        let physics = try NgspicePhysics(
            deck: deck, task: task, ngspice: ngspice, nudges: rule.nudgeKind,
            matrixSolver: engine == .ngspice ? setup.matrixSolver : nil)
        local = physics
        return physics
    }

    /// The same, of whichever corner is asked for: one circuit at a time.
    private func localCorners() throws -> any Physics {
        guard task.hasCorners else { return try localNgspice() }
        if let local { return local }
        let matrixSolver = engine == .ngspice ? setup.matrixSolver : nil
        let physics = try inCorners(keepingAtMost: 1) { [ngspice, rule] deck, task in
            try NgspicePhysics(
                deck: deck, task: task, ngspice: ngspice, nudges: rule.nudgeKind,
                matrixSolver: matrixSolver)
        }
        local = physics
        return physics
    }

    /// ngspice beside another engine.
    private func referee() throws -> any Physics {
        if let judge { return judge }
        let physics =
            setup.isolates(task)
            ? try inCorners(keepingAtMost: 1) { [setup, rule] deck, task in
                try NgspicePhysics(
                    deck: deck, task: task, ngspice: setup.isolatedNgspice(), nudges: rule.nudgeKind
                )
            } : try localCorners()
        judge = physics
        return physics
    }

    /// ngspice for what another engine found no operating point of.
    private func ngspice(beside deck: Deck, _ task: LearningTask) throws -> any Physics {
        guard self.task.hasCorners else { return try referee() }
        return try NgspicePhysics(
            deck: deck, task: task, ngspice: setup.isolatedNgspice(), nudges: rule.nudgeKind)
    }

    /// Lets ngspice confirm the states at the deck's own conductances. Where it doesn't, and any engine will do, it
    /// takes over.
    ///
    /// - Returns: the method with which another engine's states were made.
    @discardableResult
    func confirmStart(of trainer: Trainer) throws -> LearningMethod? {
        guard engine != .ngspice else { return nil }
        do {
            return try Waiting.during("confirming the start by ngspice") {
                let method = try trainer.resolveMethod(in: physics)
                try confirm(
                    at: TrainedValues(initial: task), by: method,
                    "at the deck's own resistances")
                try physics.restart()
                return method
            }
        } catch
            where setup.engine == .auto
            && (error is EngineDisagreement || error is NoOperatingPoint)
        {
            notes.append("ngspice solves this circuit: \(error)")
            (judge, confirmed) = (nil, ConfirmedStates())
            try startNgspice()
            return nil
        }
    }

    /// Lets ngspice confirm states of a few samples at steps between the first and the last: 100, 200, 400 …
    ///
    /// - Returns: false where it doesn't, which ends the training.
    func confirms(_ step: TrainingStep, by method: LearningMethod?) -> Bool {
        guard let method, let kind = engine.kind, isDue(step.step),
            task.circuit.size <= Self.largestBetween
        else { return true }
        do {
            // Not with the training's engine: what it begins from would be another.
            let other = try inCorners { [rule] _, task in
                try kind.make(for: task, nudges: rule.nudgeKind, workers: 1, fallback: nil)
            }
            let few = task.few(2)
            try confirm(
                method.states(of: few, at: step.conductances, in: other), of: few,
                at: step.conductances, by: method, "at step \(step.step)")
        } catch let error as EngineDisagreement {
            disagreement = error
            return false
        } catch {
            // ngspice may fail where the other engine doesn't; the last word is on the end.
        }
        return true
    }

    private func isDue(_ step: Int) -> Bool {
        guard step >= 100, step.isMultiple(of: 100) else { return false }
        return (step / 100).nonzeroBitCount == 1
    }

    /// Resistors and devices up to which ngspice confirms states between: its own point takes milliseconds there.
    private static let largestBetween = 2000

    /// Samples, at equal distances, that ngspice confirms of many.
    private static let mostConfirmed = 64

    private func confirm(
        at conductances: TrainedValues, by method: LearningMethod, _ place: String
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
            if isLarge {
                try confirmLarge(at: result.conductances, by: method, place)
            } else if result.states.points.isEmpty || task.samples.count > Self.mostConfirmed {
                guard engine != .ngspice else { return nil }
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

/// What ngspice solved again of another engine's states.
struct ConfirmedStates: Sendable {
    private(set) var count = 0
    /// Of any node's voltage, over the largest voltage of its state.
    private(set) var largestDifference = 0.0

    mutating func add(_ states: Int, _ verdict: Referee) {
        count += states
        largestDifference = max(largestDifference, verdict.voltageDifference)
    }
}

/// Stands in until there is an engine.
private final class NoPhysics: Physics {
    func setResistances(_ resistances: [Double]) {}
    func operatingPoints(_ drives: [Drive]) -> [OperatingPoint] { [] }
    func restart() {}
}
