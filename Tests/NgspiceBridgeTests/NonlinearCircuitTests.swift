import Testing

@testable import NgspiceBridge

@Suite struct NonlinearCircuitTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let deck: [String]
        let inputs: [Double]
    }

    static let examples = [
        Example(
            testDescription: "diode",
            deck: [
                "diode", "V1 in 0 external", "R1 in a 1k", "D1 a b dm", "R2 b 0 10",
                ".model dm d(is=1e-14 n=1.05 rs=2)",
            ], inputs: [0, 1, -5, 10, 0.5, 100, -100, 0.7, 1e-3]),
        Example(
            testDescription: "bipolar amplifier",
            deck: [
                "amplifier", "V1 in 0 external", "VCC vcc 0 12", "R1 vcc b 47k", "R2 b 0 10k",
                "Rin in b 10k", "RC vcc c 4.7k", "RE e 0 1k", "Q1 c b e qm",
                ".model qm npn(is=1e-15 bf=150 vaf=80 rb=50)",
            ], inputs: [0, 1, 2, -5, 5, 10, 0.3, -10]),
        Example(
            testDescription: "inverters",
            deck: [
                "inverters", "V1 g 0 external", "VDD vdd 0 3.3",
                "M1 o1 g 0 0 nm w=10u l=1u", "M2 o1 g vdd vdd pm w=20u l=1u",
                "M3 o o1 0 0 nm w=10u l=1u", "M4 o o1 vdd vdd pm w=20u l=1u", "RL o 0 10meg",
                ".model nm nmos(level=1 vto=0.7 kp=110u lambda=0.04)",
                ".model pm pmos(level=1 vto=-0.7 kp=50u lambda=0.05)",
            ], inputs: [0, 3.3, 1.5, 1.55, 0, 3.3]),
        // Going on from the point before, ngspice's own sweep ends at a wrong solution from 5 to -1.
        Example(
            testDescription: "transistors as resistors",
            deck: [
                "network", "V1 g 0 external", "M1 a g 0 0 nm w=100u l=1u", "R1 in a 1k",
                "VIN in 0 0.5", "R2 a b 1k", "M2 b g2 0 0 nm", "VG2 g2 0 2",
                ".model nm nmos(vto=0.7 kp=100u)",
            ], inputs: [0, 1, 2, 3, 5, -1]),
        // Two states: which one must not depend on the points before.
        Example(
            testDescription: "flip-flop",
            deck: [
                "flip-flop", "V1 in 0 external", "VDD vdd 0 5", "R1 vdd c1 1k", "R2 vdd c2 1k",
                "Q1 c1 b1 0 qm", "Q2 c2 b2 0 qm", "R3 c1 b2 10k", "R4 c2 b1 10k", "R5 in b1 20k",
                ".model qm npn",
            ], inputs: [0, 5, 0, -5, 0, 5]),
        Example(
            testDescription: "behavioural source",
            deck: [
                "behaviour", "V1 a 0 external", "B1 b 0 v=v(a)^3-tanh(v(a))", "R1 b c 1k",
                "B2 c 0 i=1e-3*sinh(v(c))",
            ], inputs: [0, 1, -2, 3]),
        Example(
            testDescription: "polynomial and table",
            deck: [
                "code models", "V1 a 0 external", "E1 b 0 poly(1) a 0 1 2 3", "R1 b 0 1k",
                "E2 c 0 table {v(a)} = (0,0) (1,2) (3,5)", "R2 c 0 1k",
            ], inputs: [0, 1, -2, 2.5]),
    ]

    @Test(.enabled(if: Fixtures.batchSimulator != nil), arguments: examples)
    func agreesWithBatchMode(example: Example) throws {
        let (names, points) = try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(example.deck, external: ["V1"])
            #expect(!circuit.traits.isLinear)
            var points: [[Double]] = []
            try circuit.operatingPoints(count: example.inputs.count) { point, sources in
                sources[0] = example.inputs[point]
            } receive: { _, values in
                points.append(Array(values))
            }
            #expect(circuit.warnings.isEmpty)
            return (circuit.vectorNames, points)
        }
        for (input, point) in zip(example.inputs, points) {
            let deck = example.deck.map { line in
                line.hasSuffix(" external") ? line.dropLast(8) + "dc \(input)" : line
            }
            let expected = try Fixtures.batchOperatingPoint(deck, names: names)
            // Batch mode can't print names with a dollar sign, which code models' branches have.
            for (name, value) in zip(names, point) where !name.contains("$") {
                let reference = expected[name] ?? .nan
                let scale = name.contains("#") ? 1e-6 : 1e-2
                #expect(
                    abs(value - reference) <= 1e-8 * (abs(reference) + scale), "\(name) at \(input)"
                )
            }
        }
    }

    @Test func aPointDoesNotDependOnTheOnesBefore() throws {
        let example = Self.examples[4]
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(example.deck, external: ["V1"])
            var points: [[Double]] = []
            for inputs in [[0, 5, -5, 0], [0]] as [[Double]] {
                try circuit.operatingPoints(count: inputs.count) { point, sources in
                    sources[0] = inputs[point]
                } receive: { _, values in
                    points.append(Array(values))
                }
            }
            #expect(points[3] == points[4])
            #expect(zip(points[0], points[3]).allSatisfy { abs($0 - $1) < 1e-10 })
        }
    }

    @Test func aCircuitThatDoesNotConverge() throws {
        try Ngspice.withInstance { ngspice in
            // No real solution above 1 V: a² + 1 = 2 - in.
            let circuit = try ngspice.load(
                [
                    "no solution", "V1 in 0 external", "B1 a 0 v=v(a)*v(a)+v(a)+v(in)-1",
                    "R1 a 0 1k",
                ],
                external: ["V1"])
            var received: [Double] = []
            let inputs = [0.5, 0.75, 2, 0.5]
            let error = #expect(throws: NgspiceError.self) {
                try circuit.operatingPoints(count: inputs.count) { point, sources in
                    sources[0] = inputs[point]
                } receive: { _, values in
                    received.append(values[1])
                }
            }
            #expect(error?.kind == .convergence || error?.kind == .singular)
            #expect(error?.message.hasPrefix("point 2: ") == true)
            #expect(received.count == 2)
            try circuit.operatingPoints(count: 1) { _, sources in
                sources[0] = 0.75
            } receive: { _, values in
                #expect(abs(abs(values[1]) - 0.5) < 1e-6)
            }
        }
    }

    /// Once source stepping has found a point of a circuit, ngspice solves it with gmin at each node: a gigaohm's
    /// 1 V would become 0.999 V, in this point and in the next.
    @Test func whatSourceSteppingFindsHasNoGmin() throws {
        let deck = [
            "a circuit that takes source stepping, and a node of a gigaohm", "V1 in 0 3.44",
            "R1 in a 168k", "B1 a 0 i=390u*tanh(2200*(v(b)-0.59))", "R2 a b 574",
            "B2 b 0 i=260u*sin(42*(v(a)+0.27))", "R3 b 0 1k", "I1 0 h 1n", "R4 h 0 1g",
        ]
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(deck)
            let node = try #require(circuit.vectorNames.firstIndex(of: "h"))
            try circuit.operatingPoints(count: 3) { _, _ in
            } receive: { _, values in
                #expect(abs(values[node] - 1) < 1e-9)
            }
            #expect(circuit.messages.contains { $0.contains("Source stepping completed") })
        }
    }

    /// Each point of a run is solved twice, in one analysis: nothing is left of the sweep with which the
    /// circuit was loaded.
    @Test func pointsAreSolvedInOneAnalysis() throws {
        let deck = [
            "amplified diode", "V1 a 0 external", "R1 a b 1k", "D1 b 0 dm", "E1 c 0 b 0 2",
            "R2 c 0 1k", ".model dm d(is=1n)",
        ]
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(deck, external: ["V1"])
            for count in [1, 5, 40] {
                let before = ngspice.solutions
                try circuit.operatingPoints(count: count) { index, sources in
                    sources[0] = Double(index) / 10
                } receive: { _, _ in
                }
                #expect(ngspice.solutions == before + 2 * count)
            }
        }
    }
}
