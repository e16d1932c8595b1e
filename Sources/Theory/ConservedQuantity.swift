import Foundation
import LearningRules
import LearningTasks
import Netlist

/// What learning leaves unchanged in continuous time, where every resistor is trained.
///
/// Voltages do not change when all conductances are scaled together, so θ·∂/∂θ of every function of
/// the outputs vanishes along g ↦ s g, and for all three rules Σ g ġ = 0 over the parameters with g as
/// the variable plus Σ d(ln g)/dt over those with ln g (docs/theory.md (20)):
///
///     K = Σ g²                       conductance
///     K = Σ ln g                     log-conductance
///     K = Σ 1/g²                     resistance
///     K = Σ g                        root of the conductance
///     K = ½ Σ g² + Σ ln g            where two occur: Σ ∫ g/f dg, f the mobility (`Chart`)
///
/// g is the conductance of a parameter's first resistor in S.
public struct ConservedQuantity: Sendable, Equatable {
    /// Why K changes all the same.
    public enum Obstacle: Sendable, Equatable {
        /// Indices of resistors that are not trained and take part.
        case fixedResistors([Int])
        /// What sets a scale of conductance: current sources, diodes, transistors, outputs that are currents, …
        case scale([String])
        /// Parameters that rest at a bound.
        case bounds
        /// Parameters that are no conductances.
        case numbers([String])
        case oneSidedNudging
    }

    public let name: String
    public let value: Double
    public let obstacles: [Obstacle]

    public var isConserved: Bool { obstacles.isEmpty }

    private static let names: [(chart: Chart, alone: String, inSum: String, factor: Double)] = [
        (.linear, "Σ g²", "½ Σ g²", 2), (.logarithm, "Σ ln g", "Σ ln g", 1),
        (.reciprocal, "Σ 1/g²", "−½ Σ 1/g²", -2), (.root, "Σ g", "¼ Σ g", 4),
    ]

    init(
        task: LearningTask, conductances: TrainedValues, sides: Nudging.Sides,
        resting: Set<Int>
    ) {
        var sums: [Chart: Double] = [:]
        for (parameter, g) in zip(task.parameters, conductances.values)
        where parameter.isConductance {
            sums[parameter.variable.chart, default: 0] += parameter.variable.chart.potential(g)
        }
        let charts = Self.names.filter { sums[$0.chart] != nil }
        if charts.count > 1 {
            name = charts.map(\.inSum).joined(separator: " + ").replacing("+ −", with: "− ")
            value = charts.reduce(0) { $0 + (sums[$1.chart] ?? 0) }
        } else {
            let only = charts.first ?? Self.names[0]
            name = only.alone
            value = (sums[only.chart] ?? 0) * only.factor
        }
        var obstacles: [Obstacle] = []
        let numbers = task.parameters.filter { !$0.isConductance }.map(\.name)
        if !numbers.isEmpty { obstacles.append(.numbers(numbers)) }
        let names = CircuitNames(task.circuit)
        let trained = Set(task.parameters.flatMap { $0.members.map(\.resistor) })
        let fixed = task.circuit.resistors.indices.filter { index in
            let r = task.circuit.resistors[index]
            return !trained.contains(index) && r.positive != r.negative
                && names.whyFixed(positive: r.positive, negative: r.negative) == nil
        }
        if !fixed.isEmpty { obstacles.append(.fixedResistors(fixed)) }
        // At DC a capacitor is open and an inductor a short circuit.
        let devices = task.circuit.otherDevices[task.circuit.ownDevices].filter {
            !["c", "l", "k"].contains($0.letter)
        }
        let inputs = Set(task.inputs.map(\.ngspiceName))
        let currents = task.circuit.sources.filter {
            $0.kind == .current && ($0.dcValue != 0 || inputs.contains($0.ngspiceName))
        }
        let options = task.circuit.equationOptions.filter { $0.name != "scale" }
        let measured = task.outputs.filter { $0.source != nil }.map { "the output \($0.name)" }
        let scale =
            measured + currents.map(\.name) + devices.map(\.name)
            + options.map { "the option \($0.name)" }
        if !scale.isEmpty { obstacles.append(.scale(scale)) }
        if !resting.isEmpty { obstacles.append(.bounds) }
        if sides == .oneSided { obstacles.append(.oneSidedNudging) }
        self.obstacles = obstacles
    }
}
