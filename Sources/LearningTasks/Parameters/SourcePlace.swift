import Netlist

/// An independent source whose value is trained, and the transistors whose gates it holds.
package struct SourcePlace: Sendable {
    /// A channel whose conductance follows the voltage of its gate.
    package struct Channel: Sendable {
        /// Index into `circuit.otherDevices`.
        package let device: Int
        package let drain: Int
        package let source: Int
        /// −1 where the gate falls as the source's value rises.
        package let sign: Double
    }

    /// Index into `circuit.sources`.
    package let source: Int
    package let kind: Circuit.Source.Kind
    package let positive: Int
    package let negative: Int
    /// How many such sources are in parallel.
    package let multiplicity: Double
    package let localTerm: TrainableParameter.LocalTerm
    package let channels: [Channel]
    /// Indices into `OperatingPoint.transconductances`.
    package let transconductances: Range<Int>

    /// Those on which the parameters act, in the circuit's order.
    static func places(of parameters: [TrainableParameter], in circuit: Circuit) -> [SourcePlace] {
        var terms: [Int: TrainableParameter.LocalTerm] = [:]
        for parameter in parameters {
            for source in parameter.sources { terms[source] = parameter.localTerm }
        }
        var count = 0
        return terms.sorted { $0.key < $1.key }.map { index, term in
            let source = circuit.sources[index]
            let channels = circuit.channels(gatedBy: index)
            let range = count..<count + (term == .adjoint ? channels.count : 0)
            count = range.upperBound
            return SourcePlace(
                source: index, kind: source.kind, positive: source.positive,
                negative: source.negative, multiplicity: source.multiplicity, localTerm: term,
                channels: channels, transconductances: range)
        }
    }

    /// V or A: a small change of the value, for differences.
    func difference(at value: Double) -> Double {
        2e-5 * max(value.magnitude, kind == .voltage ? 1 : 1e-3)
    }
}

extension Circuit {
    /// The transistors whose gates a voltage source moves: the source, and ideal sources that join nodes to its
    /// terminals.
    func channels(gatedBy index: Int) -> [SourcePlace.Channel] {
        let source = sources[index]
        guard source.kind == .voltage else { return [] }
        var joined = DisjointSets()
        for (other, source) in sources.enumerated() where other != index && source.kind == .voltage
        {
            joined.join(source.positive, source.negative)
        }
        let ground = joined.root(of: 0)
        var moved = joined.root(of: source.positive)
        var sign = 1.0
        // Of two sides the one moves that is not held.
        if moved == ground { (moved, sign) = (joined.root(of: source.negative), -1) }
        guard moved != ground else { return [] }
        return otherDevices.enumerated().compactMap { index, device in
            guard "mjz".contains(device.letter), device.nodes.count > 2,
                joined.root(of: device.nodes[1]) == moved
            else { return nil }
            return SourcePlace.Channel(
                device: index, drain: device.nodes[0], source: device.nodes[2], sign: sign)
        }
    }
}

extension LearningTask {
    /// Names of the sources whose value is trained, in the circuit's order.
    public var trainedSources: [String] {
        numbers.sourcePlaces.map { circuit.sources[$0.source].name }
    }

    /// An update of every place, all 0.
    package var zeroUpdate: [Double] {
        [Double](repeating: 0, count: circuit.resistors.count + numbers.valueCount)
    }

    /// Whether values of sources, or numbers of semiconductors, are trained.
    public var trainsValues: Bool { numbers.valueCount > 0 }

    /// Resistors that change in training, in the circuit's order.
    public var trainedResistors: [Int] {
        Set(parameters.flatMap { $0.members.map(\.resistor) }).sorted()
    }
}
