/// Samples on a grid over two numbers of the data, all others as in the first sample.
public struct SampleGrid: Sendable {
    /// Of one of the two numbers.
    public struct Axis: Sendable {
        /// The inputs that follow it: `V1`, or `data of V1, V2` where they take it in another scale.
        public let name: String
        /// V or A where the only input that follows it takes it as it is; empty for another scale.
        public let unit: String
        /// Equal distances.
        public let values: [Double]
    }

    /// The inner axis, then the outer one: sample x + y · x.values.count.
    public let x: Axis
    public let y: Axis
    /// Its targets mean nothing.
    public let task: LearningTask
    /// Where the samples of the task lie.
    public let samples: [(x: Double, y: Double)]

    /// - Parameter count: along each axis, from a tenth below the least of the data to a tenth above the largest.
    /// - Throws: `TaskError` where the inputs don't follow two numbers of the data.
    public init(of task: LearningTask, count: Int) throws(TaskError) {
        let columns = task.samples.inputColumns
        guard task.settings.isEmpty, columns.count == 2 else {
            throw TaskError(
                message:
                    "regions are over two numbers of the data, and the inputs here follow \(task.settings.isEmpty ? columns.count : columns.count + task.settings.count)"
            )
        }
        func axis(_ column: Int) -> Axis {
            let values = task.samples.values(ofColumn: column)
            let (least, largest) = (values.min() ?? 0, values.max() ?? 0)
            let margin = largest > least ? 0.1 * (largest - least) : 1
            let (low, high) = (least - margin, largest + margin)
            let followers = zip(task.inputs, task.samples.inputFields).filter {
                $0.1.columns.contains(column)
            }
            let isPlain = followers.count == 1 && followers[0].1.isPlain
            let names = followers.map(\.0.name).joined(separator: ", ")
            return Axis(
                name: isPlain ? names : "data of \(names)",
                unit: isPlain ? (followers[0].0.kind == .voltage ? "V" : "A") : "",
                values: (0..<count).map {
                    low + (high - low) * Double($0) / Double(max(count - 1, 1))
                })
        }
        (x, y) = (axis(columns[0]), axis(columns[1]))
        self.task = task.with(
            task.samples.grid(columns: (columns[0], columns[1]), x.values, y.values))
        samples = Array(
            zip(
                task.samples.values(ofColumn: columns[0]),
                task.samples.values(ofColumn: columns[1])
            ).map { (x: $0, y: $1) })
    }
}

extension Samples.Field {
    /// Those that it reads.
    var columns: [Int] {
        switch self {
        case .constant: []
        case .column(let index, _, _), .match(let index, _, _, _): [index]
        }
    }

    /// Whether it is the number in a column.
    var isPlain: Bool {
        if case .column(_, scale: 1, offset: 0) = self { true } else { false }
    }
}
