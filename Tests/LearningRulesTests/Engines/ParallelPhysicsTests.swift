import Engines
import Synchronization
import Testing

/// Engines are made when there are points for them, and gone when what made them is.
@Suite struct ParallelPhysicsTests {
    private final class Count: Sendable {
        let made = Mutex(0)
        let alive = Mutex(0)
    }

    /// Answers with the inputs.
    private final class Engine: DivisiblePhysics {
        let count: Count
        let divisor = 1
        let warnings: [String] = []

        init(_ count: Count) {
            self.count = count
            count.made.withLock { $0 += 1 }
            count.alive.withLock { $0 += 1 }
        }

        deinit { count.alive.withLock { $0 -= 1 } }

        func provideBranches() {}
        func setResistances(_ resistances: [Double]) {}
        func restart() {}
        func operatingPoints(_ drives: [Drive]) -> [OperatingPoint] {
            drives.map { OperatingPoint(voltages: $0.inputs, nudgeCurrents: []) }
        }
    }

    @Test func noMoreEnginesThanPoints() throws {
        let count = Count()
        var physics: ParallelPhysics? = try ParallelPhysics(engines: 200) { Engine(count) }
        #expect(count.made.withLock(\.self) == 1)
        let points = try physics?.operatingPoints((0..<3).map { Drive(inputs: [Double($0)]) })
        #expect(points?.map(\.voltages) == [[0], [1], [2]])
        #expect((1...3).contains(count.made.withLock(\.self)))
        physics = nil
        #expect(count.alive.withLock(\.self) == 0)
    }

    @Test func anErrorAtTheStart() {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) {
            try ParallelPhysics(engines: 4) { () throws -> any DivisiblePhysics in throw Refusal() }
        }
    }
}
