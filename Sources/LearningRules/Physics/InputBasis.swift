/// States of which the free states of all samples of a linear circuit are sums.
///
/// The free states of the samples themselves or, where these are more, one state for each input and one for
/// all other sources (theory: "Superposition").
struct InputBasis {
    let excitations: [Excitation]
    /// x_m, a column for each sample; nil where each sample's state is its own member of the basis.
    let coordinates: [Double]?

    init(of task: LearningTask) {
        let (samples, inputs) = (task.samples, task.inputs.indices)
        guard samples.count > Self.inputResponses(of: task) else {
            excitations = samples.map { .state(inputs: $0.inputs) }
            coordinates = nil
            return
        }
        // A unit of the inputs' own size, so that no digits are lost to that of the others.
        let scales = inputs.map { i in samples.reduce(0) { max($0, abs($1.inputs[i])) } }
        let others = task.hasOtherSources
        excitations =
            (others ? [.state(inputs: inputs.map { _ in 0 })] : [])
            + inputs.map { .input($0, value: scales[$0]) }
        coordinates = samples.flatMap { sample in
            (others ? [1] : []) + zip(sample.inputs, scales).map { $1 == 0 ? 0 : $0 / $1 }
        }
    }

    /// How many operating points the basis takes.
    static func size(of task: LearningTask) -> Int {
        min(task.samples.count, inputResponses(of: task))
    }

    /// One for each input and, if there are any, one for all other sources.
    private static func inputResponses(of task: LearningTask) -> Int {
        task.inputs.count + (task.hasOtherSources ? 1 : 0)
    }
}
