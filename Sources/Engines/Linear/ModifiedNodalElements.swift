import Netlist

/// The matrix of modified nodal analysis (`ModifiedNodalSystem`), element by element.
///
/// First come the voltages of the nodes but ground and the nodes' equations, then the currents and
/// equations of the branches: voltage sources in the circuit's order, then inductors, E and H devices.
struct ModifiedNodalElements {
    struct Element {
        let row: Int32
        let column: Int32
        /// What is added there: by itself, or for each siemens of the resistor.
        let value: Double
        let resistor: Int32?
    }

    private(set) var all: [Element] = []
    /// Nodes but ground, and branches.
    private(set) var size: Int
    /// The row of each of the circuit's sources of voltage; nil for its sources of current.
    private(set) var sourceRows: [Int?] = []
    /// What each unknown belongs to, a node or a device, as the user spells it.
    private(set) var names: [String]

    /// - Throws: `DiagnosticsError` that names the devices which are not linear at DC, or not known to be.
    init(_ circuit: Circuit) throws(DiagnosticsError) {
        size = circuit.nodes.count - 1
        names = circuit.nodes.dropFirst().map(\.name)
        try Self.check(circuit)
        var branches: [String: Int32] = [:]
        for source in circuit.sources {
            guard source.kind == .voltage else {
                sourceRows.append(nil)
                continue
            }
            let row = addBranch(source.name, source.positive, source.negative)
            sourceRows.append(Int(row))
            branches[source.ngspiceName] = row
        }
        let fixing = circuit.otherDevices.filter { "leh".contains($0.letter) }
        for device in fixing {
            branches[device.ngspiceName] = addBranch(device.name, device.nodes[0], device.nodes[1])
        }
        for device in circuit.otherDevices {
            guard let transfer = device.transfer else { continue }
            let branch = "eh".contains(device.letter) ? branches[device.ngspiceName] : nil
            try add(transfer, of: device, branch, currents: branches)
        }
        for (index, resistor) in circuit.resistors.enumerated()
        where resistor.positive != resistor.negative {
            let (a, b) = (resistor.positive, resistor.negative)
            for (row, column, sign) in [(a, a, 1.0), (b, b, 1), (a, b, -1), (b, a, -1)] {
                add(Self.row(row), Self.row(column), sign, resistor: Int32(index))
            }
        }
    }

    private static func check(_ circuit: Circuit) throws(DiagnosticsError) {
        let unsolved = circuit.otherDevices.filter { device in
            switch device.letter {
            case "c", "l", "k": !device.isLinear
            case "e", "f", "g", "h": device.transfer == nil
            default: true
            }
        }
        guard unsolved.isEmpty else {
            throw DiagnosticsError(
                unsolved.map {
                    Diagnostic(
                        "engine",
                        """
                        the sparse engine solves resistors, independent sources, controlled \
                        sources with one constant gain, inductors and capacitors; for \($0.name) \
                        use --engine ngspice
                        """, at: $0.range)
                })
        }
    }

    /// The row of a node's equation and column of its voltage; −1 for ground.
    static func row(_ node: Int) -> Int32 { Int32(node) - 1 }

    private mutating func add(
        _ row: Int32, _ column: Int32, _ value: Double, resistor: Int32? = nil
    ) {
        guard row >= 0, column >= 0 else { return }
        all.append(Element(row: row, column: column, value: value, resistor: resistor))
    }

    /// Adds a branch across which the voltage is zero so far.
    private mutating func addBranch(_ name: String, _ positive: Int, _ negative: Int) -> Int32 {
        let branch = Int32(size)
        size += 1
        names.append(name)
        for (node, sign) in [(positive, 1.0), (negative, -1)] {
            add(branch, Self.row(node), sign)
            add(Self.row(node), branch, sign)
        }
        return branch
    }

    /// Adds a controlled source: to the equation of its branch, or to those of the nodes between which its
    /// current flows.
    private mutating func add(
        _ transfer: Circuit.Transfer, of device: Circuit.Device, _ branch: Int32?,
        currents: [String: Int32]
    ) throws(DiagnosticsError) {
        let controls: [(column: Int32, sign: Double)]
        switch transfer.control {
        case .voltage(let positive, let negative):
            controls = [(Self.row(positive), 1), (Self.row(negative), -1)]
        case .current(let name):
            guard let current = currents[name] else {
                throw DiagnosticsError([
                    Diagnostic(
                        "engine",
                        "\(device.name) is controlled by the current through \(name), "
                            + "which is no source of voltage",
                        at: device.range)
                ])
            }
            controls = [(current, 1)]
        }
        for (column, sign) in controls {
            if let branch {
                add(branch, column, -sign * transfer.gain)
            } else {
                add(Self.row(device.nodes[0]), column, sign * transfer.gain)
                add(Self.row(device.nodes[1]), column, -sign * transfer.gain)
            }
        }
    }
}
