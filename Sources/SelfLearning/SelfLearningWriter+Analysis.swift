import LearningTasks
import Netlist

/// What is shown and written of the training, and how finely ngspice follows it.
extension SelfLearningWriter {
    func observers(_ sets: [CopySet]) -> [String] {
        sets.flatMap { set in
            task.outputs.indices.map { index in
                let output = task.outputs[index]
                let name = outputNode(index, set, sets)
                return "E\(name) \(name) 0 \(node(output.positive, set.free)) "
                    + "\(node(output.negative, set.free)) 1"
            }
        }
    }

    private func outputNode(_ output: Int, _ set: CopySet, _ sets: [CopySet]) -> String {
        names.outputNode(output, sample: sets.count > 1 ? set.sample : nil)
    }

    /// Gear's method, since trapezoidal steps longer than a time constant ring; chgtol because a
    /// conductance that falls towards its lower bound needs no more digits than others.
    var options: [String] {
        [
            ".options method=gear reltol=\(number(timing.relativeTolerance)) trtol=1 vntol=1e-6 "
                + "abstol=\(number(min(1e-12, 1e-9 * unit))) chgtol=\(number(chargeTolerance)) itl4=50"
        ]
    }

    /// C: in ngspice the error of a step is relative to a charge or to this. A thousandth of the least
    /// conductance at the start, as for `ContinuousTrainer`; 1 for logarithms.
    private var chargeTolerance: Double {
        zip(task.parameters, TrainedValues(initial: task).values).map { parameter, g in
            parameter.variable == .logConductance ? 1 : 1e-3 * g / unit
        }.min() ?? 1
    }

    func analysis(_ sets: [CopySet]) -> [String] {
        var vectors = sets.flatMap { set in
            task.outputs.indices.map { outputNode($0, set, sets) }
        }
        if presentation != .together { vectors += task.outputs.indices.map(names.targetNode) }
        let analysis = timing.analysis
        let steps = [analysis.step, analysis.duration, 0, analysis.largestStep].map(number)
        var lines = [
            ".options nopage noacct",
            ".width out=132",
            ".tran \(steps.joined(separator: " ")) uic",
        ]
        for group in [vectors, task.parameters.indices.map(names.conductanceNode)] {
            for start in stride(from: 0, to: group.count, by: 6) {
                let some = group[start..<min(start + 6, group.count)]
                lines.append(".print tran " + some.map { "v(\($0))" }.joined(separator: " "))
            }
        }
        // The last point may lie a rounding before the end, where a measurement would fail.
        let last = number(timing.duration * (1 - 1e-9))
        for (index, parameter) in task.parameters.enumerated() {
            let k = names.conductanceNode(index)
            lines.append(".meas tran \(k) find v(\(k)) at=\(last)")
            for member in parameter.members {
                let resistor = task.circuit.resistors[member.resistor]
                let name = names.resistors[member.resistor]
                let factor = resistor.conductanceFactor / member.proportion
                switch parameter.variable {
                case .logConductance:
                    lines.append(".meas tran \(name) param='\(number(factor))*exp(-(\(k)))'")
                default:
                    lines.append(".meas tran \(name) param='\(number(factor / unit))/\(k)'")
                }
            }
        }
        return lines
    }
}
