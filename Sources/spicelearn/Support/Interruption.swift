import CStart
import CSystem

/// Ctrl-C, SIGTERM and a lost terminal (SIGHUP).
///
/// They end the process at once, without leaving anything behind, while there is nothing to keep; a training that
/// has begun finishes its step and writes what it reached, unless a second signal comes.
enum Interruption {
    /// What a command that was interrupted throws when it has written what was reached.
    struct Stop: Error {
        let status: Int32
    }

    /// The last line on standard error.
    static let lastWords = "spicelearn: interrupted"

    static func prepare() { csystem_catch_signals(lastWords, cstart_ignored_signals()) }

    /// From here on there is something to keep.
    static func keepWhatIsReached() { csystem_note_first_signal() }

    /// 129, 130 or 143 once a signal has come.
    static var exitStatus: Int32? {
        let number = csystem_noted_signal()
        return number == 0 ? nil : 128 + number
    }

    /// - Throws: `Stop` once a signal has come.
    static func check() throws(Stop) {
        if let exitStatus { throw Stop(status: exitStatus) }
    }
}
