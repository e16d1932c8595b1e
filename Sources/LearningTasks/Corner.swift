import Netlist

/// What a column of the data sets beside sources.
public struct CornerSetting: Sendable {
    enum Change: Sendable {
        /// A number in the text: that of a parameter or a resistor.
        case number(NumberText)
        case temperature
    }

    /// As the column is called, and where.
    let column: Located<String>
    public var name: String { column.value }
    /// `Ω`, `°C`, or nothing for a parameter.
    public let unit: String
    let change: Change
}

/// The circuit with the numbers that some of the samples ask for: a temperature, a supply, the value of a part.
public struct Corner: Sendable {
    /// The deck with these numbers.
    public let deck: Deck
    /// The task in that circuit, without samples.
    public let task: LearningTask
}

extension LearningTask {
    /// Whether samples differ in more than the sources' values.
    public var hasCorners: Bool { !corners.isEmpty }

    /// Samples of one corner, as a task in its circuit.
    public struct Part {
        /// Index into `corners`.
        public let corner: Int
        public let task: LearningTask
        /// Indices of the whole task's samples.
        public let samples: [Int]
    }

    /// The samples, corner by corner.
    package var parts: [Part] {
        Dictionary(grouping: samples.indices) { samples.corner(of: $0) }
            .sorted { $0.key < $1.key }
            .map { corner, indices in
                Part(
                    corner: corner, task: corners[corner].task.with(samples.selecting(indices)),
                    samples: indices)
            }
    }

    /// dk/dt of a resistor at the deck's own values, over all corners: of k₀ where the deck is as it stands,
    /// dk/dt = Σ k̇_c dk_c/dk₀ with the same change of the resistance in each.
    ///
    /// - Parameter update: `LearningStates.update`.
    public func update(of resistor: Int, in update: [Double]) -> Double {
        guard hasCorners else { return update[resistor] }
        func slope(_ circuit: Circuit) -> Double {
            let own = circuit.resistors[resistor]
            return own.conductanceFactor / (own.resistance * own.resistance)
        }
        let places = update.count / corners.count
        return corners.enumerated().reduce(0) { sum, corner in
            sum + update[corner.offset * places + resistor]
                * slope(corner.element.task.circuit) / slope(circuit)
        }
    }

    /// Corners that data may have: each is a circuit of its own.
    static let mostCorners = 1000

    /// The same task with the circuit of each corner that its samples, or others, ask for.
    ///
    /// - Parameters:
    ///   - deck: of which the task was made, by `directives`.
    ///   - read: the deck of a text in its place.
    /// - Throws: `DiagnosticsError` for numbers with which the deck is wrong.
    public func withCorners(
        of deck: Deck, _ directives: LearningDirectives, read: ([UInt8]) -> Deck
    ) throws(DiagnosticsError) -> LearningTask {
        var corners: [Corner] = []
        for values in samples.cornerValues {
            var numbers: [NumberText: Double] = [:]
            var temperature: Double?
            for (setting, value) in zip(settings, values) {
                switch setting.change {
                case .number(let text): numbers[text] = value
                case .temperature: temperature = value
                }
            }
            var own = read(deck.rewriting(numbers))
            if let temperature { own = read(own.setting(temperature: temperature)) }
            own.compiledModels = deck.compiledModels
            corners.append(
                Corner(deck: own, task: try corner(in: own, directives, temperature, values)))
        }
        return LearningTask(self, corners: corners)
    }

    private func corner(
        in deck: Deck, _ directives: LearningDirectives, _ temperature: Double?, _ values: [Double]
    ) throws(DiagnosticsError) -> LearningTask {
        func fault(_ message: String) -> DiagnosticsError {
            let place = zip(settings, values).map { "\($0.name) = \(SpiceNumber.shortest($1))" }
                .joined(separator: ", ")
            return DiagnosticsError([
                Diagnostic(
                    "corner", "with \(place) of the data, \(message)",
                    at: settings.first?.column.range)
            ])
        }
        let elaboration = deck.elaborate(for: .learning)
        guard let circuit = elaboration.circuit else {
            let error = elaboration.diagnostics.first { $0.severity == .error }
            throw fault(error?.message ?? "the netlist is wrong")
        }
        if let temperature, circuit.conditions.temperature != temperature {
            throw fault("the temperature stays: a file that the netlist includes sets it")
        }
        guard circuit.nodes.count == self.circuit.ownNodes.count,
            circuit.resistors.count == self.circuit.resistors.count,
            circuit.sources.count == self.circuit.ownSources.count
        else { throw fault("the netlist has other devices: only values may follow the data") }
        var builder = TaskBuilder(circuit: circuit, directives: directives, data: nil)
        builder.resolveSettings(settings.map(\.column))
        let parameters = builder.resolveTrainable(inputs: Set(inputs.map { $0.name.lowercased() }))
        guard parameters.map(\.name) == self.parameters.map(\.name) else {
            throw fault(
                builder.diagnostics.first { $0.severity == .error }?.message
                    ?? "other numbers would be trained")
        }
        let measured = self.circuit.ammeters.enumerated().map { number, ammeter in
            (
                index: ammeter.source,
                range: self.circuit.sources[self.circuit.ownSources.count + 2 * number].range
            )
        }
        do throws(TaskError) {
            return try LearningTask(
                circuit: circuit.measuringCurrents(through: measured), parameters: parameters,
                inputs: inputs.map(\.name), outputs: outputs, samples: Samples([]), loss: loss,
                classes: classes, powers: powers)
        } catch {
            throw fault(error.message)
        }
    }
}

extension TrainedValues {
    /// The same texts in a corner, where conductances follow from them in another way.
    package func inCorner(_ corner: LearningTask, of task: LearningTask) -> TrainedValues {
        TrainedValues(
            values: zip(values, zip(task.parameters, corner.parameters)).map { u, parameters in
                let (own, there) = parameters
                return own.isConductance ? there.conductance(ofText: own.textValue(u)) : u
            })
    }

    /// θ̇ from the updates of all corners, one behind the other: θ̇ = Σ θ̇_c (du_c/du) (dθ/du)/(dθ_c/du_c).
    func velocity(ofCorners update: [Double], of task: LearningTask) -> [Double] {
        var sum = [Double](repeating: 0, count: values.count)
        let places = update.count / task.corners.count
        for (number, corner) in task.corners.enumerated() {
            let slice = Array(update[number * places..<(number + 1) * places])
            guard slice.contains(where: { $0 != 0 }) else { continue }
            let there = inCorner(corner.task, of: task)
            let velocity = there.velocity(update: slice, of: corner.task)
            for index in sum.indices {
                let (own, other) = (task.parameters[index], corner.task.parameters[index])
                guard own.isConductance else {
                    sum[index] += velocity[index]
                    continue
                }
                let text = own.textValue(values[index])
                let chart = own.variable.chart
                sum[index] +=
                    velocity[index] * other.conductanceSlope(ofText: text)
                    / own.conductanceSlope(ofText: text) * chart.slope(values[index])
                    / chart.slope(there.values[index])
            }
        }
        return sum
    }
}

extension TrainableParameter {
    /// u where the text has this number, of a conductance.
    fileprivate func conductance(ofText text: Double) -> Double {
        firstFactor / members[0].relation(text)
    }

    /// du/d(text), of a conductance.
    fileprivate func conductanceSlope(ofText text: Double) -> Double {
        let relation = members[0].relation
        let (resistance, divisor) = (relation(text), relation.c * text + relation.d)
        let slope = (relation.a * relation.d - relation.b * relation.c) / (divisor * divisor)
        return -firstFactor * slope / (resistance * resistance)
    }
}
