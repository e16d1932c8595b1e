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

    private static let isMain = Atomic(false)

    private let jobs = Mutex<[Job]>([])
    private let available = DispatchSemaphore(value: 0)

    private init() {
        precondition(
            !Self.isMain.load(ordering: .relaxed),
            "ngspice was told to run on the main thread, and is called from another")
        let thread = Thread { [self] in
            ThreadFolder.separate()
            let ngspice = Self.beginHere()
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

    /// Makes the main thread the one, if its stack can grow as large as ngspice needs.
    static func useMain() {
        precondition(Thread.isMainThread, "only the main thread can offer itself")
        guard current == nil, growStack() else { return }
        isMain.store(true, ordering: .relaxed)
        _ = beginHere()
    }

    private static func beginHere() -> Ngspice {
        let ngspice = Ngspice()
        Thread.current.threadDictionary[key] = ngspice
        return ngspice
    }

    /// Linux asks for the limit when the stack of the main thread grows, and keeps 128 MiB of
    /// addresses free for it; elsewhere the size is fixed when the program starts.
    private static func growStack() -> Bool {
        #if os(Linux)
            var limit = rlimit()
            let stack = __rlimit_resource_t(RLIMIT_STACK.rawValue)
            guard getrlimit(stack, &limit) == 0 else { return false }
            limit.rlim_cur = max(limit.rlim_cur, rlim_t(stackSize))
            return setrlimit(stack, &limit) == 0
        #else
            return false
        #endif
    }

    private static let key = "spicelearn.ngspice"

    /// The instance, when called on the thread itself.
    static var current: Ngspice? {
        Thread.current.threadDictionary[key] as? Ngspice
    }

    /// Runs a job in the folder that is current for the caller.
    func enqueue(_ job: @escaping Job) {
        let folder = ThreadFolder.open(".")
        jobs.withLock { jobs in
            jobs.append { ngspice in
                if folder >= 0 {
                    ThreadFolder.change(folder)
                    close(folder)
                }
                job(ngspice)
            }
        }
        available.signal()
    }
}
