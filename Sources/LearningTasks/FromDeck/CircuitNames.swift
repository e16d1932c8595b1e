import Netlist

/// Finds nodes and devices by name in any case, and knows which nodes ideal sources hold.
package struct CircuitNames {
    private let nodes: [String: Int]
    private let sources: [String: Int]
    private let devices: [String: (letter: Character, range: SourceRange)]
    /// Nodes whose voltages chains of voltage sources and inductors fix to each other.
    let heldNodes: DisjointSets
    private let roots: [Int]
    /// The same with controlled sources whose own controls are held.
    private let drivenRoots: [Int]
    let circuit: Circuit

    package init(_ circuit: Circuit) {
        self.circuit = circuit
        var nodes = ["0": 0, "gnd": 0]
        for (index, node) in circuit.nodes.enumerated() { nodes[node.name.lowercased()] = index }
        self.nodes = nodes
        var sources: [String: Int] = [:]
        var devices: [String: (letter: Character, range: SourceRange)] = [:]
        for (index, source) in circuit.sources.enumerated() {
            sources[source.name.lowercased()] = index
            devices[source.name.lowercased()] = (
                source.kind == .voltage ? "v" : "i", source.range
            )
        }
        for resistor in circuit.resistors {
            devices[resistor.name.lowercased()] = ("r", resistor.range)
        }
        for device in circuit.otherDevices {
            devices[device.name.lowercased()] = (device.letter, device.range)
        }
        self.sources = sources
        self.devices = devices
        var held = DisjointSets()
        for source in circuit.sources where source.kind == .voltage {
            held.join(source.positive, source.negative)
        }
        for inductor in circuit.otherDevices
        where inductor.letter == "l" && inductor.nodes.count > 1 {
            held.join(inductor.nodes[0], inductor.nodes[1])
        }
        roots = circuit.nodes.indices.map { held.root(of: $0) }
        heldNodes = held
        var driven = held
        var waiting = circuit.otherDevices.filter { $0.letter == "e" && $0.nodes.count == 4 }
        var count: Int
        repeat {
            count = waiting.count
            waiting.removeAll { device in
                guard driven.root(of: device.nodes[2]) == driven.root(of: device.nodes[3]) else {
                    return false
                }
                driven.join(device.nodes[0], device.nodes[1])
                return true
            }
        } while waiting.count < count
        drivenRoots = circuit.nodes.indices.map { driven.root(of: $0) }
    }

    /// Whether ideal sources, some by way of others, hold the voltage between two nodes.
    func isHeld(positive: Int, negative: Int) -> Bool {
        drivenRoots[positive] == drivenRoots[negative]
    }

    package func node(_ name: String) -> Int? { nodes[name.lowercased()] }

    func source(_ name: String) -> Circuit.Source? {
        sources[name.lowercased()].map { circuit.sources[$0] }
    }

    /// The letter of the device of this name; `r` for behavioural resistors too.
    func device(_ name: String) -> Character? { devices[name.lowercased()]?.letter }

    /// The name in the line of that device.
    func range(_ name: String) -> SourceRange? { devices[name.lowercased()]?.range }

    /// Why the voltage between two nodes can't be changed by any resistor, as a predicate; nil if it can.
    package func whyFixed(positive: Int, negative: Int) -> String? {
        if positive == 0, negative == 0 { return "ground" }
        if positive == negative { return "the voltage between a node and itself" }
        guard roots[positive] == roots[negative] else { return nil }
        let holders = independentHolders.path(from: positive, to: negative).map(\.name)
        return "held by " + holders.joined(separator: ", ")
    }

    /// Voltage sources and inductors.
    var independentHolders: [VoltageHolder] {
        circuit.sources.filter { $0.kind == .voltage }.map {
            VoltageHolder(name: $0.name, a: $0.positive, b: $0.negative)
        }
            + circuit.otherDevices.filter { $0.letter == "l" && $0.nodes.count > 1 }.map {
                VoltageHolder(name: $0.name, a: $0.nodes[0], b: $0.nodes[1])
            }
    }

    /// Controlled and behavioural sources that fix a voltage between two of their nodes.
    var dependentHolders: [VoltageHolder] {
        circuit.otherDevices.filter { $0.givesVoltage && $0.nodes.count > 1 }.map {
            VoltageHolder(name: $0.name, a: $0.nodes[0], b: $0.nodes[1])
        }
    }
}
