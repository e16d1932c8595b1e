import Foundation
import Testing

@testable import NgspiceBridge

/// Transient analyses in the library, against exact solutions.
@Suite struct TransientTests {
    /// 1 V on 1 F, discharged through 1 Ω: v = exp(−t).
    private static let decay = [
        "decay", "R1 a 0 1", "C1 a 0 1", ".ic v(a)=1", ".options reltol=1e-6 trtol=1",
    ]
    private static let fiveSeconds = TransientAnalysis(step: 1e-3, duration: 5, largestStep: 0.1)

    @Test func followsACircuitInTime() throws {
        let points = try Ngspice.withInstance { ngspice in
            var points: [(time: Double, v: Double)] = []
            try ngspice.transient(Self.decay, Self.fiveSeconds, vectors: ["A"]) { time, values in
                points.append((time, values[0]))
                return true
            }
            return points
        }
        #expect(points.count > 50)
        #expect(points.first.map { $0.time < 1e-3 } == true)
        #expect(points.last.map { abs($0.time - 5) < 1e-12 } == true)
        #expect(zip(points, points.dropFirst()).allSatisfy { $0.time < $1.time })
        // reltol bounds the error of a step; some hundred of them add up, damped by the decay.
        for point in points { #expect(abs(point.v - exp(-point.time)) < 1e-4) }
    }

    /// What is stopped can be followed by anything, and ran no further.
    @Test func stopsOnRequest() throws {
        try Ngspice.withInstance { ngspice in
            for _ in 0..<3 {
                var last = 0.0
                try ngspice.transient(Self.decay, Self.fiveSeconds, vectors: ["a"]) {
                    time, values in
                    last = time
                    return values[0] > 0.5
                }
                #expect(abs(last - log(2)) < 0.1)
            }
            let divider = try ngspice.load(["divider", "V1 in 0 1", "R1 in b 1", "R2 b 0 1"])
            let b = try #require(divider.vectorNames.firstIndex(of: "b"))
            #expect(try divider.operatingPoint()[b] == 0.5)
        }
    }

    #if os(Linux)
        /// What a paused analysis holds is never given back: 32 kB of three hundred nodes.
        @Test func leavesNothingBehind() throws {
            let pages = { () -> Int in
                let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
                return Int(text.split(separator: " ")[1]) ?? 0
            }
            let ladder =
                ["ladder", "V1 n0 0 1"]
                + (0..<300).flatMap { ["R\($0) n\($0) n\($0 + 1) 1", "C\($0) n\($0 + 1) 0 1u"] }
            let analysis = TransientAnalysis(step: 1e-3, duration: 5e-3, largestStep: 1e-3)
            let grown = try Ngspice.withInstance { ngspice in
                var before = 0
                for round in 0..<110 {
                    if round == 10 { before = try pages() }
                    try ngspice.transient(ladder, analysis, vectors: ["n300"]) { _, _ in true }
                }
                return try pages() - before
            }
            #expect(grown * 4 < 1500, "kB")
        }
    #endif

    @Test func aCircuitLoadedBeforeDoesNotAnswer() throws {
        try Ngspice.withInstance { ngspice in
            let divider = try ngspice.load(["divider", "V1 in 0 1", "R1 in b 1", "R2 b 0 1"])
            try ngspice.transient(Self.decay, Self.fiveSeconds, vectors: []) { _, _ in true }
            #expect(throws: NgspiceError.self) { try divider.operatingPoint() }
        }
    }

    /// Two ideal sources in parallel have no solution; an unknown vector and a time of zero are refused.
    @Test func failuresSayWhy() throws {
        try Ngspice.withInstance { ngspice in
            func failure(
                _ deck: [String], _ analysis: TransientAnalysis = Self.fiveSeconds,
                vectors: [String] = ["a"]
            ) -> NgspiceError? {
                do {
                    try ngspice.transient(deck, analysis, vectors: vectors) { _, _ in true }
                    return nil
                } catch {
                    return error
                }
            }
            let parallel = failure(["parallel", "V1 a 0 1", "V2 a 0 2", "C1 a 0 1"])
            #expect(parallel?.ngspiceMessages.isEmpty == false)
            #expect(failure(Self.decay, vectors: ["a", "nowhere"])?.kind == .name)
            let never = TransientAnalysis(step: 0, duration: 1, largestStep: 1)
            #expect(failure(Self.decay, never)?.kind == .value)
            // A current that grows beyond bounds in finite time: v = 1/(1 − t).
            let explosion = failure([
                "explosion", "B1 0 a I=V(a)*V(a)", "C1 a 0 1", ".ic v(a)=1",
            ])
            #expect(explosion?.kind == .convergence)
            #expect(
                explosion?.message.contains("fails after 0.9") == true,
                "\(explosion?.message ?? "")")
            // And all is well afterwards.
            #expect(failure(Self.decay) == nil)
        }
    }

    /// More than 100,000 points, 8 MB of values if they were kept, in less than half of that: other tests
    /// run at the same time.
    @Test(.enabled(if: !Fixtures.isSanitized)) func memoryStays() throws {
        let analysis = TransientAnalysis(step: 1e-4, duration: 10, largestStep: 1e-3)
        try Ngspice.withInstance { ngspice in
            func run() throws -> Int {
                var count = 0
                try ngspice.transient(Self.decay, analysis, vectors: ["a"]) { _, _ in
                    count += 1
                    return true
                }
                return count
            }
            _ = try run()
            let before = Fixtures.residentKilobytes
            var count = 0
            for _ in 0..<10 { count += try run() }
            #expect(count > 100_000)
            #expect(Fixtures.residentKilobytes - before < 4000)
        }
    }
}
