import Foundation
import NgspiceBridge
import Testing

@testable import Generators
@testable import Engines
@testable import LearningTasks
@testable import Theory

/// J from adjoint fields, against differences of ngspice's own outputs.
@Suite struct SensitivityTests {
    /// Random networks on nodes n0 … n8 and ground, two inputs, three samples, a pair as an output.
    /// `rt` feeds three resistors, one of them through an expression; some resistors are fixed.
    static func deck(seed: UInt64) throws -> ParsedDeck {
        var random = SplitMix64(seed: seed)
        var lines = ["random", "V1 n0 0 1", "V2 n1 0 -0.5", ".param rt=1.3k"]
        for node in 2...8 {
            // A tree, so that every node is connected.
            let other = Int.random(in: 0..<node, using: &random)
            lines.append("Ra\(node) n\(node) n\(other) \(random.resistance(around: 1000))")
        }
        for index in 0..<10 {
            let a = Int.random(in: 0...8, using: &random)
            let b = (a + Int.random(in: 1...8, using: &random)) % 9
            lines.append("Rb\(index) n\(a) n\(b) \(random.resistance(around: 1000))")
        }
        lines += [
            "Rt1 n2 n5 {rt}", "Rt2 n3 0 {rt}", "Rt3 n4 n7 {2*rt}", "Rf1 n6 0 900",
            "Rf2 n8 n2 700",
            "*.learn trainable Ra* Rt*", "*.learn trainable Rb* vary=log",
            "*.learn output V(n3) V(n5,n8) V(n7)", "*.learn data train.csv", ".end",
        ]
        return try ParsedDeck(
            lines.joined(separator: "\n"),
            data: """
                V1,V2,V(n3),"V(n5,n8)",V(n7)
                1,-0.5,0.1,0.2,0.3
                0.3,0.8,0.2,0.1,-0.1
                -0.7,0.4,0,0.1,0.2
                """)
    }

    static let diodes = """
        rectifying network
        V1 in 0 1.5
        R1 in a 1k
        R2 in b 2k
        R3 a b 4.7k
        R4 b c 1.2k
        R5 a out 2.2k
        R6 b out 3.3k
        R7 out 0 5k
        R8 c 0 1.8k
        D1 a 0 dx
        D2 c out dx
        .model dx d(is=1e-9 n=1.2)
        *.learn output V(out) V(b,c)
        *.learn data train.csv
        .end
        """

    /// ∂(outputs)/∂θ by central differences with Richardson extrapolation: truncation is O(step⁴).
    static func differences(_ parsed: ParsedDeck, step: Double) throws -> [[Double]] {
        let task = parsed.task
        let start = TrainedValues(initial: task)
        return try parsed.withPhysics { physics in
            try task.parameters.indices.map { p in
                let size =
                    task.parameters[p].variable == .logConductance ? 1 : start.values[p]
                func outputs(_ change: Double) throws -> [Double] {
                    var velocity = [Double](repeating: 0, count: task.parameters.count)
                    velocity[p] = change * size
                    let moved = start.stepped(by: 1, along: velocity, of: task)
                    try physics.setResistances(moved.resistances(of: task))
                    let points = try physics.operatingPoints(
                        task.samples.map { Drive(inputs: $0.inputs) })
                    return points.flatMap { point in task.outputs.map { point.voltage($0) } }
                }
                func central(_ change: Double) throws -> [Double] {
                    zip(try outputs(change), try outputs(-change)).map {
                        ($0 - $1) / (2 * change * size)
                    }
                }
                return zip(try central(step), try central(step / 2)).map { (4 * $1 - $0) / 3 }
            }
        }
    }

    static func sensitivity(_ parsed: ParsedDeck) throws -> Sensitivity {
        let task = parsed.task
        return try parsed.withPhysics {
            try Sensitivity(of: task, at: TrainedValues(initial: task), in: $0)
        }
    }

    @Test("fixed, tied and log-conductance resistors, samples, pairs", arguments: 1...6)
    func randomNetworks(seed: Int) throws {
        let parsed = try Self.deck(seed: UInt64(seed))
        #expect(parsed.task.parameters.count == 18)
        let sensitivity = try Self.sensitivity(parsed)
        let expected = try Self.differences(parsed, step: 2e-3)
        for (p, column) in expected.enumerated() {
            // Columns have units of their own: each is compared by itself. One that is zero but for
            // rounding (a resistor between the sources) is compared with the voltages.
            let found = sensitivity.column(p)
            let size = column.map(abs).max() ?? 0
            let g = sensitivity.conductances.values[p]
            let logarithmic = parsed.task.parameters[p].variable == .logConductance
            let floor = 1e-9 / (logarithmic ? 1 : g)
            for (a, b) in zip(found, column) { #expect(abs(a - b) <= 1e-6 * size + floor * 1e-3) }
        }
    }

    @Test func nonlinear() throws {
        let parsed = try ParsedDeck(
            Self.diodes, data: "V1,V(out),\"V(b,c)\"\n1.5,0.3,0.2\n-0.8,-0.1,-0.2\n")
        let sensitivity = try Self.sensitivity(parsed)
        let expected = try Self.differences(parsed, step: 4e-3)
        let found = parsed.task.parameters.indices.map { sensitivity.column($0) }
        #expect(differenceOverNorm(found.flatMap(\.self), expected.flatMap(\.self)) < 1e-6)
    }
}
