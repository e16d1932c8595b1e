import Figures
import Generators
import LearningTasks

/// What an experiment gives: numbers, and the ways in which people look at them.
///
/// Encoded as it is for `--json`.
public protocol StudyResult: Sendable, Encodable {
    /// Every number of the figure and more, for other programs: a CSV file.
    var data: DataTable { get }
    /// The findings, for the terminal.
    var summary: DataTable { get }
    /// What the findings say, a sentence each.
    var findings: [String] { get }
    var figure: Figure { get }
}

/// A table of named columns.
public struct DataTable: Sendable {
    public enum Cell: Sendable, Equatable, ExpressibleByStringLiteral {
        case text(String)
        case number(Double)
        case empty

        public init(stringLiteral value: String) { self = .text(value) }

        init(_ value: Double?) { self = value.map { .number($0) } ?? .empty }
        init(_ value: Int) { self = .number(Double(value)) }
    }

    public let columns: [String]
    public private(set) var rows: [[Cell]] = []

    init(_ columns: String...) { self.columns = columns }

    mutating func add(_ cells: Cell...) { rows.append(cells) }

    /// RFC 4180; numbers at full double precision.
    public var csv: String {
        ([columns] + rows.map { $0.map(Self.plain) })
            .map { $0.map(Self.quoted).joined(separator: ",") + "\n" }.joined()
    }

    private static func plain(_ cell: Cell) -> String {
        switch cell {
        case .text(let text): text
        case .number(let value):
            value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
        case .empty: ""
        }
    }

    private static func quoted(_ text: String) -> String {
        let special = text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
        return special ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
