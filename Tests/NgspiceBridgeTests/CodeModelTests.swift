import Foundation
import Testing

@testable import NgspiceBridge

/// Logic between resistors: a bridge from voltages, gates, a bridge back.
@Suite struct CodeModelTests {
    private static let bridges = [
        ".model adc adc_bridge(in_low=1 in_high=2)",
        ".model dac dac_bridge(out_low=0.2 out_high=3.2)",
    ]

    private static let inverter =
        [
            "inverter", "V1 in 0 external", "R1 in a 1k", "R2 a 0 3k", "Aadc [a] [d] adc",
            "Ainv d e inv", "Adac [e] [out] dac", "R3 out b 1k", "R4 b 0 1k",
            ".model inv d_inverter",
        ] + bridges

    /// A latch whose inputs are both off keeps what it was: a circuit solved again would remember.
    private static let latch =
        [
            "latch", "V1 in 0 external", "R1 in s 1k", "R2 s 0 100k", "VR r 0 0", "VE en 0 5",
            "Aadc [s r en] [ds dr de] adc", "Alatch ds dr de low low q nq ff",
            "Apull low pd", "Adac [q] [out] dac", "R3 out b 1k", "R4 b 0 1k",
            ".model ff d_srlatch(ic=0)", ".model pd d_pulldown",
        ] + bridges

    @Test(.enabled(if: Fixtures.batchSimulator != nil), arguments: [inverter, latch])
    func agreesWithBatchMode(deck: [String]) throws {
        let inputs = [0.0, 5, 0, 5, 0.5, 0]
        let (names, points) = try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(deck, external: ["V1"])
            // Alters outlast the loading anew.
            try circuit.alter([(device: "r3", parameter: nil, value: 2000)])
            var points: [[Double]] = []
            try circuit.operatingPoints(count: inputs.count) { point, sources in
                sources[0] = inputs[point]
            } receive: { _, values in
                points.append(Array(values))
            }
            return (circuit.vectorNames, points)
        }
        for (input, point) in zip(inputs, points) {
            let plain = deck.map { line in
                line.hasSuffix(" external")
                    ? line.dropLast(8) + "dc \(input)" : line.hasPrefix("R3") ? "R3 out b 2k" : line
            }
            let expected = try Fixtures.batchOperatingPoint(plain, names: names)
            #expect(expected["b"] != nil)
            for (name, value) in zip(names, point) where !name.contains("$") && !name.contains("#")
            {
                // Piecewise linear: exact but for the digits that are printed.
                #expect(abs(value - (expected[name] ?? .nan)) <= 1e-12, "\(name) at \(input)")
            }
        }
    }

    /// Numbers after what controls a source are a polynomial's where there are several. V(a) = 2 V, and −1 A
    /// flows through V1.
    @Test(
        "several numbers are a polynomial",
        arguments: [
            ("E1 x 0 a 0 2 3", false, 8), ("G1 0 x a 0 2 3 4", false, 24),
            ("F1 0 x V1 2 3", false, -1), ("H1 x 0 V1 2 {1 + 2}", false, -1),
            ("E1 x 0 (a, 0) gain = 3", true, 6), ("G1 0 x a 0 {1 + 2} m = 2", true, 12),
            ("F1 0 x V1 '1 + 2' m={1 + 1} m=3", true, -9), ("H1 x 0 V1 gain={1 + 2}", true, -3),
        ] as [(String, Bool, Double)])
    func polynomial(line: String, isLinear: Bool, expected: Double) throws {
        let (found, value) = try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load([
                "gains", "V1 a 0 2", "Ra a 0 2", "Rx x 0 1", line,
            ])
            let point = try circuit.operatingPoint()
            return (
                circuit.traits.isLinear,
                zip(circuit.vectorNames, point).first { $0.0 == "x" }?.1 ?? .nan
            )
        }
        #expect(found == isLinear)
        #expect(abs(value - expected) < 1e-12, "\(line)")
    }

    @Test func folderOfItsOwn() throws {
        let before = FileManager.default.currentDirectoryPath
        // BSIM3 writes b3v33check.log.
        let deck = [
            "mos", "V1 d 0 1", "M1 d d 0 0 nm w=10u l=1u", ".model nm nmos(level=49 version=3.3.0)",
        ]
        let inside = try Ngspice.withInstance { ngspice in
            _ = try ngspice.load(deck).operatingPoint()
            return FileManager.default.currentDirectoryPath
        }
        #expect(inside == before)
        #expect(FileManager.default.currentDirectoryPath == before)
        #expect(!FileManager.default.fileExists(atPath: before + "/b3v33check.log"))
    }
}
