/// One number for each output of each sample: voltages, errors or targets, V.
public struct OutputTable: Sendable, Equatable {
    public private(set) var samples: Int
    public let outputs: Int
    /// Sample after sample.
    public var values: [Double]

    public init(samples: Int, outputs: Int) {
        (self.samples, self.outputs) = (samples, outputs)
        values = [Double](repeating: 0, count: samples * outputs)
    }

    /// - Parameter rows: the outputs of each sample.
    init(rows: some Collection<[Double]>, outputs: Int) {
        (samples, self.outputs) = (rows.count, outputs)
        values = []
        values.reserveCapacity(samples * outputs)
        for row in rows { values += row }
    }

    /// - Parameter values: sample after sample.
    package init(values: [Double], samples: Int, outputs: Int) {
        (self.values, self.samples, self.outputs) = (values, samples, outputs)
    }

    mutating func subtract(_ other: OutputTable) {
        for index in values.indices { values[index] -= other.values[index] }
    }

    /// Adds the samples of another.
    package mutating func append(_ other: OutputTable) {
        samples += other.samples
        values += other.values
    }

    public subscript(sample: Int, output: Int) -> Double {
        get { values[output + sample * outputs] }
        set { values[output + sample * outputs] = newValue }
    }

    /// The outputs of one sample.
    public func row(_ sample: Int) -> ArraySlice<Double> {
        values[sample * outputs..<(sample + 1) * outputs]
    }
}

extension LearningTask {
    /// What the loss says of the outputs of all samples.
    public func assess(_ outputs: OutputTable) -> Assessment { loss.assess(outputs, targets) }
}
