import Foundation
import Synchronization

/// Ctrl-C and SIGTERM ask a training to finish its step; a second one ends the process at once.
enum Interruption {
    /// The signal received, or 0.
    private static let received = Atomic<Int32>(0)

    static func install() {
        // A parent may have left them blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                let earlier = Interruption.received.exchange(number, ordering: .relaxed)
                if earlier != 0 { _exit(128 + number) }
            }
        }
    }

    /// 130 or 143 once a signal has come.
    static var exitStatus: Int32? {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? nil : 128 + number
    }
}
