import Foundation
import Generators
import LearningRules
import LearningTasks
import Netlist

/// Writes a row for each step, or each time asked for, while training runs: losses, rate, every output
/// and every trained resistance.
///
/// The format follows the name: `.csv`; `.json`, `.jsonl` or `.ndjson`, an object a line; `.raw`, which
/// ngspice's `load` and `plot` read. Devices, pipes and `-`, which have no such ending, get CSV. Rows are
/// on disk at most a second late, so that an interrupted run keeps them; a file that was there is
/// replaced when there is a first row.
final class History {
    /// What its rows are: the columns before those of outputs and resistors.
    enum Rows: Equatable {
        case steps, times
        /// A row after each epoch, with the scores of all samples.
        case epochs(hasClasses: Bool, hasTest: Bool)

        /// Of a training in discrete steps.
        static func of(_ trainer: Trainer) -> Rows {
            trainer.plan.isStochastic
                ? .epochs(
                    hasClasses: trainer.task.classes != nil, hasTest: trainer.testing != nil)
                : .steps
        }

        var columns: [String] {
            switch self {
            case .steps: ["step", "loss", "naturalLoss", "error", "rate"]
            case .times: ["time", "loss", "naturalLoss", "error"]
            case .epochs(let hasClasses, let hasTest):
                ["epoch", "step", "loss", "error", "rate"] + (hasClasses ? ["accuracy"] : [])
                    + (hasTest ? ["testLoss", "testError"] : [])
                    + (hasTest && hasClasses ? ["testAccuracy"] : [])
            }
        }

        /// One number for each of the columns; nil where a step has no row.
        func values(of step: TrainingStep) -> [Double]? {
            guard case .epochs = self else {
                let states = step.states
                return [
                    Double(step.step), states.loss, states.naturalLoss, states.largestError,
                    step.rate,
                ]
            }
            guard let score = step.score else { return nil }
            return [
                Double(score.epoch), Double(step.step), score.training.loss,
                score.training.largestError, step.rate,
            ] + (score.training.accuracy.map { [$0] } ?? [])
                + (score.test.map { [$0.loss, $0.largestError] } ?? [])
                + (score.test?.accuracy.map { [$0] } ?? [])
        }

        /// One number for each of the columns.
        func values(of moment: TrainingMoment) -> [Double] {
            let states = moment.states
            return [moment.time, states.loss, states.naturalLoss, states.largestError]
        }
    }

    private let format: HistoryFormat
    private let header: HistoryHeader
    private let file: StreamedFile
    private let task: LearningTask
    private let kind: Rows
    private let columns: [String]
    private let resistors: [Int]
    private var buffer: [UInt8] = []
    private var rows = 0
    /// Written so far.
    private var bytes = 0
    private var content = Fingerprint()
    private var lastFlush = ContinuousClock.now

    /// - Parameter position: of the history that is gone on with; nil for a new one.
    /// - Throws: `Failure`: 64 for an unknown ending, 73 where the file can't be made, 66 and 65 where there
    ///   is not what the position says.
    init(
        path: String, task: LearningTask, of kind: Rows,
        after position: Checkpoint.HistoryPosition? = nil
    ) throws(Failure) {
        let target = try OutputPath(path)
        format = try HistoryFormat(path, target.kind)
        self.task = task
        self.kind = kind
        resistors = task.trainedResistors
        columns = Self.columns(kind, task, resistors)
        header = HistoryHeader(format, title: task.circuit.title, columns: columns)
        guard let position else {
            file = StreamedFile(to: target)
            buffer = header.bytes
            return
        }
        var earlier = EarlierHistory(format, header, position, name: path)
        file = try StreamedFile(to: target, after: position.bytes) { part throws(Failure) in
            try earlier.check(part)
        }
        (rows, bytes, content) = (position.rows, position.bytes, position.content)
    }

    private static func columns(
        _ kind: Rows, _ task: LearningTask, _ resistors: [Int]
    ) -> [String] {
        let resistances = resistors.map { task.circuit.resistors[$0].name }
        let numbers = task.parameters.filter { !$0.isConductance }.map(\.name)
        guard task.samples.count == 1, kind == .steps || kind == .times else {
            return kind.columns + resistances + numbers
        }
        return kind.columns + task.outputNames + resistances + numbers
    }

    /// - Throws: `Failure` 74 where the disk refuses.
    func record(_ step: TrainingStep) throws(Failure) {
        guard let first = kind.values(of: step) else { return }
        if case .epochs = kind { return try record(first, nil, step.conductances) }
        try record(first, step.states, step.conductances)
    }

    /// - Throws: `Failure` 74 where the disk refuses.
    func record(_ moment: TrainingMoment) throws(Failure) {
        try record(kind.values(of: moment), moment.states, moment.conductances)
    }

    private func record(
        _ first: [Double], _ states: LearningStates?, _ conductances: TrainedValues
    ) throws(Failure) {
        var values = first
        if task.samples.count == 1, let states {
            values += states.outputs.row(0).prefix(task.namedOutputs.count)
        }
        let resistances = conductances.resistances(of: task)
        values += resistors.map { resistances[$0] }
        for (parameter, value) in zip(task.parameters, conductances.values)
        where !parameter.isConductance {
            values.append(value)
        }
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
        if format == .raw {
            try file.overwrite(
                Array(HistoryHeader.padded(rows).utf8), at: header.count.lowerBound)
        }
        try file.close()
    }

    /// Brings all rows to disk.
    ///
    /// - Throws: `Failure` 74 where the disk refuses.
    func synchronize() throws(Failure) -> Checkpoint.HistoryPosition {
        try flush()
        try file.synchronize()
        return Checkpoint.HistoryPosition(bytes: bytes, rows: rows, content: content)
    }

    private func flush() throws(Failure) {
        guard !buffer.isEmpty else { return }
        try file.append(buffer)
        content.extend(buffer)
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
