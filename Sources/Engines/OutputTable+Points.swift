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
}
