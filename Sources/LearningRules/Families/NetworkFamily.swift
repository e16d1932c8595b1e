import Foundation
import Netlist

/// A family of learning networks: which nodes, edges, inputs and outputs.
public protocol NetworkFamily: Sendable {
    /// One line that says what it is.
    var title: String { get }

    /// Draws a member; the same for the same state of the generator.
    func network(using random: inout SplitMix64) -> Network
}

/// Resistors in a generated network at most: a slip of the finger should not fill a disk.
let largestNetwork = 1_000_000

extension TaskError {
    static var tooLarge: TaskError {
        TaskError(message: "that makes more than \(largestNetwork) resistors")
    }
}

/// A resistor network with a task, before it becomes a deck.
public struct Network: Sendable {
    public struct Edge: Sendable {
        public let a: String
        public let b: String
        /// Ohm.
        public var resistance: Double
    }

    public struct Input: Sendable {
        /// A voltage source from this node to ground.
        public let node: String
        /// Volt.
        public var voltage: Double
    }

    public var edges: [Edge]
    public var inputs: [Input]
    /// Nodes; a second one makes a differential output.
    public var outputs: [(positive: String, negative: String?)]
    /// Volt, for each output; nil where they are to come from a hidden network.
    public var targets: [Double]?

    public func outputName(_ index: Int) -> String {
        let output = outputs[index]
        return "V(\(output.positive)" + (output.negative.map { ",\($0)" } ?? "") + ")"
    }

    /// The devices, a line each, without title or directives.
    func deviceLines() -> [String] {
        inputs.enumerated().map { index, input in
            "V\(index + 1) \(input.node) 0 \(SpiceNumber.shortest(input.voltage))"
        }
            + edges.enumerated().map { index, edge in
                "R\(index + 1) \(edge.a) \(edge.b) \(SpiceNumber.shortest(edge.resistance))"
            }
    }
}

extension SplitMix64 {
    /// Log-uniform between half and twice the centre, to four digits.
    mutating func resistance(around centre: Double) -> Double {
        rounded(centre * exp(Double.random(in: -0.7...0.7, using: &self)), digits: 4)
    }

    /// Uniform, to three digits.
    mutating func voltage(in range: ClosedRange<Double>) -> Double {
        rounded(Double.random(in: range, using: &self), digits: 3)
    }
}

/// `value` to so many significant digits.
func rounded(_ value: Double, digits: Int) -> Double {
    guard value != 0, value.isFinite else { return value }
    return Double(String(format: "%.\(digits - 1)e", value)) ?? value
}
