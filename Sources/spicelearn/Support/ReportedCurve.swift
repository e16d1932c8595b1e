import LearningRules
import LearningTasks
import Reports

/// What a report shows of a training: the rows of its history without outputs and resistances, and with the
/// scores of a task with classes or with samples for testing.
struct ReportedCurve {
    private(set) var curve: TrainingCurve
    private let rows: History.Rows
    private let task: LearningTask
    /// After the columns of the rows.
    private let scores: [String]

    init(_ rows: History.Rows, task: LearningTask, hasTest: Bool) {
        self.rows = rows
        self.task = task
        let hasClasses = task.classes != nil
        scores =
            rows != .steps
            ? []
            : (hasClasses ? ["accuracy"] : []) + (hasTest ? ["testLoss", "testError"] : [])
                + (hasTest && hasClasses ? ["testAccuracy"] : [])
        curve = TrainingCurve(columns: rows.columns + scores)
    }

    mutating func record(_ step: TrainingStep) {
        guard let values = rows.values(of: step) else { return }
        curve.append(
            values
                + scores.map { name in
                    switch name {
                    case "accuracy": step.score?.training.accuracy ?? .nan
                    case "testLoss": step.score?.test?.loss ?? .nan
                    case "testError": step.score?.test?.largestError ?? .nan
                    default: step.score?.test?.accuracy ?? .nan
                    }
                })
    }

    mutating func record(_ moment: TrainingMoment) { curve.append(rows.values(of: moment)) }
}
