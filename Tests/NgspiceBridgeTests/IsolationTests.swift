import Foundation
import Synchronization
import Testing

@testable import NgspiceBridge

/// ngspice in a process of its own.
@Suite(.serialized, .enabled(if: Fixtures.workerProgram != nil, "needs the spicelearn program"))
struct IsolationTests {
    /// One of each kind.
    private static let examples = ReproducibilityTests.examples.filter {
        ["linear", "diode", "bipolar", "mos", "behavioural source", "switch"]
            .contains($0.testDescription)
    }

    private static let good = ["good", "V1 a 0 1", "R1 a 0 1k"]

    /// What stands in for a worker whose ngspice crashes: it says something and dies of a signal.
    private static let crashing = WorkerProgram(
        path: "/bin/sh", arguments: ["-c", "echo the last words >&2; kill -s SEGV $$"])

    /// What stands in for a worker whose ngspice never answers.
    private static let silent = WorkerProgram(path: "/bin/sh", arguments: ["-c", "exec sleep 100"])

    private static func isolated<Result: Sendable>(
        _ program: WorkerProgram? = Fixtures.workerProgram, timeLimit: Double? = nil,
        toleratedGrowth: Int = 1 << 30,
        _ body: @escaping @Sendable (IsolatedNgspice) throws -> Result
    ) throws -> Result {
        // On a thread that outlives the worker.
        try Ngspice.withInstance { _ in
            try body(
                IsolatedNgspice(
                    program: #require(program), timeLimit: timeLimit,
                    toleratedGrowth: toleratedGrowth))
        }
    }

    private static let inputs = (0..<100).map { Double($0 * 37 % 100) / 25 - 2 }

    private static func solve(
        _ example: ReproducibilityTests.Example, in simulator: some Simulator,
        whenReceived: (Int) -> Void = { _ in }
    ) throws -> [[Double]] {
        let circuit = try simulator.load(
            ReproducibilityTests.deck(example), external: ["V0", "V1"],
            options: Ngspice.tightTolerances)
        var points: [[Double]] = []
        for step in 0..<3 {
            try circuit.alter((0..<6).map { ("rd\($0)", nil, 4000 + 321.5 * Double($0 + step)) })
            // Every source is set anew, but the second one only at every other point.
            try circuit.operatingPoints(count: inputs.count) { point, sources in
                sources[0] = inputs[point]
                if point.isMultiple(of: 2) { sources[1] = inputs[point] / 2 }
            } receive: { _, values in
                points.append(Array(values))
                whenReceived(points.count)
            }
        }
        return points
    }

    @Test(arguments: examples)
    func theSameBits(example: ReproducibilityTests.Example) throws {
        let expected = try Ngspice.withInstance { try Self.solve(example, in: $0) }
        let found = try Self.isolated { try Self.solve(example, in: $0) }
        #expect(expected.count == 300)
        #expect(found == expected)
    }

    /// ngspice loses memory at each analysis that fails. Here nothing is tolerated, not even to stay as it is.
    @Test func aWorkerThatHasGrownIsReplaced() throws {
        let deck = [
            "steps", "V1 in 0 external", "R1 in a 1k", "B1 a 0 i=1m*tanh(1e3*(v(a)-0.3))",
            "R2 a b 10k", "R3 b 0 1k",
        ]
        let inputs = (0..<200).map { 1 + Double($0 % 7) / 10 }
        @Sendable func solve(
            _ isolated: IsolatedNgspice
        ) throws -> (points: [[Double]], workers: Int) {
            let circuit = try isolated.load(deck, external: ["V1"])
            var points: [[Double]] = []
            var workers: Set<Int32> = []
            for start in stride(from: 0, to: inputs.count, by: 20) {
                try circuit.operatingPoints(count: 20) { index, sources in
                    sources[0] = inputs[start + index]
                } receive: { _, vector in
                    points.append(Array(vector))
                }
                if let worker = isolated.runningWorker.identifier { workers.insert(worker) }
            }
            #expect(isolated.replacements == 0)
            return (points, workers.count)
        }
        let (expected, one) = try Self.isolated { try solve($0) }
        let (found, several) = try Self.isolated(toleratedGrowth: -1) { try solve($0) }
        #expect(one == 1)
        #expect(several > 1)
        #expect(found == expected)
    }

    @Test func membersAreThoseOfTheCircuit() throws {
        let deck =
            ["t", "V1 a 0 external", "R1 a b 1k", "R2 b 0 2k", "X1 b s", ".subckt s n"]
            + ["R3 n m 3k", "R4 m 0 4k", ".ends"]
        let names = try Ngspice.withInstance { try $0.load(deck, external: ["V1"]).vectorNames }
        try Self.isolated { isolated in
            let circuit = try isolated.load(deck, external: ["V1"])
            #expect(circuit.vectorNames == names)
            #expect(
                circuit.traits.isLinear && !circuit.traits.hasCodeModels
                    && circuit.pointsPerStart == nil)
            let devices = ["r1", "r2", "r.x1.r3", "r.x1.r4"]
            let values = try circuit.parameters(of: devices, "resistance")
            #expect(values == [1000, 2000, 3000, 4000])
            let error = #expect(throws: NgspiceError.self) {
                try circuit.parameters(of: ["r9"], "resistance")
            }
            #expect(error?.kind == .name)
        }
    }

    @Test func errorsAreThoseOfNgspice() throws {
        let decks = [
            ["unknown model", "V1 a 0 1", "D1 a 0 nothing"],
            ["undefined parameter", "V1 a 0 1", "R1 a 0 {nothing}"],
            ["undefined condition", "V1 a 0 1", ".if (nothing==1)", "R1 a 0 1k", ".endif"],
            ["singular", "V1 a 0 1", "R1 a 0 1k", "V2 a 0 1"], ["nothing"],
        ]
        try Self.isolated { isolated in
            for deck in decks {
                let expected = #expect(throws: NgspiceError.self) {
                    try Ngspice.withInstance { _ = try $0.load(deck) }
                }
                let error = #expect(throws: NgspiceError.self) { _ = try isolated.load(deck) }
                #expect(error?.message == expected?.message)
                #expect(error?.kind == expected?.kind)
                // It spoils nothing.
                #expect(try Self.point(of: isolated.load(Self.good)) == [1, -0.001])
            }
            #expect(isolated.replacements == 0)
            let circuit = try isolated.load(Self.good)
            try circuit.alter([("nobody", nil, 1)])
            let error = #expect(throws: NgspiceError.self) { _ = try Self.point(of: circuit) }
            #expect(error?.kind == .name)
            #expect(try Self.point(of: circuit) == [1, -0.001])
            _ = try isolated.load(Self.good)
            let stale = #expect(throws: NgspiceError.self) { _ = try Self.point(of: circuit) }
            #expect(stale?.kind == .misuse)
        }
    }

    private static func point(of circuit: some SimulatedCircuit) throws -> [Double] {
        var result: [Double] = []
        try circuit.operatingPoints(count: 1) { _, _ in
        } receive: { _, values in
            result = Array(values)
        }
        return result
    }

    @Test func aCrashIsAnError() throws {
        try Self.isolated(Self.crashing) { isolated in
            let error = #expect(throws: NgspiceError.self) { _ = try isolated.load(Self.good) }
            #expect(error?.kind == .died)
            #expect(error?.message.hasPrefix("ngspice's process crashed (") == true, "\(error)")
            #expect(error?.ngspiceMessages == ["the last words"])
            #expect(isolated.replacements == IsolatedNgspice.faults)
        }
    }

    /// Unlike SIGKILL, which somebody else sends, SIGSEGV is the worker's own fault: not tried for ever.
    @Test func aCrashAtEachPointIsAnError() throws {
        try Self.isolated { isolated in
            let circuit = try isolated.load(Self.good)
            let harm = Harm(SIGSEGV, to: isolated.runningWorker, every: 0.001)
            let error = #expect(throws: NgspiceError.self) {
                while true { _ = try Self.point(of: circuit) }
            }
            harm.end()
            #expect(error?.kind == .died)
            #expect(isolated.replacements >= IsolatedNgspice.faults)
            // It spoils nothing.
            #expect(try Self.point(of: isolated.load(Self.good)) == [1, -0.001])
        }
    }

    @Test func aPointThatDoesNotConverge() throws {
        let deck = ["none", "V1 in 0 external", "B1 a 0 v=v(a)*v(a)+v(a)+v(in)-1", "R1 a 0 1k"]
        let inputs = [0.5, 0.75, 2, 0.5]
        try Self.isolated { isolated in
            let circuit = try isolated.load(deck, external: ["V1"])
            var received = 0
            let error = #expect(throws: NgspiceError.self) {
                try circuit.operatingPoints(count: 4) { point, sources in
                    sources[0] = inputs[point]
                } receive: { _, _ in
                    received += 1
                }
            }
            #expect(error?.point == 2 && received == 2)
        }
    }

    /// Between points, between calls, and while its successor loads.
    @Test(arguments: examples)
    func theSameBitsAfterKills(example: ReproducibilityTests.Example) throws {
        let expected = try Ngspice.withInstance { try Self.solve(example, in: $0) }
        let (found, replacements) = try Self.isolated { isolated in
            let found = try Self.solve(example, in: isolated) { count in
                guard [30, 100, 101, 200].contains(count) else { return }
                if let worker = isolated.runningWorker.identifier { kill(worker, SIGKILL) }
            }
            return (found, isolated.replacements)
        }
        #expect(found == expected)
        #expect(replacements >= 2)
    }

    /// A worker that is stopped is one that hangs.
    @Test func aHangIsEndedByTheTimeLimit() throws {
        let example = Self.examples[1]
        let expected = try Ngspice.withInstance { try Self.solve(example, in: $0) }
        let (found, replacements) = try Self.isolated(timeLimit: 5) { isolated in
            let found = try Self.solve(example, in: isolated) { count in
                guard count == 200 else { return }
                if let worker = isolated.runningWorker.identifier { kill(worker, SIGSTOP) }
            }
            return (found, isolated.replacements)
        }
        #expect(found == expected)
        #expect(replacements == 1)
    }

    @Test func aHangThatComesBackIsAnError() throws {
        try Self.isolated(timeLimit: 3) { isolated in
            let circuit = try isolated.load(Self.good)
            let harm = Harm(SIGSTOP, to: isolated.runningWorker, every: 0.01)
            defer { harm.end() }
            let error = #expect(throws: NgspiceError.self) {
                while true { _ = try Self.point(of: circuit) }
            }
            #expect(error?.kind == .timeLimit)
            #expect(error?.message == "point 0: ngspice was not done within 3.0 s")
        }
    }

    @Test func aWorkerThatNeverAnswersIsAnError() throws {
        try Self.isolated(Self.silent, timeLimit: 0.5) { isolated in
            let error = #expect(throws: NgspiceError.self) { _ = try isolated.load(Self.good) }
            #expect(error?.kind == .timeLimit)
            #expect(error?.message == "ngspice was not done within 0.5 s")
        }
    }

    @Test(arguments: [true, false])
    func nothingIsLeftBehind(isKilled: Bool) throws {
        try Ngspice.withInstance { _ in
            let folder: String
            let identifier: pid_t
            do {
                let worker = try WorkerProcess(#require(Fixtures.workerProgram))
                try worker.greet(toleratedGrowth: .max)
                folder = worker.scratch
                #expect(FileManager.default.fileExists(atPath: folder))
                identifier = worker.identifier
                #expect(kill(identifier, 0) == 0)
                if isKilled { kill(worker.identifier, SIGKILL) }
            }
            // Neither running nor waiting to be collected.
            #expect(kill(identifier, 0) == -1 && errno == ESRCH)
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }
}

/// Signals to a worker and to those that take its place, at regular intervals.
private final class Harm: Sendable {
    private let goesOn = Mutex(true)
    private let ended = DispatchSemaphore(value: 0)

    init(_ signal: Int32, to worker: RunningWorker, every seconds: Double) {
        Thread.detachNewThread { [self] in
            while goesOn.withLock({ $0 }) {
                Thread.sleep(forTimeInterval: seconds)
                if let identifier = worker.identifier { kill(identifier, signal) }
            }
            ended.signal()
        }
    }

    func end() {
        goesOn.withLock { $0 = false }
        ended.wait()
    }
}
