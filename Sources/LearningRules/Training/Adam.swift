import Foundation
import LearningTasks

/// A rate of its own for each parameter (Kingma & Ba, *Adam: A Method for Stochastic Optimization*, 2015,
/// arXiv:1412.6980): steps along the mean of its past updates over their root mean square.
///
///     m ← β₁ m + (1 − β₁) u,   s ← β₂ s + (1 − β₂) u²
///     Δ ln g = rate · (m/(1 − β₁ᵗ)) / (√(s/(1 − β₂ᵗ)) + ε)
///
/// with u the update of ln g, so that the rate is a relative change whatever the circuit's conductances are,
/// and ε 10⁻⁸ of the largest root, below which an update is rounding. β₁ = 0.9 and β₂ = 0.999 as in the
/// paper.
///
/// Such steps do not shrink with the errors, so that at a constant rate training would end in a walk around
/// the solution. The paper's proof of convergence has a rate that falls as 1/√t; here it falls where it
/// must: a step that raises the loss is taken back, its velocity m forgotten and its rate halved, to recover
/// by a quarter a step. On 16 lattices that took half the steps of 1/√t, to errors of 10⁻⁶ V as to 10⁻¹⁰ V.
struct Adam: OptimizerState {
    private let largestRate: Double
    private let isStochastic: Bool
    private var caution = Caution(recovery: 1.25)
    private var steps = 0
    @PackedDoubles private var first: [Double] = []
    @PackedDoubles private var second: [Double] = []
    /// u of this point.
    private var update: [Double] = []

    private enum CodingKeys: CodingKey {
        case largestRate, isStochastic, caution, steps, first, second
    }

    private static let firstDecay = 0.9
    private static let secondDecay = 0.999

    init(rate: StepRate, isStochastic: Bool) {
        largestRate = rate.given ?? (isStochastic ? 0.02 : 0.1)
        self.isStochastic = isStochastic
    }

    var optimizer: Optimizer { .adam }
    var rate: Double { caution.scale * largestRate }
    var choosesRate: Bool { true }
    var end: TrainingResult.Reason? { caution.ascendsPersistently ? .ascent : nil }

    mutating func prepare(at point: TrainingPoint) {
        steps += 1
        update = point.logarithmicVelocity
        if first.isEmpty {
            first = update.map { _ in 0 }
            second = first
        }
        for (index, u) in update.enumerated() {
            first[index] = Self.firstDecay * first[index] + (1 - Self.firstDecay) * u
            second[index] = Self.secondDecay * second[index] + (1 - Self.secondDecay) * u * u
        }
    }

    func next(from point: TrainingPoint) -> TrainedValues {
        let (firstShare, secondShare) = (share(Self.firstDecay), share(Self.secondDecay))
        let roots = second.map { ($0 / secondShare).squareRoot() }
        let rounding = 1e-8 * (roots.max() ?? 0)
        let step = point.task.parameters.indices.map { index in
            guard first[index] != 0 else { return 0.0 }
            let change = first[index] / firstShare / (roots[index] + rounding)
            return change
                * point.task.numbers.thetaPerLogarithm(index, point.conductances.values[index])
        }
        return point.conductances.stepped(
            by: rate * point.rateFactor, along: step, of: point.task, largestFactor: 2,
            capsRise: true)
    }

    mutating func accepts(_ end: TrainingPoint, after start: TrainingPoint) -> Bool {
        if isStochastic { return true }
        if caution.accepts(end.states.naturalLoss, after: start.states.naturalLoss) { return true }
        let present = share(Self.firstDecay)
        first = update.map { present * $0 }
        return false
    }

    mutating func retreats(to start: TrainingPoint) -> Bool { caution.retreats() }

    func fits(_ task: LearningTask) -> Bool {
        first.fits(task) && second.fits(task) && first.count == second.count
            && (0..<Int(Int32.max)).contains(steps) && largestRate.isFinite && caution.isSound
    }

    /// What the weights of all updates so far sum up to.
    private func share(_ decay: Double) -> Double { 1 - pow(decay, Double(steps)) }
}
