import Engines
import LearningTasks

extension LearningStates {
    /// The states of all samples, with the update of each corner behind that of the one before.
    init(parts: [(part: LearningTask.Part, result: LearningStates)], of task: LearningTask) {
        let (samples, outputs) = (task.samples.count, task.outputs.count)
        var free = OutputTable(samples: samples, outputs: outputs)
        var points: [OperatingPoint?] = []
        var natural = 0.0
        let places = task.corners[0].task.zeroUpdate.count
        var update = [Double](repeating: 0, count: places * task.corners.count)
        for (part, states) in parts {
            let share = Double(part.samples.count) / Double(max(samples, 1))
            natural += share * states.naturalLoss
            for (place, value) in states.update.enumerated() {
                update[part.corner * places + place] = share * value
            }
            let sides = states.points.count / max(part.samples.count, 1)
            if points.isEmpty { points = Array(repeating: nil, count: sides * samples) }
            for (row, sample) in part.samples.enumerated() {
                for o in 0..<outputs { free[sample, o] = states.outputs[row, o] }
                for side in 0..<sides {
                    points[side * samples + sample] =
                        states.points[side * part.samples.count + row]
                }
            }
        }
        self.init(
            points: points.compactMap(\.self), outputs: free, task.assess(free),
            naturalLoss: natural, update: update)
    }
}
