import Netlist

/// The branches whose currents are unknowns: voltage sources that no path of sources ties to ground or whose
/// current controls something, inductors, E and H devices, behavioural sources of voltage.
struct Branches {
    let ties: NodeTies
    /// The branch of each of the circuit's sources; −1 where it has none.
    private(set) var ofSources: [Int] = []
    /// As the user spells them.
    private(set) var names: [String] = []
    /// By ngspice's names.
    private(set) var byName: [String: Int] = [:]
    /// The nodes of each.
    private(set) var nodes: [(positive: Int, negative: Int)] = []

    var count: Int { names.count }

    init(_ circuit: Circuit) {
        var controlling: Set<String> = []
        for device in circuit.otherDevices {
            if case .current(let source) = device.transfer?.control { controlling.insert(source) }
            guard case .known(let behaviour) = device.behaviour else { continue }
            for case .current(let source) in behaviour.variables { controlling.insert(source) }
        }
        ties = NodeTies(circuit, controlling: controlling)
        for (index, source) in circuit.sources.enumerated() {
            guard source.kind == .voltage, !ties.isTie[index] else {
                ofSources.append(-1)
                continue
            }
            ofSources.append(names.count)
            add(source.name, source.ngspiceName, source.positive, source.negative)
        }
        for device in circuit.otherDevices {
            guard
                "leh".contains(device.letter) && device.isLinearAtDC
                    || device.knownBehaviour?.quantity == .voltage
            else { continue }
            add(device.name, device.ngspiceName, device.nodes[0], device.nodes[1])
        }
    }

    private mutating func add(
        _ name: String, _ ngspiceName: String, _ positive: Int, _ negative: Int
    ) {
        byName[ngspiceName] = names.count
        names.append(name)
        nodes.append((positive, negative))
    }
}

/// The elements of the linear part of the equations, by places of a state.
struct LinearElements {
    struct Element {
        let row: Int32
        let column: Int32
        /// What stands there: by itself, or for each siemens of the resistor.
        let value: Double
        /// −1 for none.
        let resistor: Int32
    }

    private(set) var all: [Element] = []

    /// - Parameter firstBranch: the place of the first branch's current.
    /// - Throws: `DiagnosticsError` where a source is controlled by what has no current of its own.
    init(_ circuit: Circuit, _ branches: Branches, firstBranch: Int) throws(DiagnosticsError) {
        for (index, nodes) in branches.nodes.enumerated() {
            let branch = firstBranch + index
            for (node, sign) in [(nodes.positive, 1.0), (nodes.negative, -1)] {
                add(branch, node, sign)
                add(node, branch, sign)
            }
        }
        for device in circuit.otherDevices {
            guard let transfer = device.transfer else { continue }
            let controls: [(place: Int, sign: Double)]
            switch transfer.control {
            case .voltage(let positive, let negative): controls = [(positive, 1), (negative, -1)]
            case .current(let name):
                guard let branch = branches.byName[name] else {
                    throw DiagnosticsError([
                        Diagnostic(
                            "engine",
                            "\(device.name) is controlled by the current through \(name), "
                                + "which is no source of voltage",
                            at: device.range)
                    ])
                }
                controls = [(firstBranch + branch, 1)]
            }
            for (place, sign) in controls {
                if "eh".contains(device.letter), let own = branches.byName[device.ngspiceName] {
                    add(firstBranch + own, place, -sign * transfer.gain)
                } else {
                    add(device.nodes[0], place, sign * transfer.gain)
                    add(device.nodes[1], place, -sign * transfer.gain)
                }
            }
        }
        for (index, resistor) in circuit.resistors.enumerated()
        where resistor.positive != resistor.negative {
            let (a, b) = (resistor.positive, resistor.negative)
            for (row, column, sign) in [(a, a, 1.0), (b, b, 1), (a, b, -1), (b, a, -1)] {
                add(row, column, sign, resistor: index)
            }
        }
    }

    /// Ground has no equation, and its voltage is 0.
    private mutating func add(_ row: Int, _ column: Int, _ value: Double, resistor: Int = -1) {
        guard row > 0, column > 0 else { return }
        all.append(
            Element(
                row: Int32(row), column: Int32(column), value: value, resistor: Int32(resistor)))
    }
}

/// Collects which elements of the matrix there are.
struct PatternBuilder {
    private let unknowns: [Int32]
    private(set) var elements: [(row: Int32, column: Int32)] = []

    init(_ unknowns: [Int32]) { self.unknowns = unknowns }

    /// The number of the element between two places of a state; −1 where there is none.
    mutating func element(_ row: Int32, _ column: Int32) -> Int {
        let (row, column) = (unknowns[Int(row)], unknowns[Int(column)])
        guard row >= 0, column >= 0 else { return -1 }
        elements.append((row, column))
        return elements.count - 1
    }
}
