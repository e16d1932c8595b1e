import Foundation
import Netlist

/// What learning leaves unchanged in continuous time, where every resistor is trained.
///
/// Voltages do not change when all conductances are scaled together, so θ·∂/∂θ of every function of
/// the outputs vanishes along g ↦ s g, and for all three rules Σ g ġ = 0 over the parameters with g as
/// the variable plus Σ d(ln g)/dt over those with ln g (theory: "Conserved quantity"):
///
///     K = Σ g²                       conductance
///     K = Σ ln g                     log-conductance
///     K = ½ Σ g² + Σ ln g            where both occur
///
/// g is the conductance of a parameter's first resistor in S.
public struct ConservedQuantity: Sendable, Equatable {
    /// Why K changes all the same.
    public enum Obstacle: Sendable, Equatable {
        /// Indices of resistors that are not trained and take part.
        case fixedResistors([Int])
        /// Devices that set a scale of conductance: current sources, diodes, transistors, …
        case scale([String])
        /// Parameters that rest at a bound.
        case bounds
        case oneSidedNudging
    }

    public let name: String
    public let value: Double
    public let obstacles: [Obstacle]

    public var isConserved: Bool { obstacles.isEmpty }

    init(
        task: LearningTask, conductances: TrainedConductances, sides: Nudging.Sides,
        resting: Set<Int>
    ) {
        var squares = 0.0
        var logarithms = 0.0
        var variables: Set<TrainableParameter.Variable> = []
        for (parameter, g) in zip(task.parameters, conductances.values) {
            variables.insert(parameter.variable)
            switch parameter.variable {
            case .conductance: squares += g * g
            case .logConductance: logarithms += log(g)
            }
        }
        switch (variables.contains(.conductance), variables.contains(.logConductance)) {
        case (true, true): (name, value) = ("½ Σ g² + Σ ln g", 0.5 * squares + logarithms)
        case (false, true): (name, value) = ("Σ ln g", logarithms)
        default: (name, value) = ("Σ g²", squares)
        }
        var obstacles: [Obstacle] = []
        let names = CircuitNames(task.circuit)
        let trained = Set(task.parameters.flatMap { $0.members.map(\.resistor) })
        let fixed = task.circuit.resistors.indices.filter { index in
            let r = task.circuit.resistors[index]
            return !trained.contains(index) && r.positive != r.negative
                && names.whyFixed(positive: r.positive, negative: r.negative) == nil
        }
        if !fixed.isEmpty { obstacles.append(.fixedResistors(fixed)) }
        // At DC a capacitor is open and an inductor a short circuit.
        let devices = task.circuit.otherDevices.filter { !["c", "l", "k"].contains($0.letter) }
        let inputs = Set(task.inputs.map(\.ngspiceName))
        let currents = task.circuit.sources.filter {
            $0.kind == .current && ($0.dcValue != 0 || inputs.contains($0.ngspiceName))
        }
        let options = task.circuit.equationOptions.filter { $0.name != "scale" }
        let scale =
            currents.map(\.name) + devices.map(\.name) + options.map { "the option \($0.name)" }
        if !scale.isEmpty { obstacles.append(.scale(scale)) }
        if !resting.isEmpty { obstacles.append(.bounds) }
        if sides == .oneSided { obstacles.append(.oneSidedNudging) }
        self.obstacles = obstacles
    }
}
