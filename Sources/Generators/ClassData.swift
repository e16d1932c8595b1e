import LearningTasks
import Netlist

/// What a generated deck has to know of a table whose rows have classes.
public struct ClassData: Sendable {
    /// The columns that inputs are set by, and the range of each.
    public let inputs: [(name: String, range: ClosedRange<Double>)]
    /// The column of classes.
    public let column: String
    /// The classes, in order: by number where all of them are numbers.
    public let names: [String]
    /// Columns that are not read: those asked for, and those whose value never changes.
    public let ignored: [String]
    public let samples: Int

    /// How a table that is to be read so is parsed.
    ///
    /// - Parameter ignored: names or globs of columns.
    public static func kind(
        of column: String, classColumn: String, ignoring ignored: [String] = []
    ) -> SampleTable.Kind {
        if ignored.contains(where: { Glob($0).matches(column) }) { return .ignored }
        return column.lowercased() == classColumn.lowercased() ? .names : .numbers
    }

    /// The place of the column of classes, in a table of whatever kinds of columns.
    ///
    /// - Throws: `TaskError` where there is none of that name.
    @discardableResult public static func place(
        of classColumn: String, in table: SampleTable
    ) throws(TaskError) -> Int {
        let names = table.columns.map(\.value)
        if let place = names.firstIndex(where: { $0.lowercased() == classColumn.lowercased() }) {
            return place
        }
        let near = nearestName(to: classColumn, in: names)
        throw TaskError(
            message: "the data has no column \(classColumn)"
                + (near.map { "; did you mean \($0)?" } ?? ""))
    }

    /// - Parameters:
    ///   - table: parsed with these kinds of columns.
    ///   - range: that of every input; nil for each column's own.
    /// - Throws: `TaskError` where no column has classes, or none is left as an input.
    public init(
        _ table: SampleTable, classColumn: String, range: ClosedRange<Double>? = nil,
        ignoring ignored: [String] = []
    ) throws(TaskError) {
        let names = table.columns.map(\.value)
        let kinds = names.map {
            Self.kind(of: $0, classColumn: classColumn, ignoring: ignored)
        }
        let place = try Self.place(of: classColumn, in: table)
        var inputs: [(name: String, range: ClosedRange<Double>)] = []
        var constant: [String] = []
        for index in names.indices where kinds[index] == .numbers {
            let values = (0..<table.count).map { table.values[$0 * names.count + index] }
            guard let least = values.min(), let most = values.max() else { continue }
            if let range {
                inputs.append((names[index], range))
            } else if least < most {
                inputs.append((names[index], least...most))
            } else {
                constant.append(names[index])
            }
        }
        guard !inputs.isEmpty else {
            throw TaskError(message: "beside \(names[place]), no column has values that differ")
        }
        let classes = table.names[place]
        guard classes.count > 1 else {
            throw TaskError(message: "every row of \(names[place]) has the same class")
        }
        self.inputs = inputs
        self.ignored = ignored + constant
        column = names[place]
        self.names = classes.sorted { a, b in
            if let a = Double(a), let b = Double(b) { return a < b }
            return a < b
        }
        samples = table.count
    }
}
