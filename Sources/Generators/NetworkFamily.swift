import Foundation
import LearningTasks
import Netlist

/// A family of learning networks: which nodes, edges, inputs and outputs.
public protocol NetworkFamily: Sendable {
    /// One line that says what it is.
    var title: String { get }

    /// Volt: what the inputs of several samples are drawn from.
    var inputRange: ClosedRange<Double> { get }

    /// Draws a member; the same for the same state of the generator.
    func network(using random: inout SplitMix64) -> Network
}

extension NetworkFamily {
    public var inputRange: ClosedRange<Double> { -1...1 }
}

/// Resistors in a generated network at most: a slip of the finger should not fill a disk.
let largestNetwork = 1_000_000

extension TaskError {
    static var tooLarge: TaskError {
        TaskError(message: "that makes more than \(largestNetwork) resistors")
    }

    /// Of a range of input voltages, or of a constant one.
    static func checkVoltage(_ voltage: Double) throws(TaskError) {
        guard voltage > 0, voltage.isFinite else {
            throw TaskError(message: "the largest voltage of an input is positive")
        }
    }
}

/// A network with a task, before it becomes a deck.
public struct Network: Sendable {
    /// A resistor that is trained.
    public struct Edge: Sendable {
        public let a: String
        public let b: String
        /// Ohm.
        public var resistance: Double
    }

    /// The channel of a transistor whose gate has a source of its own, the voltage of which is trained.
    public struct Channel: Sendable {
        public let drain: String
        public let source: String
        /// Volt.
        public var gate: Double
    }

    public struct Input: Sendable {
        /// A voltage source from this node to ground.
        public let node: String
        /// Volt.
        public var voltage: Double
        /// A node that has the negative of this voltage, from a source of its own.
        public var mirror: String?
    }

    public var edges: [Edge]
    public var channels: [Channel] = []
    public var inputs: [Input]
    /// Nodes; a second one makes a differential output.
    public var outputs: [(positive: String, negative: String?)]
    /// Volt, for each output; nil where they are to come from a hidden network.
    public var targets: [Double]?
    /// Lines of what is not trained: constant sources, loads, diodes, models.
    public var fixedLines: [String] = []
    /// What the names of the trained resistors begin with.
    public var edgePrefix = "R"
    /// What a `trainable` line has to say; nil where every resistor is trained.
    public var trainable: String?
    /// Whether a hidden network can be solved without ngspice.
    public var isLinear = true

    public func outputName(_ index: Int) -> String {
        let output = outputs[index]
        return "V(\(output.positive)" + (output.negative.map { ",\($0)" } ?? "") + ")"
    }

    /// The sources of each input: one, or that of its node and that of its mirror.
    var sourceNames: [[String]] {
        inputs.indices.map { index in
            inputs[index].mirror == nil
                ? ["V\(index + 1)"] : ["Vp\(index + 1)", "Vn\(index + 1)"]
        }
    }

    /// The voltage of each source for those of the inputs.
    func sourceVoltages(_ voltages: [Double]) -> [Double] {
        zip(inputs, voltages).flatMap { (input, voltage) -> [Double] in
            input.mirror == nil ? [voltage] : [voltage, 0 - voltage]
        }
    }

    /// The devices, a line each, without title or directives.
    func deviceLines() -> [String] {
        let nodes = inputs.flatMap { [$0.node] + ($0.mirror.map { [$0] } ?? []) }
        let sources = zip(
            zip(sourceNames.joined(), nodes), sourceVoltages(inputs.map(\.voltage))
        ).map { "\($0.0) \($0.1) 0 \(SpiceNumber.shortest($1))" }
        let resistors = edges.enumerated().map { index, edge in
            "\(edgePrefix)\(index + 1) \(edge.a) \(edge.b) \(SpiceNumber.shortest(edge.resistance))"
        }
        let transistors = channels.enumerated().flatMap { index, channel in
            [
                "M\(index + 1) \(channel.drain) g\(index + 1) \(channel.source) 0 channel w=138u l=7.8u",
                "VG\(index + 1) g\(index + 1) 0 \(SpiceNumber.shortest(channel.gate))",
            ]
        }
        return sources + fixedLines + resistors + transistors
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
