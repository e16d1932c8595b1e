import Testing

@testable import NgspiceBridge

@Suite struct LinearCircuitTests {
    @Test func divider() throws {
        let (names, values) = try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(["divider", "V1 in 0 1", "R1 in out 1k", "R2 out 0 3k"])
            return (circuit.vectorNames, try circuit.operatingPoint())
        }
        #expect(names == ["in", "out", "v1#branch"])
        #expect(values == [1, 0.75, -0.00025])
    }

    @Test func externalSourcesFollowEarlierPoints() throws {
        let outputs = try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(
                [
                    "two inputs", "V1 in 0 external", "I1 0 out external", "R1 in out 1k",
                    "R2 out 0 1k",
                ],
                external: ["V1", "I1"])
            let out = circuit.vectorNames.firstIndex(of: "out") ?? 0
            var outputs: [Double] = []
            for _ in 0..<3 {
                try circuit.operatingPoints(count: 4) { point, sources in
                    sources[0] = Double(point) + (outputs.last ?? 0)
                    sources[1] = 0.001
                } receive: { _, values in
                    outputs.append(values[out])
                }
            }
            return outputs
        }
        var expected: [Double] = []
        for index in 0..<12 {
            expected.append((Double(index % 4) + (expected.last ?? 0)) / 2 + 0.5)
        }
        #expect(zip(outputs, expected).allSatisfy { abs($0 - $1) < 1e-14 })
    }

    @Test func alterIsExact() throws {
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(["r", "V1 in 0 1", "R1 in 0 1k"])
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<20_000 {
                let bits = generator.next() as UInt64
                let value = Double(
                    sign: bits & 1 == 0 ? .plus : .minus, exponent: Int(bits >> 1 % 200) - 90,
                    significand: 1 + Double(bits >> 12) * 0x1p-52)
                try circuit.alter([("r1", nil, value)])
                let read = try circuit.parameter("r1", "resistance")
                #expect(read == value)
            }
        }
    }
}
