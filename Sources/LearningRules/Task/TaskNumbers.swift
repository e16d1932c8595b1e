import Netlist

/// A task's resistors and trained variables as plain numbers in flat memory, for what runs in every step.
///
/// A class, so that a step which hands its task on counts one reference and not a dozen.
final class TaskNumbers: Sendable {
    /// The nodes of a resistor or an output.
    struct Ends: Sendable {
        let positive: Int32
        let negative: Int32
    }

    /// A trained variable whose text is the resistance of its only resistor: what most are.
    struct Own: Sendable {
        let variable: Int32
        let resistor: Int32
    }

    /// A trained variable of which resistances are functions, or that several resistors share.
    struct Shared: Sendable {
        let variable: Int
        /// Its resistors.
        let members: Range<Int>
        /// The first member's resistance from the number in the text.
        let relation: FractionalLinear
    }

    let ends: [Ends]
    let outputEnds: [Ends]
    /// Ohm, as in the deck.
    let resistances: [Double]
    /// Conductance × resistance.
    let conductanceFactors: [Double]

    let own: [Own]
    let shared: [Shared]
    let members: [TrainableParameter.Member]
    /// g × resistance of each variable's first member.
    let factors: [Double]
    /// S, for each variable.
    let lowerBounds: [Double]
    let upperBounds: [Double]
    /// S: `lowerBounds`, but where these are the default's no less than 1 GΩ's or the deck's own conductance.
    let sensibleLowerBounds: [Double]
    /// Whether it is the variable's logarithm that is trained.
    let areLogarithms: [Bool]

    init(
        _ circuit: Circuit, _ parameters: [TrainableParameter], _ outputs: [LearningTask.Output]
    ) {
        ends = circuit.resistors.map {
            Ends(positive: Int32($0.positive), negative: Int32($0.negative))
        }
        outputEnds = outputs.map {
            Ends(positive: Int32($0.positive), negative: Int32($0.negative))
        }
        resistances = circuit.resistors.map(\.resistance)
        conductanceFactors = circuit.resistors.map(\.conductanceFactor)
        factors = parameters.map(\.firstFactor)
        lowerBounds = parameters.map(\.bounds.lowerBound)
        upperBounds = parameters.map(\.bounds.upperBound)
        sensibleLowerBounds = parameters.map { parameter in
            let widest = TrainableParameter.defaultResistances.upperBound
            let least = parameter.bounds.lowerBound
            guard parameter.firstFactor / least > widest * (1 - 1e-9) else { return least }
            return max(
                least,
                min(parameter.firstFactor / 1e9, parameter.initialConductance(in: circuit)))
        }
        areLogarithms = parameters.map { $0.variable == .logConductance }
        var own: [Own] = []
        var shared: [Shared] = []
        var members: [TrainableParameter.Member] = []
        for (variable, parameter) in parameters.enumerated() {
            let first = parameter.members[0]
            if parameter.members.count == 1, first.relation == .identity {
                own.append(Own(variable: Int32(variable), resistor: Int32(first.resistor)))
            } else {
                let start = members.count
                members += parameter.members
                shared.append(
                    Shared(
                        variable: variable, members: start..<members.count,
                        relation: first.relation))
            }
        }
        (self.own, self.shared, self.members) = (own, shared, members)
    }
}
