import Engines
import LearningRules
import LearningTasks
import Netlist
import Theory

/// What `solve` prints, for people and for scripts.
struct SolveReport {
    let task: LearningTask
    let method: LearningMethod
    let states: LearningStates
    /// Nil where it would take too long.
    var diagnosis: DescentDiagnosis?

    private var sentences: DescentSentences? {
        diagnosis.map {
            DescentSentences(
                task: task, rule: method.rule, conductances: TrainedValues(initial: task),
                states: states, diagnosis: $0)
        }
    }

    struct JSON: Encodable {
        struct Sample: Encodable {
            let inputs: [String: Double]
            let free: [String: Double]
            let nudged: [String: Double]
            let error: [String: Double]
        }

        let loss: Double
        let naturalLoss: Double
        /// S for al and ep, a fraction of the error for cl; nil where nothing is nudged.
        var nudge: Double?
        let update: [String: Double]
        /// Trained numbers that are no resistances: their values, and dθ/dt at rate 1.
        var values: [String: Double]?
        var valueUpdates: [String: Double]?
        /// Degrees between the update and the exact gradient; nil where one of them is zero or not known.
        var gradientAngle: Double?
        /// Trained resistors in which the two differ most.
        var gradientDiffers: [String]?
        let samples: [Sample]
    }

    /// Indices of the resistors that are trained, in the deck's order.
    private var trained: [Int] { task.trainedResistors }

    /// Of each trained number that is no resistance: its value, and dθ/dt at rate 1.
    private var numbers: [(name: String, unit: String, value: Double, update: Double)] {
        let here = TrainedValues(initial: task)
        let velocity = here.velocity(update: states.update, of: task)
        return task.parameters.indices.compactMap { index in
            let parameter = task.parameters[index]
            return parameter.isConductance
                ? nil : (parameter.name, parameter.unit, here.values[index], velocity[index])
        }
    }

    var json: JSON {
        JSON(
            loss: states.loss, naturalLoss: states.naturalLoss,
            nudge: task.outputs.isEmpty ? nil : method.nudging.strength,
            update: table(trained.map { (task.circuit.resistors[$0].name, update(of: $0)) }),
            values: numbers.isEmpty ? nil : table(numbers.map { ($0.name, $0.value) }),
            valueUpdates: numbers.isEmpty ? nil : table(numbers.map { ($0.name, $0.update) }),
            gradientAngle: diagnosis?.angle.degrees,
            gradientDiffers: diagnosis?.angle.differingMost.map { task.parameters[$0].name },
            samples: task.samples.indices.map { m in
                JSON.Sample(
                    inputs: table(
                        zip(
                            task.inputs.map(\.name) + task.settings.map(\.name),
                            task.samples[m].inputs + task.samples.settings(of: m))),
                    free: voltages(states.free[m]),
                    nudged: states.nudged(m).first.map(voltages) ?? [:],
                    error: table(zip(task.outputNames, states.errors.row(m))))
            })
    }

    private func table(_ pairs: some Sequence<(String, Double)>) -> [String: Double] {
        Dictionary(pairs.map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
    }

    private func voltages(_ point: OperatingPoint) -> [String: Double] {
        // Nodes of logic have none.
        table(
            task.ownNodes.map { (task.circuit.nodes[$0].name, point.voltages[$0]) }.filter {
                !$0.1.isNaN
            })
    }

    var text: String {
        var parts = [task.circuit.title]
        for m in task.samples.indices {
            if task.samples.count > 1 { parts.append("sample \(m + 1)" + inputs(of: m)) }
            parts.append(nodeTable(m))
            if !task.outputs.isEmpty { parts.append(outputTable(m)) }
        }
        guard !task.outputs.isEmpty else { return parts.joined(separator: "\n\n") }
        let unit =
            type(of: method.rule).strengthUnit == .dimensionless
            ? " V²" : task.lossUnit.isEmpty ? " 1/S" : "\(task.lossUnit)/S"
        var updates = Table("resistor", "Ω", "dk/dt\(unit)")
        for index in trained {
            let resistor = task.circuit.resistors[index]
            updates.add(
                resistor.name, readable(resistor.resistance),
                readable(update(of: index), digits: 10))
        }
        if !trained.isEmpty || numbers.isEmpty { parts.append(updates.text) }
        if !numbers.isEmpty {
            var values = Table("parameter", "value", "dθ/dt")
            for row in numbers {
                values.add(
                    row.name, readable(row.value) + (row.unit.isEmpty ? "" : " \(row.unit)"),
                    readable(row.update, digits: 10))
            }
            parts.append(values.text)
        }
        parts.append(summary)
        return parts.joined(separator: "\n\n")
    }

    private func inputs(of sample: Int) -> String {
        zip(task.inputs, task.samples[sample].inputs).map { input, value in
            "  \(input.name) = \(readable(value)) \(input.kind == .voltage ? "V" : "A")"
        }.joined()
            + zip(task.settings, task.samples.settings(of: sample)).map { setting, value in
                "  \(setting.name) = \(readable(value))"
                    + (setting.unit.isEmpty ? "" : " \(setting.unit)")
            }.joined()
    }

    private func update(of resistor: Int) -> Double {
        task.update(of: resistor, in: states.update)
    }

    private func nodeTable(_ sample: Int) -> String {
        let free = states.free[sample].voltages
        guard let nudged = states.nudged(sample).first?.voltages else {
            var table = Table("node", "V")
            for node in task.ownNodes where !free[node].isNaN {
                table.add(task.circuit.nodes[node].name, readable(free[node], digits: 12))
            }
            return table.text
        }
        var table = Table("node", "free V", "nudged V")
        for node in task.ownNodes where !free[node].isNaN {
            table.add(
                task.circuit.nodes[node].name, readable(free[node], digits: 12),
                readable(nudged[node], digits: 12))
        }
        return table.text
    }

    private func outputTable(_ sample: Int) -> String {
        var table = Table(header: task.outputHeads)
        for (o, output) in task.outputs[task.namedOutputs].enumerated() {
            table.add(
                output.name, readable(states.free[sample].voltage(output), digits: 12),
                readable(task.samples[sample].targets[o], digits: 12),
                readable(states.errors[sample, o]))
        }
        return table.text
    }

    private var summary: String {
        let unit = type(of: method.rule).errorWeight == .outputConductance ? " W" : task.lossUnit
        return
            "\(describe(method, task))\nloss \(readable(states.loss, digits: 10))\(task.lossUnit)"
            + "  natural loss \(readable(states.naturalLoss, digits: 10))\(unit)"
            + (sentences?.angle.map { "\n" + $0 } ?? "")
    }
}

/// `AL, centered, nudge 0.64 S`, and another loss than squared errors.
func describe(_ method: LearningMethod, _ task: LearningTask) -> String {
    let name = type(of: method.rule).title
    guard type(of: method.rule).isLocal else {
        return "exact gradient of the loss: not a local rule"
    }
    let loss = task.loss.hasGoals ? "" : ", \(task.loss.name)"
    // Amperes over the unit of a pull.
    let siemens = ["V²": " S", "V": " A", "": " A V"][task.loss.unit] ?? ""
    let unit = type(of: method.rule).strengthUnit == .siemens ? siemens : ""
    guard method.nudging.sides != .limit else {
        return "\(name), in the limit of small nudges\(loss)"
    }
    return
        "\(name), \(method.nudging.sides.name), nudge \(readable(method.nudging.strength))\(unit)\(loss)"
}
