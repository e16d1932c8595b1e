import LearningTasks
import Netlist

/// A lattice whose edges are the channels of NMOS transistors, the gate of each at a voltage of its own, which is
/// what learns.
///
/// After the network of S. Dillavou, B. D. Beyer, M. Stern, A. J. Liu, M. Z. Miskin and D. J. Durian, *Machine
/// learning without a processor: Emergent learning in a nonlinear analog network*, PNAS 121, e2319718121 (2024),
/// whose lattice is periodic. Of the nodes one is ground, one the supply; inputs and outputs are among the others.
public struct ChannelLatticeFamily: NetworkFamily {
    public let rows: Int
    public let columns: Int
    /// Whether the last row is joined to the first, and the last column to the first.
    public let isPeriodic: Bool
    public let inputs: Int
    public let outputs: Int
    /// Volt: that of the supply; inputs go from 0 V to it.
    public let voltage: Double

    /// Volt: what gates are drawn from; well above the threshold of a channel at the supply.
    static let gates: ClosedRange<Double> = 2...4

    /// - Throws: `TaskError` if the numbers do not fit together.
    public init(
        rows: Int, columns: Int, isPeriodic: Bool = false, inputs: Int = 1, outputs: Int = 1,
        voltage: Double = 0.45
    ) throws(TaskError) {
        guard rows >= 1, columns >= 1, inputs >= 1, outputs >= 1 else {
            throw TaskError(message: "rows, columns, inputs and outputs are at least 1 each")
        }
        guard !isPeriodic || rows >= 3 && columns >= 3 else {
            throw TaskError(
                message: "a periodic lattice has at least 3 rows and 3 columns")
        }
        guard rows <= largestNetwork, columns <= largestNetwork,
            2 * rows * columns <= largestNetwork
        else { throw .tooLarge }
        // Sources are positive with respect to the bulk, which is ground.
        guard voltage > 0, voltage <= 1 else {
            throw TaskError(
                message: "the supply is above 0 V and at most 1 V, for gates of 2 V to 4 V")
        }
        let free = rows * columns - 2
        guard inputs <= free, outputs <= free - inputs else {
            throw TaskError(
                message: """
                    beside ground and supply, a lattice of \(rows) by \(columns) has \(max(free, 0)) \
                    node\(free == 1 ? "" : "s") for inputs and outputs, not \
                    \(inputs.addingReportingOverflow(outputs).partialValue)
                    """)
        }
        (self.rows, self.columns, self.isPeriodic) = (rows, columns, isPeriodic)
        (self.inputs, self.outputs, self.voltage) = (inputs, outputs, voltage)
    }

    public var title: String {
        "\(isPeriodic ? "Periodic lattice" : "Lattice") of NMOS channels, \(rows) by \(columns) nodes"
    }

    public var inputRange: ClosedRange<Double> { 0...voltage }

    public func network(using random: inout SplitMix64) -> Network {
        let count = rows * columns
        let places = random.shuffled(Array(0..<count))
        var names = (0..<count).map { "n\($0 / columns)_\($0 % columns)" }
        names[places[0]] = "0"
        names[places[1]] = "supply"
        var channels: [Network.Channel] = []
        for row in 0..<rows {
            for column in 0..<columns {
                for (down, right) in [(0, 1), (1, 0)] {
                    let (other, next) = (row + down, column + right)
                    guard isPeriodic || other < rows && next < columns else { continue }
                    channels.append(
                        Network.Channel(
                            drain: names[row * columns + column],
                            source: names[other % rows * columns + next % columns],
                            gate: random.voltage(in: Self.gates)))
                }
            }
        }
        let chosen = places.dropFirst(2).map { names[$0] }
        return Network(
            edges: [], channels: channels,
            inputs: chosen.prefix(inputs).map {
                Network.Input(node: $0, voltage: random.voltage(in: inputRange))
            },
            outputs: chosen.dropFirst(inputs).prefix(outputs).map { ($0, nil) }, targets: nil,
            fixedLines: [
                "Vsupply supply 0 \(SpiceNumber.shortest(voltage))",
                """
                .model channel nmos(level=1 vto=0.75 kp=62.5u gamma=1.09 phi=0.95 \
                lambda=0.02)
                """,
            ],
            trainable: "VG* min=1.5 max=8", isLinear: false)
    }
}
