import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist

/// Where the conductances and the states are among the voltages of a self-learning deck.
struct SelfLearningLayout {
    /// ngspice's names of all that has to be read, in the order of the values given to the methods.
    private(set) var vectors: [String] = []

    /// The place of a copy's first node, ground excepted, and of the first current of its clamps.
    private struct Place {
        let nodes: Int
        let currents: Int
    }

    private let task: LearningTask
    private let method: LearningMethod
    private let unit: Double
    /// For each sample, its free copy and its nudged ones.
    private var places: [[Place]] = []

    init(_ writer: SelfLearningWriter) {
        (task, method, unit) = (writer.task, writer.method, writer.unit)
        vectors = task.parameters.indices.map(writer.names.conductanceNode)
        for set in writer.copySets {
            places.append(
                ([set.free] + set.nudged).enumerated().map { number, copy in
                    let nodes = vectors.count
                    vectors += task.circuit.nodes.indices.dropFirst().map {
                        writer.node($0, copy)
                    }
                    let currents = vectors.count
                    if number > 0, usesClamps {
                        vectors += task.outputs.indices.map {
                            writer.nudgeSource($0, copy) + "#branch"
                        }
                    }
                    return Place(nodes: nodes, currents: currents)
                })
        }
    }

    private var usesClamps: Bool { method.rule.nudgeKind == .clamps }

    func conductances(in values: UnsafeBufferPointer<Double>) -> TrainedValues {
        TrainedValues(
            values: task.parameters.enumerated().map { index, parameter in
                let g =
                    parameter.variable == .logConductance
                    ? exp(values[index]) : unit * values[index]
                return min(max(g, parameter.bounds.lowerBound), parameter.bounds.upperBound)
            })
    }

    func states(in values: UnsafeBufferPointer<Double>) -> LearningStates {
        let count = task.circuit.nodes.count - 1
        func voltages(_ place: Place) -> [Double] {
            [0] + values[place.nodes..<place.nodes + count]
        }
        let free = places.map { OperatingPoint(voltages: voltages($0[0])) }
        let outputs = OutputTable(free, of: task)
        let nudged = zip(1..., method.nudging.strengths).flatMap { number, h in
            places.indices.map { m in
                let place = places[m][number]
                var point = OperatingPoint(voltages: voltages(place))
                switch method.rule.nudge(
                    strength: h, free: Array(outputs.row(m)),
                    pull: task.loss.pull(outputs.row(m), task.samples[m].targets[...]))
                {
                case .none: break
                case .currents(let currents): point.nudgeCurrents = currents
                case .branches(let conductance, let ends):
                    point.nudgeCurrents = zip(ends, task.outputs).map { end, output in
                        conductance * (end - point.voltage(output))
                    }
                case .clamps:
                    // ngspice counts from the positive terminal through the source.
                    point.nudgeCurrents = task.outputs.indices.map { -values[place.currents + $0] }
                }
                return point
            }
        }
        return method.states(of: task, points: free + nudged)
    }
}
