import Foundation
import LearningRules

/// How well Σ k² (Σ ln k where logarithms are trained) is kept.
///
/// The flow conserves it for all three rules, because voltages do not change when all conductances are
/// scaled together (theory: "Conserved quantity"). Steps of size α add α² |k̇|² to Σ k² each, in a time t
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
            let track: [(time: Double, drift: Double)]

            private enum CodingKeys: String, CodingKey {
                case rule, conserved, drift, change, steps
            }
        }

        public struct Discrete: Sendable, Encodable {
            public let rule: StudyRule
            /// α over 2/λ_max at the start.
            public let step: Double
            public let rate: Double
            /// K/K₀ − 1 at the end of a time of 20/λ_max.
            public let drift: Double
            let track: [(time: Double, drift: Double)]

            private enum CodingKeys: String, CodingKey { case rule, step, rate, drift }
        }

        public let circuit: String
        public let continuous: [Continuous]
        public let discrete: [Discrete]

        /// p of drift ∝ αᵖ.
        public func exponent(_ rule: StudyRule) -> Double {
            Studies.exponent(
                discrete.filter { $0.rule == rule }.map { ($0.step, abs($0.drift)) })
        }
    }

    public func run(goesOn: @escaping GoesOn = { true }) throws -> Result {
        try circuit.withPhysics { [self] physics in
            let task = circuit.task
            let start = TrainedConductances(initial: task)
            let sensitivity = try Sensitivity(of: task, at: start, in: physics)
            let analysis = try Coercivity(of: sensitivity)
            let k0 = analysis.conserved
            guard k0.isConserved else {
                throw StudyError(
                    message: """
                        \(circuit.name): nothing is conserved here (fixed resistors, or devices \
                        that set a scale of conductance); analyze says why
                        """)
            }
            func drift(_ conductances: TrainedConductances) -> Double {
                task.conservedValue(conductances) / task.conservedValue(start) - 1
            }
            var continuous: [Result.Continuous] = []
            var discrete: [Result.Discrete] = []
            for rule in rules {
                // EP's nudge biases its update by (β/g)², which shows in K.
                let nudge = rule == .ep ? sensitivity.outputConductance.map { 2e-5 * $0 } : nil
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
                        steps: descent.result.steps, track: track))
                guard let largest = analysis.spectrum(of: rule.rule)?.largest, largest > 0 else {
                    continue
                }
                let method = LearningMethod(rule: rule.rule, nudging: descent.result.nudging)
                for step in steps {
                    let rate = step * 2 / largest
                    var track: [(time: Double, drift: Double)] = []
                    try takeSteps(
                        Int((10 / step).rounded()), rate: rate, from: start, of: task,
                        method: method, in: physics
                    ) {
                        track.append((Double($0) * rate, drift($2)))
                        return goesOn()
                    }
                    if !goesOn() { throw StudyInterrupted() }
                    discrete.append(
                        Result.Discrete(
                            rule: rule, step: step, rate: rate, drift: track.last?.drift ?? 0,
                            track: track))
                }
            }
            return Result(circuit: circuit.name, continuous: continuous, discrete: discrete)
        }
    }
}

extension LearningTask {
    /// K as `ConservedQuantity` names it, computed here from the conductances alone.
    fileprivate func conservedValue(_ conductances: TrainedConductances) -> Double {
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
                .text(run.rule.name), "continuous", .empty, .number(run.drift), .number(run.change))
            for own in discrete where own.rule == run.rule {
                table.add(
                    .text(run.rule.name), "discrete", .number(own.step), .number(own.drift), .empty)
            }
        }
        return table
    }

    public var findings: [String] {
        var result = [
            String(
                format: "K = %@ drifts by at most %.2g in continuous time",
                continuous.first?.conserved ?? "", continuous.map(\.drift).max() ?? 0)
        ]
        // Where steps keep K but for rounding there is no power law.
        if discrete.allSatisfy({ abs($0.drift) < 1e-9 }) {
            result.append(
                String(
                    format:
                        "and in discrete steps of any size by %.2g: it is linear in what is trained",
                    discrete.map { abs($0.drift) }.max() ?? 0))
        } else {
            for run in continuous {
                result.append(
                    String(
                        format: "%@: the drift of discrete steps grows as α^%.3f", run.rule.name,
                        exponent(run.rule)))
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
            let own = discrete.filter { $0.rule == run.rule }
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
            if own.count > 1, run.drift > 0 {
                let sizes = own.map(\.step)
                scaling.append(
                    Figure.Series(
                        "\(run.rule.name), continuous", .line, run.rule.hue,
                        [sizes.min() ?? 0, sizes.max() ?? 0].map { ($0, run.drift) }))
            }
        }
        if let first = discrete.first(where: { $0.rule == discrete.last?.rule }),
            let last = discrete.last, abs(first.drift) > 1e-9
        {
            scaling.append(
                Figure.Series(
                    "slope 1", .dashed, .grey,
                    [first.step, last.step].map {
                        ($0, 2 * abs(first.drift) * $0 / first.step)
                    }))
        }
        let name = continuous.first?.conserved ?? "K"
        return Figure(panels: [
            Figure.Panel(
                title: "Drift of K = \(name)", x: .init("time × λmax at the start", .logarithmic),
                y: .init("|K/K₀ − 1|", .logarithmic), series: tracks),
            Figure.Panel(
                title: "After a time of 20/λmax", x: .init("step α over 2/λmax", .logarithmic),
                y: .init("|K/K₀ − 1|", .logarithmic), series: scaling),
        ])
    }
}
