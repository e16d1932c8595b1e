import Engines
import Figures
import Foundation
import LearningRules
import LearningTasks
import NgspiceBridge
import Theory

/// How strong should a nudge be?
///
/// The update of finite nudges against its limit: one-sided it is off by O(h), centered by O(h²), and
/// centered AL and CL not at all in a linear circuit; weak nudges lose digits to cancellation, eps/h
/// (docs/theory.md (4), (5), "Nonlinear circuits"). Strengths are relative: to the
/// conductance seen at the outputs for EP and AL, to the whole error for CL.
public struct NudgingStudy: Sendable {
    public var circuits: [StudyCircuit]
    public var rules: [StudyRule] = StudyRule.allCases
    /// Strengths per decade, from 1e-13 to 0.1: above, centered EP nears the strength
    /// at which its circuit is singular.
    public var pointsPerDecade = 2

    public init(circuits: [StudyCircuit]) { self.circuits = circuits }

    public struct Result: StudyResult {
        public struct Curve: Sendable, Encodable {
            public struct Point: Sendable, Encodable {
                /// h over the conductance at the outputs; η for CL.
                public let strength: Double
                /// The largest difference from the limit over the limit's largest element.
                public let bias: Double
            }

            public let circuit: String
            public let isLinear: Bool
            public let rule: StudyRule
            public let isCentered: Bool
            public let points: [Point]

            /// p of bias ∝ hᵖ where the bias is well above rounding and well below 1; nil where it
            /// never is, or is no power.
            public var exponent: Double? {
                let own = points.filter { $0.bias > 1e-6 && $0.bias < 1e-2 && $0.strength > 1e-6 }
                guard own.count >= 3, let p = powerLaw(own.map { ($0.strength, $0.bias) }), p > 0.5
                else { return nil }
                return p
            }

            public var best: Point? { points.min { $0.bias < $1.bias } }
        }

        /// A rule without an update, or without one that finite nudges come close to.
        public struct WithoutLimit: Sendable, Encodable {
            public let circuit: String
            public let rule: StudyRule
            /// A clause.
            public let reason: String
        }

        public let curves: [Curve]
        public let withoutLimit: [WithoutLimit]
    }

    /// - Throws: `StudyError` where no rule has a limit on any of the circuits.
    public func run(goesOn: @escaping GoesOn = { true }) throws -> Result {
        var curves: [Result.Curve] = []
        var without: [Result.WithoutLimit] = []
        for circuit in circuits {
            let own = try circuit.withPhysics { [self] physics in
                try self.curves(of: circuit, in: physics, goesOn)
            }
            curves += own.curves
            without += own.withoutLimit
        }
        if curves.isEmpty {
            throw StudyError(
                message: without.map { "\($0.circuit): \($0.rule.name) \($0.reason)" }
                    .joined(separator: "; "))
        }
        return Result(curves: curves, withoutLimit: without)
    }

    /// Two estimates of a limit, from nudges of 1e-3 and 1e-4, may differ by this much, relative.
    private static let settled = 1e-3

    private func curves(
        of circuit: StudyCircuit, in physics: NgspicePhysics, _ goesOn: GoesOn
    ) throws -> Result {
        let task = circuit.task
        let start = TrainedValues(initial: task)
        let sensitivity = try Sensitivity(of: task, at: start, in: physics)
        guard let conductance = sensitivity.outputConductance else {
            throw StudyError(message: "\(circuit.name): no output answers to a current")
        }
        let count = 12 * pointsPerDecade
        let strengths = (0...count).map { 0.1 * pow(10, -12 * Double($0) / Double(count)) }
        var curves: [Result.Curve] = []
        var without: [Result.WithoutLimit] = []
        for rule in rules {
            func leaveOut(_ reason: String) {
                without.append(
                    Result.WithoutLimit(circuit: circuit.name, rule: rule, reason: reason))
            }
            let unit = type(of: rule.rule).strengthUnit == .siemens ? conductance : 1
            /// Nil where a nudged circuit has no operating point.
            func update(_ h: Double, _ sides: Nudging.Sides) throws -> [Double]? {
                guard goesOn() else { throw StudyInterrupted() }
                let method = LearningMethod(
                    rule: rule.rule, nudging: Nudging(strength: h * unit, sides: sides))
                do {
                    let states = try method.states(of: task, in: physics)
                    return start.velocity(update: states.update, of: task)
                } catch let error as NgspiceError
                    where [.convergence, .singular].contains(error.kind)
                {
                    return nil
                }
            }
            var limit = sensitivity.velocity(of: rule.rule)
            if !task.circuit.isLinear {
                // Adjoint fields are differences there too. Centered nudges have a bias of O(h²), which
                // two of them cancel up to O(h⁴), here 1e-11.
                func extrapolated(_ h: Double) throws -> [Double]? {
                    guard let near = try update(h, .centered),
                        let far = try update(2 * h, .centered)
                    else { return nil }
                    return zip(near, far).map { (4 * $0 - $1) / 3 }
                }
                limit = try extrapolated(1e-3)
                guard let limit, let weaker = try extrapolated(1e-4) else {
                    leaveOut("has no operating point at nudges of 2e-3")
                    continue
                }
                let difference = zip(limit, weaker).map { abs($0 - $1) }.max() ?? 0
                let scale = limit.map(abs).max() ?? 0
                guard difference <= Self.settled * scale else {
                    leaveOut(
                        String(
                            format: """
                                has no limit that nudges of 1e-3 and of 1e-4 agree about (%.2g of the \
                                update apart)
                                """, scale > 0 ? difference / scale : 1))
                    continue
                }
            }
            guard let limit, let scale = limit.map(abs).max(), scale > 0 else {
                leaveOut(
                    limit == nil
                        ? "can't hold outputs that are one voltage"
                        : "has no update: no output answers to a trained resistor, or there is no error"
                )
                continue
            }
            for sides in [Nudging.Sides.oneSided, .centered] {
                let points = try strengths.compactMap { h -> Result.Curve.Point? in
                    guard let update = try update(h, sides) else { return nil }
                    let off = zip(update, limit).map { abs($0 - $1) }.max() ?? 0
                    return Result.Curve.Point(strength: h, bias: off / scale)
                }
                curves.append(
                    Result.Curve(
                        circuit: circuit.name, isLinear: task.circuit.isLinear, rule: rule,
                        isCentered: sides == .centered, points: points))
            }
        }
        return Result(curves: curves, withoutLimit: without)
    }
}

extension NudgingStudy.Result {
    public var data: DataTable {
        var table = DataTable("circuit", "rule", "nudging", "strength", "bias")
        for curve in curves {
            for point in curve.points {
                table.add(
                    .text(curve.circuit), .text(curve.rule.rawValue), .text(curve.sides),
                    .number(point.strength), .number(point.bias))
            }
        }
        return table
    }

    public var summary: DataTable {
        var table = DataTable(
            "circuit", "rule", "nudging", "bias at 0.1", "grows as h^", "least bias", "at strength"
        )
        for curve in curves {
            table.add(
                .text(curve.circuit), .text(curve.rule.name), .text(curve.sides),
                .init(curve.bias(at: 0.1)), .init(curve.exponent), .init(curve.best?.bias),
                .init(curve.best?.strength))
        }
        return table
    }

    public var findings: [String] {
        var result: [String] = []
        let linear = curves.filter { $0.isLinear && $0.isCentered && !$0.rule.needsBranches }
        if let most = linear.compactMap({ $0.bias(at: 0.1) }).max() {
            result.append(
                String(
                    format:
                        "centered AL and CL have no bias in linear circuits: %.2g at strength 0.1",
                    most))
        }
        let floors = curves.filter(\.isLinear).flatMap(\.points).filter {
            $0.strength < 1e-9
        }
        if let factor = floors.map({ $0.bias * $0.strength }).max() {
            result.append(String(format: "cancellation stays below %.1g/h there", factor))
        }
        let nonlinear = curves.filter { !$0.isLinear }
        let least = [false, true].map { isCentered in
            nonlinear.filter { $0.isCentered == isCentered }.compactMap { $0.best?.bias }.max()
        }
        if let oneSided = least[0], let centered = least[1] {
            result.append(
                String(
                    format: """
                        nonlinear circuits: at its best strength a one-sided nudge is off by %.1g, a \
                        centered one by %.1g at most
                        """, oneSided, centered))
        }
        let unsolved = curves.filter { $0.bias(at: 0.1) == nil }
        if !unsolved.isEmpty {
            let names = Set(unsolved.map { "\($0.rule.name) on \($0.circuit)" }).sorted()
            result.append("no operating point at the strongest nudges: " + listed(names))
        }
        return result + withoutLimit.map { "\($0.rule.name) on \($0.circuit) \($0.reason)" }
    }

    public var figure: Figure {
        var names: [String] = []
        for curve in curves where !names.contains(curve.circuit) { names.append(curve.circuit) }
        return Figure(
            title: nil,
            panels: names.map { name in
                var series: [Figure.Series] = []
                for curve in curves where curve.circuit == name {
                    // Rounding may be exactly zero, which has no logarithm.
                    let points = curve.points.filter { $0.bias > 0 }.map {
                        (x: $0.strength, y: $0.bias)
                    }
                    series.append(
                        Figure.Series(
                            "\(curve.rule.name), \(curve.sides)",
                            curve.isCentered ? .points : .line,
                            curve.rule.hue, points))
                }
                series.append(
                    Figure.Series(
                        "eps/h", .dashed, .grey, [1e-13, 0.1].map { ($0, 2.2e-16 / $0) }))
                return Figure.Panel(
                    title: capitalized(name),
                    x: .init("nudging strength (EP, AL: h/g; CL: η)", .logarithmic),
                    y: .init("relative bias of the update", .logarithmic), series: series)
            })
    }
}

extension NudgingStudy.Result.Curve {
    /// Nil where the circuit has no operating point at this nudge.
    func bias(at strength: Double) -> Double? {
        points.first { abs($0.strength / strength - 1) < 1e-9 }?.bias
    }

    var sides: String { isCentered ? "centered" : "one-sided" }
}
