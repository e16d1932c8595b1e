import Testing

@testable import NgspiceBridge

/// The same point has the same bits, whatever else was solved before it.
@Suite struct ReproducibilityTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let device: [String]
        var model = ""
        var pointsPerStart: Int?
    }

    /// `#` stands for the number of a stage.
    static let examples: [Example] = [
        Example(testDescription: "linear", device: ["R# d# s# 3k"]),
        Example(
            testDescription: "controlled source",
            device: ["G# d# s# g# 0 1m", "E# e# 0 g# 0 9", "R# e# s# 1k"]),
        Example(
            testDescription: "controlled source and diode",
            device: ["D# g# s# m", "E# e# 0 g# 0 1", "R# e# s# 1k"], model: "d", pointsPerStart: 32),
        Example(
            testDescription: "diode", device: ["D# g# s# m", "R# d# s# 3k"],
            model: "d(is=1e-12 rs=1)"),
        Example(
            testDescription: "bipolar", device: ["Q# d# g# s# m"],
            model: "npn(bf=3000 vaf=50 rb=10)", pointsPerStart: 32),
        Example(
            testDescription: "mos", device: ["M# d# g# s# 0 m w=20u l=1u"],
            model: "nmos(vto=0.5 kp=200u lambda=0.05)", pointsPerStart: 32),
        Example(
            testDescription: "bsim3", device: ["M# d# g# s# 0 m w=10u l=1u"],
            model: "nmos(level=8 version=3.3.0)", pointsPerStart: 32),
        Example(
            testDescription: "bsim4", device: ["M# d# g# s# 0 m w=10u l=1u"],
            model: "nmos(level=14 version=4.8.0)", pointsPerStart: 32),
        Example(
            testDescription: "jfet", device: ["J# d# g# s# m"], model: "njf(vto=-1 beta=1m)",
            pointsPerStart: 32),
        Example(
            testDescription: "mesfet", device: ["Z# d# g# s# m"], model: "nmf(vto=-1 beta=1m)",
            pointsPerStart: 32),
        Example(
            testDescription: "behavioural source", device: ["B# d# s# i=1e-3*tanh(v(g#))"],
            pointsPerStart: 1),
        Example(
            testDescription: "behavioural resistor", device: ["R# d# s# r='1k*(1+v(g#)^2)'"],
            pointsPerStart: 1),
        Example(
            testDescription: "switch", device: ["VW# g# z# 0", "RW# z# 0 100k", "W# d# s# vw# m"],
            model: "csw(it=1e-6 ih=2e-7 ron=100 roff=1meg)", pointsPerStart: 1),
    ]

    /// A chain of six stages, of high and low impedances, so that matrices have a choice of pivots.
    static func deck(_ example: Example) -> [String] {
        var lines = ["stages", "V0 i0 0 external", "V1 i1 0 external", "VDD vdd 0 3"]
        if !example.model.isEmpty { lines.append(".model m \(example.model)") }
        for k in 0..<6 {
            let source = k < 2 ? "i\(k)" : "d\(k - 2)"
            lines += [
                "RG\(k) \(source) g\(k) 100k", "RB\(k) g\(k) vdd 300k", "RS\(k) s\(k) 0 200",
                "RD\(k) vdd d\(k) 5k", "RX\(k) d\(k) g\((k + 1) % 6) 2meg",
            ]
            lines += example.device.map { $0.replacing("#", with: "\(k)") }
        }
        return lines
    }

    private static let inputs: [[Double]] = (0..<96).map { index in
        let first = Double(index * 37 % 96)
        let second = Double(index * 53 % 96)
        return [first / 24 - 2, second / 32 - 1]
    }

    private static func solve(
        _ points: [Int], in circuit: LoadedCircuit
    ) throws -> [Int: [Double]] {
        var results: [Int: [Double]] = [:]
        try circuit.operatingPoints(count: points.count) { index, sources in
            _ = sources.update(fromContentsOf: inputs[points[index]])
        } receive: { index, values in
            results[points[index]] = Array(values)
        }
        return results
    }

    /// In one circuit all points in a row, in another, which was solved at other values in between and had
    /// its sweep dropped, in runs from the last to the first.
    @Test(arguments: examples)
    func orderOfRuns(example: Example) throws {
        try Ngspice.withInstance { ngspice in
            let values = (0..<6).map { ("rd\($0)", String?.none, 4000 + 321.5 * Double($0)) }
            let all = Array(Self.inputs.indices)
            var circuit = try ngspice.load(Self.deck(example), external: ["V0", "V1"])
            #expect(circuit.pointsPerStart == example.pointsPerStart)
            try circuit.alter(values)
            let expected = try Self.solve(all, in: circuit)
            #expect(expected.values.allSatisfy { $0.allSatisfy(\.isFinite) })

            circuit = try ngspice.load(Self.deck(example), external: ["V0", "V1"])
            try circuit.alter(values.map { ($0.0, $0.1, 300) })
            _ = try Self.solve(Array(all.prefix(5)), in: circuit)
            try circuit.alter(values)
            let run = example.pointsPerStart ?? 7
            for start in stride(from: 0, to: all.count, by: run).reversed() {
                let points = Array(all[start..<min(start + run, all.count)])
                for (point, found) in try Self.solve(points, in: circuit) {
                    #expect(found == expected[point], "\(example) at point \(point)")
                }
                // Now and then the sweep is set up anew.
                if start.isMultiple(of: 3) { try circuit.restart() }
            }
        }
    }
}
