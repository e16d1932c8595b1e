import Dispatch
import Synchronization

/// How code gets to the one instance: on its thread, one job after another.
extension Ngspice {
    /// Lets ngspice run on the main thread, from where alone it may then be called.
    ///
    /// A process without a second thread takes no locks: ngspice and the C library take hundreds of them
    /// for each value altered, and circuits of ten resistors take two thirds of the time (`make bench`).
    /// To be called on the main thread, before anything else of this library is used. Without effect
    /// where the main thread's stack is too small for ngspice and can't grow.
    public static func useMainThread() { NgspiceThread.useMain() }

    /// Runs `body` on ngspice's thread and waits for its result. Calls from several threads take
    /// turns; a call inside `body` runs at once.
    public static func withInstance<R: Sendable>(
        _ body: sending @escaping (Ngspice) throws -> R
    ) throws -> R {
        if let ngspice = NgspiceThread.current { return try ngspice.perform(body) }
        let done = DispatchSemaphore(value: 0)
        let result = Mutex<Result<R, any Error>?>(nil)
        run(body) { value in
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        return try result.withLock { $0 }!.get()
    }

    /// Runs `body` on ngspice's thread, without blocking the caller's.
    public static func withInstance<R: Sendable>(
        _ body: sending @escaping (Ngspice) throws -> R
    ) async throws -> R {
        nonisolated(unsafe) let body = body  // As in `run`.
        let result = await withCheckedContinuation { continuation in
            run(body) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    private static func run<R: Sendable>(
        _ body: sending @escaping (Ngspice) throws -> R,
        finish: @escaping @Sendable (Result<R, any Error>) -> Void
    ) {
        // Sent here for good, and from here to the thread: nobody else can reach what it captures.
        // The compiler doesn't follow that through the queue.
        nonisolated(unsafe) let body = body
        NgspiceThread.shared.enqueue { ngspice in
            finish(Result { try ngspice.perform(body) })
        }
    }
}
