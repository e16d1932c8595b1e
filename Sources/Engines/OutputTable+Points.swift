import LearningTasks

extension OutputTable {
    /// The outputs of states, one for each sample.
    package init(_ points: some Collection<OperatingPoint>, of task: LearningTask) {
        var values: [Double] = []
        values.reserveCapacity(points.count * task.outputs.count)
        for point in points {
            for output in task.outputs { values.append(point.voltage(output)) }
        }
        self.init(values: values, samples: points.count, outputs: task.outputs.count)
    }

    /// The rows of each part at the places of its samples.
    init(parts: [(part: LearningTask.Part, result: OutputTable)], of task: LearningTask) {
        self.init(samples: task.samples.count, outputs: task.outputs.count)
        for (part, own) in parts {
            for (row, sample) in part.samples.enumerated() {
                for o in 0..<outputs { self[sample, o] = own[row, o] }
            }
        }
    }
}
