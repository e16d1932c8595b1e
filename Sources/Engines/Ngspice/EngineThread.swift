import Dispatch
import Foundation
import Synchronization

/// An engine on a thread of its own, on which it is made, used and given up.
final class EngineThread: Sendable {
    /// What only this thread touches.
    final class Engine {
        let physics: any DivisiblePhysics
        /// Which of the values that `ParallelPhysics` was given it has.
        private var revision = 0

        init(_ physics: any DivisiblePhysics) { self.physics = physics }

        func set(_ resistances: [Double], values: [Double], revision: Int) throws {
            guard revision != self.revision else { return }
            try physics.setResistances(resistances)
            if !values.isEmpty { try physics.setValues(values) }
            self.revision = revision
        }
    }

    /// Given the engine, or why there is none.
    typealias Job = @Sendable (Result<Engine, any Error>) -> Void

    /// Nil ends the thread.
    private let jobs = Mutex<[Job?]>([])
    private let available = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameter make: called on the thread.
    init(_ make: @escaping @Sendable () throws -> any DivisiblePhysics) {
        let thread = Thread { [self] in
            serve(make)
            ended.signal()
        }
        thread.name = "engine"
        thread.start()
    }

    /// The engine is gone when this returns.
    private func serve(_ make: () throws -> any DivisiblePhysics) {
        let engine = Result { Engine(try make()) }
        while let job = next() { job(engine) }
    }

    private func next() -> Job? {
        available.wait()
        return jobs.withLock { $0.removeFirst() }
    }

    func run(_ job: @escaping Job) { add(job) }

    /// Ends the thread and the engine when all jobs are done.
    func end() { add(nil) }

    /// Waits until the engine is gone; once, after `end`.
    func join() { ended.wait() }

    private func add(_ job: Job?) {
        jobs.withLock { $0.append(job) }
        available.signal()
    }
}
