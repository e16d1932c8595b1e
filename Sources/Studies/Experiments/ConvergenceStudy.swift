import Engines
import Foundation
import LearningRules
import LearningTasks
import NgspiceBridge
import Theory

/// Does the loss fall as fast as the coercivity constant says, and are steps stable as far as it says?
///
/// Each rule is followed in continuous time to its solution; there the theory predicts a late loss of
/// exp(−2 c t), steps that are stable below 2/λ_max, and at the best step 2/(λ_max + λ_min) a loss that
/// falls by ρ² a step, ρ = (λ_max − λ_min)/(λ_max + λ_min) (docs/theory.md (18)).
///
/// The rate of the late loss is measured on the error that is to be the slowest, yᵀe: where the next
/// eigenvalue is close to λ_min, the loss itself would take longer to become a pure exponential than
/// rounding allows it to be followed.
///
/// Where a rule has no such rate on a circuit, the result has a sentence that says why: errors that
/// remain, outputs that answer to nothing, devices through which nudges do not come back.
public struct ConvergenceStudy: Sendable {
    public var circuits: [StudyCircuit]
    public var rules: [StudyRule] = StudyRule.allCases
    /// Continuous training ends where every error is within this, V.
    public var tolerance = 1e-8
    /// How far from 2/λ_max the two steps around it are.
    public var margin = 0.01
    /// Steps taken below it; above it up to ten times as many, until the loss is a hundredfold: only
    /// the fastest error grows, which may be small at first.
    public var limitSteps = 200
    /// For the small displacements from which discrete steps start.
    public var seed: UInt64 = 1

    /// σ_min/σ_max below which a direction counts as degenerate at the solution. J is known there to about
    /// the tolerance, so that a singular value of 0 comes out as some 1e-8 of the largest.
    static let degenerate = 1e-6
    /// How far errors may move otherwise than by J Jᵀ, relative, where signals pass one way, for the theory
    /// still to predict a rate.
    static let reciprocity = 0.02

    static let rateOfZero = "a rate of zero: no output answers to a trained resistor"

    public init(circuits: [StudyCircuit]) { self.circuits = circuits }

    public struct Result: StudyResult {
        public struct Run: Sendable, Encodable {
            public let circuit: String
            public let rule: StudyRule
            /// 2c at the converged conductances; where c = 0, over the errors that learning reaches.
            public let predictedRate: Double
            /// Twice the decay rate of the slowest error.
            public let measuredRate: Double?
            /// That of the whole loss over its last four decades: more, where other errors still count.
            public let measuredLossRate: Double?
            public let largestEigenvalue: Double
            public let smallestEigenvalue: Double
            public let bestStep: Double
            /// −ln of the factor by which the loss falls in a step at the best step; nil where nothing is
            /// left of the error to first order.
            public let predictedStepRate: Double?
            public let measuredStepRate: Double?
            /// Loss after over loss before the steps just below and just above the stable limit.
            public let lossRatioBelow: Double?
            public let lossRatioAbove: Double?
            /// What is special here, a clause each.
            public let remarks: [String]

            let trajectory: [Point]
            let bestSteps: [Point]
            let below: [Point]
            let above: [Point]

            public var ratio: Double? { measuredRate.map { $0 / predictedRate } }
            public var stepRatio: Double? {
                guard let measuredStepRate, let predictedStepRate else { return nil }
                return measuredStepRate / predictedStepRate
            }

            private enum CodingKeys: String, CodingKey {
                case circuit, rule, predictedRate, measuredRate, measuredLossRate
                case largestEigenvalue, smallestEigenvalue, bestStep
                case predictedStepRate, measuredStepRate, lossRatioBelow, lossRatioAbove, remarks
            }
        }

        /// A rule that has no rate on a circuit.
        public struct WithoutRate: Sendable, Encodable {
            public let circuit: String
            public let rule: StudyRule
            public let reason: String
        }

        struct Point: Sendable {
            /// Time or step.
            let x: Double
            let loss: Double
            let errors: [Double]
        }

        public let runs: [Run]
        public let withoutRate: [WithoutRate]
        let margin: Double

        private enum CodingKeys: String, CodingKey { case runs, withoutRate, margin }
    }

    /// - Throws: `StudyError` where no rule has a rate on any of the circuits.
    public func run(goesOn: @escaping GoesOn = { true }) throws -> Result {
        var runs: [Result.Run] = []
        var without: [Result.WithoutRate] = []
        for circuit in circuits {
            let outcomes = try circuit.withPhysics { [self] physics in
                try rules.map { rule in
                    physics.restart()
                    return try outcome(rule, circuit, in: physics, goesOn)
                }
            }
            for outcome in outcomes {
                switch outcome {
                case .success(let run): runs.append(run)
                case .failure(let reason):
                    without.append(
                        Result.WithoutRate(
                            circuit: circuit.name, rule: reason.rule, reason: reason.clause))
                }
            }
        }
        let result = Result(runs: runs, withoutRate: without, margin: margin)
        if runs.isEmpty {
            throw StudyError(message: result.sentencesWithoutRate.joined(separator: "; "))
        }
        return result
    }

    private struct NoRate: Error {
        let rule: StudyRule
        let clause: String
    }

    private func outcome(
        _ rule: StudyRule, _ circuit: StudyCircuit, in physics: NgspicePhysics,
        _ goesOn: @escaping GoesOn
    ) throws -> Swift.Result<Result.Run, NoRate> {
        do {
            return .success(try run(rule, circuit, in: physics, goesOn))
        } catch let reason as NoRate {
            return .failure(reason)
        } catch let error as NgspiceError where [.convergence, .singular].contains(error.kind) {
            return .failure(NoRate(rule: rule, clause: "no rate: \(error.message.firstLine)"))
        }
    }

    private func run(
        _ rule: StudyRule, _ circuit: StudyCircuit, in physics: NgspicePhysics,
        _ goesOn: @escaping GoesOn
    ) throws -> Result.Run {
        let task = circuit.task
        let descent = try Descent(
            of: task, rule: rule, in: physics, tolerance: tolerance, goesOn: goesOn)
        let solution = descent.result.conductances
        func noRate(_ clause: String) -> NoRate { NoRate(rule: rule, clause: clause) }
        let sensitivity = try Sensitivity(of: task, at: solution, in: physics)
        guard descent.result.converged else {
            let last = try Coercivity(of: sensitivity)
            throw noRate(
                last.rank == 0 && last.resting.isEmpty
                    ? Self.rateOfZero : descent.shortfall(tolerance: tolerance))
        }
        var remarks: [String] = []
        var analysis = try Coercivity(of: sensitivity)
        func spectrum() throws -> Coercivity.Spectrum {
            guard let spectrum = analysis.spectrum(of: rule.rule) else {
                throw noRate("no rate: two outputs are one voltage, which can't be held at two")
            }
            guard spectrum.largest > 0, spectrum.smallest > 0 else {
                throw noRate(Self.rateOfZero)
            }
            return spectrum
        }
        if try (spectrum().smallest / spectrum().largest).squareRoot() < Self.degenerate {
            analysis = try Coercivity(of: sensitivity, rankTolerance: Self.degenerate)
            remarks.append(
                """
                rank \(analysis.rank) of \(analysis.rows) at the solution, where c = 0; rates are over the \
                errors that learning reaches
                """)
        }
        let spectrum = try spectrum()
        if let device = analysis.oneWayDevices.first {
            guard
                try onesidedness(of: sensitivity, slowest: spectrum.slowest, in: physics)
                    <= Self.reciprocity
            else {
                throw noRate(
                    """
                    no rate that the theory predicts: signals pass one way through \(device), so that \
                    nudges do not see what the resistors do to the outputs
                    """)
            }
            try physics.set(solution, of: task)
        }
        let steps = try Steps(
            spectrum, around: solution, analysis,
            LearningMethod(
                rule: rule.rule, nudging: descent.result.nudging),
            of: task, in: physics, study: self, remarks: &remarks, goesOn)
        let measured = lateDecay(
            of: spectrum.slowest, along: descent.moments.map { ($0.time, $0.errors) },
            floor: 3 * tolerance
        ).map { 2 * $0 }
        if measured == nil {
            remarks.append("it arrives before its slowest error has fallen far enough to measure")
        }
        return Result.Run(
            circuit: circuit.name, rule: rule,
            predictedRate: spectrum.decayRate,
            measuredRate: measured,
            measuredLossRate: descent.lateRate(),
            largestEigenvalue: spectrum.largest, smallestEigenvalue: spectrum.smallest,
            bestStep: 2 / (spectrum.largest + spectrum.smallest),
            predictedStepRate: steps.predicted, measuredStepRate: steps.measured,
            lossRatioBelow: Steps.change(steps.below), lossRatioAbove: Steps.change(steps.above),
            remarks: remarks,
            trajectory: descent.moments.map {
                Result.Point(x: $0.time, loss: $0.loss, errors: $0.errors)
            },
            bestSteps: steps.best, below: steps.below, above: steps.above)
    }

    /// Discrete steps from near the solution.
    private struct Steps {
        var best: [Result.Point] = []
        var below: [Result.Point] = []
        var above: [Result.Point] = []
        var predicted: Double?
        var measured: Double?

        init(
            _ spectrum: Coercivity.Spectrum, around solution: TrainedValues,
            _ analysis: Coercivity, _ method: LearningMethod, of task: LearningTask,
            in physics: NgspicePhysics, study: ConvergenceStudy, remarks: inout [String],
            _ goesOn: @escaping GoesOn
        ) throws {
            let bound = zip(task.parameters, solution.values).filter { parameter, g in
                g <= parameter.bounds.lowerBound || g >= parameter.bounds.upperBound
            }
            if let first = bound.first {
                let name = first.0.name
                let others = bound.count > 1 ? " and \(bound.count - 1) more are" : " is"
                remarks.append(
                    """
                    \(name)\(others) at a bound, which steps that overshoot would leave: no discrete \
                    steps are taken
                    """)
                return
            }
            let start = study.displaced(solution, task)
            func losses(_ count: Int, _ rate: Double, growth: Double = .infinity) throws
                -> [Result.Point]
            {
                var points: [Result.Point] = []
                try takeSteps(
                    count, rate: rate, from: start, of: task, method: method, in: physics
                ) { step, states, _ in
                    points.append(
                        Result.Point(
                            x: Double(step), loss: states.loss, errors: states.errors.values))
                    // Below, rounding is part of the error.
                    return goesOn() && states.largestError > 1e-10
                        && states.loss < growth * points[0].loss
                }
                if !goesOn() { throw StudyInterrupted() }
                return points
            }
            let (least, largest) = (spectrum.smallest, spectrum.largest)
            let limit = 2 / largest
            let contraction = (largest - least) / (largest + least)
            if contraction > 1e-6 {
                // Twelve decades of loss, but not for ever where the circuit is hardly coercive.
                let needed = 14 / -log(contraction)
                best = try losses(Int(min(max(needed, 20), 20_000)), 2 / (largest + least))
                predicted = -2 * log(contraction)
                measured =
                    lateDecay(
                        of: spectrum.slowest, along: best.map { ($0.x, $0.errors) }, floor: 1e-10
                    ).map { 2 * $0 }
                if needed > 20_000 {
                    remarks.append("too slow for its decay a step to be measured")
                    measured = nil
                }
            } else {
                best = try losses(20, limit / 2)
                remarks.append(
                    """
                    with one eigenvalue, the best step takes all of the error at once to first order, so \
                    that no decay a step can be measured
                    """)
            }
            below = try losses(study.limitSteps, (1 - study.margin) * limit)
            above = try losses(10 * study.limitSteps, (1 + study.margin) * limit, growth: 100)
        }

        static func change(_ points: [Result.Point]) -> Double? {
            guard let first = points.first, let last = points.last, first.loss > 0 else {
                return nil
            }
            return last.loss / first.loss
        }
    }

    /// How far errors move otherwise than the theory has it, relative, because the outputs answer to the trained
    /// variables by another J than the nudges see: J′.
    ///
    /// ė = −J′ JᵀW e/M, where the theory has J for J′. The larger of |yᵀ(J′ − J) Jᵀ|/|yᵀ J Jᵀ|, y the slowest
    /// error, and of the same for all errors at once, by Frobenius' norm. J′ comes from central differences
    /// over ±1e-4 of each conductance: 2 · parameters · samples operating points.
    private func onesidedness(
        of sensitivity: Sensitivity, slowest y: [Double], in physics: NgspicePhysics
    ) throws -> Double {
        let task = sensitivity.task
        let rows = sensitivity.rows
        let change = 1e-4
        // Rows of (J′ − J) Jᵀ and of J Jᵀ.
        var difference = [[Double]](repeating: .init(repeating: 0, count: rows), count: rows)
        var product = difference
        for (index, parameter) in task.parameters.enumerated() {
            let g = sensitivity.conductances.values[index]
            let outputs = try [1 + change, 1 - change].map { factor in
                var values = sensitivity.conductances.values
                values[index] = g * factor
                try physics.set(TrainedValues(values: values), of: task)
                return try physics.operatingPoints(task.samples.map { Drive(inputs: $0.inputs) })
                    .flatMap { point in task.outputs.map { point.voltage($0) } }
            }
            let unit = parameter.variable == .logConductance ? 1 : g
            let seen = sensitivity.column(index)
            for i in 0..<rows {
                let answer = (outputs[0][i] - outputs[1][i]) / (2 * change * unit)
                for k in 0..<rows {
                    difference[i][k] += (answer - seen[i]) * seen[k]
                    product[i][k] += seen[i] * seen[k]
                }
            }
        }
        func length(_ values: [Double]) -> Double {
            values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        func along(_ matrix: [[Double]]) -> Double {
            length((0..<rows).map { k in (0..<rows).reduce(0) { $0 + y[$1] * matrix[$1][k] } })
        }
        return max(
            along(difference) / along(product),
            length(difference.flatMap(\.self)) / length(product.flatMap(\.self)))
    }

    /// Off the solution by a part in 10⁵ of each conductance: near enough for the spectrum to be that of
    /// the solution, in all directions at once.
    private func displaced(
        _ solution: TrainedValues, _ task: LearningTask
    ) -> TrainedValues {
        var random = SplitMix64(seed: seed)
        return TrainedValues(
            values: zip(solution.values, task.parameters).map { g, parameter in
                let moved = g * (1 + 1e-5 * Double.random(in: -1...1, using: &random))
                return min(max(moved, parameter.bounds.lowerBound), parameter.bounds.upperBound)
            })
    }
}

extension String {
    /// ngspice's messages go on with what it printed.
    var firstLine: Substring { split(separator: "\n", maxSplits: 1).first ?? "" }
}
