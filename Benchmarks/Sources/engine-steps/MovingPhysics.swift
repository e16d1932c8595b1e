import Engines
import LearningTasks

/// An engine whose resistances all move by up to 1 % from step to step, whatever the training does.
///
/// A rate small enough for a training without end changes resistances by a few roundings only, and an engine
/// that begins from its last factorization would be measured at what it never meets in practice. The pattern
/// is that of `bare_cholmod`. Every requirement is passed on, those with a default too: a default would measure
/// something slower than the engine.
final class MovingPhysics: Physics {
    private let physics: any Physics
    private var step = -1

    init(_ physics: any Physics) { self.physics = physics }

    /// The first resistances are taken as they are.
    func setResistances(_ resistances: [Double]) throws {
        step += 1
        guard step > 0 else { return try physics.setResistances(resistances) }
        var moved = resistances
        var phase = 7 * step % 11
        for index in moved.indices {
            moved[index] *= 1 + 1e-3 * Double(phase)
            phase += phase < 8 ? 3 : -8
        }
        try physics.setResistances(moved)
    }

    func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
        try physics.operatingPoints(drives)
    }

    func operatingPoints(
        _ drives: [Drive], thenMore count: Int, from next: ([OperatingPoint]) -> [Drive]
    ) throws -> [OperatingPoint] {
        try physics.operatingPoints(drives, thenMore: count, from: next)
    }

    func restart() throws { try physics.restart() }

    func responses(
        to excitations: [Excitation], of task: LearningTask
    ) throws -> any LinearResponses {
        try physics.responses(to: excitations, of: task)
    }

    var superposesAnyway: Bool { physics.superposesAnyway }
}
