import Foundation
import LearningTasks

/// The default: steps that need no rate, whatever decades the resistors are of.
///
/// Each step leaves the smallest errors that can be reached by the rule's update at this point together
/// with the steps before, by what the circuit itself has answered to them (`ResponseModel`):
///
///     ln g ← ln g + δ,   δ = α u + Σ βᵢ δᵢ
///
/// u is the update of the logarithms of the conductances, which have no scale: a divider of ohms and one of
/// megohms take the same steps. Each parameter keeps its own u and δᵢ; α, βᵢ and the radius are told to
/// all. Where no memory is kept it is the plain step at the best rate; in a linear
/// circuit near a solution it is the method of generalized minimal residuals (Saad & Schultz 1986,
/// doi:10.1137/0907058), which ends after as many steps as there are different eigenvalues; where there are
/// as many directions as errors it is Newton's method.
///
/// How the outputs answer to u is seen, not taken from what nudges do, which feedback makes wrong by orders
/// of magnitude: u is tried at a length of 10⁻⁴, which takes one free state for each sample. (In large
/// linear circuits that are reciprocal the nudged states tell the same, and nothing is tried.) So a step
/// goes against the update where that is what lowers the loss.
///
/// The radius is how far a conductance may move, as a logarithm. It follows from how well the last step
/// was foreseen, as in trust-region methods (Conn, Gould & Toint 2000, doi:10.1137/1.9780898719857).
///
/// Where signals pass one way, the update may leave the loss as it is, to first order, although the flow
/// along it arrives: then the step follows the flow, and the loss may rise.
struct Automatic: OptimizerState {
    private enum Kind { case foreseen, flow }

    private var model = ResponseModel()
    private var radius = firstRadius
    /// Flow steps since the loss last was lower than ever by a hundredth.
    private var flowSteps = 0
    /// How often the update was looked at with unequal rates.
    private var looks = 0
    private var lowestError = Double.infinity
    /// The slope of the loss along the update over what that of the exact gradient would be; nil where the
    /// rule's loss is another.
    private var slope: Double?
    private(set) var end: TrainingResult.Reason?

    // Of the step that is tried, at one point.
    private var change: [Double] = []
    private var expected: [Double] = []
    private var kind = Kind.foreseen
    private var update: [Double] = []
    private var rejections = 0
    /// The step before it met a point that can't be solved, and how many such points there were.
    private var unsolved: (change: [Double], count: Int) = ([], 0)

    private enum CodingKeys: CodingKey { case model, radius, flowSteps, looks, lowestError }

    /// A factor of 2.
    private static let firstRadius = 0.7
    /// A factor of 10.
    private static let largestRadius = 2.3
    /// The part of the loss's expected fall that has to come true.
    private static let leastGain = 0.05
    /// Below this fall of the errors relative to themselves another direction is worth a look.
    private static let goodFall = 0.3
    /// Below this fall the directions known lead nowhere.
    private static let leastFall = 1e-3
    /// Below this they are as small as they get, but for rounding.
    private static let noFall = 1e-13
    private static let flowLength = 0.1
    private static let mostFlowSteps = 30
    private static let mostRejections = 24
    private static let mostUnsolved = 30

    var optimizer: Optimizer { .auto }
    /// The largest relative change of a conductance that is tried.
    var rate: Double { largestMagnitude(change) }
    var choosesRate: Bool { true }

    mutating func prepare(at point: TrainingPoint) throws {
        model.suit(point.task)
        (rejections, unsolved, slope) = (0, ([], 0), nil)
        update = point.moving(point.logarithmicVelocity)
        change = update.map { _ in 0 }
        let error = size(point.errors)
        if error < 0.99 * lowestError { (lowestError, flowSteps) = (error, 0) }
        guard largestMagnitude(update) > 0 else { return }
        if let seen = try point.response(toUpdate: update) {
            model.see(change: seen.change, response: seen.response)
            if point.rule.errorWeight == .identity {
                let samples = Double(point.task.samples.count)
                slope =
                    -dot(seen.response, point.errors) / samples / dot(seen.change, update)
            }
        }
        try plan(at: point)
    }

    private mutating func plan(at point: TrainingPoint) throws {
        var fall = try foresee(at: point)
        // Where the update is the gradient, a loss that does not fall along it has its minimum here. Where signals
        // pass one way, it may have the gradient's slope along itself and miss most of the gradient: two equal
        // resistors of a feedback divider scale together as they would alone.
        let isGradient = slope.map { (0.5...2).contains($0) } ?? false
        let leastDoubted = isGradient ? Self.leastFall : Self.goodFall
        if fall < leastDoubted, !(isGradient && point.isReciprocal),
            let seen = try point.response(to: unequalUpdate())
        {
            model.see(change: seen.change, response: seen.response)
            fall = try foresee(at: point)
        }
        guard !isGradient else {
            if fall < Self.noFall { end = .stagnation }
            return
        }
        guard fall < Self.leastFall else { return }
        guard flowSteps < Self.mostFlowSteps else {
            end = .stagnation
            return
        }
        kind = .flow
        let scale = min(Self.flowLength, radius) / largestMagnitude(update)
        change = update.map { $0 * scale }
        expected = zip(point.errors, model.response(to: change)).map(+)
    }

    /// Takes the step that the model asks for.
    ///
    /// - Returns: by which part of themselves the errors are to fall.
    private mutating func foresee(at point: TrainingPoint) throws -> Double {
        kind = .foreseen
        guard let step = try model.step(errors: point.errors, within: radius) else { return 0 }
        (change, expected) = (step.change, step.expected)
        return 1 - size(expected) / size(point.errors)
    }

    /// The update at rates that differ by up to a half from parameter to parameter, as those of real
    /// devices do: what stands at right angles to the gradient only since all are equal, as two equal
    /// resistors of a feedback divider, does so no more. Others each time, the same in each training.
    private mutating func unequalUpdate() -> [Double] {
        var random = SplitMix64(seed: UInt64(looks))
        looks += 1
        return update.map { $0 * (0.5 + Double(random.next() >> 11) * 0x1p-53) }
    }

    func next(from point: TrainingPoint) -> TrainedValues {
        point.conductances.moved(byLogarithms: change, of: point.task)
    }

    mutating func accepts(_ end: TrainingPoint, after start: TrainingPoint) throws -> Bool {
        let (before, after) = (size(start.errors), size(end.errors))
        let foreseen = size(difference(expected, start.errors))
        let surprise = size(difference(end.errors, expected)) / max(foreseen, 1e-300)
        let length = largestMagnitude(change)
        let gain = (before - after) / (before - size(expected))
        guard kind == .flow ? after.isFinite : gain > Self.leastGain else {
            rejections += 1
            setRadius(length / 3)
            try reject(at: start)
            return false
        }
        model.doubt(surprise)
        model.see(
            change: end.conductances.logarithms(over: start.conductances, of: start.task),
            response: difference(end.errors, start.errors), doubt: surprise / 2)
        if kind == .flow {
            flowSteps += 1
        } else if gain > 0.5, length > 0.7 * radius {
            setRadius((surprise < 0.3 ? 3 : 2) * radius)
        } else if gain < 0.25 {
            setRadius(length / 2)
        }
        return true
    }

    private mutating func setRadius(_ length: Double) {
        radius = min(max(length, 1e-12), Self.largestRadius)
    }

    /// Asks the circuit itself about the step that was taken back.
    private mutating func reject(at start: TrainingPoint) throws {
        guard rejections < Self.mostRejections else {
            end = .stagnation
            return
        }
        if let seen = try start.response(to: change) {
            model.see(change: seen.change, response: seen.response)
        }
        if rejections == Self.mostRejections / 2 { model.forgetAllButLast() }
        try plan(at: start)
    }

    /// Half the step, then the whole step and all conductances up or down by a common factor, which
    /// leaves ratios as they are, then quarters and larger factors: where an operating point can't be
    /// found, one nearby often can.
    mutating func retreats(to start: TrainingPoint) -> Bool {
        if unsolved.count == 0 { unsolved.change = change }
        unsolved.count += 1
        guard unsolved.count <= Self.mostUnsolved else { return false }
        let (round, attempt) = (unsolved.count - 1).quotientAndRemainder(dividingBy: 3)
        let shrunk = pow(0.5, Double(round + 1))
        if attempt == 0 {
            change = unsolved.change.map { $0 * shrunk }
            setRadius(max(largestMagnitude(change), 1e-6))
        } else {
            let shift = 0.5 * Double(round + 1) * (attempt == 1 ? -1 : 1)
            change = unsolved.change.map { $0 + shift }
        }
        expected = zip(start.errors, model.response(to: change)).map(+)
        return true
    }

    func fits(_ task: LearningTask) -> Bool {
        model.fits(task) && radius > 0 && radius <= Self.largestRadius
            && (0...Self.mostFlowSteps).contains(flowSteps)
            && (0...Int(Int32.max)).contains(looks) && !lowestError.isNaN
    }
}

/// Euclidean length.
private func size(_ vector: [Double]) -> Double { dot(vector, vector).squareRoot() }

private func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(-) }
