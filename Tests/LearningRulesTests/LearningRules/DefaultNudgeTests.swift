import Foundation
import NgspiceBridge
import Testing

@testable import Engines
@testable import Generators
@testable import LearningTasks

@testable import LearningRules

/// The update of a default nudge against its limit, which is found without a nudge: from the diodes' own equation at
/// ngspice's operating point, linearised.
@Suite struct DefaultNudgeTests {
    /// Whose junctions stand between the voltages of errors of several volts.
    static let steep = """
        two diodes
        R0 n1 n0 6552.13
        R1 n2 0 6184.3
        R2 n0 n1 107.29
        R3 n2 0 589.98
        R4 n2 0 151.03
        D0 n0 n2 dm
        D1 n1 0 dm
        V1 n0 0 3.83
        .model dm d is=1e-12
        *.learn output V(n1)=-0.94 V(n2)=-0.44
        .end
        """

    /// Ends of the diodes, with a junction of is = 1e-12 A at 27 °C.
    struct Network {
        var text: String
        var diodes: [(anode: String, cathode: String)]
    }

    static func random(seed: Int) -> Network {
        var random = SplitMix64(seed: UInt64(seed))
        let nodes = Int.random(in: 3...6, using: &random)
        var lines = ["random", "V1 n0 0 \(Double.random(in: 0.5...5, using: &random))"]
        for node in 1..<nodes {
            // A tree, so that every node is connected.
            lines.append(
                "Ra\(node) n\(node) n\(Int.random(in: 0..<node, using: &random)) \(random.resistance(around: 1000))"
            )
        }
        func name(_ node: Int) -> String { node < 0 ? "0" : "n\(node)" }
        for index in 0..<nodes {
            let a = Int.random(in: 1..<nodes, using: &random)
            let b = Int.random(in: -1..<a, using: &random)
            lines.append("Rb\(index) \(name(a)) \(name(b)) \(random.resistance(around: 1000))")
        }
        var diodes: [(String, String)] = []
        for index in 0..<Int.random(in: 1...4, using: &random) {
            let a = Int.random(in: 0..<nodes, using: &random)
            var b = Int.random(in: -1..<nodes, using: &random)
            if a == b || a == 0 && b == -1 { b = a == 1 ? -1 : 1 }
            diodes.append((name(a), name(b)))
            lines.append("D\(index) \(name(a)) \(name(b)) dm")
        }
        let outputs = Set([1, nodes - 1]).sorted().map {
            "V(n\($0))=\(Double.random(in: -1...2, using: &random))"
        }
        lines += [
            ".model dm d is=1e-12", "*.learn output " + outputs.joined(separator: " "), ".end",
        ]
        return Network(text: lines.joined(separator: "\n"), diodes: diodes)
    }

    /// dI/dV of a diode as ngspice has it, with gmin across the junction.
    static func conductance(_ v: Double) -> Double {
        let (saturation, gmin) = (1e-12, 1e-12)
        let vt = 1.38064852e-23 * 300.15 / 1.6021766208e-19
        if v >= -3 * vt { return saturation / vt * exp(v / vt) + gmin }
        let third = 3 * vt / (M_E * v)
        return 3 * saturation * third * third * third / v + gmin
    }

    /// Δv and Δ(R P W e) over every resistor: W = 1 for AL and EP, Λ for CL.
    static func drops(
        _ task: LearningTask, _ diodes: [(anode: String, cathode: String)], _ v: [Double],
        coupled: Bool
    ) -> [(free: Double, adjoint: Double)] {
        let circuit = task.circuit
        let held = Set(circuit.sources.flatMap { [$0.positive, $0.negative] }).union([0])
        let free = circuit.nodes.indices.filter { !held.contains($0) }
        let places = Dictionary(uniqueKeysWithValues: free.enumerated().map { ($1, $0) })
        var matrix = free.map { _ in free.map { _ in 0.0 } }
        func stamp(_ a: Int, _ b: Int, _ g: Double) {
            if let i = places[a] { matrix[i][i] += g }
            if let j = places[b] { matrix[j][j] += g }
            if let i = places[a], let j = places[b] {
                matrix[i][j] -= g
                matrix[j][i] -= g
            }
        }
        for r in circuit.resistors { stamp(r.positive, r.negative, r.conductance) }
        let numbers = Dictionary(
            uniqueKeysWithValues: circuit.nodes.enumerated().map { ($1.ngspiceName, $0) })
        for diode in diodes {
            guard let a = numbers[diode.anode], let b = numbers[diode.cathode] else { continue }
            stamp(a, b, conductance(v[a] - v[b]))
        }
        func field(_ output: Int) -> [Double] {
            var right = free.map { _ in 0.0 }
            if let place = places[task.outputs[output].positive] { right[place] = 1 }
            let solution = solve(matrix, right)
            return circuit.nodes.indices.map { node in places[node].map { solution[$0] } ?? 0 }
        }
        let fields = task.outputs.indices.map(field)
        let errors = zip(task.outputs, task.samples[0].targets).map { v[$0.positive] - $1 }
        let weights =
            coupled
            ? solve(
                task.outputs.map { output in fields.map { $0[output.positive] } }, errors) : errors
        return circuit.resistors.map { r in
            (
                v[r.positive] - v[r.negative],
                zip(weights, fields).reduce(0) {
                    $0 + $1.0 * ($1.1[r.positive] - $1.1[r.negative])
                }
            )
        }
    }

    /// By elimination with partial pivoting.
    static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        var (a, b) = (matrix, right)
        for k in a.indices {
            let pivot = (k..<a.count).max { abs(a[$0][k]) < abs(a[$1][k]) } ?? k
            a.swapAt(k, pivot)
            b.swapAt(k, pivot)
            for i in (k + 1)..<max(a.count, k + 1) {
                let factor = a[i][k] / a[k][k]
                for j in k..<a.count { a[i][j] -= factor * a[k][j] }
                b[i] -= factor * b[k]
            }
        }
        for k in a.indices.reversed() {
            for j in (k + 1)..<max(a.count, k + 1) { b[k] -= a[k][j] * b[j] }
            b[k] /= a[k][k]
        }
        return b
    }

    /// The largest difference of an update from its limit, over the limit's largest; nil where a junction has more
    /// than 0.9 V and with it kiloamperes, no resistor being in its way, or where all resistors that act on the
    /// outputs carry next to nothing, so that their drops are rounding.
    static func bias(
        _ network: Network, _ rule: any LearningRule
    ) throws -> (worst: Double, update: [Double], strength: Double)? {
        let parsed = try ParsedDeck(network.text)
        let task = parsed.task
        let voltages = try parsed.withPhysics { physics in
            try physics.operatingPoints([Drive(inputs: task.samples[0].inputs)])[0].voltages
        }
        let numbers = Dictionary(
            uniqueKeysWithValues: task.circuit.nodes.enumerated().map { ($1.ngspiceName, $0) })
        for diode in network.diodes {
            guard let a = numbers[diode.anode], let b = numbers[diode.cathode],
                voltages[a] - voltages[b] < 0.9
            else { return nil }
        }
        let drops = drops(
            task, network.diodes, voltages, coupled: rule is CoupledLearning)
        let limit = drops.map { $0.free * $0.adjoint }
        let largest = limit.reduce(0) { max($0, abs($1)) }
        let volts = voltages.reduce(0) { max($0, abs($1)) }
        let fields = drops.reduce(0) { max($0, abs($1.adjoint)) }
        guard largest > 1e-6 * volts * fields else { return nil }
        let (states, strength) = try parsed.withPhysics { physics in
            let method = try Trainer(task: task, rule: rule).resolveMethod(in: physics)
            return (try method.states(of: task, in: physics), method.nudging.strength)
        }
        let worst = zip(states.update, limit).reduce(0) { max($0, abs($1.0 - $1.1)) }
        return (worst / largest, states.update, strength)
    }

    static let rules: [any LearningRule] = [
        AdjointCoupledLearning(), EquilibriumPropagation(), CoupledLearning(),
    ]

    @Test("large errors at steep junctions", arguments: [0, 1, 2])
    func steepJunctions(rule: Int) throws {
        let network = Network(text: Self.steep, diodes: [("n0", "n2"), ("n1", "0")])
        let (worst, update, strength) = try #require(try Self.bias(network, Self.rules[rule]))
        #expect(worst < 1e-5)
        // 11.11578 at 1e-3 of the output conductance.
        if rule < 2 { #expect(abs(update[1] / 11.04227 - 1) < 1e-5) }
        #expect(strength > 0)
    }

    @Test("random networks of diodes, errors of volts", arguments: [0, 1, 2])
    func randomNetworks(rule: Int) throws {
        var above: [String] = []
        var count = 0
        for seed in 1...180 {
            guard let worst = try Self.bias(Self.random(seed: seed), Self.rules[rule])?.worst
            else { continue }
            count += 1
            if !(worst < 1e-5) { above.append("seed \(seed): \(worst)") }
        }
        #expect(above.isEmpty)
        #expect(count >= 150)
    }

    /// Where errors are small, so is the bias, and the nudge stays as large as rounding wants it.
    @Test func smallErrors() throws {
        let parsed = try ParsedDeck(
            Self.steep.replacing("V(n1)=-0.94 V(n2)=-0.44", with: "V(n1)=0.6"))
        let task = parsed.task
        let (settled, first) = try parsed.withPhysics { physics in
            let trainer = Trainer(task: task)
            return (
                try trainer.resolveMethod(in: physics).nudging.strength,
                try trainer.resolveMethod(in: physics, isExact: false).nudging.strength
            )
        }
        #expect(settled <= first && settled > 0.1 * first)
    }

    /// An output behind blocked diodes, which other resistors feel by a part in 10⁹: what a nudge of 1e-3 of the
    /// output conductance changes there is rounding, by 1e-4 of the update, so that a stronger one is taken.
    @Test func outputsThatAreHardlyFelt() throws {
        let parsed = try ParsedDeck(
            """
            * Behind blocked diodes
            R0 n0 0 732.013
            R1 n1 n0 4116.37
            R2 n2 n0 3497.27
            R3 n3 n0 9630.99
            R4 n4 n0 377.112
            R5 n5 n1 1294.25
            R6 n3 0 4425.51
            R7 n1 n3 210.194
            R8 n1 0 7581.17
            R9 n2 0 3101.41
            D0 n5 n0 dm
            D1 n4 n3 dm
            D2 n0 0 dm
            D3 n4 n1 dm
            V1 n0 0 -4.88
            .model dm d is=1e-14
            *.learn output V(n4)=-0.541
            .end

            """)
        let task = parsed.task
        let rule = AdjointCoupledLearning()
        // Exact at any strength: of the output conductance errors are volts.
        let limit = try LearningMethod(
            rule: rule, nudging: Nudging(strength: 2.65e-3, sides: .limit)
        )
        .states(of: task, in: NativePhysics(task: task)).update
        let largest = limit.reduce(0) { max($0, abs($1)) }
        @Sendable func distance(
            in physics: any Physics
        ) throws -> (update: Double, told: Double) {
            let method = try Trainer(task: task, rule: rule).resolveMethod(in: physics)
            let update = try method.states(of: task, in: physics).update
            let worst = zip(update, limit).reduce(0) { max($0, abs($1.0 - $1.1)) }
            return (worst / largest, try #require(method.nudgeError))
        }
        for (worst, told) in [
            try parsed.withPhysics { try distance(in: $0) },
            try distance(in: NativePhysics(task: task)),
        ] {
            #expect(worst < 1e-5)
            #expect(told < 1e-4)
        }
    }
}
