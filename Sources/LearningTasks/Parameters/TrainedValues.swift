import Foundation
import Netlist

/// The present values of a task's trainable parameters.
public struct TrainedValues: Sendable, Equatable {
    /// u of each parameter: S for a conductance, that of its first resistor; else the number in the text.
    public private(set) var values: [Double]

    /// - Parameter values: in the order of the task's parameters, within their bounds.
    public init(values: [Double]) { self.values = values }

    public init(initial task: LearningTask) {
        values = task.parameters.map { $0.initialValue(in: task.circuit) }
    }

    /// The number in the deck's text for each parameter.
    public func texts(of task: LearningTask) -> [NumberText: Double] {
        var texts: [NumberText: Double] = [:]
        for (parameter, u) in zip(task.parameters, values) {
            texts[parameter.text] = parameter.textValue(u)
        }
        return texts
    }

    // MARK: What they set

    /// Ohm, of every resistor of the circuit: what ngspice will make of the texts that would be
    /// written now, so that every state solved belongs to a netlist that can be written.
    public func resistances(of task: LearningTask) -> [Double] {
        let numbers = task.numbers
        let factors = numbers.factors
        var resistances = numbers.resistances
        for own in numbers.own {
            let variable = Int(own.variable)
            resistances[Int(own.resistor)] = factors[variable] / values[variable]
        }
        for shared in numbers.shared {
            let text = shared.relation.inverse(factors[shared.variable] / values[shared.variable])
            for member in numbers.members[shared.members] {
                resistances[member.resistor] = member.relation(text)
            }
        }
        if let own = numbers.numbers {
            for (resistor, value) in zip(own.resistors, own.program.values(at: inputs(own))) {
                resistances[resistor] = value
            }
        }
        return resistances
    }

    /// V or A of each trained source, then each trained number of a semiconductor.
    public func otherValues(of task: LearningTask) -> [Double] {
        guard let own = task.numbers.numbers else { return [] }
        return Array(own.program.values(at: inputs(own))[own.resistors.count...])
    }

    private func inputs(_ numbers: TaskNumbers.Numbers) -> [Double] {
        numbers.variables.map { values[$0] }
    }

    /// ∂k/∂R of the resistors on which numbers act, k their conductance.
    private func conductanceSlopes(_ own: TaskNumbers.Numbers, _ task: LearningTask) -> [Double] {
        let resistances = own.program.values(at: inputs(own))
        return own.resistors.indices.map { index in
            let resistance = resistances[index]
            return -task.numbers.conductanceFactors[own.resistors[index]]
                / (resistance * resistance)
        }
    }

    // MARK: Trained variables

    /// dθ/dt of each trained variable from the update of each place (dk/dt of every resistor, then the local
    /// terms of trained sources and semiconductors): ġ = Σ cᵢ k̇ᵢ over the resistors that share a text, u̇ = Σ ∂pᵢ/∂u ṗᵢ for a
    /// number, and θ̇ = u̇ du/dθ.
    public func velocity(update: [Double], of task: LearningTask) -> [Double] {
        if task.hasCorners { return velocity(ofCorners: update, of: task) }
        let numbers = task.numbers
        let charts = numbers.charts
        var velocity = [Double](repeating: 0, count: values.count)
        for own in numbers.own { velocity[Int(own.variable)] = update[Int(own.resistor)] }
        for shared in numbers.shared {
            velocity[shared.variable] = numbers.members[shared.members]
                .reduce(0) { $0 + $1.proportion * update[$1.resistor] }
        }
        if let own = numbers.numbers {
            let slopes = conductanceSlopes(own, task)
            let weights =
                own.resistors.indices.map { slopes[$0] * update[own.resistors[$0]] }
                + update[numbers.ends.count...]
            let gradient = own.program.gradient(at: inputs(own), weights: weights)
            for (variable, slope) in zip(own.variables, gradient) { velocity[variable] = slope }
        }
        for index in values.indices where charts[index] != .linear {
            velocity[index] *= charts[index].slope(values[index])
        }
        return velocity
    }

    /// What a parameter changes at each place, per unit of θ.
    package func effects(of variable: Int, in task: LearningTask) -> [(place: Int, slope: Double)] {
        let numbers = task.numbers
        let parameter = task.parameters[variable]
        let chart = numbers.charts[variable].slope(values[variable])
        guard !parameter.isConductance, let own = numbers.numbers,
            let input = own.variables.firstIndex(of: variable)
        else { return parameter.members.map { ($0.resistor, chart * $0.proportion) } }
        let derivatives = own.program.derivatives(at: inputs(own), by: input)
        let slopes = conductanceSlopes(own, task)
        var effects: [(place: Int, slope: Double)] = []
        for (index, derivative) in derivatives.enumerated() where derivative != 0 {
            if index < own.resistors.count {
                effects.append((own.resistors[index], chart * slopes[index] * derivative))
            } else {
                effects.append(
                    (
                        numbers.ends.count + index - own.resistors.count,
                        chart * derivative
                    ))
            }
        }
        return effects
    }

    /// θ ← θ + rate · velocity, then into the bounds.
    ///
    /// - Parameter largestFactor: how far a conductance may fall in one step, and with `capsRise` also
    ///   rise. A step that would make it negative does not open the circuit at once. A number that may be
    ///   negative moves, with `capsRise`, by ln(largestFactor) of its scale at most.
    public func stepped(
        by rate: Double, along velocity: [Double], of task: LearningTask,
        largestFactor: Double = 10, capsRise: Bool = false
    ) -> Self {
        let numbers = task.numbers
        let (lower, upper) = (numbers.lowerBounds, numbers.upperBounds)
        let (charts, scales) = (numbers.charts, numbers.scales)
        return Self(
            values: values.indices.map { index in
                let u = values[index]
                var change = rate * velocity[index]
                var moved: Double
                if scales[index] != 0 {
                    let most = scales[index] * log(largestFactor)
                    if capsRise { change = min(max(change, -most), most) }
                    moved = u + change
                } else {
                    moved = charts[index].moved(u, by: change)
                    moved = max(moved, u / largestFactor)
                    if capsRise || charts[index].mayPassTheEnd {
                        moved = min(moved, u * largestFactor)
                    }
                }
                return min(max(moved, lower[index]), upper[index])
            })
    }

    /// These, with the others' values where they are to be taken.
    package func replacing(by others: Self, where isTaken: (Int) -> Bool) -> Self {
        Self(values: values.indices.map { isTaken($0) ? others.values[$0] : values[$0] })
    }

    /// θ − θ₀ of each trained variable.
    public func displacement(from start: Self, of task: LearningTask) -> [Double] {
        values.indices.map { task.numbers.charts[$0].difference(values[$0], start.values[$0]) }
    }

    // MARK: Optimizers' coordinates

    /// ℓ ← ℓ + change with ℓ = ln u, or u over its scale where it may be zero or negative; within the bounds,
    /// and where the task gives no greatest resistance, up to 1 GΩ or the deck's own, whichever is more.
    package func moved(byLogarithms change: [Double], of task: LearningTask) -> Self {
        let numbers = task.numbers
        let (lower, upper) = (numbers.sensibleLowerBounds, numbers.upperBounds)
        let scales = numbers.scales
        return Self(
            values: values.indices.map { index in
                guard change[index] != 0 else { return values[index] }
                let moved =
                    scales[index] == 0
                    ? values[index] * exp(change[index])
                    : values[index] + scales[index] * change[index]
                return min(max(moved, lower[index]), upper[index])
            })
    }

    /// ℓ − ℓ₀ of each trained variable.
    package func logarithms(over start: Self, of task: LearningTask) -> [Double] {
        let scales = task.numbers.scales
        return values.indices.map { index in
            let (u, u0) = (values[index], start.values[index])
            guard u != u0 else { return 0 }
            return scales[index] == 0 ? log(u / u0) : (u - u0) / scales[index]
        }
    }

    /// −∂L/∂ℓ from θ̇ = −∂L/∂θ.
    package func logarithmicVelocity(_ velocity: [Double], of task: LearningTask) -> [Double] {
        values.indices.map {
            velocity[$0] * task.numbers.thetaPerLogarithm($0, values[$0])
        }
    }

    /// −∂L/∂u from θ̇ = −∂L/∂θ.
    package func ownVelocity(_ velocity: [Double], of task: LearningTask) -> [Double] {
        values.indices.map { velocity[$0] / task.numbers.charts[$0].slope(values[$0]) }
    }

    /// (dθ/dℓ)²: the rates of θ that move along −∂L/∂ℓ.
    package func logarithmicWeights(of task: LearningTask) -> [Double] {
        values.indices.map { index in
            let slope = task.numbers.thetaPerLogarithm(index, values[index])
            return slope * slope
        }
    }

    // MARK: Bounds

    /// Whether there is a value within the bounds for each parameter.
    package func fits(_ task: LearningTask) -> Bool {
        values.count == task.parameters.count
            && zip(task.parameters, values).allSatisfy { $0.bounds.contains($1) }
    }

    /// Parameters that the velocity would push out of their bounds: they rest.
    public func resting(velocity: [Double], of task: LearningTask) -> Set<Int> {
        var resting: Set<Int> = []
        let (lower, upper) = (task.numbers.lowerBounds, task.numbers.upperBounds)
        let charts = task.numbers.charts
        for (index, u) in values.enumerated() {
            let push = charts[index].isFalling ? -velocity[index] : velocity[index]
            if (u <= lower[index] && push <= 0) || (u >= upper[index] && push >= 0) {
                resting.insert(index)
            }
        }
        return resting
    }
}

extension TrainedValues: Codable {
    public init(from decoder: any Decoder) throws {
        values = try PackedDoubles(from: decoder).wrappedValue
    }

    public func encode(to encoder: any Encoder) throws {
        try PackedDoubles(wrappedValue: values).encode(to: encoder)
    }
}
