import Dispatch
import Foundation
import Synchronization

/// The one thread on which ngspice runs: its parser and solver recurse deeply, and its image has one
/// global state.
///
/// Jobs run in the order in which they are given.
final class NgspiceThread: Sendable {
    typealias Job = @Sendable (Ngspice) -> Void

    static let shared = NgspiceThread()

    /// ngspice overflows 256 KiB and asks for 8 MiB; untouched pages cost nothing.
    private static let stackSize = 64 << 20

    private let jobs = Mutex<[Job]>([])
    private let available = DispatchSemaphore(value: 0)

    private init() {
        let thread = Thread { [self] in
            ThreadFolder.separate()
            let ngspice = Ngspice()
            Thread.current.threadDictionary[Self.key] = ngspice
            while true {
                available.wait()
                let job = jobs.withLock { $0.removeFirst() }
                job(ngspice)
            }
        }
        thread.stackSize = Self.stackSize
        thread.name = "ngspice"
        thread.start()
    }

    private static let key = "spicelearn.ngspice"

    /// The instance, when called on the thread itself.
    static var current: Ngspice? {
        Thread.current.threadDictionary[key] as? Ngspice
    }

    func enqueue(_ job: @escaping Job) {
        jobs.withLock { $0.append(job) }
        available.signal()
    }
}
