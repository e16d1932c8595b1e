import LearningTasks

/// States of which the free states of all samples of a linear circuit are sums.
///
/// The free states of the samples themselves or, where these are more, one state for each input and one for
/// all other sources (docs/theory.md (22)).
package struct InputBasis {
    package let excitations: [Excitation]
    private let samples: Samples
    /// Of each input: the unit of its own size, so that no digits are lost to that of the others. Nil where each
    /// sample's state is its own member of the basis.
    private let scales: [Double]?
    private let hasOthers: Bool

    package init(of task: LearningTask) {
        samples = task.samples
        hasOthers = task.hasOtherSources
        guard samples.count > Self.inputResponses(of: task) else {
            excitations = samples.map { .state(inputs: $0.inputs) }
            scales = nil
            return
        }
        var scales = task.inputs.map { _ in 0.0 }
        for sample in samples {
            for (index, value) in sample.inputs.enumerated() {
                scales[index] = max(scales[index], abs(value))
            }
        }
        excitations =
            (hasOthers ? [.state(inputs: scales.map { _ in 0 })] : [])
            + scales.enumerated().map { .input($0, value: $1) }
        self.scales = scales
    }

    /// x_m, a column for each sample; nil where each sample's state is its own member of the basis.
    package var coordinates: [Double]? { scales.map { _ in coordinates(of: samples.indices) } }

    /// x_m of some of the samples: 1 for the state of the other sources, then the inputs over their scales.
    func coordinates(of part: Range<Int>) -> [Double] {
        guard let scales else { return [] }
        var result: [Double] = []
        result.reserveCapacity(part.count * excitations.count)
        for m in part {
            if hasOthers { result.append(1) }
            for (value, scale) in zip(samples[m].inputs, scales) {
                result.append(scale == 0 ? 0 : value / scale)
            }
        }
        return result
    }

    /// How many operating points the basis takes.
    package static func size(of task: LearningTask) -> Int {
        min(task.samples.count, inputResponses(of: task))
    }

    /// One for each input and, if there are any, one for all other sources.
    private static func inputResponses(of task: LearningTask) -> Int {
        task.inputs.count + (task.hasOtherSources ? 1 : 0)
    }
}
