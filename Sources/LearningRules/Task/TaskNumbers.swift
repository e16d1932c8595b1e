import Netlist

/// A task's resistors and trained variables as plain numbers in flat memory, for what runs in every step.
struct TaskNumbers: Sendable {
    /// The nodes of a resistor.
    struct Ends: Sendable {
        let positive: Int
        let negative: Int
    }

    /// A trained variable; its resistors are consecutive members.
    struct Variable: Sendable {
        let members: Range<Int>
        /// The first member's resistance from the number in the text.
        let relation: FractionalLinear
        /// g × resistance of the first member.
        let factor: Double
        let isLogarithm: Bool
        /// S.
        let lowerBound: Double
        let upperBound: Double

        /// The number to write for a conductance, as `TrainableParameter.textValue`.
        func textValue(conductance g: Double) -> Double { relation.inverse(factor / g) }
    }

    let ends: [Ends]
    /// Ohm, as in the deck.
    let resistances: [Double]
    /// Conductance × resistance.
    let conductanceFactors: [Double]
    let variables: [Variable]
    let members: [TrainableParameter.Member]

    init(_ circuit: Circuit, _ parameters: [TrainableParameter]) {
        ends = circuit.resistors.map { Ends(positive: $0.positive, negative: $0.negative) }
        resistances = circuit.resistors.map(\.resistance)
        conductanceFactors = circuit.resistors.map(\.conductanceFactor)
        members = parameters.flatMap(\.members)
        var first = 0
        variables = parameters.map { parameter in
            defer { first += parameter.members.count }
            return Variable(
                members: first..<first + parameter.members.count,
                relation: parameter.members[0].relation, factor: parameter.firstFactor,
                isLogarithm: parameter.variable == .logConductance,
                lowerBound: parameter.bounds.lowerBound, upperBound: parameter.bounds.upperBound)
        }
    }
}
