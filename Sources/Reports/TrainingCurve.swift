/// What a training's history says, row by row, in a bounded number of rows.
///
/// When there are too many, every second row is left out, and from then on every second that comes: what
/// remains has equal distances and does not depend on when it was looked at. The last row is always kept.
public struct TrainingCurve: Encodable, Sendable, Equatable {
    /// `step`, `loss`, `error` and so on, as in the file that `--history` writes.
    public let columns: [String]
    public private(set) var rows: [[Double?]] = []
    /// Of the rows that came, every one whose number is a multiple of this is kept.
    public private(set) var stride = 1

    private let most: Int
    private var seen = 0
    private var last: [Double?]?

    private enum CodingKeys: String, CodingKey { case columns, rows, stride }

    /// - Parameter most: rows to keep, at least 2.
    public init(columns: [String], most: Int = 2000) {
        self.columns = columns
        self.most = max(most, 2)
    }

    /// - Parameter values: one for each column; what is not finite becomes null.
    public mutating func append(_ values: [Double]) {
        let row = values.map { $0.isFinite ? $0 : nil }
        if seen.isMultiple(of: stride) {
            if rows.count == most {
                stride *= 2
                rows = rows.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
            }
            if seen.isMultiple(of: stride) {
                rows.append(row)
            }
        }
        last = row
        seen += 1
    }

    /// Every row kept, and the last one.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(columns, forKey: .columns)
        try container.encode(keptRows, forKey: .rows)
        try container.encode(stride, forKey: .stride)
    }

    /// Those kept, and the last one.
    public var keptRows: [[Double?]] {
        guard let last, !(seen - 1).isMultiple(of: stride) else { return rows }
        return rows + [last]
    }

    /// The kept numbers of a column; nil where there is no such column.
    public func column(_ name: String) -> [Double?]? {
        columns.firstIndex(of: name).map { index in keptRows.map { $0[index] } }
    }
}
