import Figures
import Foundation
import Generators
import LearningRules
import LearningTasks
import Theory

/// How well Σ k² (Σ ln k where logarithms are trained) is kept.
///
/// The flow conserves it for all three rules, because voltages do not change when all conductances are
/// scaled together (docs/theory.md (20)). Steps of size α add α² |k̇|² to Σ k² each, in a time t
/// therefore a drift of O(α); Σ ln k is linear in the trained variables, so that steps keep it too, up to
/// rounding.
public struct ConservationStudy: Sendable {
    /// Linear, with every resistor trained.
    public var circuit: StudyCircuit
    public var rules: [StudyRule] = StudyRule.allCases
    /// Sizes of discrete steps over the stable step 2/λ_max at the start.
    public var steps: [Double] = [1.0 / 8, 1.0 / 16, 1.0 / 32, 1.0 / 64]
    /// Continuous training ends where every error is within this, V.
    public var tolerance = 1e-6

    public init(circuit: StudyCircuit) { self.circuit = circuit }

    public struct Result: StudyResult {
        public struct Continuous: Sendable, Encodable {
            public let rule: StudyRule
            public let conserved: String
            /// The largest |K/K₀ − 1| on the way.
            public let drift: Double
            /// The largest change of a conductance, relative: something has happened.
            public let change: Double
            public let steps: Int
            /// Whether every error came within the tolerance.
            public let converged: Bool
            /// A resistor arrived at a bound on the way, beyond which K is not conserved.
            public let meetsBounds: Bool
            let track: [(time: Double, drift: Double)]

            private enum CodingKeys: String, CodingKey {
                case rule, conserved, drift, change, steps, converged, meetsBounds
            }
        }

        public struct Discrete: Sendable, Encodable {
            public let rule: StudyRule
            /// α over 2/λ_max at the start.
            public let step: Double
            public let rate: Double
            /// K/K₀ − 1 at the end of a time of 20/λ_max.
            public let drift: Double
            /// As in continuous time; steps that are not stable do so, too.
            public let meetsBounds: Bool
            let track: [(time: Double, drift: Double)]

            private enum CodingKeys: String, CodingKey {
                case rule, step, rate, drift, meetsBounds
            }
        }

        public let circuit: String
        public let continuous: [Continuous]
        public let discrete: [Discrete]

        /// p of drift ∝ αᵖ; nil where it is no power of α: rounding alone, or a bound on the way.
        public func exponent(_ rule: StudyRule) -> Double? {
            let own = discrete.filter { $0.rule == rule && !$0.meetsBounds }
            guard own.contains(where: { abs($0.drift) > 1e-13 }) else { return nil }
            return powerLaw(own.map { ($0.step, abs($0.drift)) })
        }
    }

    public func run(goesOn: @escaping GoesOn = { true }) throws -> Result {
        try circuit.withPhysics { [self] physics in
            let task = circuit.task
            let start = TrainedValues(initial: task)
            let sensitivity = try Sensitivity(of: task, at: start, in: physics)
            let analysis = try Coercivity(of: sensitivity)
            let k0 = analysis.conserved
            guard k0.isConserved else {
                throw StudyError(
                    message: "\(circuit.name): nothing is conserved here, because of "
                        + k0.obstacles.map { reason($0, task) }.joined(separator: ", and of "))
            }
            func drift(_ conductances: TrainedValues) -> Double {
                task.conservedValue(conductances) / task.conservedValue(start) - 1
            }
            var continuous: [Result.Continuous] = []
            var discrete: [Result.Discrete] = []
            for rule in rules {
                // EP's nudge biases its update by (β/g)², which shows in K.
                let nudge =
                    rule.needsBranches ? sensitivity.outputConductance.map { 2e-5 * $0 } : nil
                let descent = try Descent(
                    of: task, rule: rule, nudge: nudge, in: physics, tolerance: tolerance,
                    relative: 1e-11, goesOn: goesOn)
                let track = descent.moments.map { ($0.time, drift($0.conductances)) }
                continuous.append(
                    Result.Continuous(
                        rule: rule, conserved: k0.name,
                        drift: track.map { abs($0.1) }.max() ?? 0,
                        change: zip(descent.result.conductances.values, start.values).map {
                            abs($0 / $1 - 1)
                        }.max() ?? 0,
                        steps: descent.result.steps, converged: descent.result.converged,
                        meetsBounds: descent.moments.contains { task.meetsBounds($0.conductances) },
                        track: track))
                guard let largest = analysis.spectrum(of: rule.rule)?.largest, largest > 0 else {
                    continue
                }
                let method = LearningMethod(rule: rule.rule, nudging: descent.result.nudging)
                for step in steps {
                    let rate = step * 2 / largest
                    var track: [(time: Double, drift: Double)] = []
                    var meetsBounds = false
                    try takeSteps(
                        Int((10 / step).rounded()), rate: rate, from: start, of: task,
                        method: method, in: physics
                    ) {
                        track.append((Double($0) * rate, drift($2)))
                        meetsBounds = meetsBounds || task.meetsBounds($2)
                        return goesOn()
                    }
                    if !goesOn() { throw StudyInterrupted() }
                    discrete.append(
                        Result.Discrete(
                            rule: rule, step: step, rate: rate, drift: track.last?.drift ?? 0,
                            meetsBounds: meetsBounds, track: track))
                }
            }
            return Result(circuit: circuit.name, continuous: continuous, discrete: discrete)
        }
    }
}

/// What K is not conserved because of.
private func reason(_ obstacle: ConservedQuantity.Obstacle, _ task: LearningTask) -> String {
    switch obstacle {
    case .fixedResistors(let resistors):
        "resistors that are not trained (\(listed(resistors.map { task.circuit.resistors[$0].name })))"
    case .scale(let devices): "what sets a scale of conductance (\(listed(devices)))"
    case .bounds: "bounds at which resistors rest"
    case .oneSidedNudging: "one-sided nudging"
    case .numbers(let names): "parameters that are no conductances (\(listed(names)))"
    }
}

extension LearningTask {
    fileprivate func meetsBounds(_ conductances: TrainedValues) -> Bool {
        zip(parameters, conductances.values).contains { parameter, g in
            g <= parameter.bounds.lowerBound || g >= parameter.bounds.upperBound
        }
    }

    /// K as `ConservedQuantity` names it, computed here from the conductances alone.
    fileprivate func conservedValue(_ conductances: TrainedValues) -> Double {
        let both = Set(parameters.map(\.variable)).count > 1
        return zip(parameters, conductances.values).reduce(0) { sum, pair in
            let (parameter, g) = pair
            return sum
                + (parameter.variable == .logConductance ? log(g) : (both ? 0.5 : 1) * g * g)
        }
    }
}

extension ConservationStudy.Result {
    public var data: DataTable {
        var table = DataTable("rule", "time_kind", "step_over_limit", "time", "drift")
        for run in continuous {
            for (time, drift) in run.track {
                table.add(
                    .text(run.rule.rawValue), "continuous", .empty, .number(time), .number(drift))
            }
        }
        for run in discrete {
            for (time, drift) in run.track {
                table.add(
                    .text(run.rule.rawValue), "discrete", .number(run.step), .number(time),
                    .number(drift))
            }
        }
        return table
    }

    public var summary: DataTable {
        var table = DataTable("rule", "time", "step × λmax/2", "drift of K", "largest change of k")
        for run in continuous {
            table.add(
                .text(run.rule.name), "continuous", .empty,
                run.meetsBounds ? "met a bound" : .number(run.drift), .number(run.change))
            for own in discrete where own.rule == run.rule {
                table.add(
                    .text(run.rule.name), "discrete", .number(own.step),
                    own.meetsBounds ? "met a bound" : .number(own.drift), .empty)
            }
        }
        return table
    }

    public var findings: [String] {
        let name = continuous.first?.conserved ?? "K"
        var result: [String] = []
        let free = continuous.filter { !$0.meetsBounds }
        if let most = free.map(\.drift).max() {
            result.append(
                String(format: "K = %@ drifts by at most %.2g in continuous time", name, most))
        }
        let bound = continuous.filter(\.meetsBounds).map(\.rule.name)
        if !bound.isEmpty {
            result.append(
                "\(listed(bound)) in continuous time: a resistor arrives at a bound, where K = \(name) is no longer conserved"
            )
        }
        let late = continuous.filter { !$0.converged }.map(\.rule.name)
        if !late.isEmpty {
            result.append("\(listed(late)): learning comes to rest short of the targets")
        }
        let steps = discrete.filter { !$0.meetsBounds }
        if name == "Σ ln g", !steps.isEmpty {
            result.append(
                String(
                    format:
                        "and in discrete steps of any size by %.2g: it is linear in what is trained",
                    steps.map { abs($0.drift) }.max() ?? 0))
        } else {
            for run in continuous {
                let own = discrete.filter { $0.rule == run.rule }
                if let exponent = exponent(run.rule) {
                    result.append(
                        String(
                            format: "%@: the drift of discrete steps grows as α^%.3f",
                            run.rule.name, exponent))
                } else if own.contains(where: \.meetsBounds) {
                    result.append(
                        "\(run.rule.name): discrete steps that are stable at the start arrive at a bound later, where K is no longer conserved"
                    )
                } else if !own.isEmpty {
                    result.append(
                        "\(run.rule.name): the drift of discrete steps is rounding, and no power of α"
                    )
                } else {
                    result.append(
                        "\(run.rule.name): no discrete steps, since no output answers to a trained resistor"
                    )
                }
            }
        }
        return result
    }

    public var figure: Figure {
        var tracks: [Figure.Series] = []
        var scaling: [Figure.Series] = []
        for run in continuous {
            func scaled(_ track: [(time: Double, drift: Double)]) -> [(x: Double, y: Double)] {
                // Time in units of the largest eigenvalue, which the step of a run gives.
                guard let any = discrete.first(where: { $0.rule == run.rule }) else { return [] }
                let unit = any.rate / (2 * any.step)
                return track.filter { $0.time > 0.01 * unit && $0.drift != 0 }.map {
                    ($0.time / unit, abs($0.drift))
                }
            }
            tracks.append(
                Figure.Series(
                    "\(run.rule.name), continuous", .points, run.rule.hue,
                    thinned(scaled(run.track), to: 60)))
            let own = discrete.filter { $0.rule == run.rule && !$0.meetsBounds }
            if let finest = own.min(by: { $0.step < $1.step }) {
                tracks.append(
                    Figure.Series(
                        "\(run.rule.name), α = 2/λmax / \(Int((1 / finest.step).rounded()))", .line,
                        run.rule.hue,
                        thinned(scaled(finest.track), to: 100)))
            }
            scaling.append(
                Figure.Series(
                    "\(run.rule.name), discrete", .points, run.rule.hue,
                    own.filter { $0.drift != 0 }.map { ($0.step, abs($0.drift)) }))
            if own.count > 1, run.drift > 0, !run.meetsBounds {
                let sizes = own.map(\.step)
                scaling.append(
                    Figure.Series(
                        "\(run.rule.name), continuous", .line, run.rule.hue,
                        [sizes.min() ?? 0, sizes.max() ?? 0].map { ($0, run.drift) }))
            }
        }
        let last = discrete.last
        if let last, let first = discrete.first(where: { $0.rule == last.rule }),
            exponent(last.rule) != nil, abs(first.drift) > 1e-9
        {
            scaling.append(
                Figure.Series(
                    "slope 1", .dashed, .grey,
                    [first.step, last.step].map {
                        ($0, 2 * abs(first.drift) * $0 / first.step)
                    }))
        }
        let name = continuous.first?.conserved ?? "K"
        return Figure(
            title: circuit,
            panels: [
                Figure.Panel(
                    title: "Drift of K = \(name)",
                    x: .init("time × λmax at the start", .logarithmic),
                    y: .init("|K/K₀ − 1|", .logarithmic), series: tracks),
                Figure.Panel(
                    title: "After a time of 20/λmax", x: .init("step α over 2/λmax", .logarithmic),
                    y: .init("|K/K₀ − 1|", .logarithmic), series: scaling),
            ])
    }
}
