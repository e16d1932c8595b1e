import LearningTasks

/// Layers of nodes, each connected to all of the next, as in a multilayer perceptron without its
/// non-linearities; every node behind the inputs also has a resistor to ground.
public struct LayeredFamily: NetworkFamily {
    /// Nodes in each layer: inputs first, outputs last.
    public let layers: [Int]

    /// - Throws: `TaskError` for fewer than two layers, an empty one, or too many resistors.
    public init(layers: [Int]) throws(TaskError) {
        guard layers.count >= 2, layers.allSatisfy({ $0 >= 1 }) else {
            throw TaskError(message: "layers need at least two sizes of 1 or more, like 4,3,2")
        }
        var edges = 0
        for (before, layer) in zip(layers, layers.dropFirst()) {
            guard before <= largestNetwork, layer <= largestNetwork else { throw .tooLarge }
            edges += layer * (before + 1)
            guard edges <= largestNetwork else { throw .tooLarge }
        }
        self.layers = layers
    }

    public var title: String {
        "Layered network, " + layers.map(String.init).joined(separator: " by ") + " nodes"
    }

    public func network(using random: inout SplitMix64) -> Network {
        func name(_ layer: Int, _ index: Int) -> String {
            if layer == 0 { return "in\(index + 1)" }
            return layer == layers.count - 1 ? "out\(index + 1)" : "h\(layer)_\(index + 1)"
        }
        var edges: [Network.Edge] = []
        for layer in 1..<layers.count {
            for index in 0..<layers[layer] {
                for before in 0..<layers[layer - 1] {
                    edges.append(
                        Network.Edge(
                            a: name(layer - 1, before), b: name(layer, index),
                            resistance: random.resistance(around: 1000)))
                }
                edges.append(
                    Network.Edge(
                        a: name(layer, index), b: "0",
                        resistance: random.resistance(around: 1000)))
            }
        }
        return Network(
            edges: edges,
            inputs: (0..<layers[0]).map {
                Network.Input(node: name(0, $0), voltage: random.voltage(in: -1...1))
            },
            outputs: (0..<layers[layers.count - 1]).map { (name(layers.count - 1, $0), nil) },
            targets: nil)
    }
}
