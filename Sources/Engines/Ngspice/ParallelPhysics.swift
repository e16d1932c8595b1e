import Dispatch
import Netlist
import Synchronization

/// Several engines of one kind that divide the points among them.
///
/// Points come back in the order of their drives, so whatever is summed over them is summed in that order;
/// and they have the bits that one engine would give them. How they are divided may therefore depend on how
/// long they take.
///
/// ```swift
/// let physics = try ParallelPhysics(engines: 4) {
///     try NgspicePhysics(deck: deck, task: task, ngspice: IsolatedNgspice(program: program))
/// }
/// ```
public final class ParallelPhysics: Physics {
    /// Engines at most. One is made when it first has points to solve.
    private let limit: Int
    private let make: @Sendable () throws -> any DivisiblePhysics
    private var threads: [EngineThread] = []
    private var divisor = 1
    /// What solves ngspice's equations; nil where the engines are others.
    public private(set) var matrixSolver: SimulatorOptions.MatrixSolver?
    public private(set) var accuracy = 1e-14
    private var resistances: [Double] = []
    private var values: [Double] = []
    /// Counts the values that were set.
    private var revision = 0
    private var hasBranches = false
    /// What a point took when it was last measured, in one engine.
    private var secondsPerPoint: Double?

    /// Seconds of work that are worth a message to an engine and back, which takes 0.1 to 0.2 ms.
    private static let leastPart = 5e-4
    /// Parts for each engine, so that one that is held up leaves some of its share to the others.
    private static let partsPerEngine = 4

    /// - Parameters:
    ///   - count: engines at most; there are never more than points of one call.
    ///   - make: makes an engine, on the thread on which it stays.
    /// - Throws: what `make` throws.
    public init(
        engines count: Int, make: @escaping @Sendable () throws -> any DivisiblePhysics
    ) throws {
        limit = count
        self.make = make
        (divisor, matrixSolver, accuracy) = try onEngines(1) {
            ($0.physics.divisor, $0.physics.matrixSolver, $0.physics.accuracy)
        }[0]
    }

    /// What the engines hold (processes, files) is gone when this is.
    deinit {
        for thread in threads { thread.end() }
        for thread in threads { thread.join() }
    }

    /// What any of the engines had to give up to find a solution.
    public var warnings: [String] {
        let all = (try? onEngines(threads.count) { $0.physics.warnings }) ?? []
        return all.joined().reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    public func setResistances(_ resistances: [Double]) throws {
        self.resistances = resistances
        revision += 1
    }

    public func setValues(_ values: [Double]) throws {
        self.values = values
        revision += 1
    }

    /// Nothing is left behind by what the engines solved.
    public func restart() {}

    /// - Throws: what the engines throw: of several errors that of the first point.
    public func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
        guard !hasBranches, let first = drives.firstIndex(where: \.nudge.needsBranches) else {
            return try divide(drives)
        }
        let points = try divide(Array(drives[..<first]))
        _ = try onEngines(threads.count) { try $0.physics.provideBranches() }
        hasBranches = true
        return try points + divide(Array(drives[first...]))
    }

    private func divide(_ drives: [Drive]) throws -> [OperatingPoint] {
        let work = DividedWork(drives, in: parts(of: drives.count))
        _ = try onEngines(min(limit, work.parts.count)) {
            [resistances, values, revision] engine in
            try engine.set(resistances, values: values, revision: revision)
            work.help(engine.physics)
        }
        let points = try work.points()
        if !points.isEmpty { secondsPerPoint = work.seconds / Double(points.count) }
        return points
    }

    private func parts(of count: Int) -> [Range<Int>] {
        var number = limit
        if let secondsPerPoint {
            number = Int(
                min(
                    Double(number * Self.partsPerEngine),
                    Double(count) * secondsPerPoint / Self.leastPart))
        }
        let least = (count + max(number, 1) - 1) / max(number, 1)
        let size = max(1, (least + divisor - 1) / divisor) * divisor
        return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }

    /// Runs `body` with so many of the engines at once, and waits.
    private func onEngines<Result: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (EngineThread.Engine) throws -> Result
    ) throws -> [Result] {
        while threads.count < count {
            threads.append(
                EngineThread { [make, hasBranches] in
                    let engine = try make()
                    if hasBranches { try engine.provideBranches() }
                    return engine
                })
        }
        let results = Collected<Swift.Result<Result, any Error>>()
        let running = DispatchGroup()
        for (number, thread) in threads.prefix(count).enumerated() {
            running.enter()
            thread.run { engine in
                results.put(Swift.Result { try body(engine.get()) }, at: number)
                running.leave()
            }
        }
        running.wait()
        return try results.all.map { try $0.get() }
    }
}

/// Results of several threads, in the order of their numbers.
private final class Collected<Value: Sendable>: Sendable {
    private let values = Mutex<[Int: Value]>([:])

    func put(_ value: Value, at number: Int) { values.withLock { $0[number] = value } }

    var all: [Value] { values.withLock { $0.sorted { $0.key < $1.key }.map(\.value) } }
}

/// Drives in parts, of which whoever is free takes the next.
private final class DividedWork: Sendable {
    let parts: [Range<Int>]
    private let drives: [Drive]

    private struct State {
        var next = 0
        var points: [[OperatingPoint]]
        var failure: (part: Int, error: any Error)?
        var seconds = 0.0
    }
    private let state: Mutex<State>

    init(_ drives: [Drive], in parts: [Range<Int>]) {
        self.drives = drives
        self.parts = parts
        state = Mutex(State(points: Array(repeating: [], count: parts.count)))
    }

    /// Solves one part after another, until none is left or one has failed.
    func help(_ physics: any DivisiblePhysics) {
        while let part = take() {
            let start = ContinuousClock.now
            let result = Result { try physics.operatingPoints(Array(drives[parts[part]])) }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            state.withLock { state in
                state.seconds += seconds
                switch result {
                case .success(let points): state.points[part] = points
                // The parts before this one were taken before it, so their failures will be known too.
                case .failure(let error):
                    if part < state.failure?.part ?? .max { state.failure = (part, error) }
                }
            }
        }
    }

    private func take() -> Int? {
        state.withLock { state in
            guard state.failure == nil, state.next < parts.count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    /// All points, in the order of their drives.
    func points() throws -> [OperatingPoint] {
        try state.withLock { state in
            if let failure = state.failure { throw failure.error }
            return Array(state.points.joined())
        }
    }

    /// What all the parts took.
    var seconds: Double { state.withLock(\.seconds) }
}
