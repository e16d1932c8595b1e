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

    /// What kills ngspice 39: it writes into a buffer that only a transient analysis makes.
    private static let crashing = [
        "crash", "A1 in out control m", "V1 in 0 0", "V2 control 0 0.01", "R1 out 0 1k",
        ".model m delay(has_delay_cnt=TRUE)",
    ]

    private static func isolated<Result: Sendable>(
        timeLimit: Double? = nil, _ body: @escaping @Sendable (IsolatedNgspice) throws -> Result
    ) throws -> Result {
        // On a thread that outlives the worker.
        try Ngspice.withInstance { _ in
            let program = try #require(Fixtures.workerProgram)
            return try body(IsolatedNgspice(program: program, timeLimit: timeLimit))
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

    @Test func membersAreThoseOfTheCircuit() throws {
        let deck =
            ["t", "V1 a 0 external", "R1 a b 1k", "R2 b 0 2k", "X1 b s", ".subckt s n"]
            + ["R3 n m 3k", "R4 m 0 4k", ".ends"]
        let names = try Ngspice.withInstance { try $0.load(deck, external: ["V1"]).vectorNames }
        try Self.isolated { isolated in
            let circuit = try isolated.load(deck, external: ["V1"])
            #expect(circuit.vectorNames == names)
            #expect(circuit.isLinear && !circuit.hasCodeModels && circuit.pointsPerStart == nil)
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
        try Self.isolated { isolated in
            let error = #expect(throws: NgspiceError.self) { _ = try isolated.load(Self.crashing) }
            #expect(error?.kind == .died)
            let text = error?.description ?? ""
            // A sanitizer makes an exit of it, with a report longer than what is kept.
            if !Fixtures.isSanitized {
                #expect(text.hasPrefix("ngspice's process crashed ("), "\(text)")
                #expect(text.contains("ngspice: Instance: a1   Message: Unable"), "\(text)")
            }
            #expect(isolated.replacements == IsolatedNgspice.faults)
            let values = try Self.point(of: isolated.load(Self.good))
            #expect(values == [1, -0.001])
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
                for worker in Harm.workers() { kill(worker, SIGKILL) }
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
                for worker in Harm.workers() { kill(worker, SIGSTOP) }
            }
            return (found, isolated.replacements)
        }
        #expect(found == expected)
        #expect(replacements == 1)
    }

    @Test func aHangThatComesBackIsAnError() throws {
        try Self.isolated(timeLimit: 3) { isolated in
            let circuit = try isolated.load(Self.good)
            let harm = Harm(SIGSTOP, every: 0.01)
            defer { harm.end() }
            let error = #expect(throws: NgspiceError.self) {
                while true { _ = try Self.point(of: circuit) }
            }
            #expect(error?.kind == .timeLimit)
            #expect(error?.message == "point 0: ngspice was not done within 3.0 s")
        }
    }

    @Test(arguments: [true, false])
    func nothingIsLeftBehind(isKilled: Bool) throws {
        try Ngspice.withInstance { _ in
            let folder: String
            do {
                let worker = try WorkerProcess(#require(Fixtures.workerProgram))
                try worker.greet()
                folder = worker.scratch
                #expect(FileManager.default.fileExists(atPath: folder))
                #expect(Harm.workers() == [worker.identifier])
                if isKilled { kill(worker.identifier, SIGKILL) }
            }
            #expect(Harm.workers().isEmpty)
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }
}

/// Signals to the workers of this process, in regular intervals.
private final class Harm: Sendable {
    private let goesOn = Mutex(true)
    private let ended = DispatchSemaphore(value: 0)

    init(_ signal: Int32, every seconds: Double, times: Int = .max) {
        Thread.detachNewThread { [self] in
            var left = times
            while left > 0, goesOn.withLock({ $0 }) {
                Thread.sleep(forTimeInterval: seconds)
                for worker in Self.workers() where kill(worker, signal) == 0 { left -= 1 }
            }
            ended.signal()
        }
    }

    func end() {
        goesOn.withLock { $0 = false }
        ended.wait()
    }

    static func workers() -> [pid_t] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["pgrep", "-P", "\(getpid())", "-f", "ngspice-worker"]
        let output = Pipe()
        process.standardOutput = output
        guard (try? process.run()) != nil else { return [] }
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").compactMap { pid_t($0) }
    }
}
