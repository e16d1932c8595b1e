import Netlist

/// The states that one step compares, and what follows from them.
public struct LearningStates: Sendable {
    /// One for each sample; empty where states were superposed and never solved one by one.
    public let free: [OperatingPoint]
    /// For each sample the state at +h and, centered, the one at −h; empty as `free`.
    public let nudged: [[OperatingPoint]]
    /// The outputs in the free state, V.
    public let outputs: OutputTable
    /// Outputs minus targets, V.
    public let errors: OutputTable
    /// Mean over samples of ½|e|², V².
    public let loss: Double
    /// Mean over samples of the rule's own function: V² for EP and AL, W for CL.
    public let naturalLoss: Double
    /// dk/dt of every resistor of the circuit, mean over samples: V²/S for EP and AL, V² for CL.
    public let update: [Double]

    init(
        free: [OperatingPoint] = [], nudged: [[OperatingPoint]] = [], outputs: OutputTable,
        errors: OutputTable, naturalLoss: Double, update: [Double]
    ) {
        self.free = free
        self.nudged = nudged
        self.outputs = outputs
        self.errors = errors
        loss = halfSquare(errors.values) / Double(max(errors.samples, 1))
        self.naturalLoss = naturalLoss
        self.update = update
    }

    /// max |e| over outputs and samples, V.
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
    /// - Parameter nudging: by which these states, solved one by one, were made.
    func difference(ofUpdate other: [Double], nudging: Nudging) -> Double {
        let voltage = (free + nudged.joined()).reduce(0) { largest, point in
            point.voltages.reduce(largest) { max($0, abs($1)) }
        }
        let rounding = 1e-13 * voltage * voltage / nudging.span
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

    public init(rule: any LearningRule, nudging: Nudging) {
        (self.rule, self.nudging) = (rule, nudging)
    }

    /// Solves the free and the nudged states of every sample at the physics' present resistances.
    ///
    /// Costs M (1 + sides) operating points for M samples. All free states come first, then all states
    /// of one nudge, so that an engine switches its nudging elements once per kind and not per sample.
    public func states(of task: LearningTask, in physics: any Physics) throws -> LearningStates {
        let samples = task.samples
        let nudges = task.outputs.isEmpty ? [] : nudging.strengths
        let points = try physics.operatingPoints(
            samples.map { Drive(inputs: $0.inputs) }, thenMore: nudges.count * samples.count
        ) { free in
            let outputs = free.map { point in task.outputs.map { point.voltage($0) } }
            var drives: [Drive] = []
            drives.reserveCapacity(nudges.count * samples.count)
            for h in nudges {
                for (sample, free) in zip(samples, outputs) {
                    let nudge = rule.nudge(strength: h, free: free, targets: sample.targets)
                    drives.append(Drive(inputs: sample.inputs, nudge: nudge))
                }
            }
            return drives
        }
        let free = Array(points.prefix(samples.count))
        let nudged = samples.indices.map { m in
            nudges.indices.map { points[m + ($0 + 1) * samples.count] }
        }
        return states(of: task, free: free, nudged: nudged)
    }

    /// What follows from states that are known: errors, losses and the update.
    ///
    /// - Parameters:
    ///   - free: one for each sample.
    ///   - nudged: for each sample, in the order of the nudging's strengths.
    func states(
        of task: LearningTask, free: [OperatingPoint], nudged: [[OperatingPoint]]
    ) -> LearningStates {
        let outputs = free.map { point in task.outputs.map { point.voltage($0) } }
        let mean = 1 / Double(max(task.samples.count, 1))
        var naturalLoss = 0.0
        var update = [Double](repeating: 0, count: task.circuit.resistors.count)
        for m in free.indices {
            guard let first = nudged[m].first else { continue }
            let reference = nudging.sides == .centered ? nudged[m][1] : free[m]
            naturalLoss +=
                mean
                * rule.naturalLoss(
                    error: zip(outputs[m], task.samples[m].targets).map { $0 - $1 },
                    restoringCurrents: first.nudgeCurrents.indices.map { o in
                        -(first.nudgeCurrents[o]
                            - (nudging.sides == .centered ? reference.nudgeCurrents[o] : 0))
                            / nudging.span
                    })
            accumulateUpdate(
                nudged: first.voltages, reference: reference.voltages, span: nudging.span,
                scale: mean, resistors: task.circuit.resistors, into: &update)
        }
        let table = OutputTable(rows: outputs, outputs: task.outputs.count)
        var errors = table
        for (index, target) in task.targets.values.enumerated() { errors.values[index] -= target }
        return LearningStates(
            free: free, nudged: nudged, outputs: table, errors: errors, naturalLoss: naturalLoss,
            update: update)
    }
}
