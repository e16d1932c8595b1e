import Foundation

/// Samples and values that do not come from the deck: those of a program that trains the circuit by itself.
extension LearningTask {
    /// The same with other samples, all in the deck's own circuit.
    ///
    /// - Parameter samples: each with the values of all inputs and what the loss takes for each output.
    /// - Throws: `TaskError` where there are none, where one has another number of values, and for a task whose samples
    ///   are in circuits of their own, or whose loss counts power.
    public func replacingSamples(by samples: [Sample]) throws(TaskError) -> LearningTask {
        guard settings.isEmpty else {
            throw TaskError(
                message: "the data sets \(settings.map(\.name).joined(separator: ", ")), of which "
                    + "other inputs say nothing: choose among the deck's own samples")
        }
        guard !(loss is PowerTerm) else {
            throw TaskError(
                message: "the loss counts the power of sources, of which other targets say "
                    + "nothing: choose among the deck's own samples")
        }
        guard !samples.isEmpty else { throw TaskError(message: "there are no samples") }
        for (index, sample) in samples.enumerated()
        where sample.inputs.count != inputs.count || sample.targets.count != outputs.count {
            throw TaskError(
                message: "sample \(index + 1) has \(sample.inputs.count) inputs and "
                    + "\(sample.targets.count) targets; the task has \(inputs.count) inputs and "
                    + "\(outputs.count) outputs")
        }
        return with(Samples(samples))
    }
}

extension TrainableParameter {
    /// What a user calls its value: the first resistor's resistance, Ω, or the number in the text.
    ///
    /// - Parameter u: as in `TrainedValues.values`.
    public func userValue(_ u: Double) -> Double { isConductance ? firstFactor / u : u }

    /// u for what a user calls its value: `userValue` backwards.
    public func trainedValue(_ value: Double) -> Double {
        isConductance ? firstFactor / value : value
    }

    /// The bounds of what a user calls its value.
    public var userBounds: ClosedRange<Double> {
        isConductance
            ? firstFactor / bounds.upperBound...firstFactor / bounds.lowerBound : bounds
    }
}

extension TrainedValues {
    /// θ of each trained variable: what `velocity(update:of:)` is the rate of.
    public func variables(of task: LearningTask) -> [Double] {
        let charts = task.numbers.charts
        return values.indices.map { charts[$0].theta(values[$0]) }
    }

    /// The values at these θ; not always within the bounds.
    ///
    /// - Parameter variables: one for each of the task's parameters.
    public init(variables: [Double], of task: LearningTask) {
        let charts = task.numbers.charts
        self.init(values: variables.indices.map { charts[$0].number(variables[$0]) })
    }

    /// What a user calls each value (`TrainableParameter.userValue`).
    public func userValues(of task: LearningTask) -> [Double] {
        // A parameter is dear to copy where there are thousands.
        let parameters = task.parameters
        return parameters.indices.map { parameters[$0].userValue(values[$0]) }
    }

    /// The parameters whose value is not within their bounds, or not a number.
    public func outOfBounds(of task: LearningTask) -> [Int] {
        let (lower, upper) = (task.numbers.lowerBounds, task.numbers.upperBounds)
        return values.indices.filter { !(values[$0] >= lower[$0] && values[$0] <= upper[$0]) }
    }

    /// Each value that is not within its bounds is at the nearer one.
    public func clipped(to task: LearningTask) -> Self {
        let (lower, upper) = (task.numbers.lowerBounds, task.numbers.upperBounds)
        return Self(values: values.indices.map { min(max(values[$0], lower[$0]), upper[$0]) })
    }
}
