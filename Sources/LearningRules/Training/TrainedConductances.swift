import Foundation
import Netlist

/// The present values of a task's trainable parameters.
public struct TrainedConductances: Sendable, Equatable {
    /// g of each parameter, S: the conductance of its first resistor.
    public private(set) var values: [Double]

    /// - Parameter values: S, in the order of the task's parameters, within their bounds.
    public init(values: [Double]) { self.values = values }

    public init(initial task: LearningTask) {
        values = task.parameters.map { $0.initialConductance(in: task.circuit) }
    }

    /// The number in the deck's text for each parameter.
    public func texts(of task: LearningTask) -> [NumberText: Double] {
        var texts: [NumberText: Double] = [:]
        for (parameter, g) in zip(task.parameters, values) {
            texts[parameter.text] = parameter.textValue(conductance: g)
        }
        return texts
    }

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
        return resistances
    }

    /// dθ/dt of each trained variable from dk/dt of each resistor: ġ = Σ cᵢ k̇ᵢ over the resistors that
    /// share the text, and θ̇ = g ġ for θ = ln g.
    public func velocity(update: [Double], of task: LearningTask) -> [Double] {
        let numbers = task.numbers
        let areLogarithms = numbers.areLogarithms
        var velocity = [Double](repeating: 0, count: values.count)
        for own in numbers.own { velocity[Int(own.variable)] = update[Int(own.resistor)] }
        for shared in numbers.shared {
            velocity[shared.variable] = numbers.members[shared.members]
                .reduce(0) { $0 + $1.proportion * update[$1.resistor] }
        }
        for index in values.indices where areLogarithms[index] { velocity[index] *= values[index] }
        return velocity
    }

    /// θ ← θ + rate · velocity, then into the bounds.
    ///
    /// - Parameter largestFactor: how far a conductance may fall in one step, and with `capsRise` also
    ///   rise. A step that would make it negative does not open the circuit at once.
    public func stepped(
        by rate: Double, along velocity: [Double], of task: LearningTask,
        largestFactor: Double = 10, capsRise: Bool = false
    ) -> Self {
        let numbers = task.numbers
        let (lower, upper) = (numbers.lowerBounds, numbers.upperBounds)
        let areLogarithms = numbers.areLogarithms
        return Self(
            values: values.indices.map { index in
                let g = values[index]
                let change = rate * velocity[index]
                var moved = areLogarithms[index] ? g * exp(change) : g + change
                moved = max(moved, g / largestFactor)
                if capsRise { moved = min(moved, g * largestFactor) }
                return min(max(moved, lower[index]), upper[index])
            })
    }

    /// ln g ← ln g + change, within the bounds; where the task gives no greatest resistance, up to 1 GΩ or the
    /// deck's own, whichever is more.
    func moved(byLogarithms change: [Double], of task: LearningTask) -> Self {
        let numbers = task.numbers
        let (lower, upper) = (numbers.sensibleLowerBounds, numbers.upperBounds)
        return Self(
            values: values.indices.map { index in
                guard change[index] != 0 else { return values[index] }
                return min(max(values[index] * exp(change[index]), lower[index]), upper[index])
            })
    }

    /// These, with the others' values where they are to be taken.
    func replacing(by others: Self, where isTaken: (Int) -> Bool) -> Self {
        Self(values: values.indices.map { isTaken($0) ? others.values[$0] : values[$0] })
    }

    /// ln(g/g₀) of each trained variable.
    func logarithms(over start: Self) -> [Double] {
        zip(values, start.values).map { $0 == $1 ? 0 : log($0 / $1) }
    }

    /// θ − θ₀ of each trained variable.
    public func displacement(from start: Self, of task: LearningTask) -> [Double] {
        zip(task.parameters, zip(values, start.values)).map { parameter, g in
            parameter.variable == .logConductance ? log(g.0 / g.1) : g.0 - g.1
        }
    }

    /// Whether there is a value within the bounds for each parameter.
    func fits(_ task: LearningTask) -> Bool {
        values.count == task.parameters.count
            && zip(task.parameters, values).allSatisfy { $0.bounds.contains($1) }
    }

    /// Parameters that the velocity would push out of their bounds: they rest.
    public func resting(velocity: [Double], of task: LearningTask) -> Set<Int> {
        var resting: Set<Int> = []
        let (lower, upper) = (task.numbers.lowerBounds, task.numbers.upperBounds)
        for (index, g) in values.enumerated() {
            if (g <= lower[index] && velocity[index] <= 0)
                || (g >= upper[index] && velocity[index] >= 0)
            {
                resting.insert(index)
            }
        }
        return resting
    }
}

extension TrainedConductances: Codable {
    public init(from decoder: any Decoder) throws {
        values = try PackedDoubles(from: decoder).wrappedValue
    }

    public func encode(to encoder: any Encoder) throws {
        try PackedDoubles(wrappedValue: values).encode(to: encoder)
    }
}
