import LearningTasks

/// A square lattice: 1 V at one corner, ground at the opposite one, outputs among the other nodes.
public struct LatticeFamily: NetworkFamily {
    public let rows: Int
    public let columns: Int
    public let outputs: Int

    /// - Throws: `TaskError` if there are too few nodes for the outputs, or too many resistors.
    public init(rows: Int, columns: Int, outputs: Int) throws(TaskError) {
        guard rows >= 1, columns >= 1, outputs >= 1 else {
            throw TaskError(message: "rows, columns and outputs are at least 1 each")
        }
        guard rows <= largestNetwork, columns <= largestNetwork,
            rows * (columns - 1) + columns * (rows - 1) <= largestNetwork
        else { throw .tooLarge }
        let free = max(rows * columns - 2, 0)
        guard outputs <= free else {
            throw TaskError(
                message: """
                    beside its driven corners, a lattice of \(rows) by \(columns) has \(free) \
                    node\(free == 1 ? "" : "s") for outputs, not \(outputs)
                    """)
        }
        (self.rows, self.columns, self.outputs) = (rows, columns, outputs)
    }

    public var title: String { "Square lattice, \(rows) by \(columns) nodes" }

    public func network(using random: inout SplitMix64) -> Network {
        let corner = (rows - 1, columns - 1)
        func name(_ row: Int, _ column: Int) -> String {
            if (row, column) == (0, 0) { return "in" }
            return (row, column) == corner ? "0" : "n\(row)_\(column)"
        }
        var edges: [Network.Edge] = []
        for row in 0..<rows {
            for column in 0..<columns {
                for (down, right) in [(0, 1), (1, 0)]
                where row + down < rows && column + right < columns {
                    edges.append(
                        Network.Edge(
                            a: name(row, column), b: name(row + down, column + right),
                            resistance: random.resistance(around: 1000)))
                }
            }
        }
        let free = (1..<rows * columns - 1).map { name($0 / columns, $0 % columns) }
        let chosen = free.shuffled(using: &random).prefix(outputs)
        return Network(
            edges: edges, inputs: [Network.Input(node: "in", voltage: 1)],
            outputs: chosen.map { ($0, nil) }, targets: nil)
    }
}
