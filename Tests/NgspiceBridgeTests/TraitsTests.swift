import Foundation
import Netlist
import NgspiceBridge
import Testing

/// What elaboration calls linear is linear, and no point depends on the ones before it.
@Suite struct TraitsTests {
    // MARK: All decks of the repository

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let decks: [URL] = [
        "netlists", "netlists/golden", "Tests/spicelearnTests/Language",
        "Tests/spicelearnTests/BadInput",
    ].flatMap { folder in
        let files = try? FileManager.default.contentsOfDirectory(
            at: root.appending(path: folder), includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "cir" }
            .sorted { $0.path < $1.path }
    }

    private struct Loadable {
        let lines: [String]
        let external: [String]
        /// The external sources' values in the deck.
        let values: [Double]
        let traits: CircuitTraits
        /// ngspice draws other values at each load.
        let isRandom: Bool
        /// How much of the largest value rounding may be: 10⁻⁹, and 10⁻³ beside a resistance of 10⁻¹² Ω, for
        /// which ngspice takes 0 Ω from version 44 on. Then 10¹² S leave few digits to a neighbour's 1 mS.
        let rounding: Double

        init?(_ file: URL) throws {
            let bytes = Array(try Data(contentsOf: file))
            let dialect = Dialect(version: try Ngspice.installed().version)
            let deck = Deck.parse(path: file.path, bytes: bytes, dialect: dialect)
            guard let circuit = deck.elaborate(for: .operatingPoint).circuit else { return nil }
            let sources = circuit.sources.filter { !$0.name.contains(".") }
            external = sources.map(\.ngspiceName)
            values = sources.map(\.dcValue)
            guard let lines = try? deck.ngspiceLines(external: external) else { return nil }
            self.lines = lines
            traits = circuit.traits
            rounding = circuit.resistors.contains { abs($0.resistance) <= 1e-12 } ? 1e-3 : 1e-9
            let text = lines.joined(separator: " ").lowercased()
            isRandom = ["gauss", "unif", "limit(", "random"].contains { text.contains($0) }
        }

        func load(in ngspice: Ngspice, as traits: CircuitTraits) -> LoadedCircuit? {
            try? ngspice.load(lines, traits: traits, external: external)
        }

        /// The operating points, each asked for alone, in a given order; nil where there is none.
        func points(
            _ inputs: [[Double]], _ order: [Int], in circuit: LoadedCircuit
        ) -> [[Double]?] {
            var results = [[Double]?](repeating: nil, count: inputs.count)
            for index in order {
                try? circuit.operatingPoints(count: 1) { _, sources in
                    _ = sources.update(fromContentsOf: inputs[index])
                } receive: { _, vector in
                    results[index] = Array(vector)
                }
            }
            return results
        }
    }

    /// Multiples of the deck's values that no symmetry of a circuit could hide: 0, x, y, x + y, −x/2, and 7x.
    private static func inputs(_ values: [Double]) -> [[Double]] {
        let y = values.indices.map { index in
            (0.3 + 0.11 * Double(index % 5)) * (values[index] == 0 ? 1 : values[index])
        }
        return [
            values.map { _ in 0 }, values, y, zip(values, y).map(+), values.map { -$0 / 2 },
            values.map { 7 * $0 },
        ]
    }

    @Test("linear decks superpose, and points don't depend on their order", .timeLimit(.minutes(5)))
    func allDecks() throws {
        let linear = try Ngspice.withInstance { ngspice in
            var linear = 0
            for file in Self.decks {
                guard let deck = try Loadable(file) else { continue }
                let inputs = Self.inputs(deck.values)
                guard let circuit = deck.load(in: ngspice, as: deck.traits) else { continue }
                let name = file.lastPathComponent
                let forward = deck.points(inputs, Array(inputs.indices), in: circuit)
                let backward = deck.points(inputs, inputs.indices.reversed(), in: circuit)
                #expect(forward == backward, "\(name) depends on the order of its points")
                guard deck.traits.isLinear else { continue }
                linear += 1
                Self.expectSuperposition(forward.compactMap { $0 }, name, deck.rounding)
                guard !deck.isRandom else { continue }
                var careful = deck.traits
                (careful.isLinear, careful.memory, careful.needsCodeModels) = (false, .state, true)
                guard let other = deck.load(in: ngspice, as: careful) else { continue }
                let cold = deck.points(inputs, Array(inputs.indices), in: other)
                for case (let warm?, let cold?) in zip(forward, cold) {
                    expectSame(warm, cold, "\(name) solved cold", deck.rounding)
                }
            }
            return linear
        }
        #expect(linear > 100)
    }

    private static func expectSuperposition(
        _ points: [[Double]], _ name: String, _ rounding: Double
    ) {
        guard points.count == 6 else { return }
        let (zero, x, y, sum, half, seven) =
            (points[0], points[1], points[2], points[3], points[4], points[5])
        func combined(_ terms: [(Double, [Double])]) -> [Double] {
            zero.indices.map { index in
                terms.reduce(zero[index]) { $0 + $1.0 * ($1.1[index] - zero[index]) }
            }
        }
        expectSame(sum, combined([(1, x), (1, y)]), "the sum in \(name)", rounding)
        expectSame(half, combined([(-0.5, x)]), "minus a half in \(name)", rounding)
        expectSame(seven, combined([(7, x)]), "seven times in \(name)", rounding)
    }

    // MARK: What text alone would get wrong

    /// What 20 mV behind 1 kΩ drive at b; whether that is linear; V(b).
    private static let lines: [(String, Bool, Double)] = [
        // Three solutions of 2b³ − b = 0.02; the others are at ±0.7 V.
        ("G1 b 0 cur='2e-3*(v (b)*v (b)*v (b)-v (b))'", false, -0.020016),
        ("G1 b 0 poly7 0 1m\nR2 poly7 0 1k\nR3 poly7 a 1k", true, 0.01),
        ("R2 b 0 sheet l=20u w=1u\n.model sheet r(rsh=50)", true, 0.01),
        ("R2 b table 500\nR3 table 0 500", true, 0.01),
        ("E1 c 0 b 0 1 0\nR2 b 0 1k\nR3 c 0 1k", false, 0.01),
        ("R2 b 0 {v (a)*5e4}", false, 0.01),
        ("C1 b 0 c='1n*(1+v (b))'\nR2 b 0 1k", false, 0.01),
        ("C1 b 0 q='1n'\nR2 b 0 1k", false, 0.01),
        ("Ctime b time 1n\nR2 b 0 1k\nR3 time 0 1", true, 0.01),
        ("F1 0 c V1 {temper/27}\nR3 c 0 1k\nR2 b 0 1k", false, 0.01),
    ]

    @Test("linear is what ngspice solves as such", arguments: lines)
    func line(text: String, isLinear: Bool, expected: Double) throws {
        let deck =
            ["t", "V1 a 0 external", "R1 a b 1k"] + text.split(separator: "\n").map(String.init)
        try Ngspice.withInstance { ngspice in
            let circuit = try ngspice.load(deck, external: ["V1"])
            #expect(circuit.traits.isLinear == isLinear)
            let b = try #require(circuit.vectorNames.firstIndex(of: "b"))
            var found: [Double] = []
            for value in [0.02, 3, 0.02, -3, 0.02] {
                try circuit.operatingPoints(count: 1) { _, sources in
                    sources[0] = value
                } receive: { _, vector in
                    if value == 0.02 { found.append(vector[b]) }
                }
            }
            #expect(Set(found).count == 1, "\(found) for the same input")
            #expect(abs(found[0] - expected) < 1e-3 * abs(expected))
        }
    }
}

private func expectSame(_ a: [Double], _ b: [Double], _ what: String, _ rounding: Double) {
    let scale = max(a.map(abs).max() ?? 0, b.map(abs).max() ?? 0)
    let worst = zip(a, b).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= rounding * scale + 1e-15, "\(what): off by \(worst) of \(scale)")
}
