import Foundation
import LearningRules

/// How strong should a nudge be?
///
/// The update of finite nudges against its limit: one-sided it is off by O(h), centered by O(h²), and
/// centered AL and CL not at all in a linear circuit; weak nudges lose digits to cancellation, eps/h
/// (theory: "The three rules", "Nonlinear circuits, as measured"). Strengths are relative: to the
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
            /// never is.
            public var exponent: Double? {
                let own = points.filter { $0.bias > 1e-6 && $0.bias < 1e-2 && $0.strength > 1e-6 }
                guard own.count >= 3 else { return nil }
                return Studies.exponent(own.map { ($0.strength, $0.bias) })
            }

            public var best: Point? { points.min { $0.bias < $1.bias } }
        }

        public let curves: [Curve]
    }

    public func run(goesOn: @escaping GoesOn = { true }) throws -> Result {
        var curves: [Result.Curve] = []
        for circuit in circuits {
            curves += try circuit.withPhysics { [self] physics in
                try self.curves(of: circuit, in: physics, goesOn)
            }
        }
        return Result(curves: curves)
    }

    private func curves(
        of circuit: StudyCircuit, in physics: NgspicePhysics, _ goesOn: GoesOn
    ) throws -> [Result.Curve] {
        let task = circuit.task
        let start = TrainedConductances(initial: task)
        let sensitivity = try Sensitivity(of: task, at: start, in: physics)
        guard let conductance = sensitivity.outputConductance else {
            throw StudyError(message: "\(circuit.name): no output answers to a current")
        }
        let count = 12 * pointsPerDecade
        let strengths = (0...count).map { 0.1 * pow(10, -12 * Double($0) / Double(count)) }
        return try rules.flatMap { rule in
            let unit = type(of: rule.rule).strengthUnit == .siemens ? conductance : 1
            func update(_ h: Double, _ sides: Nudging.Sides) throws -> [Double] {
                guard goesOn() else { throw StudyInterrupted() }
                let method = LearningMethod(
                    rule: rule.rule, nudging: Nudging(strength: h * unit, sides: sides))
                let states = try method.states(of: task, in: physics)
                return start.velocity(update: states.update, of: task)
            }
            var limit = sensitivity.velocity(of: rule.rule)
            if !task.circuit.isLinear {
                // Adjoint fields are differences there too. Centered nudges have a bias of O(h²), which
                // two of them cancel up to O(h⁴), here 1e-11.
                let (near, far) = (try update(1e-3, .centered), try update(2e-3, .centered))
                limit = zip(near, far).map { (4 * $0 - $1) / 3 }
            }
            guard let limit, let scale = limit.map(abs).max(), scale > 0 else {
                throw StudyError(message: "\(circuit.name): \(rule.name) has no update here")
            }
            return try [Nudging.Sides.oneSided, .centered].map { sides in
                let points = try strengths.map { h in
                    let off = zip(try update(h, sides), limit).map { abs($0 - $1) }.max() ?? 0
                    return Result.Curve.Point(strength: h, bias: off / scale)
                }
                return Result.Curve(
                    circuit: circuit.name, isLinear: task.circuit.isLinear, rule: rule,
                    isCentered: sides == .centered, points: points)
            }
        }
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
                .init(curve.points.first?.bias), .init(curve.exponent), .init(curve.best?.bias),
                .init(curve.best?.strength))
        }
        return table
    }

    public var findings: [String] {
        var result: [String] = []
        let linear = curves.filter { $0.isLinear && $0.isCentered && $0.rule != .ep }
        if let most = linear.compactMap({ $0.points.first?.bias }).max() {
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
        return result
    }

    public var figure: Figure {
        var names: [String] = []
        for curve in curves where !names.contains(curve.circuit) { names.append(curve.circuit) }
        return Figure(
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
                    title: name.prefix(1).uppercased() + name.dropFirst(),
                    x: .init("nudging strength (EP, AL: h/g; CL: η)", .logarithmic),
                    y: .init("relative bias of the update", .logarithmic), series: series)
            })
    }
}

extension NudgingStudy.Result.Curve {
    var sides: String { isCentered ? "centered" : "one-sided" }
}
