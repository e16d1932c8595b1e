import LearningTasks

/// A connected random graph: a random tree with further random edges.
public struct RandomFamily: NetworkFamily {
    public let nodes: Int
    public let edges: Int
    public let inputs: Int
    public let outputs: Int

    /// - Parameters:
    ///   - nodes: ground included.
    ///   - edges: nil for twice the nodes, or all pairs where these are fewer.
    /// - Throws: `TaskError` if the numbers do not fit together.
    public init(nodes: Int, edges: Int? = nil, inputs: Int, outputs: Int) throws(TaskError) {
        guard inputs >= 1, outputs >= 1, nodes >= 1, inputs < nodes, outputs < nodes - inputs
        else {
            throw TaskError(
                message: """
                    at least one input, one output and ground are needed, and each has a node of \
                    its own
                    """)
        }
        let most = nodes <= largestNetwork ? nodes * (nodes - 1) / 2 : Int.max
        let edges = edges ?? min(nodes <= largestNetwork ? 2 * nodes : Int.max, most)
        guard edges <= largestNetwork else { throw .tooLarge }
        guard (nodes - 1...most).contains(edges) else {
            throw TaskError(
                message: """
                    a connected graph of \(nodes) nodes has from \(nodes - 1) to \(most) edges, not \
                    \(edges)
                    """)
        }
        (self.nodes, self.edges, self.inputs, self.outputs) = (nodes, edges, inputs, outputs)
    }

    public var title: String { "Random network, \(nodes) nodes and \(edges) resistors" }

    public func network(using random: inout SplitMix64) -> Network {
        let names = ["0"] + (1..<nodes).map { "n\($0)" }
        var pairs: [(Int, Int)] = []
        var seen: Set<[Int]> = []
        func add(_ a: Int, _ b: Int) {
            if a != b, seen.insert([min(a, b), max(a, b)]).inserted { pairs.append((a, b)) }
        }
        for node in 1..<nodes { add(Int.random(in: 0..<node, using: &random), node) }
        // A node with one resistor carries no current: as far as the edges allow, there is none.
        var degrees = [Int](repeating: 0, count: nodes)
        for pair in pairs {
            degrees[pair.0] += 1
            degrees[pair.1] += 1
        }
        for node in 1..<nodes where degrees[node] == 1 && pairs.count < edges {
            let count = pairs.count
            let other = Int.random(in: 0..<nodes, using: &random)
            add(node, other)
            if pairs.count > count { degrees[other] += 1 }
        }
        while pairs.count < edges {
            add(
                Int.random(in: 0..<nodes, using: &random),
                Int.random(in: 0..<nodes, using: &random))
        }
        let drawn = pairs.map {
            Network.Edge(
                a: names[$0.0], b: names[$0.1], resistance: random.resistance(around: 1000))
        }
        let chosen = names.dropFirst().shuffled(using: &random)
        return Network(
            edges: drawn,
            inputs: chosen.prefix(inputs).map {
                Network.Input(node: $0, voltage: random.voltage(in: 0.2...1))
            },
            outputs: chosen.dropFirst(inputs).prefix(outputs).map { ($0, nil) }, targets: nil)
    }
}
