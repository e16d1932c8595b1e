import Foundation
import LearningTasks
import Netlist

/// The vector field of training in continuous time, projected at the bounds, with its events.
///
/// Its coordinates y are the trained variables (conductances [S], say), and ln(u/u₀) for a parameter whose
/// logarithm is trained: 0 at the start, so that a relative error of y is no error of the unit in which u is
/// measured.
final class LearningFlow {
    /// What is known at a point of the flow.
    struct Point {
        let conductances: TrainedValues
        let states: LearningStates
        /// dθ/dt before projection.
        let velocity: [Double]
    }

    /// The event that every error is within the tolerance; the others follow, one for each parameter.
    static let toleranceEvent = 0

    private let task: LearningTask
    private let solver: StateSolver
    private let tolerance: Double
    private let first: TrainedValues
    /// y at the lower and the upper bound of each parameter.
    private let bounds: [ClosedRange<Double>]
    /// Parameters at a bound, pushed outward.
    private var resting: Set<Int> = []
    private var last: (state: [Double], point: Point)?

    init(solver: StateSolver, tolerance: Double) {
        let task = solver.task
        self.task = task
        self.solver = solver
        self.tolerance = tolerance
        first = TrainedValues(initial: task)
        bounds = zip(task.parameters, zip(task.numbers.charts, first.values)).map {
            parameter, start in
            let ends = [parameter.bounds.lowerBound, parameter.bounds.upperBound].map {
                start.0 == .logarithm ? log($0 / start.1) : start.0.theta($0)
            }
            return min(ends[0], ends[1])...max(ends[0], ends[1])
        }
    }

    /// The coordinates of the deck's own conductances.
    var initial: [Double] {
        zip(task.numbers.charts, first.values).map { chart, u in
            chart == .logarithm ? 0 : chart.theta(u)
        }
    }

    /// The states at the start, where parameters that begin at a bound may already rest.
    func start() throws -> Point {
        let point = makePoint(first, try solver.firstStates(at: first))
        last = (initial, point)
        for (index, range) in bounds.enumerated() where range.lowerBound == range.upperBound {
            resting.insert(index)
        }
        _ = try projection(of: initial)
        return point
    }

    /// One direction for each row of J, to whose span the Jacobian −JᵀJ/M of the flow is confined near
    /// a solution, and some for what is far from it.
    var krylovDimension: Int {
        min(task.parameters.count, max(5, task.samples.count * task.outputs.count + 3), 40)
    }

    func absoluteTolerances(_ accuracy: ContinuousTrainer.Accuracy) -> [Double] {
        first.values.enumerated().map { index, u in
            let chart = task.numbers.charts[index]
            guard chart != .logarithm else { return accuracy.relative }
            let size = abs(chart.theta(u))
            return accuracy.absolute
                ?? 1e-3 * accuracy.relative
                * max(size, task.numbers.scales[index], size == 0 ? 1 : 0)
        }
    }

    /// Solves the circuit at y, brought into the bounds: a predictor may look beyond them.
    ///
    /// The last point is kept, since events and observers ask for it again.
    func point(at y: [Double]) throws -> Point {
        if let last, last.state == y { return last.point }
        let conductances = TrainedValues(
            values: task.parameters.indices.map { index in
                let parameter = task.parameters[index]
                let value = clamped(y[index], index)
                let chart = task.numbers.charts[index]
                let u =
                    chart == .logarithm ? first.values[index] * exp(value) : chart.number(value)
                return min(max(u, parameter.bounds.lowerBound), parameter.bounds.upperBound)
            })
        let point = makePoint(conductances, try solver.states(at: conductances))
        last = (y, point)
        return point
    }

    private func makePoint(
        _ conductances: TrainedValues, _ states: LearningStates
    ) -> Point {
        Point(
            conductances: conductances, states: states,
            velocity: conductances.velocity(update: states.update, of: task))
    }

    /// The states of a point, each solved by itself.
    func statesAfresh(at point: Point) throws -> LearningStates {
        try solver.statesAfresh(at: point.conductances)
    }

    private func clamped(_ value: Double, _ index: Int) -> Double {
        min(max(value, bounds[index].lowerBound), bounds[index].upperBound)
    }

    /// dy/dt: 0 for parameters that rest.
    func velocity(at y: [Double]) throws -> [Double] {
        var velocity = try point(at: y).velocity
        for index in resting { velocity[index] = 0 }
        return velocity
    }

    /// Σ θ̇² over the parameters that do not rest: how fast the rule's loss falls, since θ̇ is its negative
    /// gradient (docs/theory.md (6), (7); CL's differs from it by what is quadratic in the errors).
    func descent(at point: Point) -> Double {
        point.velocity.enumerated().reduce(0) { sum, velocity in
            resting.contains(velocity.offset) ? sum : sum + velocity.element * velocity.element
        }
    }

    /// Whether nothing moves by more than half a rounding in that time, at the speeds of this point:
    /// |θ̇| · duration ≤ ½ ulp of the conductance, or of its logarithm.
    func staysPut(at point: Point, for duration: Double) -> Bool {
        zip(point.velocity, point.conductances.values).enumerated()
            .allSatisfy { index, parameter in
                let (velocity, u) = parameter
                let chart = task.numbers.charts[index]
                let size =
                    chart == .logarithm
                    ? 1 : max(abs(chart.theta(u)), task.numbers.scales[index])
                return resting.contains(index)
                    || abs(velocity) * duration <= Double.ulpOfOne / 2 * size
            }
    }

    var eventCount: Int { 1 + task.parameters.count }

    /// max |e| − tolerance [V], then for each parameter what changes sign when it arrives at a bound
    /// (the distance to the nearer one) or, while it rests, when it is released (its outward velocity).
    func events(at y: [Double]) throws -> [Double] {
        let point = try self.point(at: y)
        var values = [point.states.largestError - tolerance]
        for (index, range) in bounds.enumerated() {
            if range.lowerBound == range.upperBound {
                values.append(1)
            } else if resting.contains(index) {
                values.append(outward(point.velocity[index], y[index], range))
            } else {
                let distance = min(y[index] - range.lowerBound, range.upperBound - y[index])
                // Without bounds there is no event.
                values.append(distance.isFinite ? distance : 1)
            }
        }
        return values
    }

    private func outward(_ velocity: Double, _ y: Double, _ range: ClosedRange<Double>) -> Double {
        range.upperBound - y < y - range.lowerBound ? velocity : -velocity
    }

    /// The state with which to go on where parameters have arrived at a bound or are released from it;
    /// nil where the flow goes on as it was.
    ///
    /// The events only bring the integrator to these moments; what happens there is decided by where y
    /// is and where it is pushed, so that no rounding of an event can leave a parameter outside.
    func projection(of y: [Double]) throws -> [Double]? {
        let velocity = try point(at: y).velocity
        var next = y
        var changed = false
        for (index, range) in bounds.enumerated() {
            let push = outward(velocity[index], y[index], range)
            if resting.contains(index) {
                guard push <= 0, range.lowerBound < range.upperBound else { continue }
                resting.remove(index)
                changed = true
            } else if push > 0, y[index] <= range.lowerBound || y[index] >= range.upperBound {
                next[index] = clamped(y[index], index)
                resting.insert(index)
                changed = true
            }
        }
        return changed ? next : nil
    }
}
