import Dispatch
import Synchronization

/// Says what is done and for how long, while it is done: for what may take long and has nothing to tell before its
/// end. On a terminal it begins after two seconds, elsewhere after a minute.
final class Waiting: Sendable {
    // All of it but the schedule is under the lock.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer
    private let state = Mutex(State.silent)

    private enum State { case silent, shown, over }

    private init(_ work: String) {
        timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
        let began = ContinuousClock.now
        let (first, next) = StatusLine.isTerminal ? (2, 1) : (60, 60)
        timer.schedule(deadline: .now() + .seconds(first), repeating: .seconds(next))
        timer.setEventHandler { [weak self] in self?.tell(work, since: began) }
        timer.resume()
    }

    private func tell(_ work: String, since began: ContinuousClock.Instant) {
        state.withLock {
            guard $0 != .over else { return }
            let seconds = (ContinuousClock.now - began).components.seconds
            StatusLine.show([work, "\(seconds) s"])
            $0 = .shown
        }
    }

    private func end() {
        timer.cancel()
        state.withLock {
            if $0 == .shown { StatusLine.clear() }
            $0 = .over
        }
    }

    /// - Parameter work: what is done, like "reading deck.cir".
    static func during<Result>(_ work: String, _ body: () throws -> Result) rethrows -> Result {
        let waiting = Waiting(work)
        defer { waiting.end() }
        return try body()
    }
}
