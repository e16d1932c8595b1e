import Foundation
import Netlist
import Testing

@testable import Engines
@testable import LearningTasks

@testable import LearningRules

/// The native engine against ngspice.
@Suite struct NativePhysicsTests {
    /// A deck of random semiconductors between random resistors: their numbers, and temperatures.
    private static func deck(seed: UInt64) -> String {
        var random = SplitMix64(seed: seed)
        func between(_ low: Double, _ high: Double) -> Double {
            low + (high - low) * random.share()
        }
        func logarithmic(_ low: Double, _ high: Double) -> Double {
            low * pow(high / low, random.share())
        }
        let count = 4 + Int(random.next() % 5)
        func node() -> String {
            let number = Int(random.next() % UInt64(count))
            return number == 0 ? "0" : "n\(number)"
        }
        var lines = ["random semiconductors \(seed)"]
        for index in 1..<count {
            lines.append(
                "R\(index) n\(index) \(index == 1 ? "0" : "n\(index - 1)") \(logarithmic(300, 30e3))"
            )
            lines.append("RG\(index) n\(index) 0 \(logarithmic(1e3, 100e3))")
        }
        lines.append("V1 n1 s \(between(-4, 4))")
        lines.append("RS s 0 \(logarithmic(50, 500))")
        lines.append("V2 vdd 0 \(between(1, 5))")
        lines.append("RD vdd n\(count - 1) \(logarithmic(300, 10e3))")
        for index in 0..<(2 + Int(random.next() % 5)) {
            let (a, b, c) = (node(), node(), node())
            switch random.next() % 6 {
            case 0, 1:
                lines.append("D\(index) \(a) \(b) d\(random.next() % 2) area=\(between(0.5, 3))")
            case 2:
                lines.append(
                    "M\(index) \(a) \(b) \(c) 0 mn w=\(logarithmic(2e-6, 50e-6)) "
                        + "l=\(logarithmic(1e-6, 5e-6))")
            case 3:
                lines.append(
                    "M\(index) \(a) \(b) \(c) vdd mp w=\(logarithmic(2e-6, 50e-6)) l=2u m=2")
            case 4: lines.append("Q\(index) \(a) \(b) \(c) q\(random.next() % 2)")
            default: lines.append("J\(index) \(a) \(b) \(c) jn")
            }
        }
        lines += [
            "G1 \(node()) 0 \(node()) 0 \(between(-1e-4, 1e-4))",
            ".model d0 d is=\(logarithmic(1e-16, 1e-9)) n=\(between(1, 2)) rs=\(between(0.1, 50))",
            ".model d1 d is=\(logarithmic(1e-15, 1e-11)) bv=\(between(2, 6)) ibv=1e-4",
            ".model mn nmos vto=\(between(0.3, 1)) kp=\(logarithmic(1e-5, 2e-4)) "
                + "lambda=\(between(0, 0.05)) gamma=\(between(0, 0.6)) rsh=\(between(1, 60))",
            ".model mp pmos vto=\(between(-1, -0.3)) kp=\(logarithmic(1e-5, 2e-4)) lambda=0.02",
            ".model q0 npn is=\(logarithmic(1e-16, 1e-14)) bf=\(between(20, 200)) "
                + "vaf=\(between(20, 100)) rb=100 re=2",
            ".model q1 pnp is=1e-15 bf=\(between(20, 200)) ikf=10m ise=1e-13 ne=1.6 br=3",
            ".model jn njf vto=\(between(-3, -1)) beta=\(logarithmic(1e-4, 1e-3)) lambda=0.01",
            ".temp \(between(-20, 85))",
            "*.learn trainable R1",
            "*.learn output V(n2)=0.1", ".end",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Node voltages of random circuits, to ngspice's own tolerance: a relative 1e-9 of the largest.
    ///
    /// Circuits in which ngspice finds no operating point at that tolerance say nothing; there are few.
    @Test func randomSemiconductors() throws {
        var compared = 0
        var iterations = 0
        for seed in 0..<120 {
            let parsed = try ParsedDeck(Self.deck(seed: UInt64(seed)))
            let drive = Drive(inputs: parsed.task.samples[0].inputs)
            let native = try NativePhysics(task: parsed.task)
            guard
                let expected = try? parsed.withPhysics({ try $0.operatingPoints([drive])[0] })
            else { continue }
            guard let found = try? native.operatingPoints([drive])[0] else {
                Issue.record(
                    "seed \(seed): the native engine finds nothing: \(Self.deck(seed: UInt64(seed)))"
                )
                continue
            }
            iterations += native.iterations
            let scale = expected.voltages.reduce(0) { max($0, abs($1)) }
            let worst = zip(expected.voltages, found.voltages).reduce(0) {
                max($0, abs($1.0 - $1.1))
            }
            #expect(worst < 2e-9 * scale, "seed \(seed): \(worst) of \(scale) V")
            compared += 1
        }
        #expect(compared > 100, "\(compared)")
        #expect(iterations < 40 * compared, "\(iterations)")
    }

    private static let held = """
        clamps and branches
        V1 in 0 1.2
        V2 x y 0.1
        R1 in a 1k
        D1 a b dm
        R2 b 0 2k
        R3 a x 1k
        R4 y b 3k
        I1 0 b 0.1m
        E1 e 0 a b 2
        R5 e b 10k
        H1 h 0 V2 100
        R6 h a 5k
        F1 a 0 V2 0.1
        .model dm d is=1e-12 rs=5
        *.learn input V1
        *.learn output V(b) V(a,x)
        *.learn data d.csv
        .end
        """
    private static let data = "V1,V(b),\"V(a,x)\"\n1.2,0.3,0.1\n-0.5,0.1,0\n"

    /// States and updates of every rule, whatever holds the outputs.
    @Test(arguments: ["al", "cl", "ep"])
    func rules(name: String) throws {
        let parsed = try ParsedDeck(Self.held, data: Self.data)
        let rule: any LearningRule =
            switch name {
            case "al": AdjointCoupledLearning()
            case "cl": CoupledLearning()
            default: EquilibriumPropagation()
            }
        let method = LearningMethod(
            rule: rule, nudging: Nudging(strength: name == "cl" ? 0.5 : 1e-4, sides: .centered))
        let values = TrainedValues(initial: parsed.task)
        let native = try NativePhysics(task: parsed.task, nudges: rule.nudgeKind)
        let found = try method.states(of: parsed.task, at: values, in: native)
        let expected = try parsed.withPhysics {
            try method.states(of: parsed.task, at: values, in: $0)
        }
        for (a, b) in zip(expected.points, found.points) {
            for (x, y) in zip(a.voltages, b.voltages) { #expect(abs(x - y) < 2e-9) }
            for (x, y) in zip(a.nudgeCurrents, b.nudgeCurrents) { #expect(abs(x - y) < 1e-11) }
        }
        let scale = expected.update.reduce(0) { max($0, abs($1)) }
        for (x, y) in zip(expected.update, found.update) { #expect(abs(x - y) < 1e-5 * scale) }
    }

    /// Diodes and resistors are reciprocal: the limit of AL and EP is the gradient, by the native engine to rounding
    /// and by ngspice to what differences of a thousandth leave; that of CL weighs errors by the conductance at the outputs.
    @Test func limit() throws {
        let parsed = try ParsedDeck(
            """
            diodes
            V1 in 0 1.2
            R1 in a 1k
            D1 a b dm
            R2 b 0 2k
            D2 0 a dm
            R3 a c 1k
            R4 c 0 3k
            .model dm d is=1e-12 rs=5
            *.learn input V1
            *.learn output V(b) V(c)
            *.learn data d.csv
            .end
            """, data: "V1,V(b),V(c)\n1.2,0.3,0.1\n-0.5,0.1,0\n")
        let task = parsed.task
        let values = TrainedValues(initial: task)
        func update(_ rule: any LearningRule, _ nudging: Nudging, _ physics: any Physics) throws
            -> [Double]
        {
            try LearningMethod(rule: rule, nudging: nudging)
                .states(of: task, at: values, in: physics).update
        }
        let native = try NativePhysics(task: task)
        let limit = Nudging(strength: 1e-3, sides: .limit)
        let exact = try ExactGradient(of: task, at: values, in: native).descent
        let scale = exact.reduce(0) { max($0, abs($1)) }
        for rule in [AdjointCoupledLearning(), EquilibriumPropagation()] as [any LearningRule] {
            let found = try update(rule, limit, native)
            for (a, b) in zip(found, exact) { #expect(abs(a - b) < 1e-10 * scale) }
        }
        let ofNgspice = try parsed.withPhysics {
            try LearningMethod(rule: AdjointCoupledLearning(), nudging: limit)
                .states(of: task, at: values, in: $0).update
        }
        for (a, b) in zip(ofNgspice, exact) { #expect(abs(a - b) < 1e-5 * scale) }
        let clamped = try update(CoupledLearning(), limit, native)
        let small = try update(
            CoupledLearning(), Nudging(strength: 1e-3, sides: .centered), native)
        let size = clamped.reduce(0) { max($0, abs($1)) }
        for (a, b) in zip(clamped, small) { #expect(abs(a - b) < 1e-5 * size) }
        let other = try update(CoupledLearning(), Nudging(strength: 0.3, sides: .limit), native)
        for (a, b) in zip(clamped, other) { #expect(abs(a - b) < 1e-10 * size) }
    }

    /// ngspice follows numbers of diodes that are altered, in a circuit of diodes alone too.
    @Test(arguments: ["D1.area", "dd.rs", "D1.temp", "dd.is"])
    func ngspiceFollowsDiodes(name: String) throws {
        let parsed = try ParsedDeck(
            """
            a diode
            V1 in 0 3
            R1 in a 1k
            D1 a 0 dd area=2 temp=40
            .model dd d is=1e-14 rs=5
            *.learn trainable \(name) min=1e-15 max=1000
            *.learn output V(a)=0.7
            .end
            """)
        let task = parsed.task
        let moved = TrainedValues(values: TrainedValues(initial: task).values.map { $0 * 1.2 })
        let drive = Drive(inputs: task.samples[0].inputs)
        let native = try NativePhysics(task: task)
        let start = try native.operatingPoints([drive])[0].voltage(task.outputs[0])
        try native.set(moved, of: task)
        let expected = try native.operatingPoints([drive])[0].voltage(task.outputs[0])
        let found = try parsed.withPhysics { physics in
            _ = try physics.operatingPoints([drive])
            try physics.set(moved, of: task)
            return try physics.operatingPoints([drive])[0].voltage(task.outputs[0])
        }
        #expect(abs(expected - start) > 1e-4)
        #expect(abs(found - expected) < 1e-8, "\(found) \(expected) \(start)")
    }

    /// Of a diode with area and m, ngspice's second analysis has another area than the first.
    @Test func multipliedDiodes() throws {
        #expect {
            _ = try ParsedDeck(
                "m\nV1 in 0 3\nR1 in a 1k\nD1 a 0 dd m=2\n.model dd d\n"
                    + "*.learn trainable D1.m\n*.learn output V(a)=0.7\n.end\n")
        } throws: {
            "\($0)".contains("train its area")
        }
        let parsed = try ParsedDeck(
            "m\nV1 in 0 3\nR1 in a 1k\nD1 a 0 dd area=1 m=2\nB1 a 0 i=1u*v(a)*v(a)\n.model dd d\n"
                + "*.learn trainable R1\n*.learn output V(a)=0.7\n.end\n")
        #expect {
            try parsed.withPhysics { _ = $0 }
        } throws: {
            "\($0)".contains("D1") && "\($0)".contains("area=")
        }
    }

    /// In a linear circuit AL's limit is its centered update at any strength, and EP's the same (docs/theory.md (6)).
    @Test func limitOfLinearCircuits() throws {
        let parsed = try ParsedDeck(
            "divider\nV1 in 0 1\nR1 in a 1k\nR2 a b 2k\nR3 b 0 3k\nR4 a 0 5k\n"
                + "*.learn output V(a)=0.5 V(b)=0.4\n.end\n")
        let task = parsed.task
        let values = TrainedValues(initial: task)
        let sparse = try SparsePhysics(task: task)
        let expected = try LearningMethod(
            rule: AdjointCoupledLearning(), nudging: Nudging(strength: 1e-3, sides: .centered)
        ).states(of: task, at: values, in: sparse).update
        for rule in [AdjointCoupledLearning(), EquilibriumPropagation()] as [any LearningRule] {
            let method = LearningMethod(
                rule: rule, nudging: Nudging(strength: 1e-3, sides: .limit))
            let solver = try StateSolver(task: task, method: method, in: sparse, superposes: true)
            let (a, b) = (
                try method.states(of: task, at: values, in: sparse).update,
                try solver.states(at: values).update
            )
            for (found, expected) in zip(a + b, expected + expected) {
                #expect(abs(found - expected) < 1e-12 * abs(expected))
            }
        }
    }

    /// After a restart the same drives give the same bits, whatever was solved before.
    @Test func restartForgets() throws {
        let parsed = try ParsedDeck(Self.held, data: Self.data)
        let drives = parsed.task.samples.map { Drive(inputs: $0.inputs) }
        let first = try NativePhysics(task: parsed.task).operatingPoints(drives)
        let used = try NativePhysics(task: parsed.task)
        used.setResistances(parsed.task.circuit.resistors.map { $0.resistance * 1.3 })
        _ = try used.operatingPoints(drives.reversed())
        used.setResistances(parsed.task.circuit.resistors.map(\.resistance))
        used.restart()
        let second = try used.operatingPoints(drives)
        #expect(first.map(\.voltages) == second.map(\.voltages))
    }

    /// States, limits and gradients have the same bits however many threads solve them.
    @Test func threads() throws {
        var rows = ["V1,V(b),\"V(a,x)\""]
        for index in 0..<200 { rows.append("\(Double(index * 37 % 200) / 50 - 2),0.1,0.05") }
        let parsed = try ParsedDeck(Self.held, data: rows.joined(separator: "\n") + "\n")
        let task = parsed.task
        func solve(workers: Int) throws -> [[Double]] {
            let native = try NativePhysics(task: task, workers: workers)
            var found: [[Double]] = []
            for step in 0..<4 {
                native.setResistances(
                    task.circuit.resistors.map { $0.resistance * (1 + 0.1 * Double(step)) })
                let drives = task.samples.map { Drive(inputs: $0.inputs) }
                found += try native.operatingPoints(drives, thenMore: drives.count) { free in
                    zip(drives, free).map {
                        Drive(inputs: $0.inputs, nudge: .currents([1e-5, $1.voltages[1] * 1e-5]))
                    }
                }.map(\.voltages)
                let nudged = drives.map { Drive(inputs: $0.inputs, nudge: .currents([1e-5, 0])) }
                found += try native.linearisedPoints(
                    nudged, at: native.operatingPoints(drives), of: task
                ).map(\.voltages)
            }
            let values = TrainedValues(initial: task)
            found += try ExactGradient(of: task, at: values, in: native).descent.map { [$0] }
            return found
        }
        let one = try solve(workers: 1)
        for workers in [2, 3, 8] { #expect(try solve(workers: workers) == one, "\(workers)") }
    }

    /// Options that it doesn't follow are named where they stand, each at its last place.
    @Test func declinesOptionsWhereTheyStand() throws {
        let parsed = try ParsedDeck(
            """
            options
            V1 in 0 1
            R1 in a 1k
            M1 a in 0 0 mn
            .model mn nmos
            .options gmin=1e-12 defw=1u
            .options reltol=1e-4 DEFW=2u defl=1u
            *.learn output V(a)=0.3
            .end
            """)
        #expect {
            _ = try NativePhysics(task: parsed.task)
        } throws: { error in
            let diagnostics = (error as? DiagnosticsError)?.diagnostics ?? []
            return diagnostics.map { $0.range.map { "\($0.start)" } ?? "nowhere" } == [
                "(line: 7, column: 30)", "(line: 7, column: 22)",
            ]
        }
    }

    /// What has no equations is named.
    @Test(arguments: [
        ("M1 a a 0 0 mn\n.model mn nmos level=3", "M1"),
        ("D1 a 0 dm\n.model dm d isr=1e-9", "isr"),
        ("S1 a 0 a 0 sm\n.model sm sw", "S1"),
        ("D1 a 0 dm\n.model dm d\n.options rshunt=1e9", "rshunt"),
    ])
    func declines(lines: String, name: String) throws {
        let parsed = try ParsedDeck(
            "declined\nV1 in 0 1\nR1 in a 1k\n\(lines)\n*.learn output V(a)=0.3\n.end\n")
        #expect {
            _ = try NativePhysics(task: parsed.task)
        } throws: {
            "\($0)".contains(name)
        }
    }
}
