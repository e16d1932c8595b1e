import Engines
import LearningRules
import LearningTasks

/// How well a circuit does on its samples: the scores of all, and the samples that are farthest off.
public struct States: Encodable, Sendable {
    public struct Input: Encodable, Sendable {
        public let name: String
        /// V or A; of what else the data sets Ω, °C, or nothing.
        public let unit: String
    }

    /// One sample.
    public struct Sample: Encodable, Sendable {
        /// From 1 on, in the order of the data.
        public let number: Int
        /// In the order of `States.inputs`; nil where there is no room for it.
        public internal(set) var inputs: [Double]?
        /// In the order of `States.outputs`.
        public let outputs: [Double]
        public let targets: [Double]
        /// As the loss has them: with squared errors output minus target, V.
        public let errors: [Double]
        /// Of a task with classes: its own, and the one that it is taken for.
        public let className: String?
        public let answer: String?
        /// Of each node in the free state, in the order of `CircuitDrawing.nodes`, V; nil where there is no room for
        /// it, null for nodes of logic.
        public internal(set) var voltages: [Double?]?
    }

    /// How many samples of each class [row] were taken for which [column].
    public struct Confusion: Encodable, Sendable, Equatable {
        public let classes: [String]
        public let counts: [[Int]]
    }

    /// On one set of samples.
    public struct Scores: Encodable, Sendable {
        public let samples: Int
        public let loss: Double
        public let largestError: Double
        public let accuracy: Double?
        public let confusion: Confusion?

        init(_ score: Score, of task: LearningTask) {
            samples = score.samples
            loss = score.loss
            largestError = score.largestError
            accuracy = score.accuracy
            confusion = score.confusion.flatMap { counts in
                task.classes.map { Confusion(classes: $0, counts: counts) }
            }
        }
    }

    public let lossName: String
    /// V², or empty.
    public let lossUnit: String
    public let errorUnit: String
    public let inputs: [Input]
    public let outputs: [String]
    /// Of each output: V, or A of a current.
    public let outputUnits: [String]
    /// On the samples that are trained; nil where there is nothing to learn.
    public let training: Scores?
    /// On samples that are not.
    public let test: Scores?
    /// The worst first, by their largest error.
    public internal(set) var worst: [Sample]

    /// Samples listed.
    public static let mostListed = 200
    /// Numbers that all nodes' voltages, and all inputs, may take up.
    static let mostNumbers = 40_000

    /// The scores alone.
    ///
    /// - Parameters:
    ///   - training: on the samples that are trained; nil where it is not known.
    ///   - test: on samples that are not trained.
    public init(
        of task: LearningTask, training: Score?, test: (LearningTask, Score)? = nil
    ) {
        let named = task.outputs[task.namedOutputs]
        lossName = task.loss.name
        lossUnit = Self.unit(task.loss.unit, of: named)
        errorUnit = Self.unit(task.loss.errorUnit, of: named)
        inputs =
            task.inputs.map { Input(name: $0.name, unit: $0.kind == .voltage ? "V" : "A") }
            + task.settings.map { Input(name: $0.name, unit: $0.unit) }
        outputs = named.map(\.name)
        outputUnits = named.map(\.unit)
        self.training = training.map { Scores($0, of: task) }
        self.test = test.map { Scores($1, of: $0) }
        worst = []
    }

    /// The scores, and the samples that are farthest off.
    ///
    /// - Parameters:
    ///   - outputs: of every sample in the free state, V.
    ///   - test: on samples that are not trained.
    public init(of task: LearningTask, outputs: OutputTable, test: (LearningTask, Score)? = nil) {
        self.init(
            of: task, training: task.outputs.isEmpty ? nil : Score(outputs, of: task), test: test)
        let named = task.outputs[task.namedOutputs]
        let errors = task.assess(outputs).errors
        let order = Self.worstSamples(errors, named: named.count, most: Self.mostListed)
        let withInputs = inputs.isEmpty ? 0 : max(1, Self.mostNumbers / inputs.count)
        worst = order.enumerated().map { place, sample in
            let values = task.samples[sample]
            let ownClass = task.answer(to: values.targets[...])
            return Sample(
                number: sample + 1,
                inputs: place < withInputs
                    ? values.inputs + task.samples.settings(of: sample) : nil,
                outputs: Array(outputs.row(sample).prefix(named.count)),
                targets: Array(values.targets.prefix(named.count)),
                errors: Array(errors.row(sample).prefix(named.count)), className: ownClass,
                answer: task.answer(to: outputs.row(sample)))
        }
    }

    /// Of a circuit without outputs: its operating points.
    ///
    /// - Parameter points: of the first samples.
    public init(of task: LearningTask, points: [OperatingPoint], at network: CircuitDrawing) {
        self.init(of: task, outputs: OutputTable(samples: task.samples.count, outputs: 0))
        if worst.isEmpty {
            worst = points.indices.map {
                Sample(
                    number: $0 + 1, outputs: [], targets: [], errors: [], className: nil,
                    answer: nil)
            }
        }
        setVoltages(points, at: network)
    }

    /// A unit of the loss where all outputs are of one kind; empty where they are volts and amperes.
    private static func unit(
        _ unit: String, of outputs: ArraySlice<LearningTask.Output>
    ) -> String {
        let units = Set(outputs.map(\.unit))
        return units.count < 2 ? unit.replacing("V", with: units.first ?? "V") : ""
    }

    /// Sample indices, the one with the largest error first.
    ///
    /// - Parameter named: outputs that are to learn something; the others tell of power.
    static func worstSamples(_ errors: OutputTable, named: Int, most: Int) -> [Int] {
        let size = (0..<errors.samples).map { m in
            errors.row(m).prefix(named).reduce(0) { max($0, abs($1)) }
        }
        return Array(
            size.indices.sorted { (size[$0], $1) > (size[$1], $0) }.prefix(most))
    }

    /// The indices of the listed samples whose nodes there is room for.
    ///
    /// - Parameter nodes: that are drawn.
    public func samplesWithVoltages(nodes: Int) -> [Int] {
        worst.prefix(max(1, min(50, Self.mostNumbers / max(nodes, 1)))).map { $0.number - 1 }
    }

    /// - Parameters:
    ///   - points: of the first of the listed samples.
    ///   - network: whose nodes have voltages.
    public mutating func setVoltages(_ points: [OperatingPoint], at network: CircuitDrawing) {
        for (index, point) in points.enumerated() where worst.indices.contains(index) {
            worst[index].voltages = network.circuitNodes.map { node in
                point.voltages[node].isFinite ? point.voltages[node] : nil
            }
        }
    }
}
