import ArgumentParser
import Foundation
import LearningRules

/// A file that holds the last checkpoint of a training, whatever happens to the process or the machine.
final class CheckpointFile {
    private let file: OutputFile
    private let interval: CheckpointInterval
    private let deck: Fingerprint
    private let data: Fingerprint?
    private let request: Checkpoint.Request
    private var lastTime: ContinuousClock.Instant?

    var name: String { file.path.name }

    /// - Throws: `Failure`: 64 for a pipe or a device, 73 where the file can't be made.
    init(
        path: String, every interval: CheckpointInterval, of deck: LearningDeck,
        request: Checkpoint.Request
    ) throws(Failure) {
        file = try OutputFile(path: path)
        guard file.path.kind == .file else {
            throw Failure("--checkpoint \(path): a checkpoint is a file", status: ExitStatus.usage)
        }
        self.interval = interval
        self.deck = deck.fingerprint
        data = deck.dataFingerprint
        self.request = request
    }

    /// Whether it is time for one: the first as soon as there is something to keep, and whether it can be kept
    /// shows at once.
    func isDue(at step: Int) -> Bool {
        guard let lastTime else { return true }
        return interval.isDue(step: step, elapsed: ContinuousClock.now - lastTime)
    }

    /// - Throws: `Failure` with exit code 74; the checkpoint before is still there.
    func write(
        _ progress: TrainingProgress, history: Checkpoint.HistoryPosition?
    ) throws(Failure) {
        let checkpoint = Checkpoint(
            deck: deck, data: data, request: request, history: history, progress: progress)
        let bytes: [UInt8]
        do {
            bytes = try checkpoint.bytes
        } catch {
            throw Failure("can't write \(name): \(error)", status: ExitStatus.software)
        }
        try file.write(bytes)
        lastTime = .now
    }

    /// - Throws: `Failure`: 66 where there is no such file, 65 where it is no checkpoint.
    static func read(_ path: String) throws(Failure) -> Checkpoint {
        let bytes = try InputFile.read(path).bytes
        do {
            return try Checkpoint(bytes: bytes)
        } catch {
            throw Failure("\(path): \(error)", status: ExitStatus.badData)
        }
    }
}

extension Checkpoint {
    /// - Parameter path: its own.
    /// - Throws: `Failure` with exit code 65 where the deck or its data have changed.
    func requireSame(_ deck: LearningDeck, path: String) throws(Failure) {
        let changed: String
        if deck.fingerprint != self.deck {
            changed = "the netlist, or a file that it includes, is"
        } else if deck.dataFingerprint != data {
            changed = "the training data are"
        } else {
            return
        }
        throw Failure(
            """
            \(changed) not what \(path) is a checkpoint of: restore the text of that training, or \
            train from the start without --resume
            """, status: ExitStatus.badData)
    }

    /// A path as it was typed then, seen from here.
    func path(_ typed: String) -> String {
        typed.utf8.starts(with: "/".utf8) || typed == "-"
            || request.folder == FileManager.default.currentDirectoryPath
            ? typed : request.folder + "/" + typed
    }
}
