import LearningTasks

/// Heavy ball (Polyak 1964, DOI 10.1016/0041-5553(64)90137-5): a step along the update, and a share of the
/// step before.
///
///     θ ← θ + δ,  δ = α θ̇ + β δ₋
///
/// Each parameter keeps its own δ₋; α and β are told to all. For errors spread over eigenvalues from λ_min to
/// λ_max of the operator A that governs learning, ė = −A e, the best constant ones are α = 4/(√λ_max + √λ_min)²
/// and β = ((√κ − 1)/(√κ + 1))², κ = λ_max/λ_min. But a circuit has few eigenvalues, and its errors lie
/// along some of them: so α and β are chosen anew for each step such that the smallest error is to be
/// expected after it,
///
///     min over α, β of |e − α A e + β (e − e₋)|,
///
/// where e − e₋ is what the last step did to the errors. Where states are superposed, A is seen anew at each
/// step; elsewhere, where that takes more operating points, every 10 to 160 steps, or where the errors do not
/// move as it says. With A constant these are the steps of the method of conjugate
/// residuals (Stiefel 1955, DOI 10.1007/BF01588956), which no choice of coefficients can better: it ends
/// after as many steps as there are different eigenvalues.
///
/// Errors are measured so that A is symmetric (`ErrorMeasure`).
///
/// The velocity is forgotten where the loss rises, and where an error is left along a direction in which the
/// last steps have already made it smallest: the circuit is not linear, and δ₋ then leads astray.
struct Momentum: OptimizerState {
    private let given: Double?
    private var caution = Caution(recovery: 2)
    private var schedule = EstimateSchedule()
    @PackedDoubles private var weights: [Double] = []
    /// δ₋; empty after a restart.
    @PackedDoubles private var step: [Double] = []
    /// e − e₋ of the last steps since the restart, V.
    private var changes: [PackedDoubles] = []
    /// A, and the measure in which it is symmetric.
    private var seen: (operation: LearningOperator, measure: ErrorMeasure)?
    /// What is thought of the coming step.
    private var plan = Plan()

    private enum CodingKeys: CodingKey {
        case given, caution, schedule, weights, step, changes
    }

    private struct Plan {
        var rate = 0.0
        var share = 0.0
        /// α with no velocity.
        var rateAlone = 0.0
        /// In the measure, V: here, and after the whole step.
        var errors: [Double] = []
        var expected: [Double] = []
    }

    /// Cosine between an error and what a step changed above which the steps have lost their use.
    private static let largestCosine = 0.3
    /// Steps that are remembered for that.
    private static let memory = 10
    /// How far errors may be from what was expected, over their size, for A still to hold.
    private static let surprise = 0.1

    init(rate: StepRate) { given = rate.given }

    var optimizer: Optimizer { .momentum }
    var rate: Double { caution.scale * plan.rate }
    var choosesRate: Bool { given == nil }
    var end: TrainingResult.Reason? { caution.ascendsPersistently ? .ascent : nil }

    mutating func prepare(at point: TrainingPoint) throws {
        if point.isOperatorFree || schedule.isDue || seen == nil {
            let operation = try point.learningOperator()
            if weights.isEmpty { weights = operation.balance() }
            seen = (operation, ErrorMeasure(operation, rule: point.rule))
            schedule.renew(isSteady: true)
        }
        guard let (operation, measure) = seen else { return }
        let errors = measure.measured(point.errors)
        let fall = measure.measured(
            operation.apply(to: point.errors, weights: point.moving(weights)))
        let past = changes.map { measure.measured($0.wrappedValue) }
        if choosesRate,
            past.contains(where: { abs(cosine($0, errors)) > Self.largestCosine })
        {
            restart()
        }
        plan = self.plan(errors: errors, fall: fall, last: changes.isEmpty ? nil : past.last)
        if plan.share == 0 { restart() }
    }

    /// Chooses α and β.
    ///
    /// - Parameters:
    ///   - errors: e.
    ///   - fall: a = A e.
    ///   - last: d, what the last step did to the errors; nil after a restart.
    private func plan(errors e: [Double], fall a: [Double], last d: [Double]?) -> Plan {
        var plan = Plan(errors: e, expected: e)
        let aa = dot(a, a)
        plan.rateAlone = given ?? (aa > 0 ? dot(a, e) / aa : 0)
        plan.rate = plan.rateAlone
        if let d {
            // The part of d that a step along the update can't bring about.
            let along = given == nil && aa > 0 ? dot(a, d) / aa : 0
            let across = zip(d, a).map { $0 - along * $1 }
            let rest = zip(e, a).map { $0 - plan.rateAlone * $1 }
            if dot(across, across) > 1e-6 * dot(d, d) {
                let share = -dot(across, rest) / dot(across, across)
                let rate = plan.rateAlone + share * along
                if rate > 0 { (plan.rate, plan.share) = (rate, share) }
            }
        }
        for index in e.indices {
            plan.expected[index] += plan.share * (d?[index] ?? 0) - plan.rate * a[index]
        }
        return plan
    }

    func next(from point: TrainingPoint) -> TrainedValues {
        var direction = zip(weights, point.velocity).map { plan.rate * $0 * $1 }
        for (index, last) in step.enumerated() { direction[index] += plan.share * last }
        guard choosesRate else {
            return point.conductances.stepped(by: 1, along: direction, of: point.task)
        }
        return point.conductances.stepped(
            by: caution.scale, along: direction, of: point.task, largestFactor: 2, capsRise: true)
    }

    mutating func accepts(_ end: TrainingPoint, after start: TrainingPoint) -> Bool {
        let (before, after) = (start.states.naturalLoss, end.states.naturalLoss)
        if surprises(end) { schedule.expire() }
        guard !choosesRate || caution.accepts(after, after: before) else {
            restart()
            (plan.rate, plan.share) = (plan.rateAlone, 0)
            return false
        }
        schedule.stepTaken()
        guard after <= before else {
            restart()
            return true
        }
        step = end.conductances.displacement(from: start.conductances, of: start.task)
        changes.append(
            PackedDoubles(wrappedValue: zip(end.errors, start.errors).map { $0 - $1 }))
        if changes.count > Self.memory { changes.removeFirst() }
        return true
    }

    mutating func retreats(to start: TrainingPoint) -> Bool {
        restart()
        (plan.rate, plan.share) = (plan.rateAlone, 0)
        return choosesRate && caution.retreats()
    }

    /// Whether the errors are not what was expected.
    private func surprises(_ end: TrainingPoint) -> Bool {
        guard let measure = seen?.measure else { return false }
        let found = measure.measured(end.errors)
        let difference = found.indices.map { index in
            let whole = plan.expected[index] - plan.errors[index]
            return found[index] - plan.errors[index] - caution.scale * whole
        }
        return
            !(dot(difference, difference) <= Self.surprise * Self.surprise
            * dot(plan.errors, plan.errors))
    }

    /// The operator is seen again where a leg of training begins.
    mutating func forgetSolutions() { seen = nil }

    func fits(_ task: LearningTask) -> Bool {
        let errors = task.samples.count * task.outputs.count
        return weights.fits(task) && step.fits(task) && (given ?? 0).isFinite
            && caution.isSound && schedule.isSound
            && changes.count <= Self.memory
            && changes.allSatisfy { $0.wrappedValue.count == errors }
    }

    private mutating func restart() { (step, changes) = ([], []) }
}

/// 0 for a vector without a direction.
private func cosine(_ a: [Double], _ b: [Double]) -> Double {
    let size = (dot(a, a) * dot(b, b)).squareRoot()
    return size > 0 ? dot(a, b) / size : 0
}
