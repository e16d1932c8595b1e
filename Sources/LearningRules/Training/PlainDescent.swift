import LearningTasks

/// θ ← θ + α θ̇ at the rate given or, automatic, at 1.5/λ_max of the operator that governs learning at the
/// present conductances.
///
/// Steps are stable below 2/λ_max (docs/theory.md (18)); 1.5 leaves room for an estimate that is
/// up to a quarter too low, and for λ_max to move between two estimates. Far from a solution, where the
/// linear theory does not hold, `Caution` shortens steps.
///
/// A rate that the user gave is applied as it is; the automatic one is not trusted beyond a factor of 2 in
/// any conductance.
struct PlainDescent: OptimizerState {
    private let given: Double?
    private var spectral = 0.0
    private var caution = Caution(recovery: 1.1)
    private var schedule = EstimateSchedule()
    @PackedDoubles private var weights: [Double] = []
    /// Where the last estimate ended and the next begins.
    @PackedDoubles private var eigenvector: [Double] = []

    init(rate: StepRate) { given = rate.given }

    var optimizer: Optimizer { .plain }
    var rate: Double { given ?? caution.scale * spectral }
    var choosesRate: Bool { given == nil }
    var end: TrainingResult.Reason? { caution.ascendsPersistently ? .ascent : nil }

    mutating func prepare(at point: TrainingPoint) throws {
        guard choosesRate, schedule.isDue else { return }
        let operation = try point.learningOperator()
        if weights.isEmpty { weights = operation.balance() }
        let eigenvalue = operation.largestEigenvalue(
            weights: point.moving(weights), from: &eigenvector)
        let previous = spectral
        // 0 where no output depends on a trained resistor.
        spectral = eigenvalue > 0 ? 1.5 / eigenvalue : 0
        schedule.renew(isSteady: previous > 0 && abs(spectral - previous) <= 0.05 * previous)
    }

    func next(from point: TrainingPoint) -> TrainedValues {
        if let given {
            return point.conductances.stepped(
                by: given * point.rateFactor, along: point.velocity, of: point.task)
        }
        return point.conductances.stepped(
            by: rate * point.rateFactor, along: zip(weights, point.velocity).map(*), of: point.task,
            largestFactor: 2, capsRise: true)
    }

    mutating func accepts(_ end: TrainingPoint, after start: TrainingPoint) -> Bool {
        guard choosesRate else { return true }
        guard caution.accepts(end.states.naturalLoss, after: start.states.naturalLoss) else {
            return false
        }
        schedule.stepTaken()
        return true
    }

    mutating func retreats(to start: TrainingPoint) -> Bool { choosesRate && caution.retreats() }

    func fits(_ task: LearningTask) -> Bool {
        weights.fits(task) && rate.isFinite && caution.isSound && schedule.isSound
    }
}
