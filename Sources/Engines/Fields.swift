import LearningTasks

/// Voltages of all nodes, ground first and 0, in one piece of memory: column after column.
public struct Fields: Sendable {
    /// Nodes of the circuit, the length of a column.
    public let nodes: Int
    public let columns: Int
    public var values: [Double]

    /// All 0 V.
    public init(nodes: Int, columns: Int) {
        (self.nodes, self.columns) = (nodes, columns)
        values = [Double](repeating: 0, count: nodes * columns)
    }

    public subscript(node: Int, column: Int) -> Double {
        get { values[node + column * nodes] }
        set { values[node + column * nodes] = newValue }
    }

    public func column(_ index: Int) -> [Double] {
        Array(values[index * nodes..<(index + 1) * nodes])
    }

    /// The voltage of an output in one of the columns.
    func voltage(_ output: LearningTask.Output, _ column: Int) -> Double {
        self[output.positive, column] - self[output.negative, column]
    }
}
