import FuzzSupport
import LearningRules

/// Checkpoints of any bytes, and of any content behind a right first line.
@main enum FuzzCheckpoint {
    static func main() { Fuzzing.run { Fuzzing.test($0, $1, FuzzCheckpoint.test) } }

    static func test(_ bytes: [UInt8]) {
        for checkpoint in [try? Checkpoint(bytes: bytes), try? Checkpoint(content: bytes)] {
            guard let checkpoint else { continue }
            let written = try? checkpoint.bytes
            require(written != nil, "what was read can't be written")
            let again = written.flatMap { try? Checkpoint(bytes: $0) }
            require(
                (try? again?.bytes) == written, "a checkpoint reads back as another")
        }
    }
}
