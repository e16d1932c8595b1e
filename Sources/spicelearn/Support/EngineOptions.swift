import ArgumentParser
import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge

/// What solves operating points: ngspice, one of `ConfirmedEngines`, or the fastest of these.
struct Engine: RawRepresentable, Hashable, Sendable, ExpressibleByArgument, CaseIterable {
    let rawValue: String

    /// The first of the others that knows the circuit's devices, and ngspice where none does.
    static let auto = Engine(name: "auto")
    static let ngspice = Engine(name: "ngspice")
    static let allCases = [auto, ngspice] + ConfirmedEngines.all.map { Engine($0) }

    private init(name: String) { rawValue = name }
    init(_ kind: any ConfirmedEngine.Type) { self.init(name: kind.name) }

    init?(rawValue: String) {
        guard Self.allCases.contains(where: { $0.rawValue == rawValue }) else { return nil }
        self.init(name: rawValue)
    }

    /// Nil for ngspice and before there is a choice.
    var kind: (any ConfirmedEngine.Type)? { ConfirmedEngines.named(rawValue) }
}

/// Which engine, and how it is used.
struct EngineOptions: ParsableArguments {
    static let title = "Engine"

    @Option(
        help: """
            auto: for a training the fastest that knows the circuit's devices, for predictions and analyses of many \
            samples or outputs of a linear circuit sparse, otherwise ngspice; ngspice; \
            \(ConfirmedEngines.all.map { "\($0.name): \($0.summary)" }.joined(separator: "; ")). ngspice \
            confirms states of the others; of more than \(EngineSession.largestConfirmed) resistors those of one \
            sample at the end, if it can within \(Int(EngineSession.patience)) s or --time-limit.
            """)
    var engine = Engine.auto

    @OptionGroup var simulator: NgspiceOptions

    @Option(
        help: ArgumentHelp(
            """
            Threads of the native engine, or processes of ngspice, among which samples are divided, for \
            circuits and data that keep them busy; at most as many as there are points and processors. \
            The result has the same bits for any number. (The sparse engine factors once for all samples.)
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
        if isolation == .off, workers > 1, engine.kind == nil {
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
    var engine: Engine
    var purpose = EnginePurpose.fewPoints
    let workers: Int
    /// Nil where it depends on the circuit.
    var isIsolated: Bool?
    /// What solves ngspice's equations, to go on as a training began; nil to choose.
    var matrixSolver: SimulatorOptions.MatrixSolver?
    /// Seconds.
    let timeLimit: Double?

    func `for`(_ purpose: EnginePurpose) -> EngineSetup {
        var setup = self
        setup.purpose = purpose
        return setup
    }

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
                deck: deck, task: task, ngspice: isolatedNgspice(), nudges: rule.nudgeKind,
                matrixSolver: matrixSolver)
        }
        return workers > 1 ? try ParallelPhysics(engines: workers, make: make) : try make()
    }
}
