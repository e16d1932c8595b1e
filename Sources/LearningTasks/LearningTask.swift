import Netlist

/// What a circuit is to learn: which resistors may change and how, which sources carry the inputs,
/// which voltages are the outputs, and what they should be for each sample.
///
/// A plain value. ``init(circuit:parameters:inputs:outputs:samples:loss:classes:)`` makes one from Swift
/// code, ``make(circuit:directives:data:test:needsTargets:clamping:)`` from a deck, with all its errors
/// at once.
public struct LearningTask: Sendable {
    /// An independent source that samples set.
    public struct Input: Sendable {
        public let name: String
        public let ngspiceName: String
        public let kind: Circuit.Source.Kind
    }

    /// A voltage that is to reach a target, V(positive) − V(negative), or the current that an ammeter makes one.
    public struct Output: Sendable {
        /// As the user wrote it: `V(a,c)`.
        public let name: String
        /// Indices into `circuit.nodes`; ground is 0.
        public let positive: Int
        public let negative: Int
        /// The voltage source through which the current is an output (index into `circuit.sources`); nil for a
        /// voltage.
        public let source: Int?

        public init(name: String, positive: Int, negative: Int = 0) {
            (self.name, self.positive, self.negative) = (name, positive, negative)
            source = nil
        }

        /// - Parameters:
        ///   - source: whose current is the output.
        ///   - reading: the node of its ammeter.
        init(name: String, source: Int, reading: Int) {
            (self.name, positive, negative) = (name, reading, 0)
            self.source = source
        }

        /// What it is measured in: `V` or `A`.
        public var unit: String { source == nil ? "V" : "A" }
    }

    /// Values for the inputs (V or A, in the order of `inputs`) and targets (in that of `outputs`: V, or shares
    /// of classes, as the loss has it).
    public struct Sample: Sendable {
        public let inputs: [Double]
        public let targets: [Double]

        public init(inputs: [Double], targets: [Double]) {
            (self.inputs, self.targets) = (inputs, targets)
        }
    }

    /// How far each output may be from its target, in its unit, where nothing says it.
    public static let standardTolerance = 1e-6

    public let circuit: Circuit
    public let parameters: [TrainableParameter]
    public let inputs: [Input]
    /// Those that are to learn something, then those that tell the power of a `PowerTerm`.
    public let outputs: [Output]
    /// Outputs that are to learn something, by index.
    public let namedOutputs: Range<Int>
    public let samples: Samples
    /// What columns of the data set beside the inputs.
    public let settings: [CornerSetting]
    /// The circuits in which the samples are; empty where all are in the deck's own.
    public let corners: [Corner]
    /// What the data says of the outputs of each sample.
    package let targets: OutputTable
    /// Outputs that tell the power of a source which no sample sets: their target is its value.
    let powers: [Power]

    struct Power {
        /// Index into `outputs`.
        let output: Int
        /// Index into `circuit.sources`.
        let source: Int
        /// By which its value is multiplied.
        let factor: Double
    }
    /// What is lowered: its mean over the samples.
    public let loss: any Loss
    /// The names of the classes, one for each output, where a sample belongs to one.
    public let classes: [String]?
    package let numbers: TaskNumbers

    /// - Parameters:
    ///   - parameters: what is trained; see ``TrainableParameter/init(resistors:in:resistances:variable:)``.
    ///   - inputs: names of independent sources, in any case.
    /// - Throws: `TaskError` where a name is unknown or a sample has the wrong number of values.
    public init(
        circuit: Circuit, parameters: [TrainableParameter], inputs: [String], outputs: [Output],
        samples: [Sample], loss: any Loss = SquaredError(), classes: [String]? = nil
    ) throws(TaskError) {
        for (index, sample) in samples.enumerated() {
            guard sample.inputs.count == inputs.count, sample.targets.count == outputs.count else {
                throw TaskError(
                    message: """
                        sample \(index + 1) has \(sample.inputs.count) inputs and \
                        \(sample.targets.count) targets; the task has \(inputs.count) inputs and \
                        \(outputs.count) outputs
                        """)
            }
        }
        try self.init(
            circuit: circuit, parameters: parameters, inputs: inputs, outputs: outputs,
            samples: Samples(samples), loss: loss, classes: classes)
    }

    /// - Parameter samples: with as many inputs and outputs.
    init(
        circuit: Circuit, parameters: [TrainableParameter], inputs: [String], outputs: [Output],
        samples: Samples, loss: any Loss, classes: [String]?, settings: [CornerSetting] = [],
        powers: [Power] = []
    ) throws(TaskError) {
        self.powers = powers
        self.settings = settings
        corners = []
        self.circuit = circuit
        namedOutputs = 0..<((loss as? PowerTerm)?.named ?? outputs.count)
        self.loss = loss
        self.classes = classes
        self.parameters = parameters
        numbers = TaskNumbers(circuit, parameters, outputs)
        var found: [Input] = []
        for name in inputs {
            guard
                let source = circuit.sources.first(where: {
                    $0.name.lowercased() == name.lowercased()
                })
            else { throw TaskError(message: "there is no independent source \(name)") }
            found.append(
                Input(name: source.name, ngspiceName: source.ngspiceName, kind: source.kind))
        }
        self.inputs = found
        self.outputs = outputs
        self.samples = samples
        targets = self.samples.targetTable
    }

    /// Names of the outputs that are to learn something.
    public var outputNames: [String] { namedOutputs.map { outputs[$0].name } }

    /// The class that outputs stand for: that of the largest; nil without classes.
    public func answer(to outputs: ArraySlice<Double>) -> String? {
        guard let classes, let place = largestIndex(outputs.prefix(namedOutputs.count)),
            place < classes.count
        else {
            return nil
        }
        return classes[place]
    }

    /// The same with some of the samples, in this order.
    public func selecting(_ indices: some Sequence<Int>) -> LearningTask {
        LearningTask(self, samples: samples.selecting(indices))
    }

    /// The same with this number of samples at most, at equal distances.
    public func few(_ most: Int) -> LearningTask {
        let count = samples.count
        return count <= most ? self : selecting((0..<most).map { $0 * count / most })
    }

    /// The same with others of as many inputs and outputs.
    func with(_ samples: Samples) -> LearningTask { LearningTask(self, samples: samples) }

    /// The same samples, or others with these settings, in the circuits of another task's corners.
    public func inCorners(of task: LearningTask) -> LearningTask {
        LearningTask(self, corners: task.corners)
    }

    init(_ task: LearningTask, corners: [Corner]) {
        self.init(task, samples: task.samples, corners: corners)
    }

    private init(_ task: LearningTask, samples: Samples, corners: [Corner]? = nil) {
        settings = task.settings
        powers = task.powers
        self.corners = corners ?? task.corners
        circuit = task.circuit
        parameters = task.parameters
        inputs = task.inputs
        outputs = task.outputs
        namedOutputs = task.namedOutputs
        loss = task.loss
        numbers = task.numbers
        classes = task.classes
        self.samples = samples
        var targets = samples.targetTable
        for power in powers {
            for m in 0..<targets.samples {
                let circuit =
                    self.corners.isEmpty
                    ? circuit : self.corners[samples.corner(of: m)].task.circuit
                targets[m, power.output] = power.factor * circuit.sources[power.source].dcValue
            }
        }
        self.targets = targets
    }

    /// Whether anything but the inputs may drive the circuit, which is linear: without, all is 0 where
    /// these are.
    package var hasOtherSources: Bool {
        let inputs = Set(inputs.map(\.ngspiceName))
        return trainsValues
            || circuit.sources.contains { $0.dcValue != 0 && !inputs.contains($0.ngspiceName) }
            || !circuit.otherDevices.allSatisfy { "cefghkl".contains($0.letter) }
    }
}

/// A task that contradicts itself or its circuit.
public struct TaskError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }

    public init(message: String) { self.message = message }
}
