import Engines
import LearningTasks

/// How the circuit answers, to first order, at its outputs and everywhere else.
///
/// Found with the circuit's own physics: one solution per output where the circuit is linear, two per
/// output and sample where it is not.
struct OutputResponse {
    /// a: volt at every node per ampere injected at an output. One row of outputs for each sample, or
    /// one row that serves all of them in a linear circuit.
    let adjoint: [[[Double]]]
    /// w: d(voltages)/dh of the rule's nudge per volt of error at an output; rows as in `adjoint`.
    let nudge: [[[Double]]]

    func adjoint(sample: Int) -> [[Double]] { adjoint[min(sample, adjoint.count - 1)] }
    func nudge(sample: Int) -> [[Double]] { nudge[min(sample, nudge.count - 1)] }
}

/// The adjoint fields alone: they do not need a rule.
package func adjointFields(of task: LearningTask, free: [OperatingPoint], in physics: any Physics)
    throws
    -> [[[Double]]]
{
    let count = task.outputs.count
    let circuit = task.circuit
    if circuit.isLinear {
        guard let sample = task.samples.first else { return [] }
        let drives = (0..<count).map { o in
            Drive(inputs: sample.inputs, nudge: .currents(unit(o, of: count, times: 1)))
        }
        let points = try physics.operatingPoints(drives)
        return [points.map { difference($0, free[0], over: 1) }]
    }
    // A current small enough for the response to be linear: first one that a node's own resistors
    // would turn into 0.1 mV, then one that the response found makes 0.1 mV.
    let amplitude = 1e-4
    /// - Parameter currents: into each output, for each sample.
    func fields(_ currents: [[Double]]) throws -> [[[Double]]] {
        let drives = zip(task.samples, currents).flatMap { sample, currents in
            (0..<count).flatMap { o in
                [1.0, -1.0].map { sign in
                    Drive(
                        inputs: sample.inputs,
                        nudge: .currents(unit(o, of: count, times: sign * currents[o])))
                }
            }
        }
        // All samples at once, for engines that divide them.
        let points = try physics.operatingPoints(drives)
        return currents.indices.map { m in
            (0..<count).map { o in
                let place = 2 * (m * count + o)
                return difference(
                    points[place], points[place + 1], over: 2 * currents[m][o])
            }
        }
    }
    var attached = [Double](repeating: 0, count: circuit.nodes.count)
    for resistor in circuit.resistors {
        attached[resistor.positive] += resistor.conductance
        attached[resistor.negative] += resistor.conductance
    }
    let guess = task.outputs.map { output in
        // In series with a source, a current into its ammeter is a voltage.
        guard output.source == nil else { return amplitude }
        let conductance = max(attached[output.positive], attached[output.negative])
        return amplitude * (conductance > 0 ? conductance : 1e-6)
    }
    let first = try fields(task.samples.map { _ in guess })
    return try fields(
        first.map { fields in
            zip(task.outputs, fields).map { output, field in
                let resistance =
                    output.source == nil
                    ? abs(field[output.positive] - field[output.negative])
                    : circuit.ownNodes.reduce(0) { max($0, abs(field[$1])) }
                return resistance > 0 ? amplitude / resistance : amplitude
            }
        })
}

/// The rule's response to a pull of 1 at each output in turn.
func nudgeFields(
    of task: LearningTask, method: LearningMethod, free: [OperatingPoint], in physics: any Physics
) throws -> [[[Double]]] {
    let count = task.outputs.count
    let samples = task.circuit.isLinear ? task.samples.prefix(1) : task.samples[...]
    let states = try method.nudging.strengths.map { h in
        let drives = samples.indices.flatMap { m in
            let outputs = task.outputs.map { free[m].voltage($0) }
            return (0..<count).map { o in
                let pull = unit(o, of: count, times: 1)
                return Drive(
                    inputs: samples[m].inputs,
                    nudge: method.rule.nudge(
                        strength: h, free: outputs, pull: pull))
            }
        }
        return try physics.operatingPoints(drives)
    }
    return samples.indices.map { m in
        (0..<count).map { o in
            let place = m * count + o
            return difference(
                states[0][place], states.count > 1 ? states[1][place] : free[m],
                over: method.nudging.span)
        }
    }
}

private func unit(_ index: Int, of count: Int, times value: Double) -> [Double] {
    (0..<count).map { $0 == index ? value : 0 }
}

private func difference(_ a: OperatingPoint, _ b: OperatingPoint, over span: Double) -> [Double] {
    zip(a.voltages, b.voltages).map { ($0 - $1) / span }
}
