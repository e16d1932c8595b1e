import Netlist

/// A task's resistors and trained variables as plain numbers in flat memory, for what runs in every step.
///
/// A class, so that a step which hands its task on counts one reference and not a dozen.
///
/// Updates have an element for each place at which a parameter acts: the conductance of each resistor of the
/// circuit, then the value of each source in `sourcePlaces`.
package final class TaskNumbers: Sendable {
    /// The nodes of a resistor or an output.
    package struct Ends: Sendable {
        package let positive: Int32
        package let negative: Int32
    }

    /// A trained variable whose text is the resistance of its only resistor: what most are.
    struct Own: Sendable {
        let variable: Int32
        let resistor: Int32
    }

    /// A conductance of which resistances are functions, or that several resistors share.
    struct Shared: Sendable {
        let variable: Int
        /// Its resistors.
        let members: Range<Int>
        /// The first member's resistance from the number in the text.
        let relation: FractionalLinear
    }

    /// Numbers of the text, and what they set.
    package struct Numbers: Sendable {
        let variables: [Int]
        /// From the numbers to the resistances, then the sources' values, then the semiconductors' numbers.
        let program: ValueProgram
        package let resistors: [Int]
    }

    package let ends: [Ends]
    package let outputEnds: [Ends]
    /// Ohm, as in the deck.
    let resistances: [Double]
    /// Conductance × resistance.
    package let conductanceFactors: [Double]

    let own: [Own]
    let shared: [Shared]
    let members: [TrainableParameter.Member]
    /// Nil where conductances alone are trained.
    package let numbers: Numbers?
    /// Independent sources whose value is trained.
    package let sourcePlaces: [SourcePlace]
    /// Numbers of semiconductors and their models that follow what is trained.
    package let devicePlaces: [DevicePlace]
    /// g × resistance of each variable's first member.
    let factors: [Double]
    /// Of u, for each variable.
    let lowerBounds: [Double]
    let upperBounds: [Double]
    /// `lowerBounds`, but where these are the default's no less than 1 GΩ's or the deck's own conductance.
    let sensibleLowerBounds: [Double]
    package let charts: [Chart]
    /// What optimizers take for a unit of u; 0 where they take ln u.
    package let scales: [Double]
    /// Whether all parameters are conductances, or none is.
    package let areAlike: Bool

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
            guard parameter.isConductance,
                parameter.firstFactor / least > widest * (1 - 1e-9)
            else { return least }
            return max(
                least, min(parameter.firstFactor / 1e9, parameter.initialValue(in: circuit)))
        }
        charts = parameters.map(\.variable.chart)
        scales = parameters.map { $0.scale ?? 0 }
        areAlike =
            parameters.allSatisfy(\.isConductance) || !parameters.contains(where: \.isConductance)
        var own: [Own] = []
        var shared: [Shared] = []
        var members: [TrainableParameter.Member] = []
        for (variable, parameter) in parameters.enumerated() where parameter.isConductance {
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
        sourcePlaces = SourcePlace.places(of: parameters, in: circuit)
        devicePlaces = DevicePlace.places(of: parameters, in: circuit)
        numbers = Self.numbers(circuit, parameters, sourcePlaces, devicePlaces)
    }

    private static func numbers(
        _ circuit: Circuit, _ parameters: [TrainableParameter], _ places: [SourcePlace],
        _ devices: [DevicePlace]
    ) -> Numbers? {
        let variables = parameters.indices.filter { !parameters[$0].isConductance }
        guard !variables.isEmpty else { return nil }
        let resistors = Set(variables.flatMap { parameters[$0].members.map(\.resistor) }).sorted()
        let origins =
            resistors.map { index in
                let resistor = circuit.resistors[index]
                return (origin: resistor.source.origin, value: resistor.resistance)
            }
            + places.map { place in
                let source = circuit.sources[place.source]
                return (origin: source.source.origin, value: source.dcValue)
            }
            + devices.map { place in
                let number = circuit[place.place]
                return (origin: number.source.origin, value: number.value)
            }
        return Numbers(
            variables: variables,
            program: circuit.program(
                computing: origins, from: variables.map { parameters[$0].text }),
            resistors: resistors)
    }

    /// Values that are trained beside resistances: sources', then semiconductors'.
    package var valueCount: Int { sourcePlaces.count + devicePlaces.count }

    /// A small change of one of these values, for differences.
    package func difference(ofValue index: Int, at value: Double) -> Double {
        index < sourcePlaces.count
            ? sourcePlaces[index].difference(at: value)
            : devicePlaces[index - sourcePlaces.count].difference(at: value)
    }

    /// Places at which a parameter acts.
    package var trainedPlaces: [Int] {
        own.map { Int($0.resistor) } + members.map(\.resistor) + (numbers?.resistors ?? [])
            + (0..<valueCount).map { ends.count + $0 }
    }

    /// dℓ of optimizers is a change of ln u, or of u over a scale: dθ/dℓ at u.
    package func thetaPerLogarithm(_ variable: Int, _ u: Double) -> Double {
        scales[variable] == 0 ? u / charts[variable].slope(u) : scales[variable]
    }
}
