import Netlist

/// Nodes whose voltages ideal sources fix to each other, and by how much.
///
/// Voltage sources (and inductors, which are short circuits at DC) connect nodes to trees, since loops of
/// them are no circuit. A tree's nodes have one unknown voltage, that of its root, and none where the
/// root is ground:
///
///     v(node) = v(root) + Σ ± (values of the sources on the path)
struct HeldNodes {
    /// One node and the source that ties it to another, nearer to the root.
    private struct Tie {
        let node: Int
        let parent: Int
        /// Index into the circuit's sources; nil for 0 V.
        let source: Int?
        let sign: Double
    }

    /// The root of each node's tree; a node that no source touches is its own.
    let roots: [Int]
    /// From the roots outward.
    private let ties: [Tie]

    init(_ circuit: Circuit) {
        var neighbours = [[(node: Int, source: Int?, sign: Double)]](
            repeating: [], count: circuit.nodes.count)
        func connect(_ positive: Int, _ negative: Int, _ source: Int?) {
            neighbours[negative].append((positive, source, 1))
            neighbours[positive].append((negative, source, -1))
        }
        for (index, source) in circuit.sources.enumerated() where source.kind == .voltage {
            connect(source.positive, source.negative, index)
        }
        for device in circuit.otherDevices where device.letter == "l" && device.nodes.count > 1 {
            connect(device.nodes[0], device.nodes[1], nil)
        }
        var roots = [Int](repeating: -1, count: circuit.nodes.count)
        var ties: [Tie] = []
        // Ground is node 0 and so the first root.
        for root in roots.indices where roots[root] < 0 {
            roots[root] = root
            var open = [root]
            while let node = open.popLast() {
                for next in neighbours[node] where roots[next.node] < 0 {
                    roots[next.node] = root
                    ties.append(
                        Tie(node: next.node, parent: node, source: next.source, sign: next.sign))
                    open.append(next.node)
                }
            }
        }
        self.roots = roots
        self.ties = ties
    }

    func isHeld(_ node: Int) -> Bool { node == 0 || roots[node] != node }

    /// Sets v(node) − v(root) of every node, V, in columns of voltages.
    func setOffsets(_ sources: SourceValues, _ columns: Range<Int>, in fields: inout Fields) {
        let nodes = fields.nodes
        fields.values.withUnsafeMutableBufferPointer { values in
            for column in columns {
                let offsets = UnsafeMutableBufferPointer(
                    rebasing: values[column * nodes..<(column + 1) * nodes])
                offsets.update(repeating: 0)
                for tie in ties {
                    let value = tie.source.map { sources[$0, column] } ?? 0
                    offsets[tie.node] = offsets[tie.parent] + tie.sign * value
                }
            }
        }
    }
}
