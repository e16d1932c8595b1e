import Engines
import Foundation
import LearningRules
import LearningTasks
import Theory

/// A training in continuous time that was followed to its end.
struct Descent {
    struct Moment {
        let time: Double
        let loss: Double
        /// V, sample by sample.
        let errors: [Double]
        let conductances: TrainedValues
    }

    /// Wherever the integrator stepped.
    let moments: [Moment]
    let result: TrainingResult

    /// Steps of the integrator after which a flow that does not arrive is left: those that do arrive take
    /// some hundred.
    static func mostSteps(of task: LearningTask) -> Int { task.circuit.isLinear ? 5000 : 1000 }

    /// - Parameter nudge: nil for the strength that training chooses itself.
    init(
        of task: LearningTask, rule: StudyRule, nudge: Double? = nil, in physics: any Physics,
        tolerance: Double, duration: Double = 1e30, relative: Double? = nil,
        goesOn: @escaping GoesOn
    ) throws {
        let trainer = ContinuousTrainer(
            task: task, rule: rule.rule, nudge: NudgeRequest(strength: nudge),
            limits: .init(duration: duration, tolerance: tolerance),
            // Newton's iterations leave more rounding than a linear solution.
            accuracy: .init(relative: relative ?? (task.circuit.isLinear ? 1e-10 : 1e-9)))
        var moments: [Moment] = []
        var isEnded = false
        result = try trainer.run(in: physics) { moment in
            moments.append(
                Moment(
                    time: moment.time, loss: moment.states.loss,
                    errors: moment.states.errors.values, conductances: moment.conductances)
            )
            isEnded = !goesOn()
            return !isEnded && moments.count <= Self.mostSteps(of: task)
        }
        if isEnded { throw StudyInterrupted() }
        self.moments = moments
    }

    /// Why there is no solution to speak of.
    func shortfall(tolerance: Double) -> String {
        let error = result.states.largestError
        let errors = String(format: "errors of up to %.3g V", error)
        return switch result.reason {
        case .stagnation:
            """
            no rate: learning comes to rest with \(errors), above the \(tolerance) V within which the \
            theory of a solution holds
            """
        default:
            """
            no rate: \(errors) are left after \(result.steps) steps of the integrator, above the \
            \(tolerance) V within which the theory of a solution holds
            """
        }
    }

    /// The rate at which the loss falls at the end: from where it is at most `decades` above its last
    /// value to that. Nil where it never was as high, or does not fall.
    func lateRate(decades: Double = 4) -> Double? {
        guard let last = moments.last,
            let first = moments.first(where: { $0.loss <= pow(10, decades) * last.loss }),
            first.time < last.time, first.loss > last.loss
        else { return nil }
        return log(first.loss / last.loss) / (last.time - first.time)
    }
}

/// How fast the error along y falls at the end, per unit of x: over two decades, down to the last value
/// that is at least `floor`, where rounding and the integrator's errors are not yet a part of it. Nil
/// where it never is.
func lateDecay(
    of y: [Double], along points: [(x: Double, errors: [Double])], floor: Double
) -> Double? {
    let track = points.map { (x: $0.x, error: abs(dot(y, $0.errors))) }
    guard let end = track.lastIndex(where: { $0.error >= floor }),
        let start = track.firstIndex(where: { $0.error <= 100 * track[end].error }), start < end
    else { return nil }
    return log(track[start].error / track[end].error) / (track[end].x - track[start].x)
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

extension LearningTask {
    /// The local theory at given conductances.
    func coercivity(
        at conductances: TrainedValues, in physics: any Physics,
        rankTolerance: Double? = nil
    ) throws -> Coercivity {
        try Coercivity(
            of: Sensitivity(of: self, at: conductances, in: physics), rankTolerance: rankTolerance)
    }
}

/// Plain discrete learning: θ ← θ + α θ̇, from given conductances.
///
/// - Parameter observer: called with the states before each step and after the last; false to stop.
func takeSteps(
    _ count: Int, rate: Double, from start: TrainedValues, of task: LearningTask,
    method: LearningMethod, in physics: any Physics,
    observer: (Int, LearningStates, TrainedValues) -> Bool
) throws {
    var conductances = start
    for step in 0...count {
        try physics.set(conductances, of: task)
        let states = try method.states(of: task, in: physics)
        guard observer(step, states, conductances), step < count else { return }
        conductances = conductances.stepped(
            by: rate, along: conductances.velocity(update: states.update, of: task), of: task)
    }
}
