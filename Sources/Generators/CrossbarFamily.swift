import LearningTasks
import Netlist

/// A crossbar: every input joined to every output by a resistor that is trained, and a load that is not from
/// each output to ground.
///
/// With g the conductances between input and output and G that of a load, V(y) = Σ g x/(G + Σ g). Pairs of
/// inputs, x and −x, make weights of either sign of conductances, which have but one.
public struct CrossbarFamily: NetworkFamily {
    public let inputs: Int
    public let outputs: Int
    /// Whether each input has a second row with its negative.
    public let isPaired: Bool
    /// Whether there is one more row, or pair of rows, of the constant `voltage`.
    public let hasBias: Bool
    /// Ohm, from each output to ground.
    public let load: Double
    /// Volt: inputs go from −voltage to voltage.
    public let voltage: Double

    /// - Throws: `TaskError` for numbers that make no crossbar, or too many resistors.
    public init(
        inputs: Int, outputs: Int, isPaired: Bool = false, hasBias: Bool = false,
        load: Double = 1000, voltage: Double = 1
    ) throws(TaskError) {
        guard inputs >= 1, outputs >= 1 else {
            throw TaskError(message: "inputs and outputs are at least 1 each")
        }
        guard load > 0, load.isFinite else {
            throw TaskError(message: "the load of an output is a positive resistance")
        }
        try TaskError.checkVoltage(voltage)
        guard inputs <= largestNetwork, outputs <= largestNetwork,
            (inputs + (hasBias ? 1 : 0)) * (isPaired ? 2 : 1) * outputs <= largestNetwork
        else { throw .tooLarge }
        (self.inputs, self.outputs, self.isPaired) = (inputs, outputs, isPaired)
        (self.hasBias, self.load, self.voltage) = (hasBias, load, voltage)
    }

    public var title: String {
        "Crossbar, \(inputs) \(isPaired ? "pairs of inputs" : "inputs") by \(outputs) outputs"
    }

    public var inputRange: ClosedRange<Double> { -voltage...voltage }

    public func network(using random: inout SplitMix64) -> Network {
        let rows = InputRows(count: inputs, isPaired: isPaired, bias: hasBias ? voltage : nil)
        var edges: [Network.Edge] = []
        for output in 1...outputs {
            for row in rows.nodes {
                edges.append(
                    Network.Edge(
                        a: row, b: "y\(output)", resistance: random.resistance(around: 1000)))
            }
        }
        let loads = (1...outputs).map { "RL\($0) y\($0) 0 \(SpiceNumber.shortest(load))" }
        return Network(
            edges: edges, inputs: rows.inputs(in: inputRange, using: &random),
            outputs: (1...outputs).map { ("y\($0)", nil) }, targets: nil,
            fixedLines: rows.biasLines + loads, edgePrefix: "Rw", trainable: "Rw*")
    }
}

/// The rows of a crossbar: an input or a pair of inputs each, and a constant one.
struct InputRows {
    package let count: Int
    let isPaired: Bool
    /// Volt; nil without.
    let bias: Double?

    /// Row after row.
    var nodes: [String] {
        (1...count).flatMap { isPaired ? ["p\($0)", "n\($0)"] : ["p\($0)"] } + biasNodes
    }

    var biasNodes: [String] { bias == nil ? [] : isPaired ? ["pb", "nb"] : ["pb"] }

    var biasLines: [String] {
        guard let bias else { return [] }
        return ["Vbp pb 0 \(SpiceNumber.shortest(bias))"]
            + (isPaired ? ["Vbn nb 0 \(SpiceNumber.shortest(-bias))"] : [])
    }

    func inputs(
        in range: ClosedRange<Double>, using random: inout SplitMix64
    ) -> [Network.Input] {
        (1...count).map {
            Network.Input(
                node: "p\($0)", voltage: random.voltage(in: range),
                mirror: isPaired ? "n\($0)" : nil)
        }
    }
}
