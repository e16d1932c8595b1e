import Foundation
import Netlist

/// A text that is no history of a training.
public struct HistoryError: Error, CustomStringConvertible, Equatable {
    public let line: Int
    public let message: String
    public var description: String { "line \(line): \(message)" }
}

/// What `train --history` writes.
extension TrainingCurve {
    /// The columns that are shown, in the order in which they stand; those after them are outputs and
    /// trained values.
    static let known: Set = [
        "step", "time", "epoch", "loss", "naturalLoss", "error", "rate", "accuracy", "testLoss",
        "testError", "testAccuracy",
    ]

    private static let notHistory =
        "this is no history of a training: its columns begin with step, time or epoch, then loss"

    /// - Complexity: O(bytes); of a row only the columns that are shown are read as numbers.
    /// - Throws: `HistoryError`.
    public init(csv bytes: [UInt8], most: Int = 2000) throws(HistoryError) {
        let newline = UInt8(ascii: "\n"), comma = UInt8(ascii: ",")
        var lines = bytes.split(separator: newline, omittingEmptySubsequences: false)[...]
        let header = lines.popFirst() ?? []
        let names = header.split(separator: comma, omittingEmptySubsequences: false)
            .map { Self.text($0) }.prefix { Self.known.contains($0) }
        guard Self.isHistory(names) else {
            throw HistoryError(line: 1, message: Self.notHistory)
        }
        self.init(columns: Array(names), most: most)
        var place = -Double.infinity
        for (index, line) in lines.enumerated() where !Self.text(line).isEmpty {
            let cells = line.split(
                separator: comma, maxSplits: names.count, omittingEmptySubsequences: false)
            let values = cells.prefix(names.count).map { Double(Self.text($0)) }
            guard values.count == names.count, !values.contains(nil) else {
                // A training that is under way, or was killed, has not finished its last line.
                if index == lines.count - 1 { break }
                throw HistoryError(
                    line: index + 2, message: "there are not \(names.count) numbers to begin with")
            }
            let row = values.compactMap(\.self)
            try Self.requireOrder(of: row, after: &place, in: names[0], line: index + 2)
            append(row)
        }
    }

    /// - Throws: `HistoryError`.
    public init(jsonLines bytes: [UInt8], most: Int = 2000) throws(HistoryError) {
        let lines = bytes.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var columns: [String] = []
        var rows: [[Double]] = []
        var place = -Double.infinity
        for (index, line) in lines.enumerated() where !line.isEmpty {
            guard let row = try? JSONDecoder().decode([String: Double].self, from: Data(line))
            else {
                if index == lines.count - 1 { break }
                throw HistoryError(line: index + 1, message: "this is no object of numbers")
            }
            if columns.isEmpty {
                // The order in which `--history` writes them.
                columns = [
                    "time", "epoch", "step", "loss", "naturalLoss", "error", "rate", "accuracy",
                    "testLoss", "testError", "testAccuracy",
                ].filter { row[$0] != nil }
            }
            let values = columns.map { row[$0] ?? .nan }
            if let name = columns.first {
                try Self.requireOrder(of: values, after: &place, in: name, line: index + 1)
            }
            rows.append(values)
        }
        guard Self.isHistory(columns[...]) else {
            throw HistoryError(line: 1, message: Self.notHistory)
        }
        self.init(columns: columns, most: most)
        for row in rows { append(row) }
    }

    /// Rows that were sorted otherwise, or of two trainings, would be drawn as a curve that goes back.
    private static func requireOrder(
        of row: [Double], after place: inout Double, in column: String, line: Int
    ) throws(HistoryError) {
        guard row[0] >= place else {
            let (now, before) = (SpiceNumber.shortest(row[0]), SpiceNumber.shortest(place))
            throw HistoryError(
                line: line,
                message:
                    "the \(column) \(now) comes after \(before): sort the rows, and give each training a history of its own"
            )
        }
        place = row[0]
    }

    private static func isHistory(_ names: ArraySlice<String>) -> Bool {
        ["step", "time", "epoch"].contains(names.first) && names.contains("loss")
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespaces)
    }
}
