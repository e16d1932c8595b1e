import Netlist

extension Circuit {
    /// Whether a current may flow through a source of voltage at DC: not where one of its ends leads to gates and
    /// capacitors alone.
    func carriesCurrent(_ index: Int) -> Bool {
        var joined = DisjointSets()
        func join(_ nodes: [Int]) {
            for (a, b) in zip(nodes, nodes.dropFirst()) { joined.join(a, b) }
        }
        for resistor in resistors { joined.join(resistor.positive, resistor.negative) }
        for (other, source) in sources.enumerated() where other != index {
            joined.join(source.positive, source.negative)
        }
        for device in otherDevices {
            switch device.letter {
            case "c", "k": break
            case "e", "f", "g", "h": join(Array(device.nodes.prefix(2)))
            // drain, source and bulk; the gate is the second.
            case "m" where device.nodes.count > 2:
                join(device.nodes.enumerated().filter { $0.offset != 1 }.map(\.element))
            default: join(device.nodes)
            }
        }
        return joined.root(of: sources[index].positive) == joined.root(of: sources[index].negative)
    }
}
