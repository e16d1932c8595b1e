import Netlist

/// An independent source whose value is trained, and the transistors whose gates it holds.
struct SourcePlace: Sendable {
    /// A channel whose conductance follows the voltage of its gate.
    struct Channel: Sendable {
        /// Index into `circuit.otherDevices`.
        let device: Int
        let drain: Int
        let source: Int
        /// −1 where the gate falls as the source's value rises.
        let sign: Double
    }

    /// Index into `circuit.sources`.
    let source: Int
    let kind: Circuit.Source.Kind
    let positive: Int
    let negative: Int
    /// How many such sources are in parallel.
    let multiplicity: Double
    let localTerm: TrainableParameter.LocalTerm
    let channels: [Channel]
    /// Indices into `OperatingPoint.transconductances`.
    let transconductances: Range<Int>

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
    var zeroUpdate: [Double] {
        [Double](repeating: 0, count: circuit.resistors.count + numbers.valueCount)
    }

    /// Whether values of sources, or numbers of semiconductors, are trained.
    public var trainsValues: Bool { numbers.valueCount > 0 }

    /// Resistors that change in training, in the circuit's order.
    public var trainedResistors: [Int] {
        Set(parameters.flatMap { $0.members.map(\.resistor) }).sorted()
    }

    /// Adds to an update what two states say of the trained sources.
    ///
    /// With a = −(v_N − v_F)/h the field of the errors at the outputs (−(v₊ − v₋)/(2h) centered), a current
    /// source has İ = m (a₊ − a₋) between its terminals, a voltage source V̇ = −(its current in that field)
    /// and, for the channels whose gates it holds, Σ g_m (a_drain − a_source).
    ///
    /// - Parameters:
    ///   - free: where the transconductances are known.
    ///   - span: as of `accumulateUpdate`.
    func accumulateSources(
        nudged: OperatingPoint, reference: OperatingPoint, free: OperatingPoint, span: Double,
        scale: Double, into update: inout [Double]
    ) {
        for (number, place) in numbers.sourcePlaces.enumerated() {
            func change(_ a: Int, _ b: Int) -> Double {
                (nudged.voltages[a] - reference.voltages[a])
                    - (nudged.voltages[b] - reference.voltages[b])
            }
            var term = 0.0
            switch (place.kind, place.localTerm) {
            case (.current, _):
                term = -place.multiplicity * change(place.positive, place.negative) / span
            case (.voltage, .adjoint):
                if number < nudged.sourceCurrents.count, number < reference.sourceCurrents.count {
                    term = (nudged.sourceCurrents[number] - reference.sourceCurrents[number]) / span
                }
                for (channel, index) in zip(place.channels, place.transconductances)
                where index < free.transconductances.count {
                    term -=
                        channel.sign * free.transconductances[index]
                        * change(channel.drain, channel.source) / span
                }
            case (.voltage, .drops):
                for channel in place.channels {
                    let (d, s) = (channel.drain, channel.source)
                    let sum =
                        (nudged.voltages[d] + reference.voltages[d])
                        - (nudged.voltages[s] + reference.voltages[s])
                    term -= channel.sign * change(d, s) * sum / (2 * span)
                }
            }
            update[numbers.ends.count + number] += scale * term
        }
    }
}
