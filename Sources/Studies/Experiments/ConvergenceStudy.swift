import Foundation
import LearningRules

/// Does the loss fall as fast as the coercivity constant says, and are steps stable as far as it says?
///
/// Each rule is followed in continuous time to its solution; there the theory predicts a late loss of
/// exp(−2 c t), steps that are stable below 2/λ_max, and at the best step 2/(λ_max + λ_min) a loss that
/// falls by ρ² a step, ρ = (λ_max − λ_min)/(λ_max + λ_min) (theory: "Coercivity and local convergence").
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

    /// - Parameter circuits: linear ones with a solution that learning reaches.
    public init(circuits: [StudyCircuit]) { self.circuits = circuits }

    public struct Result: StudyResult {
        public struct Run: Sendable, Encodable {
            public let circuit: String
            public let rule: StudyRule
            /// Whether every error came within the tolerance.
            public let converged: Bool
            /// 2c at the converged conductances.
            public let predictedRate: Double
            public let measuredRate: Double?
            public let largestEigenvalue: Double
            public let smallestEigenvalue: Double
            public let bestStep: Double
            /// −ln of the factor by which the loss falls in a step at the best step.
            public let predictedStepRate: Double
            public let measuredStepRate: Double?
            /// Loss after over loss before the steps just below and just above the stable limit.
            public let lossRatioBelow: Double
            public let lossRatioAbove: Double

            let trajectory: [Point]
            let bestSteps: [Point]
            let below: [Point]
            let above: [Point]

            public var ratio: Double? { measuredRate.map { $0 / predictedRate } }
            public var stepRatio: Double? { measuredStepRate.map { $0 / predictedStepRate } }

            private enum CodingKeys: String, CodingKey {
                case circuit, rule, converged, predictedRate, measuredRate, largestEigenvalue
                case smallestEigenvalue, bestStep, predictedStepRate, measuredStepRate
                case lossRatioBelow, lossRatioAbove
            }
        }

        struct Point: Sendable {
            /// Time or step.
            let x: Double
            let loss: Double
        }

        public let runs: [Run]
        let margin: Double

        private enum CodingKeys: String, CodingKey { case runs, margin }
    }

    public func run(goesOn: @escaping GoesOn = { true }) throws -> Result {
        var runs: [Result.Run] = []
        for circuit in circuits {
            runs += try circuit.withPhysics { [self] physics in
                try rules.map { try run($0, circuit, in: physics, goesOn) }
            }
        }
        return Result(runs: runs, margin: margin)
    }

    private func run(
        _ rule: StudyRule, _ circuit: StudyCircuit, in physics: NgspicePhysics,
        _ goesOn: @escaping GoesOn
    ) throws -> Result.Run {
        let task = circuit.task
        let descent = try Descent(
            of: task, rule: rule, in: physics, tolerance: tolerance, goesOn: goesOn)
        let solution = descent.result.conductances
        let analysis = try task.coercivity(at: solution, in: physics)
        guard let spectrum = analysis.spectrum(of: rule.rule), spectrum.smallest > 0,
            let limit = spectrum.stepLimit, let best = spectrum.bestStep
        else {
            throw StudyError(
                message: """
                    \(circuit.name): \(rule.name) has no rate to measure: no output answers to a \
                    trained resistor, or two outputs are one voltage
                    """)
        }
        let method = LearningMethod(rule: rule.rule, nudging: descent.result.nudging)
        let start = displaced(solution, task)
        func losses(_ count: Int, _ rate: Double, growth: Double = .infinity) throws
            -> [Result.Point]
        {
            var points: [Result.Point] = []
            try takeSteps(count, rate: rate, from: start, of: task, method: method, in: physics) {
                step, states, _ in
                points.append(Result.Point(x: Double(step), loss: states.loss))
                // Below, rounding is part of the error.
                return goesOn() && states.largestError > 1e-10
                    && states.loss < growth * points[0].loss
            }
            if !goesOn() { throw StudyInterrupted() }
            return points
        }
        let contraction =
            (spectrum.largest - spectrum.smallest) / (spectrum.largest + spectrum.smallest)
        // Six decades of loss, but not for ever where the circuit is hardly coercive.
        let needed = contraction > 0 ? 14 / -log(contraction) : 2
        let bestSteps = try losses(Int(min(max(needed, 20), 20_000)), best)
        let below = try losses(limitSteps, (1 - margin) * limit)
        let above = try losses(10 * limitSteps, (1 + margin) * limit, growth: 100)
        func change(_ points: [Result.Point]) -> Double {
            (points.last?.loss ?? 1) / points[0].loss
        }
        return Result.Run(
            circuit: circuit.name, rule: rule, converged: descent.result.converged,
            predictedRate: spectrum.decayRate, measuredRate: descent.lateRate(),
            largestEigenvalue: spectrum.largest, smallestEigenvalue: spectrum.smallest,
            bestStep: best, predictedStepRate: -2 * log(contraction),
            measuredStepRate: Self.lateStepRate(bestSteps), lossRatioBelow: change(below),
            lossRatioAbove: change(above),
            trajectory: descent.moments.map { Result.Point(x: $0.time, loss: $0.loss) },
            bestSteps: bestSteps, below: below, above: above)
    }

    /// Off the solution by a part in 10⁶ of each conductance: near enough for the spectrum to be that of
    /// the solution, in all directions at once.
    private func displaced(
        _ solution: TrainedConductances, _ task: LearningTask
    ) -> TrainedConductances {
        var random = SplitMix64(seed: seed)
        return TrainedConductances(
            values: zip(solution.values, task.parameters).map { g, parameter in
                let moved = g * (1 + 1e-6 * Double.random(in: -1...1, using: &random))
                return min(max(moved, parameter.bounds.lowerBound), parameter.bounds.upperBound)
            })
    }

    /// Over the second half, an even number of steps: at the best step two directions of error fall
    /// alike, one with alternating sign.
    private static func lateStepRate(_ points: [Result.Point]) -> Double? {
        let span = (points.count - 1) / 4 * 2
        guard span >= 2, let last = points.last, last.loss > 0 else { return nil }
        return log(points[points.count - 1 - span].loss / last.loss) / Double(span)
    }
}
