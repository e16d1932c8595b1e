import Foundation
import LearningRules

/// Does the loss fall as fast as the coercivity constant says, and are steps stable as far as it says?
///
/// Each rule is followed in continuous time to its solution; there the theory predicts a late loss of
/// exp(−2 c t), steps that are stable below 2/λ_max, and at the best step 2/(λ_max + λ_min) a loss that
/// falls by ρ² a step, ρ = (λ_max − λ_min)/(λ_max + λ_min) (theory: "Coercivity and local convergence").
///
/// The rate of the late loss is measured on the error that is to be the slowest, yᵀe: where the next
/// eigenvalue is close to λ_min, the loss itself would take longer to become a pure exponential than
/// rounding allows it to be followed.
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
            /// Twice the decay rate of the slowest error.
            public let measuredRate: Double?
            /// That of the whole loss over its last four decades: more, where other errors still count.
            public let measuredLossRate: Double?
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
                case circuit, rule, converged, predictedRate, measuredRate, measuredLossRate
                case largestEigenvalue, smallestEigenvalue, bestStep
                case predictedStepRate, measuredStepRate, lossRatioBelow, lossRatioAbove
            }
        }

        struct Point: Sendable {
            /// Time or step.
            let x: Double
            let loss: Double
            let errors: [Double]
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
        let contraction =
            (spectrum.largest - spectrum.smallest) / (spectrum.largest + spectrum.smallest)
        // Twelve decades of loss, but not for ever where the circuit is hardly coercive.
        let needed = contraction > 0 ? 14 / -log(contraction) : 2
        let bestSteps = try losses(Int(min(max(needed, 20), 20_000)), best)
        let below = try losses(limitSteps, (1 - margin) * limit)
        let above = try losses(10 * limitSteps, (1 + margin) * limit, growth: 100)
        func change(_ points: [Result.Point]) -> Double {
            (points.last?.loss ?? 1) / points[0].loss
        }
        return Result.Run(
            circuit: circuit.name, rule: rule, converged: descent.result.converged,
            predictedRate: spectrum.decayRate,
            measuredRate: lateDecay(
                of: spectrum.slowest, along: descent.moments.map { ($0.time, $0.errors) },
                floor: 3 * tolerance
            ).map { 2 * $0 },
            measuredLossRate: descent.lateRate(),
            largestEigenvalue: spectrum.largest, smallestEigenvalue: spectrum.smallest,
            bestStep: best, predictedStepRate: -2 * log(contraction),
            measuredStepRate: lateDecay(
                of: spectrum.slowest, along: bestSteps.map { ($0.x, $0.errors) }, floor: 1e-10
            ).map { 2 * $0 }, lossRatioBelow: change(below),
            lossRatioAbove: change(above),
            trajectory: descent.moments.map {
                Result.Point(x: $0.time, loss: $0.loss, errors: $0.errors)
            },
            bestSteps: bestSteps, below: below, above: above)
    }

    /// Off the solution by a part in 10⁵ of each conductance: near enough for the spectrum to be that of
    /// the solution, in all directions at once.
    private func displaced(
        _ solution: TrainedConductances, _ task: LearningTask
    ) -> TrainedConductances {
        var random = SplitMix64(seed: seed)
        return TrainedConductances(
            values: zip(solution.values, task.parameters).map { g, parameter in
                let moved = g * (1 + 1e-5 * Double.random(in: -1...1, using: &random))
                return min(max(moved, parameter.bounds.lowerBound), parameter.bounds.upperBound)
            })
    }
}
