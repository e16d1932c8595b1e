import LearningTasks
import Netlist

extension Physics {
    /// ∂(outputs)/∂(value) of each trained source, V/V or V/A, and number of a semiconductor, over samples, then outputs: centered differences
    /// of free states, one-sided where the other side can't be solved.
    ///
    /// The physics is left at these values. Takes two free states of every sample for each value.
    func valueResponsesByDifferences(
        of task: LearningTask, at values: TrainedValues
    ) throws -> [[Double]] {
        guard task.trainsValues else { return [] }
        try set(values, of: task)
        let present = values.otherValues(of: task)
        let here = try freeOutputs(of: task).values
        func outputs(_ index: Int, _ change: Double) throws -> [Double] {
            var moved = present
            moved[index] += change
            try setValues(moved)
            return try freeOutputs(of: task).values
        }
        let responses = try present.indices.map { index in
            let step = task.numbers.difference(ofValue: index, at: present[index])
            let up = Result { try outputs(index, step) }
            let down = Result { try outputs(index, -step) }
            if case .failure(let error) = up, case .failure = down { throw error }
            let (high, low) = ((try? up.get()) ?? here, (try? down.get()) ?? here)
            let isTwoSided = (try? up.get()) != nil && (try? down.get()) != nil
            return zip(high, low).map { ($0 - $1) / (isTwoSided ? 2 * step : step) }
        }
        try setValues(present)
        return responses
    }
}
