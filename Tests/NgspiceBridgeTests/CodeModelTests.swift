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
