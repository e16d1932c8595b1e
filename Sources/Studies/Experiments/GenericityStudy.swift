import Figures
import Foundation
import LearningTasks
import Theory

/// How likely is it that a circuit learns badly?
///
/// Conductances are drawn at random. Each draw is a solution of the task whose targets are its own
/// outputs, so the coercivity constant there is that of a random target. Exactly degenerate circuits
/// have measure zero (Sard's theorem), but small constants are as likely as their distance from them
/// says: where circuits of deficient rank fill a hypersurface, as at the kite, c is the square of the
/// distance and P(c/λ_max < x) ∝ √x.
public struct GenericityStudy: Sendable {
    /// Different random networks.
    public var networks = 5
    /// Draws of conductances on each of them, and as many on the kite as on all together.
    public var draws = 100
    public var rules: [StudyRule] = [.al, .cl]
    public var seed: UInt64 = 1

    public init() {}

    public struct Result: StudyResult {
        public struct Distribution: Sendable, Encodable {
            public let family: String
            public let rule: StudyRule
            /// c/λ_max of each draw, ascending: 0 where J lacks rank.
            public let relativeConstants: [Double]
            /// c, in the same order.
            public let constants: [Double]

            /// How many draws are below x.
            public func share(below x: Double) -> Double {
                Double(relativeConstants.filter { $0 < x }.count) / Double(relativeConstants.count)
            }

            public func quantile(_ share: Double) -> Double {
                let last = relativeConstants.count - 1
                return relativeConstants[min(max(Int(share * Double(last)), 0), last)]
            }

            public var degenerate: Int { constants.filter { $0 == 0 }.count }
        }

        public let distributions: [Distribution]
    }

    public func run(goesOn: @escaping GoesOn = { true }) throws -> Result {
        let kite = try draw(
            on: [StudyCircuit.kite(delta: 0)], count: networks * draws, family: "kite", goesOn)
        let circuits = try (0..<UInt64(networks)).map { try StudyCircuit.random(seed: seed &+ $0) }
        let random = try draw(on: circuits, count: draws, family: "random networks", goesOn)
        return Result(distributions: kite + random)
    }

    private func draw(
        on circuits: [StudyCircuit], count: Int, family: String, _ goesOn: @escaping GoesOn
    ) throws -> [Result.Distribution] {
        // A row for each draw: λ_min and λ_max for each rule.
        var drawn: [[(least: Double, largest: Double)]] = []
        for (index, circuit) in circuits.enumerated() {
            drawn += try circuit.withPhysics { [self] physics in
                var random = SplitMix64(seed: seed &* 1_000_003 &+ UInt64(index))
                return try (0..<count).map { _ in
                    guard goesOn() else { throw StudyInterrupted() }
                    // Between half and twice what the deck has, uniform in the logarithm.
                    let values = TrainedValues(initial: circuit.task).values.map {
                        $0 * exp(Double.random(in: -0.7...0.7, using: &random))
                    }
                    let analysis = try circuit.task.coercivity(
                        at: TrainedValues(values: values), in: physics)
                    return rules.map { rule in
                        let spectrum = analysis.spectrum(of: rule.rule)
                        // Clamps that contradict each other, or outputs that answer to nothing: 0.
                        guard let spectrum, spectrum.largest > 0 else { return (0, 1) }
                        return (spectrum.constant, spectrum.largest)
                    }
                }
            }
        }
        return rules.enumerated().map { column, rule in
            let sorted = drawn.map { $0[column] }.sorted {
                $0.least / $0.largest < $1.least / $1.largest
            }
            return Result.Distribution(
                family: family, rule: rule, relativeConstants: sorted.map { $0.least / $0.largest },
                constants: sorted.map(\.least))
        }
    }
}

extension GenericityStudy.Result {
    public var data: DataTable {
        var table = DataTable("family", "rule", "share", "relative_coercivity", "coercivity")
        for own in distributions {
            let count = Double(own.constants.count)
            for (index, constant) in own.constants.enumerated() {
                table.add(
                    .text(own.family), .text(own.rule.rawValue),
                    .number(Double(index + 1) / count), .number(own.relativeConstants[index]),
                    .number(constant))
            }
        }
        return table
    }

    public var summary: DataTable {
        var table = DataTable(
            "circuits", "rule", "draws", "degenerate", "least c/λmax", "1 %", "median", "greatest")
        for own in distributions {
            table.add(
                .text(own.family), .text(own.rule.name), .init(own.constants.count),
                .init(own.degenerate), .number(own.quantile(0)), .number(own.quantile(0.01)),
                .number(own.quantile(0.5)), .number(own.quantile(1)))
        }
        return table
    }

    public var findings: [String] {
        let degenerate = distributions.reduce(0) { $0 + $1.degenerate }
        let draws = distributions.reduce(0) { $0 + $1.constants.count }
        var result = ["\(degenerate) of \(draws) constants are zero to rounding"]
        for own in distributions where own.family == "kite" {
            result.append(
                own.lowerExponent.map {
                    String(
                        format: "%@ on the kite: P(c/λmax < x) grows as x^%.2f below its tenth",
                        own.rule.name, $0)
                } ?? "\(own.rule.name) on the kite: too few draws for the exponent of P(c/λmax < x)"
            )
        }
        return result
    }

    public var figure: Figure {
        let series = distributions.flatMap { own -> [Figure.Series] in
            let count = Double(own.constants.count)
            let points = own.relativeConstants.enumerated().filter { $0.element > 0 }.map {
                (x: $0.element, y: Double($0.offset + 1) / count)
            }
            let isKite = own.family == "kite"
            return [
                Figure.Series(
                    "\(own.rule.name), \(own.family)", isKite ? .points : .line, own.rule.hue,
                    thinnedByLogarithm(points, to: isKite ? 50 : 400))
            ]
        }
        // Over the kite's first tenth, a decade below it for the eye to tell them apart.
        var line: [Figure.Series] = []
        if let kite = distributions.first(where: { $0.family == "kite" }) {
            let x = kite.quantile(0.1)
            let least = max(kite.quantile(0.002), x * 1e-6)
            if x > least {
                line = [
                    Figure.Series(
                        "√x", .dashed, .grey,
                        [least, x].map { ($0, 0.01 * ($0 / x).squareRoot()) })
                ]
            }
        }
        let families = distributions.map(\.family).reduce(into: [String]()) { names, family in
            if !names.contains(family) { names.append(family) }
        }
        return Figure(
            title: capitalized(listed(families)),
            panels: [
                Figure.Panel(
                    title: "Coercivity at random targets",
                    x: .init("x = c/λmax", .logarithmic),
                    y: .init("share of draws with c/λmax < x", .logarithmic), series: series + line)
            ])
    }
}

extension GenericityStudy.Result.Distribution {
    /// p in P(c/λ_max < x) ∝ xᵖ, over the lowest tenth of the draws but the first few.
    /// Nil where these are less than two.
    public var lowerExponent: Double? {
        let count = relativeConstants.count
        let points = relativeConstants.enumerated().filter {
            $0.offset >= 3 && $0.offset < count / 10 && $0.element > 0
        }
        guard Set(points.map(\.element)).count > 1 else { return nil }
        return exponent(points.map { ($0.element, Double($0.offset + 1)) })
    }
}

/// At most so many points, at nearly equal distances of log y; y ascending.
private func thinnedByLogarithm(
    _ points: [(x: Double, y: Double)], to count: Int
) -> [(x: Double, y: Double)] {
    guard points.count > count, let first = points.first, let last = points.last else {
        return points
    }
    let step = log(last.y / first.y) / Double(count)
    var result: [(x: Double, y: Double)] = []
    for point in points where result.isEmpty || log(point.y / result[result.count - 1].y) >= step {
        result.append(point)
    }
    return result
}
