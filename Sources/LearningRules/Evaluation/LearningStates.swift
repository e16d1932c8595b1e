import Engines
import LearningTasks
import Netlist

/// The states that one step compares, and what follows from them.
public struct LearningStates: Sendable {
    /// The free states of all samples, then those of all samples at +h and, centered, at −h; empty where
    /// states were superposed and never solved one by one.
    public let points: [OperatingPoint]
    /// The outputs in the free state, V.
    public let outputs: OutputTable
    /// What keeps each output from being learned (`Loss.errors`): outputs minus targets, V, with squared errors.
    public let errors: OutputTable
    /// ∂ℓ/∂v of each (`Loss.pull`): the same with squared errors.
    public let pulls: OutputTable
    /// Mean over samples of the task's loss: ½|e|², V², with squared errors.
    public let loss: Double
    /// Mean over samples of the rule's own function: the loss for EP and AL, W for CL.
    public let naturalLoss: Double
    /// dk/dt of every resistor of the circuit, mean over samples: with squared errors in V²/S for EP and AL, V²
    /// for CL; then the local term of each trained source (`LearningTask.trainedSources`).
    public let update: [Double]

    init(
        points: [OperatingPoint] = [], outputs: OutputTable, _ assessment: Assessment,
        naturalLoss: Double, update: [Double]
    ) {
        self.points = points
        self.outputs = outputs
        errors = assessment.errors
        pulls = assessment.pulls
        loss = assessment.loss
        self.naturalLoss = naturalLoss
        self.update = update
    }

    /// One for each sample, or empty, as `points`.
    public var free: ArraySlice<OperatingPoint> { points.prefix(errors.samples) }

    /// A sample's state at +h and, centered, the one at −h; none where there are no outputs, or no points.
    public func nudged(_ sample: Int) -> [OperatingPoint] {
        let samples = errors.samples
        return stride(from: sample + samples, to: points.count, by: samples).map { points[$0] }
    }

    /// max |e| over outputs and samples.
    public var largestError: Double {
        errors.values.reduce(0) { max($0, abs($1)) }
    }
}

extension LearningStates {
    /// How far an update found in another way is from this one: the largest difference over the largest
    /// element, less what rounding explains.
    ///
    /// An update is Σ Δv δ/span with δ a difference of states, each of which has some hundred roundings,
    /// 1e-13, of the largest voltage V: 1e-13 V²/span of the update is not to be known, which is all of it
    /// once the errors are small.
    ///
    /// - Parameters:
    ///   - nudging: by which these states, solved one by one, were made.
    ///   - rounding: of a voltage, as a part of the largest one.
    func difference(
        ofUpdate other: [Double], nudging: Nudging, rounding: Double = 1e-13
    ) -> Double {
        let voltage = points.reduce(0) { largest, point in
            point.voltages.reduce(largest) { max($0, abs($1)) }
        }
        let rounding = rounding * voltage * voltage / nudging.span
        let scale = update.reduce(0) { max($0, abs($1)) }
        let worst = zip(update, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
        guard worst.isFinite else { return .infinity }
        return worst <= rounding ? 0 : (worst - rounding) / scale
    }
}

/// How a task learns: by which rule, with which nudges.
public struct LearningMethod: Sendable {
    public let rule: any LearningRule
    public let nudging: Nudging
    /// By how much of itself an update of a trained resistor may be off the limit of small nudges, bias and
    /// rounding together; nil where that was not measured: in linear circuits, and at a strength that was given.
    public let nudgeError: Double?

    public init(rule: any LearningRule, nudging: Nudging, nudgeError: Double? = nil) {
        (self.rule, self.nudging, self.nudgeError) = (rule, nudging, nudgeError)
    }

    func with(_ nudging: Nudging) -> LearningMethod { LearningMethod(rule: rule, nudging: nudging) }

    /// The states of every sample and the update at these conductances: also of a rule that is not local.
    public func states(
        of task: LearningTask, at conductances: TrainedValues, in physics: any Physics
    ) throws -> LearningStates {
        guard rule.isLocal else {
            return try ExactGradient(of: task, at: conductances, in: physics).states(of: task)
        }
        try physics.set(conductances, of: task)
        return try states(of: task, in: physics)
    }

    /// Solves the free and the nudged states of every sample at the physics' present resistances.
    ///
    /// Costs M (1 + sides) operating points for M samples, or 2 M if `mirrored`. All free states come first, then all states
    /// of one nudge, so that an engine switches its nudging elements once per kind and not per sample.
    ///
    /// - Parameter mirrored: whether the states at −h are those at +h mirrored at the free ones, as they are in
    ///   a linear circuit if its nudges are opposite (`[UnitNudges].areOpposite`).
    public func states(
        of task: LearningTask, in physics: any Physics, mirrored: Bool = false
    ) throws -> LearningStates {
        if let parts = try physics.inParts(
            of: task, { try states(of: $0.task, in: $1, mirrored: mirrored) })
        {
            return LearningStates(parts: parts, of: task)
        }
        if nudging.sides == .limit, rule.isLocal, !task.outputs.isEmpty {
            return try limitStates(of: task, in: physics)
        }
        let samples = task.samples
        let nudges =
            task.outputs.isEmpty || !rule.isLocal
            ? [] : mirrored ? [nudging.strength] : nudging.strengths
        let points = try physics.operatingPoints(
            samples.map { Drive(inputs: $0.inputs) }, thenMore: nudges.count * samples.count
        ) { free in
            let outputs = OutputTable(free, of: task)
            let pulls = task.assess(outputs).pulls
            var drives: [Drive] = []
            drives.reserveCapacity(nudges.count * samples.count)
            for h in nudges {
                for (m, sample) in samples.enumerated() {
                    let nudge = rule.nudge(
                        strength: h, free: Array(outputs.row(m)), pull: Array(pulls.row(m)))
                    drives.append(Drive(inputs: sample.inputs, nudge: nudge))
                }
            }
            return drives
        }
        return states(of: task, points: mirrored ? points + mirrorImages(points) : points)
    }

    /// The free states, and those of the circuit linearised there.
    private func limitStates(
        of task: LearningTask, in physics: any Physics
    ) throws -> LearningStates {
        let free = try physics.operatingPoints(task.samples.map { Drive(inputs: $0.inputs) })
        let outputs = OutputTable(free, of: task)
        let pulls = task.assess(outputs).pulls
        let drives = task.samples.enumerated().map { m, sample in
            Drive(
                inputs: sample.inputs,
                nudge: rule.limitNudge(
                    strength: nudging.strength, free: Array(outputs.row(m)),
                    pull: Array(pulls.row(m))))
        }
        let nudged = try physics.linearisedPoints(drives, at: free, of: task)
        return states(of: task, points: mirrorImages(free + nudged, keepsFirst: true))
    }

    /// For +h and, centered, −h.
    func unitNudges(outputs: Int) -> [UnitNudges] {
        nudging.strengths.map {
            UnitNudges(
                of: rule, strength: $0, outputs: outputs, isLimit: nudging.sides == .limit)
        }
    }

    /// States at −h.
    ///
    /// - Parameters:
    ///   - points: free states, then as many at +h.
    ///   - keepsFirst: whether these come first.
    private func mirrorImages(
        _ points: [OperatingPoint], keepsFirst: Bool = false
    ) -> [OperatingPoint] {
        let count = points.count / 2
        func mirrored(_ at: [Double], _ point: [Double]) -> [Double] {
            zip(at, point).map { 2 * $0 - $1 }
        }
        return (keepsFirst ? points : [])
            + (0..<count).map { m in
                let (free, nudged) = (points[m], points[m + count])
                var image = OperatingPoint(
                    voltages: mirrored(free.voltages, nudged.voltages),
                    nudgeCurrents: nudged.nudgeCurrents.map { -$0 })
                image.sourceCurrents = mirrored(free.sourceCurrents, nudged.sourceCurrents)
                return image
            }
    }

    /// What follows from states that are known: errors, losses and the update.
    ///
    /// - Parameter points: in the order of `LearningStates.points`.
    package func states(of task: LearningTask, points: [OperatingPoint]) -> LearningStates {
        let count = task.samples.count
        let outputs = OutputTable(points.prefix(count), of: task)
        let assessment = task.assess(outputs)
        let mean = 1 / Double(max(count, 1))
        let isCentered = nudging.sides != .oneSided
        var naturalLoss = 0.0
        var update = task.zeroUpdate
        for m in 0..<(points.count > count ? count : 0) {
            let first = points[m + count]
            let reference = isCentered ? points[m + 2 * count] : points[m]
            naturalLoss +=
                mean
                * rule.naturalLoss(
                    loss: task.loss.value(outputs.row(m), task.targets.row(m)),
                    pull: assessment.pulls.row(m),
                    restoringCurrents: first.nudgeCurrents.indices.map { o in
                        -(first.nudgeCurrents[o] - (isCentered ? reference.nudgeCurrents[o] : 0))
                            / nudging.span
                    })
            accumulateUpdate(
                nudged: first.voltages, reference: reference.voltages, span: nudging.span,
                scale: mean, ends: task.numbers.ends, into: &update)
            if task.trainsValues {
                task.accumulateSources(
                    nudged: first, reference: reference, free: points[m], span: nudging.span,
                    scale: mean, into: &update)
                task.accumulateDevices(
                    nudged: first, reference: reference, free: points[m], span: nudging.span,
                    scale: mean, into: &update)
            }
        }
        return LearningStates(
            points: points, outputs: outputs, assessment, naturalLoss: naturalLoss, update: update)
    }
}
