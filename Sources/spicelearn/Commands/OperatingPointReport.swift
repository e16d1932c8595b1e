import Engines
import LearningTasks
import Netlist

/// What `solve` prints for a deck that has nothing to learn.
struct OperatingPointReport {
    let circuit: Circuit
    let point: OperatingPoint

    /// Names and voltages of the nodes; those of logic have none.
    private var nodes: [(name: String, voltage: Double)] {
        zip(circuit.nodes.map(\.name), point.voltages).dropFirst().filter { !$1.isNaN }
    }

    var json: SolveReport.JSON {
        SolveReport.JSON(
            loss: 0, naturalLoss: 0, update: [:],
            samples: [
                SolveReport.JSON.Sample(
                    inputs: [:],
                    free: Dictionary(
                        nodes.map { ($0, $1) }, uniquingKeysWith: { first, _ in first }),
                    nudged: [:], error: [:])
            ])
    }

    var text: String {
        var table = Table("node", "V")
        for (name, voltage) in nodes { table.add(name, readable(voltage, digits: 12)) }
        return circuit.title + "\n\n" + table.text
    }
}
