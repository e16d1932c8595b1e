/// The samples of a task, row after row of flat memory; what one of them says is put together when it is asked
/// for, so that a table of millions of numbers is kept once.
public struct Samples: RandomAccessCollection, Sendable {
    /// Where a number of a sample comes from.
    enum Field: Sendable {
        case constant(Double)
        /// offset + scale · the number in this column.
        case column(Int, scale: Double, offset: Double)
        /// One number where the column has this one, another elsewhere.
        case match(Int, Double, yes: Double, no: Double)

        func scaled(by factor: Double) -> Field {
            switch self {
            case .constant(let value): .constant(factor * value)
            case .column(let index, let scale, let offset):
                .column(index, scale: factor * scale, offset: factor * offset)
            case .match(let index, let value, let yes, let no):
                .match(index, value, yes: factor * yes, no: factor * no)
            }
        }

        func value(_ row: UnsafePointer<Double>) -> Double {
            switch self {
            case .constant(let value): value
            case .column(let index, let scale, let offset):
                scale == 1 && offset == 0 ? row[index] : offset + scale * row[index]
            case .match(let index, let value, let yes, let no): row[index] == value ? yes : no
            }
        }
    }

    /// Rows of as many numbers as there are columns.
    private let values: [Double]
    private let columns: Int
    private let inputs: [Field]
    private let targets: [Field]
    /// What a row sets beside the inputs.
    private let settings: [Field]
    /// The corner of each row; empty where there is but one.
    private let cornerOfRow: [Int32]
    /// The settings of each corner that rows are in, of these samples or of others of the same task.
    let cornerValues: [[Double]]
    /// Which rows; nil for all of them.
    private let rows: [Int]?
    public let count: Int

    /// - Parameters:
    ///   - values: `count` rows of `columns` numbers; may be empty where there are none.
    init(values: [Double], columns: Int, count: Int, inputs: [Field], targets: [Field]) {
        (self.values, self.columns, self.count) = (values, columns, count)
        (self.inputs, self.targets) = (inputs, targets)
        rows = nil
        (settings, cornerOfRow, cornerValues) = ([], [], [])
    }

    /// The same with corners, each behind those that are known.
    ///
    /// - Parameters:
    ///   - known: settings of corners, in their order; those found are added.
    ///   - most: corners that are told apart.
    init(_ samples: Samples, settings: [Field], known: inout [[Double]], most: Int) {
        (values, columns, count) = (samples.values, samples.columns, samples.count)
        (inputs, targets, rows) = (samples.inputs, samples.targets, nil)
        self.settings = settings
        var places = Dictionary(
            known.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
        var corners: [Int32] = []
        corners.reserveCapacity(count)
        for row in 0..<count {
            let value = samples.read(settings, row)
            if places[value] == nil, known.count <= most {
                places[value] = Int32(known.count)
                known.append(value)
            }
            corners.append(places[value] ?? 0)
        }
        cornerOfRow = corners
        cornerValues = known
    }

    /// - Parameter samples: all with as many inputs and targets.
    init(_ samples: some Collection<LearningTask.Sample>) {
        let inputs = samples.first?.inputs.count ?? 0, targets = samples.first?.targets.count ?? 0
        self.init(
            values: samples.flatMap { $0.inputs + $0.targets }, columns: inputs + targets,
            count: samples.count,
            inputs: (0..<inputs).map { .column($0, scale: 1, offset: 0) },
            targets: (inputs..<inputs + targets).map { .column($0, scale: 1, offset: 0) })
    }

    private init(_ all: Samples, rows: [Int]) {
        (values, columns, inputs, targets) = (all.values, all.columns, all.inputs, all.targets)
        (settings, cornerOfRow, cornerValues) = (all.settings, all.cornerOfRow, all.cornerValues)
        self.rows = rows
        count = rows.count
    }

    /// Some of these, in this order.
    func selecting(_ indices: some Sequence<Int>) -> Samples {
        Samples(self, rows: indices.map { rows?[$0] ?? $0 })
    }

    /// Two parts at random, each in the order of these.
    ///
    /// - Parameters:
    ///   - share: of those that are taken.
    ///   - byClass: whether this share is taken of each class.
    func split(share: Double, seed: UInt64, byClass: Bool) -> (rest: [Int], taken: [Int]) {
        var groups: [[Int]] = [Array(indices)]
        if byClass {
            let targets = targetTable
            groups = Dictionary(grouping: indices) { largestIndex(targets.row($0)) ?? 0 }
                .sorted { $0.key < $1.key }.map(\.value)
        }
        var random = SplitMix64(seed: seed)
        var taken: Set<Int> = []
        for group in groups {
            let number = Int((share * Double(group.count)).rounded())
            taken.formUnion(random.shuffled(group).prefix(number))
        }
        return (indices.filter { !taken.contains($0) }, taken.sorted())
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    /// The corner in which a sample is.
    func corner(of index: Int) -> Int {
        cornerOfRow.isEmpty ? 0 : Int(cornerOfRow[rows?[index] ?? index])
    }

    /// What a sample sets beside the inputs.
    public func settings(of index: Int) -> [Double] { read(settings, index) }

    public subscript(index: Int) -> LearningTask.Sample {
        LearningTask.Sample(
            inputs: read(inputs, index), targets: read(targets, index))
    }

    private func read(_ fields: [Field], _ index: Int) -> [Double] {
        precondition(index >= 0 && index < count, "there is no such sample")
        let start = (rows?[index] ?? index) * columns
        return values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else {
                return withUnsafePointer(to: 0.0) { zero in fields.map { $0.value(zero) } }
            }
            return fields.map { $0.value(base + start) }
        }
    }

    var inputFields: [Field] { inputs }

    /// The columns that inputs follow, in their order.
    var inputColumns: [Int] { Set(inputs.flatMap(\.columns)).sorted() }

    /// The number of each sample in a column.
    func values(ofColumn column: Int) -> [Double] {
        (0..<count).map { values[(rows?[$0] ?? $0) * columns + column] }
    }

    /// The first sample with every pair of these numbers in two of its columns, the first one running faster.
    func grid(columns places: (Int, Int), _ first: [Double], _ second: [Double]) -> Samples {
        var row = Array(values[(rows?.first ?? 0) * columns..<((rows?.first ?? 0) + 1) * columns])
        var table: [Double] = []
        table.reserveCapacity(first.count * second.count * columns)
        for b in second {
            row[places.1] = b
            for a in first {
                row[places.0] = a
                table += row
            }
        }
        return Samples(
            values: table, columns: columns, count: first.count * second.count, inputs: inputs,
            targets: targets)
    }

    /// What the outputs of all should be.
    var targetTable: OutputTable {
        OutputTable(
            rows: (0..<count).lazy.map { read(targets, $0) }, outputs: targets.count)
    }
}
