import ArgumentParser
import LearningRules
import Netlist
import NgspiceBridge

/// What solves operating points.
enum Engine: String, ExpressibleByArgument, CaseIterable { case ngspice, sparse }

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
}

/// An engine at work on a deck, with ngspice beside it as the referee.
///
/// Exists only inside `Ngspice.withInstance`.
final class EngineSession {
    /// ngspice orders a lattice of this size in seconds, one ten times larger in minutes.
    static let largestConfirmed = 20_000

    let physics: any Physics
    private let deck: Deck
    private let task: LearningTask
    private let ngspice: Ngspice
    private var referee: NgspicePhysics?
    private var notes: [String] = []

    init(_ engine: Engine, deck: Deck, task: LearningTask, ngspice: Ngspice) throws {
        self.deck = deck
        self.task = task
        self.ngspice = ngspice
        switch engine {
        case .ngspice: physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
        case .sparse: physics = try SparsePhysics(task: task)
        }
    }

    /// What had to be given up, for the user to know.
    var warnings: [String] { ((physics as? NgspicePhysics)?.warnings ?? []) + notes }

    /// Lets ngspice solve the same states where it did not itself.
    ///
    /// - Parameter place: as in `at the start`.
    /// - Throws: `EngineDisagreement`, and what ngspice throws.
    func confirm(
        _ states: LearningStates, at conductances: TrainedConductances, by method: LearningMethod,
        _ place: String
    ) throws {
        guard !(physics is NgspicePhysics) else { return }
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
            states, at: conductances, of: task, by: method, ngspice: ngspicePhysics())
        if !verdict.agrees { throw EngineDisagreement(referee: verdict, place: place) }
    }

    /// ngspice with this deck: the engine itself, or the one beside it.
    func ngspicePhysics() throws -> NgspicePhysics {
        if let physics = physics as? NgspicePhysics ?? referee { return physics }
        let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
        referee = physics
        return physics
    }

    /// Lets ngspice confirm the states at the deck's own conductances.
    func confirmStart(of trainer: Trainer) throws {
        guard !(physics is NgspicePhysics) else { return }
        let method = try trainer.resolveMethod(in: physics)
        try confirm(
            method.states(of: task, in: physics), at: TrainedConductances(initial: task),
            by: method, "at the deck's own resistances")
    }

    /// ngspice's disagreement with the states that a training ended with: the deck is written all the same.
    func doubt(of result: TrainingResult, rule: any LearningRule) throws -> Failure? {
        do {
            try confirm(
                result.states, at: result.conductances,
                by: LearningMethod(rule: rule, nudging: result.nudging),
                "at the trained resistances")
            return nil
        } catch let error as EngineDisagreement {
            return Failure("\(error)", status: ExitStatus.software)
        }
    }
}

extension LearningDeck {
    /// Runs code with an engine loaded with this deck.
    func withEngine<Result: Sendable>(
        _ engine: Engine, _ body: @escaping @Sendable (EngineSession) throws -> Result
    ) throws -> (Result, warnings: [String]) {
        try locating {
            try Ngspice.withInstance { [deck, task] ngspice in
                let session = try EngineSession(engine, deck: deck, task: task, ngspice: ngspice)
                return (try body(session), session.warnings)
            }
        }
    }
}
