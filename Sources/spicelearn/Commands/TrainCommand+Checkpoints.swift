import ArgumentParser
import Engines
import Foundation
import LearningRules
import Netlist

/// What `train` keeps of a training, and takes over from one that was kept.
extension TrainCommand {
    /// Takes over what was asked for when the training began.
    ///
    /// - Throws: `ValidationError` for a flag that would change the training.
    ///   `Failure` for a file that the checkpoint may not choose.
    mutating func adopt(_ checkpoint: Checkpoint) throws {
        let request = checkpoint.request
        let reach = CheckpointReach(checkpoint: checkpoints.resume ?? "", netlist: netlist)
        func path(_ typed: String, _ flag: String) throws(Failure) -> String {
            try reach.require(checkpoint.path(typed), as: flag)
        }
        var flags = request.flags
        flags["data"] = try flags["data"]?.map {
            try learning.data == nil ? path($0, "--data") : checkpoint.path($0)
        }
        flags["test"] = try flags["test"]?.map {
            try learning.test == nil ? path($0, "--test") : checkpoint.path($0)
        }
        try learning.adopt(flags)
        let began = Engine(rawValue: request.engine) ?? engine.engine
        guard [.auto, began].contains(engine.engine) else {
            throw ValidationError(
                "--engine \(engine.engine.rawValue): this training goes on with the \(began.rawValue) engine, with which it began; leave the flag out"
            )
        }
        engine.engine = began
        let superposed = Superposition(rawValue: request.superposition) ?? superposition
        guard superposition == .on || superposed == .off else {
            throw ValidationError(
                "--superposition off: this training began without it; leave the flag out")
        }
        superposition = superposed
        setOptions = setOptions || request.setsOptions == true
        out = try out ?? path(request.output, "-o")
        history = try history ?? request.history.map { try path($0, "--history") }
        report = try report ?? request.report.map { try path($0, "--report") }
        checkpoints.checkpoint = checkpoints.checkpoint ?? checkpoints.resume
        checkpoints.every =
            checkpoints.every ?? request.every.flatMap { CheckpointInterval(argument: $0) }
        try requireOneOutput()
    }

    /// Where the history goes on; nil for another file than the one that was written then.
    func historyPosition(
        _ path: String, in checkpoint: Checkpoint?
    ) -> Checkpoint.HistoryPosition? {
        guard let checkpoint, let earlier = checkpoint.request.history,
            OutputPath.resolve(checkpoint.path(earlier)) == OutputPath.resolve(path)
        else { return nil }
        return checkpoint.history
    }

    func checkpointFile(
        of deck: LearningDeck, _ engine: Engine, _ matrixSolver: SimulatorOptions.MatrixSolver?
    ) throws -> CheckpointFile? {
        guard let path = checkpoints.checkpoint, let out else { return nil }
        return try CheckpointFile(
            path: path, every: checkpoints.every ?? .standard, of: deck,
            request: Checkpoint.Request(
                flags: learning.given, engine: engine.rawValue,
                superposition: superposition.rawValue,
                matrixSolver: matrixSolver?.rawValue,
                folder: FileManager.default.currentDirectoryPath, output: out, history: history,
                report: report, every: checkpoints.every?.argument,
                setsOptions: setOptions ? true : nil))
    }
}
