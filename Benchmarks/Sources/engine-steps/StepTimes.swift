import Engines
import Foundation
import Generators
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge

/// How long the steps of a training took, one after another.
struct StepTimes: Sendable {
    /// Seconds.
    let seconds: [Double]
    /// dk/dt of every resistor at the deck's own conductances.
    let update: [Double]
    /// Factorizations in all steps, those before the clock started included; nil for ngspice.
    let factorizations: Int?

    enum Engine: String { case ngspice, sparse }

    /// Steps that come before the clock starts.
    private static let warmUp = 2
    private static let fewest = 5
    private static let most = 10_000

    /// Trains with AL, centered, at a rate so small that the training itself moves nothing.
    ///
    /// - Parameter budget: seconds after which the training ends, five steps being taken at least.
    static func measure(
        _ deck: Deck, _ task: LearningTask, engine: Engine, superposes: Bool, budget: Double
    ) throws -> StepTimes {
        let trainer = Trainer(
            task: task, nudge: NudgeRequest(strength: Lattice.nudge, sides: .centered),
            rate: .fixed(1e-12), limits: Trainer.Limits(steps: .max, tolerance: 0),
            superposes: superposes)
        return try Ngspice.withInstance { ngspice in
            let physics: any Physics =
                switch engine {
                case .sparse: try SparsePhysics(task: task)
                case .ngspice: try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
                }
            var update: [Double] = []
            var seconds: [Double] = []
            var last = ContinuousClock.now
            var total = 0.0
            _ = try trainer.run(in: MovingPhysics(physics)) { step in
                let now = ContinuousClock.now
                if step.step == 0 { update = step.states.update }
                if step.step > warmUp {
                    seconds.append((now - last) / .seconds(1))
                    total += seconds.last ?? 0
                }
                last = .now
                return seconds.count < most && (total < budget || seconds.count < fewest)
            }
            return StepTimes(
                seconds: seconds, update: update,
                factorizations: (physics as? SparsePhysics)?.counts.factorizations)
        }
    }

    /// The time, in seconds, that a fraction of the steps did not exceed.
    func percentile(_ fraction: Double) -> Double {
        seconds.sorted()[Int((fraction * Double(seconds.count - 1)).rounded())]
    }
}
