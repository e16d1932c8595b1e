import Engines
import Foundation
import LearningTasks

/// How learning slows down near degenerate targets, and why it does not at them.
///
/// The kite with targets (½, ½ + δ/3, ½ + δ) at (B, M, C): the coercivity constant falls as δ². At δ = 0
/// the rank of J is 2 of 3 and the constant 0; but Kirchhoff's law at M keeps every error out of the null
/// direction w ∝ (−k_BM, k_BM + k_CM, −k_CM), so that the loss falls with the constant over the errors
/// that are reachable (docs/theory.md (19)).
public struct KiteStudy: Sendable {
    /// V, each above 0.
    public var deltas: [Double] = KiteStudy.halvings(of: 0.1, count: 4)
    public var rules: [StudyRule] = [.al, .cl]
    /// Training ends where every error is within this fraction of δ (of 0.1 V for δ = 0), or within 1e-13 V,
    /// where rounding begins.
    public var tolerance = 1e-7

    public init() {}

    public static func halvings(of largest: Double, count: Int) -> [Double] {
        (0..<count).map { largest / pow(2, Double($0)) }
    }

    public struct Result: StudyResult {
        public struct Run: Sendable, Encodable {
            public let rule: StudyRule
            /// V.
            public let delta: Double
            public let rank: Int
            /// c at the converged circuit.
            public let constant: Double
            /// Half the late decay rate of the loss.
            public let measured: Double?
        }

        /// δ = 0.
        public struct Degenerate: Sendable, Encodable {
            public let rule: StudyRule
            public let rank: Int
            /// The constant over the errors that are reachable.
            public let reachableConstant: Double
            public let measured: Double?
            /// In order B, M, C, a unit vector, as the circuit has it …
            public let nullDirection: [Double]
            /// … and as the conductances at M say.
            public let expectedDirection: [Double]
            /// The largest part of an error in the null direction, |e · w|/|e|, over the training.
            public let lostErrorShare: Double

            let trajectory: [(time: Double, loss: Double)]

            private enum CodingKeys: String, CodingKey {
                case rule, rank, reachableConstant, measured, nullDirection, expectedDirection
                case lostErrorShare
            }
        }

        public let runs: [Run]
        public let degenerate: [Degenerate]

        /// The exponents of δ, for each rule: of the constant and of the measured rate.
        /// Nil where they are no powers, as too near the degenerate targets, where rounding decides.
        public func exponents(_ rule: StudyRule) -> (constant: Double?, measured: Double?) {
            let own = runs.filter { $0.rule == rule }
            return (
                powerLaw(own.map { ($0.delta, $0.constant) }),
                powerLaw(own.map { ($0.delta, $0.measured ?? .nan) })
            )
        }

        private enum CodingKeys: String, CodingKey { case runs, degenerate }
    }

    public func run(goesOn: @escaping GoesOn = { true }) throws -> Result {
        var runs: [Result.Run] = []
        for delta in deltas {
            let circuit = try StudyCircuit.kite(delta: delta)
            runs += try circuit.withPhysics { [rules, tolerance] physics in
                try rules.map { rule in
                    let descent = try Descent(
                        of: circuit.task, rule: rule, in: physics,
                        tolerance: max(tolerance * delta, 1e-13),
                        relative: 1e-10, goesOn: goesOn)
                    let analysis = try circuit.task.coercivity(
                        at: descent.result.conductances, in: physics)
                    return Result.Run(
                        rule: rule, delta: delta, rank: analysis.rank,
                        constant: analysis.spectrum(of: rule.rule)?.constant ?? 0,
                        measured: descent.lateRate().map { $0 / 2 })
                }
            }
        }
        let circuit = try StudyCircuit.kite(delta: 0)
        let degenerate = try circuit.withPhysics { [rules, tolerance] physics in
            try rules.map {
                try Self.degenerate($0, circuit.task, physics, tolerance: 0.1 * tolerance, goesOn)
            }
        }
        return Result(runs: runs, degenerate: degenerate)
    }

    private static func degenerate(
        _ rule: StudyRule, _ task: LearningTask, _ physics: NgspicePhysics, tolerance: Double,
        _ goesOn: @escaping GoesOn
    ) throws -> Result.Degenerate {
        let descent = try Descent(
            of: task, rule: rule, in: physics, tolerance: tolerance, relative: 1e-10, goesOn: goesOn
        )
        // At an error of 1e-8 V the third singular value is about as small; at the solution it is 0.
        let analysis = try task.coercivity(
            at: descent.result.conductances, in: physics, rankTolerance: 1e-6)
        var lost = 0.0
        for moment in descent.moments {
            let w = Self.nullDirection(at: moment.conductances)
            try physics.set(moment.conductances, of: task)
            let point = try physics.operatingPoints([Drive(inputs: task.samples[0].inputs)])[0]
            let e = zip(task.outputs, task.samples[0].targets).map { point.voltage($0) - $1 }
            let size = e.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if size > 0 { lost = max(lost, abs(zip(w, e).reduce(0) { $0 + $1.0 * $1.1 }) / size) }
        }
        return Result.Degenerate(
            rule: rule, rank: analysis.rank,
            reachableConstant: analysis.spectrum(of: rule.rule)?.smallest ?? 0,
            measured: descent.lateRate().map { $0 / 2 },
            nullDirection: analysis.degeneracies.first?.direction ?? [],
            expectedDirection: nullDirection(at: descent.result.conductances), lostErrorShare: lost,
            trajectory: descent.moments.map { ($0.time, $0.loss) })
    }

    /// The unit vector along (−k_BM, k_BM + k_CM, −k_CM); B–M and C–M are the family's last two edges.
    private static func nullDirection(at conductances: TrainedValues) -> [Double] {
        let (b, c) = (conductances.values[4], conductances.values[5])
        let w = [-b, b + c, -c]
        let size = w.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return w.map { $0 / size }
    }
}
