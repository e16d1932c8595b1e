import Foundation

/// How a history is written: by the ending of its name.
enum HistoryFormat {
    case csv, jsonLines, raw

    /// What names end in.
    private static let formats: KeyValuePairs<String, HistoryFormat> = [
        "csv": .csv, "jsonl": .jsonLines, "ndjson": .jsonLines, "json": .jsonLines, "raw": .raw,
    ]

    static let endings = formats.map(\.key)
    /// Of those that `report` reads.
    static let readableEndings = formats.filter { $0.value != .raw }.map(\.key)

    /// - Throws: `Failure` 64 for an unknown ending.
    init(_ path: String, _ kind: OutputPath.Kind) throws(Failure) {
        let ending = path.split(separator: ".").last?.lowercased()
        switch (Self.formats.first { $0.key == ending }?.value, kind) {
        case (.csv, _): self = .csv
        case (.jsonLines, _): self = .jsonLines
        case (.raw, .file): self = .raw
        case (.raw, _):
            throw Failure(
                "--history \(path): a .raw file begins with the number of rows, so it can't be a pipe",
                status: ExitStatus.usage)
        case (_, .file):
            throw Failure(
                "--history \(path): the name should end in .csv, .jsonl or .raw",
                status: ExitStatus.usage)
        case (_, .special), (_, .standardOutput): self = .csv
        }
    }
}

/// What a history begins with.
struct HistoryHeader {
    private(set) var bytes: [UInt8] = []
    /// What any file of this kind begins with, rows included.
    let beginning: [UInt8]
    let columns: Int
    /// Of a .raw file: where the number of rows stands, and when the file was made.
    private(set) var count = 0..<0
    private(set) var date = 0..<0

    init(_ format: HistoryFormat, title: String, columns: [String]) {
        self.columns = columns.count
        switch format {
        case .csv:
            bytes = Array(
                (columns.map { $0.contains(",") ? "\"\($0)\"" : $0 }.joined(separator: ",") + "\n")
                    .utf8)
            beginning = bytes
        case .jsonLines:
            beginning = Array("{\"\(columns.first ?? "")\":".utf8)
        case .raw:
            func append(_ text: String, _ lines: inout [UInt8]) -> Range<Int> {
                let start = lines.count
                lines += text.utf8
                return start..<lines.count
            }
            var lines: [UInt8] = []
            _ = append("Title: \(title)\nDate: ", &lines)
            date = append(Date().formatted(.iso8601), &lines)
            _ = append("\nPlotname: training history\nFlags: real\n", &lines)
            _ = append("No. Variables: \(columns.count)\nNo. Points: ", &lines)
            count = append(Self.padded(0), &lines)
            _ = append("\nVariables:\n", &lines)
            // ngspice takes `V(b)` for a voltage and `r1` for nothing special.
            for (index, name) in columns.enumerated() {
                let name = name.lowercased().filter { !$0.isWhitespace }
                _ = append("\t\(index)\t\(name)\tnotype\n", &lines)
            }
            _ = append("Binary:\n", &lines)
            bytes = lines
            beginning = lines
        }
    }

    /// A number of rows in the place kept for it.
    static func padded(_ count: Int) -> String {
        let digits = String(count)
        return digits + String(repeating: " ", count: max(0, 12 - digits.count))
    }
}
