import Netlist

/// Nodes whose voltages independent sources alone give: those on a path of voltage sources to ground.
///
/// Their voltages are no unknowns. Other voltage sources have a branch of their own in the equations: those
/// whose current controls something, and those that close no path to ground.
struct NodeTies {
    /// One node, and the source that ties it to another whose voltage is known already.
    struct Tie {
        let node: Int
        let parent: Int
        /// Index into the circuit's sources.
        let source: Int
        /// 1 where the node is at the source's positive terminal.
        let sign: Double
    }

    /// From ground outward.
    let ties: [Tie]
    let isKnown: [Bool]
    /// Whether a source's voltage stands in a tie.
    let isTie: [Bool]

    /// - Parameter controlling: ngspice's names of the sources whose current controls something.
    init(_ circuit: Circuit, controlling: Set<String>) {
        var neighbours: [Int: [(node: Int, source: Int, sign: Double)]] = [:]
        for (index, source) in circuit.sources.enumerated()
        where source.kind == .voltage && !controlling.contains(source.ngspiceName) {
            neighbours[source.negative, default: []].append((source.positive, index, 1))
            neighbours[source.positive, default: []].append((source.negative, index, -1))
        }
        var isKnown = [Bool](repeating: false, count: circuit.nodes.count)
        var isTie = [Bool](repeating: false, count: circuit.sources.count)
        var ties: [Tie] = []
        isKnown[0] = true
        var open = [0]
        while let node = open.popLast() {
            for next in neighbours[node] ?? [] where !isKnown[next.node] {
                isKnown[next.node] = true
                isTie[next.source] = true
                ties.append(
                    Tie(node: next.node, parent: node, source: next.source, sign: next.sign))
                open.append(next.node)
            }
        }
        (self.ties, self.isKnown, self.isTie) = (ties, isKnown, isTie)
    }
}
