import LearningTasks
import Netlist

/// Layers of nodes joined by crossbars of resistors, each hidden node with a diode to a bias rail, alternately
/// one that keeps it from rising above the upper rail and one that keeps it from falling below the lower.
///
/// Every input comes as a pair, x and −x, and hidden layers also have a pair of constant inputs, so that
/// conductances, which are positive, make weights and thresholds of either sign. Nonlinear resistive networks
/// after Kendall, Pantone, Manickavasagam, Bengio & Scellier, *Training End-to-End Analog Neural Networks with
/// Equilibrium Propagation*, 2020, arXiv:2006.01981; theirs have amplifiers between the layers, and these have
/// not: a layer loads the one before, and large inputs make up for it.
public struct DiodeFamily: NetworkFamily {
    public let inputs: Int
    /// Nodes in each hidden layer, the first behind the inputs first.
    public let hidden: [Int]
    public let outputs: Int
    /// Volt: inputs go from −voltage to voltage, and the constant ones are there.
    public let voltage: Double
    /// Volt: the upper rail, and minus the lower one; at 0 both are ground.
    public let rail: Double

    /// - Throws: `TaskError` for an empty layer, voltages that are none, or too many resistors.
    public init(
        inputs: Int, hidden: [Int], outputs: Int, voltage: Double = 2, rail: Double = 0
    ) throws(TaskError) {
        guard inputs >= 1, outputs >= 1, !hidden.isEmpty, hidden.allSatisfy({ $0 >= 1 }) else {
            throw TaskError(
                message: "inputs, outputs and each of the hidden layers are at least 1")
        }
        try TaskError.checkVoltage(voltage)
        guard rail.isFinite else { throw TaskError(message: "the rail has a voltage") }
        var edges = 0
        var before = inputs
        guard before <= largestNetwork else { throw .tooLarge }
        for (index, layer) in (hidden + [outputs]).enumerated() {
            guard layer <= largestNetwork else { throw .tooLarge }
            edges += layer * (index == 0 ? 2 * before + 2 : before + (index < hidden.count ? 2 : 0))
            guard edges <= largestNetwork else { throw .tooLarge }
            before = layer
        }
        (self.inputs, self.hidden, self.outputs) = (inputs, hidden, outputs)
        (self.voltage, self.rail) = (voltage, rail)
    }

    public var title: String {
        let sizes = (hidden + [outputs]).map(String.init).joined(separator: " by ")
        return "Diode network, \(inputs) pairs of inputs by \(sizes) nodes"
    }

    public var inputRange: ClosedRange<Double> { -voltage...voltage }

    public func network(using random: inout SplitMix64) -> Network {
        let rows = InputRows(count: inputs, isPaired: true, bias: voltage)
        var edges: [Network.Edge] = []
        var diodes: [String] = []
        let (upper, lower) = rail == 0 ? ("0", "0") : ("up", "down")
        var before = rows.nodes
        for (layer, size) in (hidden + [outputs]).enumerated() {
            let isOutput = layer == hidden.count
            let nodes = (1...size).map { isOutput ? "y\($0)" : "h\(layer + 1)_\($0)" }
            for node in nodes {
                for other in before + (isOutput || layer == 0 ? [] : rows.biasNodes) {
                    edges.append(
                        Network.Edge(
                            a: other, b: node, resistance: random.resistance(around: 10_000)))
                }
            }
            if !isOutput {
                for (index, node) in nodes.enumerated() {
                    let ends =
                        index.isMultiple(of: 2) ? "\(node) \(upper)" : "\(lower) \(node)"
                    diodes.append("D\(diodes.count + 1) \(ends) clip")
                }
            }
            before = nodes
        }
        let rails =
            rail == 0
            ? []
            : [
                "Vup up 0 \(SpiceNumber.shortest(rail))",
                "Vdown down 0 \(SpiceNumber.shortest(-rail))",
            ]
        return Network(
            edges: edges, inputs: rows.inputs(in: inputRange, using: &random),
            outputs: (1...outputs).map { ("y\($0)", nil) }, targets: nil,
            fixedLines: rows.biasLines + rails + [".model clip d(is=1n)"] + diodes,
            trainable: "R* vary=log", isLinear: false)
    }
}
