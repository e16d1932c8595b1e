import LearningTasks

/// An engine beside ngspice, which confirms its states.
///
/// It describes itself: a new engine is one file and its line in `ConfirmedEngines`.
public protocol ConfirmedEngine: Physics {
    /// As in `--engine native`.
    static var name: String { get }
    /// Which circuits it solves, and how, as a clause.
    static var summary: String { get }

    /// Whether it is taken without being asked for, where it solves the circuit.
    static func suits(_ purpose: EnginePurpose) -> Bool

    /// - Parameters:
    ///   - nudges: which will be asked for.
    ///   - workers: threads at most.
    ///   - fallback: makes what solves points that this engine can't; nil for none.
    /// - Throws: `DiagnosticsError` that names the devices and options which it can't solve.
    static func make(
        for task: LearningTask, nudges: Nudge.Kind, workers: Int,
        fallback: (() throws -> any Physics)?
    ) throws -> any Physics
}

/// What operating points are wanted for.
public enum EnginePurpose: Sendable {
    /// Too few for another engine than ngspice to be worth its confirmation.
    case fewPoints
    /// Predictions, which nothing confirms: of several operating points they are ngspice's own.
    case manyPoints
    case training
}

/// All engines beside ngspice, in the order in which they are tried.
public enum ConfirmedEngines {
    public static var all: [any ConfirmedEngine.Type] { [SparsePhysics.self, NativePhysics.self] }

    public static func named(_ name: String) -> (any ConfirmedEngine.Type)? {
        all.first { $0.name == name }
    }
}
