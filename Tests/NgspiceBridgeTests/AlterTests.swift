import Testing

@testable import NgspiceBridge

@Suite struct AlterTests {
    @Test func everyDoubleSurvives() throws {
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(["r", "V1 in 0 1", "R1 in 0 1k"])
            var state: UInt64 = 7
            func next() -> UInt64 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return state >> 11
            }
            // All orders of magnitude, and more often those of resistors.
            var values: [Double] = [
                8, 7.999999999999999, 0x1p53, 0x1p53 - 1, 1e30, 1e-30, 0.1, 1e22,
            ]
            for index in 0..<20_000 {
                let range = index % 2 == 0 ? 200 : 24
                let exponent = Int(next() % UInt64(range)) - (range == 24 ? 0 : 100)
                let significand = 1 + Double(next() & (1 << 52 - 1)) * 0x1p-52
                let sign: FloatingPointSign = next() & 8 == 0 ? .minus : .plus
                values.append(Double(sign: sign, exponent: exponent, significand: significand))
            }
            var lost = 0
            for value in values {
                // No resistance is as small in every version.
                let device = abs(value) < 1e-12 ? ("v1", "dc") : ("r1", "resistance")
                try circuit.alter([(device.0, device.1, value)])
                if try circuit.parameter(device.0, device.1) != value { lost += 1 }
            }
            #expect(lost == 0)
        }
    }

    @Test func manyInOneCall() throws {
        try Ngspice.withInstance { ngspice in
            let count = 500
            let circuit = try ngspice.load(Fixtures.ladder(count))
            try circuit.alter((1...count).map { ("rs\($0)", nil, 1 / Double($0)) })
            for index in 1...count {
                #expect(try circuit.parameter("rs\(index)", "resistance") == 1 / Double(index))
            }
        }
    }

    /// The sweep goes on, so that nothing is ordered or read anew.
    @Test func betweenTwoPoints() throws {
        let (between, outside) = try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(Fixtures.ladder(20))
            func value(_ step: Int) -> Double { 1000 / (1 + 0.37 * Double(step)) }
            var between: [[Double]] = []
            try circuit.operatingPoints(count: 5) { (step, _) throws(NgspiceError) in
                try circuit.alter((1...20).map { ("rs\($0)", nil, value(step + $0)) })
            } receive: { _, values in
                between.append(Array(values))
            }
            let outside = try (0..<5).map { step in
                try circuit.alter((1...20).map { ("rs\($0)", nil, value(step + $0)) })
                return try circuit.operatingPoint()
            }
            return (between, outside)
        }
        #expect(Set(between).count == 5)
        #expect(between == outside)
    }

    /// The points before the refused one are received, and the circuit can be solved again.
    @Test func refusedBetweenTwoPoints() throws {
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(["r", "V1 in 0 1", "R1 in 0 1k"])
            var received = 0
            let error = #expect(throws: NgspiceError.self) {
                try circuit.operatingPoints(count: 4) { (point, _) throws(NgspiceError) in
                    if point == 2 { try circuit.alter([("r9", nil, 1)]) }
                } receive: { _, _ in
                    received += 1
                }
            }
            #expect(error?.kind == .name)
            #expect(received == 2)
            #expect(try circuit.operatingPoint() == [1, -0.001])
        }
    }

    /// Values asked for are vectors of ngspice's, which must not come between the points.
    @Test func readBetweenPoints() throws {
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(Fixtures.ladder(50))
            let before = try circuit.operatingPoint()
            for round in 1...3 {
                let names = (1...50).map { "rs\($0)" }
                let values = try circuit.parameters(of: names, "resistance")
                #expect(values == names.map { _ in 1000 }, "round \(round)")
                #expect(try circuit.operatingPoint() == before)
            }
        }
    }

    @Test func factorsOfAResistorStay() throws {
        let current = try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load([
                "factors", "V1 a 0 1", "R1 a 0 1k tc1=0.001 tc2=1e-6 temp=77 m=3 scale=2",
            ])
            try circuit.alter([("r1", nil, 2500)])
            return try circuit.operatingPoint()[1]
        }
        #expect(abs(-1 / current - 2500 * (1 + 0.05 + 0.0025) * 2 / 3) < 1e-9)
    }

    @Test(arguments: [
        "", "r1;quit", "r1 ", "r`id`", "$r1", "r>x", "r<x", "r|x", "r!x", "r{x}", "r\"x\"", "r'x'",
        "r=x", "r\nx", "@r1", "#r1", "-r1", "r\u{E9}", "r[0]", "r*", "r~", "r&x", "r,x", "r(x)",
        "r\\x",
    ])
    func unsafeNames(name: String) throws {
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(["r", "V1 in 0 1", "R1 in 0 1k"])
            for change in [(name, nil, 1), ("r1", name, 1)] as [(String, String?, Double)] {
                let error = #expect(throws: NgspiceError.self, "\(change)") {
                    try circuit.alter([change])
                }
                #expect(error?.kind == .name)
            }
            let error = #expect(throws: NgspiceError.self) { _ = try circuit.parameter(name, "m") }
            #expect(error?.kind == .name)
            #expect(try circuit.operatingPoint() == [1, -0.001])
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude])
    func valuesThatAreNoResistance(value: Double) throws {
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(["r", "V1 in 0 1", "R1 in 0 1k"])
            let error = #expect(throws: NgspiceError.self) {
                try circuit.alter([("r1", nil, value)])
            }
            #expect(error?.kind == .value)
            #expect(try circuit.parameter("r1", "resistance") == 1000)
        }
    }

    @Test func unknownNames() throws {
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(["r", "V1 in 0 1", "R1 in 0 1k"])
            for (device, parameter) in [("r9", nil), ("r1", "nothing")] as [(String, String?)] {
                let error = #expect(throws: NgspiceError.self) {
                    try circuit.alter([("r1", nil, 2000), (device, parameter, 1)])
                }
                #expect(error?.kind == .name)
            }
            // The change before was made, the circuit goes on.
            #expect(try circuit.operatingPoint() == [1, -0.0005])
            #expect(throws: NgspiceError.self) { _ = try circuit.parameter("r9", "resistance") }
        }
    }
}
