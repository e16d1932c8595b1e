import Foundation
import LearningRules
import Netlist

/// Writes a row for each step, or each time asked for, while training runs: losses, rate, every output
/// and every trained resistance.
///
/// The format follows the name: `.csv`; `.json`, `.jsonl` or `.ndjson`, an object a line; `.raw`, which
/// ngspice's `load` and `plot` read. Devices, pipes and `-`, which have no such ending, get CSV. Rows are
/// on disk at most a second late, so that an interrupted run keeps them; a file that was there is
/// replaced when there is a first row.
final class History {
    private enum Format { case csv, jsonLines, raw }

    /// What its rows are: the columns before those of outputs and resistors.
    enum Rows {
        case steps, times

        fileprivate var columns: [String] {
            switch self {
            case .steps: ["step", "loss", "naturalLoss", "error", "rate"]
            case .times: ["time", "loss", "naturalLoss", "error"]
            }
        }
    }

    private let format: Format
    private let file: StreamedFile
    private let task: LearningTask
    private let kind: Rows
    private let resistors: [Int]
    private var buffer: [UInt8] = []
    private var rows = 0
    /// Written so far.
    private var bytes = 0
    private var countOffset = 0
    private var lastFlush = ContinuousClock.now

    /// - Parameter position: of the history that is gone on with; nil for a new one.
    /// - Throws: `Failure`: 64 for an unknown ending, 73 where the file can't be made, 66 and 65 where there
    ///   is not what the position says.
    init(
        path: String, task: LearningTask, of kind: Rows,
        after position: Checkpoint.HistoryPosition? = nil
    ) throws(Failure) {
        let target = try OutputPath(path)
        file =
            if let position { try StreamedFile(to: target, after: position.bytes) } else {
                StreamedFile(to: target)
            }
        switch (path.split(separator: ".").last?.lowercased(), file.path.kind) {
        case ("csv", _): format = .csv
        case ("json", _), ("jsonl", _), ("ndjson", _): format = .jsonLines
        case ("raw", .file): format = .raw
        case ("raw", _):
            throw Failure(
                "--history \(path): a .raw file begins with the number of rows, so it can't be a pipe",
                status: ExitStatus.usage)
        case (_, .file):
            throw Failure(
                "--history \(path): the name should end in .csv, .jsonl or .raw",
                status: ExitStatus.usage)
        case (_, .special), (_, .standardOutput): format = .csv
        }
        self.task = task
        self.kind = kind
        resistors = task.parameters.flatMap { $0.members.map(\.resistor) }.sorted()
        writeHeader()
        guard let position else { return }
        (rows, bytes) = (position.rows, position.bytes)
        buffer.removeAll()
    }

    private var columns: [String] {
        let resistances = resistors.map { task.circuit.resistors[$0].name }
        guard task.samples.count == 1 else { return kind.columns + resistances }
        return kind.columns + task.outputs.map(\.name) + resistances
    }

    private func writeHeader() {
        switch format {
        case .csv:
            append(
                columns.map { $0.contains(",") ? "\"\($0)\"" : $0 }.joined(separator: ",") + "\n")
        case .jsonLines:
            break
        case .raw:
            append("Title: \(task.circuit.title)\nDate: \(Date().formatted(.iso8601))\n")
            append("Plotname: training history\nFlags: real\nNo. Variables: \(columns.count)\n")
            append("No. Points: ")
            countOffset = buffer.count
            append(Self.padded(0) + "\nVariables:\n")
            for (index, name) in columns.enumerated() {
                append("\t\(index)\t\(rawName(name, index))\tnotype\n")
            }
            append("Binary:\n")
        }
    }

    /// ngspice takes `V(b)` for a voltage and `r1` for nothing special.
    private func rawName(_ name: String, _ index: Int) -> String {
        name.lowercased().filter { !$0.isWhitespace }
    }

    private static func padded(_ count: Int) -> String {
        let digits = String(count)
        return digits + String(repeating: " ", count: max(0, 12 - digits.count))
    }

    /// - Throws: `Failure` 74 where the disk refuses.
    func record(_ step: TrainingStep) throws(Failure) {
        let states = step.states
        try record(
            [Double(step.step), states.loss, states.naturalLoss, states.largestError, step.rate],
            states, step.conductances)
    }

    /// - Throws: `Failure` 74 where the disk refuses.
    func record(_ moment: TrainingMoment) throws(Failure) {
        let states = moment.states
        try record(
            [moment.time, states.loss, states.naturalLoss, states.largestError], states,
            moment.conductances)
    }

    private func record(
        _ first: [Double], _ states: LearningStates, _ conductances: TrainedConductances
    ) throws(Failure) {
        var values = first
        if task.samples.count == 1 {
            values += states.outputs.row(0)
        }
        let resistances = conductances.resistances(of: task)
        values += resistors.map { resistances[$0] }
        rows += 1
        switch format {
        case .csv:
            append(values.map(Self.text).joined(separator: ",") + "\n")
        case .jsonLines:
            let pairs = zip(columns, values).map { "\(Self.quoted($0)):\(Self.text($1))" }
            append("{" + pairs.joined(separator: ",") + "}\n")
        case .raw:
            for value in values {
                withUnsafeBytes(of: value.bitPattern.littleEndian) { buffer.append(contentsOf: $0) }
            }
        }
        let now = ContinuousClock.now
        if buffer.count > 1 << 16 || rows == 1 || now - lastFlush > .seconds(1) {
            lastFlush = now
            try flush()
        }
    }

    /// Completes the file.
    ///
    /// - Throws: `Failure` 74 where the disk refuses.
    func close() throws(Failure) {
        try flush()
        if format == .raw { try file.overwrite(Array(Self.padded(rows).utf8), at: countOffset) }
        try file.close()
    }

    /// Brings all rows to disk.
    ///
    /// - Throws: `Failure` 74 where the disk refuses.
    func synchronize() throws(Failure) -> Checkpoint.HistoryPosition {
        try flush()
        try file.synchronize()
        return Checkpoint.HistoryPosition(bytes: bytes, rows: rows)
    }

    private func flush() throws(Failure) {
        try file.append(buffer)
        bytes += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    private func append(_ text: String) { buffer.append(contentsOf: text.utf8) }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
