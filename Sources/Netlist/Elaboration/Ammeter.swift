/// Elements that make the current through a voltage source a voltage, so that whatever is done with a voltage can
/// be done with it: it is read, and pulled at by a current.
///
///     H_p  n+ q V_i 1      in series with the source, now between n+′ and n−
///     V_p  q n+′ 0         whose current is the source's
///     V_i  s j 0
///     H_i  j 0 V_p 1       V(s) = 1 Ω · I(V)
///
/// Each ampere into s appears as a volt in series with the source. Both mutual resistances are 1 Ω, so that
/// the circuit stays reciprocal: a nudge at s comes back to every resistor as the adjoint equation has it.
public struct Ammeter: Sendable, Hashable {
    /// Index into the circuit's sources.
    public let source: Int
    /// ngspice's name of that source.
    public let sourceName: String
    /// ngspice's name of the node at its positive end.
    let positive: String
    fileprivate let number: Int

    /// ngspice's names of n+′, q, s and j.
    var terminal: String { "spicelearn_p\(number)" }
    var entrance: String { "spicelearn_q\(number)" }
    var reading: String { "spicelearn_i\(number)" }
    var middle: String { "spicelearn_j\(number)" }
    /// Devices' names with a minus can't control others in ngspice: what is read is a source of our own.
    var meter: String { "vspicelearn_p\(number)" }
    var probe: String { "vspicelearn_i\(number)" }
    var drop: String { "hspicelearn_p\(number)" }
    var scale: String { "hspicelearn_i\(number)" }

    /// All these names, the longest first.
    public var names: [String] { [meter, probe, drop, scale, terminal, entrance, reading, middle] }

    /// For ngspice, beside the source's own line, which `Deck.ngspiceLines` changes.
    public var lines: [String] {
        [
            "\(drop) \(positive) \(entrance) \(probe) 1",
            "\(meter) \(entrance) \(terminal) 0",
            "\(probe) \(reading) \(middle) 0",
            "\(scale) \(middle) 0 \(meter) 1",
        ]
    }
}

extension Circuit {
    /// The same circuit in which the currents through some voltage sources are voltages: that through the k-th of
    /// them is the voltage of the node `readingNode(k)`, V for A. What is there keeps its place.
    ///
    /// - Parameter sources: indices, each once, with what asks for it.
    public func measuringCurrents(through sources: [(index: Int, range: SourceRange)]) -> Circuit {
        guard !sources.isEmpty else { return self }
        var (nodes, all, devices) = (self.nodes, self.sources, otherDevices)
        var ammeters: [Ammeter] = []
        for (number, (index, range)) in sources.enumerated() {
            let source = all[index]
            let ammeter = Ammeter(
                source: index, sourceName: source.ngspiceName,
                positive: nodes[source.positive].ngspiceName, number: number)
            let name = "I(\(source.name))"
            let first = nodes.count
            for node in [
                ammeter.reading, ammeter.terminal, ammeter.middle, ammeter.entrance,
            ] {
                nodes.append(Node(name: name, ngspiceName: node))
            }
            let (reading, terminal, middle, entrance) = (first, first + 1, first + 2, first + 3)
            func transfer(
                _ own: String, _ a: Int, _ b: Int, through control: String
            ) -> Device {
                Device(
                    name: name, ngspiceName: own, letter: "h", nodes: [a, b], isLinear: true,
                    transfer: Transfer(gain: 1, control: .current(through: control)), range: range)
            }
            devices.append(
                transfer(ammeter.drop, source.positive, entrance, through: ammeter.probe))
            devices.append(transfer(ammeter.scale, middle, 0, through: ammeter.meter))
            all[index].positive = terminal
            for (own, from, to) in [
                (ammeter.probe, reading, middle), (ammeter.meter, entrance, terminal),
            ] {
                all.append(
                    Source(
                        name: name, ngspiceName: own, kind: .voltage, positive: from, negative: to,
                        dcValue: 0, range: range))
            }
            ammeters.append(ammeter)
        }
        var traits = traits.withControlledSources
        traits.nodeCount = nodes.count
        return Circuit(
            title: title, nodes: nodes, resistors: resistors, sources: all, otherDevices: devices,
            models: models, conditions: conditions, equationOptions: equationOptions,
            optionPlaces: optionPlaces, traits: traits, parameters: parameters, tape: tape,
            textUses: textUses, ammeters: ammeters)
    }

    /// The node whose voltage is the current through the source of the k-th ammeter, in a circuit that has been
    /// given ammeters.
    public func readingNode(_ k: Int) -> Int { ownNodes.count + 4 * k }

    /// Nodes, sources and devices that are the deck's: ammeters come after them.
    public var ownNodes: Range<Int> { 0..<nodes.count - 4 * ammeters.count }
    public var ownSources: Range<Int> { 0..<sources.count - 2 * ammeters.count }
    public var ownDevices: Range<Int> { 0..<otherDevices.count - 2 * ammeters.count }
}
