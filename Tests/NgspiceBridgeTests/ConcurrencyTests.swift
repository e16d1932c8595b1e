import Foundation
import Testing

@testable import NgspiceBridge

@Suite struct ConcurrencyTests {
    /// Loads a divider with this ratio and reads it back.
    private static func solve(_ index: Int) -> @Sendable (Ngspice) throws -> Double {
        { ngspice in
            try ngspice.load(["\(index)", "V1 a 0 \(index)", "R1 a b 1k", "R2 b 0 1k"])
                .operatingPoint()[1]
        }
    }

    @Test func tasksTakeTurns() async throws {
        let results = try await withThrowingTaskGroup(of: (Int, Double).self) { group in
            for index in 1...100 {
                group.addTask { (index, try await Ngspice.withInstance(Self.solve(index))) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(results.count == 100)
        for (index, value) in results { #expect(abs(value - Double(index) / 2) < 1e-12) }
    }

    @Test func threadsTakeTurns() {
        DispatchQueue.concurrentPerform(iterations: 20) { index in
            let value = try? Ngspice.withInstance(Self.solve(index + 1))
            #expect(value.map { abs($0 - Double(index + 1) / 2) < 1e-12 } == true)
        }
    }

    @Test func aCallInsideACallRunsAtOnce() throws {
        let value = try Ngspice.withInstance { _ in try Ngspice.withInstance(Self.solve(3)) }
        #expect(abs(value - 1.5) < 1e-12)
    }

    @Test func aCircuitIsNotAlteredWhileItIsSolved() throws {
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(["r", "V1 in 0 1", "R1 in 0 1k"])
            try circuit.operatingPoints(count: 2) { _, _ in
            } receive: { _, _ in
                let error = #expect(throws: NgspiceError.self) {
                    try circuit.alter([("r1", nil, 2)])
                }
                #expect(error?.kind == .misuse)
            }
            #expect(try circuit.operatingPoint() == [1, -0.001])
        }
    }

    @Test func aNonlinearCircuitIsNotAlteredBetweenPointsEither() throws {
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load([
                "d", "V1 in 0 1", "R1 in a 1k", "D1 a 0 d", ".model d d",
            ])
            let error = #expect(throws: NgspiceError.self) {
                try circuit.operatingPoints(count: 2) { (point, _) throws(NgspiceError) in
                    if point == 1 { try circuit.alter([("r1", nil, 2)]) }
                } receive: { _, _ in
                }
            }
            #expect(error?.kind == .misuse)
            #expect(try circuit.parameter("r1", "resistance") == 1000)
        }
    }
}
