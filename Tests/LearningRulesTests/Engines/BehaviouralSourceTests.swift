import Foundation
import Netlist
import Testing

@testable import Engines
@testable import LearningTasks

@testable import LearningRules

/// Behavioural sources in the native engine, against ngspice and against differences.
@Suite struct BehaviouralSourceTests {
    /// A deck of random expressions between random resistors.
    private static func deck(seed: UInt64) -> String {
        var random = SplitMix64(seed: seed)
        func between(_ low: Double, _ high: Double) -> String {
            "\(Float(low + (high - low) * random.share()))"
        }
        let count = 4 + Int(random.next() % 4)
        func node() -> String { "n\(1 + Int(random.next() % UInt64(count - 1)))" }
        func voltage() -> String {
            random.next() % 3 == 0 ? "v(\(node()), \(node()))" : "V(\(node()))"
        }
        func expression(_ depth: Int) -> String {
            guard depth > 0 else {
                switch random.next() % 5 {
                case 0: return between(0.2, 2)
                case 1: return "k"
                case 2: return "(40*i(vm))"
                default: return voltage()
                }
            }
            let a = expression(depth - 1)
            switch random.next() % 14 {
            case 0: return "tanh(\(a))"
            case 1: return "sin(\(a))+pi/e"
            case 2: return "atan(\(a))/2"
            case 3: return "(\(a))^2"
            case 4: return "sqrt(1+(\(a))**2)"
            case 5: return "ln(2+abs(\(a)))"
            case 6: return "1/(2+exp(-(\(a))))"
            case 7: return "max(\(a), \(expression(depth - 1)))"
            case 8: return "min(\(a), \(between(0, 1)))"
            case 9: return "uramp(\(a))"
            case 10: return "-pwr(\(a), 1.5)"
            case 11: return "pow(exp(0.3*tanh(\(a))), 1.7)"
            case 12: return "(\(a))*(\(expression(depth - 1)))"
            default: return "(\(a)) - \(expression(depth - 1))"
            }
        }
        var lines = ["random expressions \(seed)", ".param k=\(between(0.3, 1.5))"]
        for index in 1..<count {
            lines.append("R\(index) n\(index) n\(index == 1 ? count - 1 : index - 1) 1k")
            lines.append("RG\(index) n\(index) 0 \(between(500, 2000))")
        }
        lines += [
            "V1 s 0 \(between(-2, 2))", "RS s m 300", "VM m n1 0", "V2 n\(count - 1) t 0.5",
            "RT t 0 1k",
        ]
        for index in 0..<(1 + random.next() % 3) {
            switch random.next() % 5 {
            case 0: lines.append("B\(index) \(node()) 0 i={k}*0.2m*(\(expression(2)))")
            case 1: lines.append("G\(index) \(node()) \(node()) cur='0.3m*tanh(\(expression(1)))'")
            case 2: lines.append("G\(index) 0 \(node()) value={0.2m*atan(\(expression(1)))}")
            case 3:
                lines.append("E\(index) e\(index) 0 vol='0.5*tanh(\(expression(2)))'")
                lines.append("RE\(index) e\(index) \(node()) 2k")
            default:
                lines.append("B\(index) e\(index) \(node()) V = 0.3*sin(\(expression(2)))")
                lines.append("RE\(index) e\(index) \(node()) 2k")
            }
        }
        if random.next() % 2 == 0 { lines.append("D1 n1 \(node()) dm") }
        return
            (lines + [
                ".model dm d is=1e-12 rs=3",
                "*.learn trainable R1 R2 RG2 RS V1 V2",
                "*.learn output V(n2)=0.1 V(n3)=0.05", ".end",
            ]).joined(separator: "\n") + "\n"
    }

    /// Node voltages of random circuits: a relative 1e-9 of the largest.
    @Test func randomExpressions() throws {
        var compared = 0
        for seed in 0..<150 {
            let text = Self.deck(seed: UInt64(seed))
            let parsed = try ParsedDeck(text)
            let drive = Drive(inputs: parsed.task.samples[0].inputs)
            let native = try NativePhysics(task: parsed.task)
            guard
                let expected = try? parsed.withPhysics({ try $0.operatingPoints([drive])[0] }),
                let found = try? native.operatingPoints([drive])[0]
            else { continue }
            let scale = expected.voltages.reduce(0) { max($0, abs($1)) }
            let worst = zip(expected.voltages, found.voltages).reduce(0) {
                max($0, abs($1.0 - $1.1))
            }
            #expect(worst < 1e-9 * scale, "seed \(seed): \(worst) of \(scale) V\n\(text)")
            compared += 1
        }
        #expect(compared > 130, "\(compared)")
    }

    /// The exact gradient, by the transposed equations, against differences of the loss; and the limit of small
    /// nudges against those of a thousandth.
    @Test func gradients() throws {
        var compared = 0
        for seed in 200..<230 {
            let text = Self.deck(seed: UInt64(seed))
            let parsed = try ParsedDeck(text)
            let task = parsed.task
            let native = try NativePhysics(task: task)
            let values = TrainedValues(initial: task)
            guard let exact = try? ExactGradient(of: task, at: values, in: native) else { continue }
            func loss(_ values: TrainedValues) throws -> Double {
                try native.set(values, of: task)
                let points = try native.operatingPoints([Drive(inputs: task.samples[0].inputs)])
                return zip(task.outputs, task.samples[0].targets).reduce(0) {
                    let error = points[0].voltage($1.0) - $1.1
                    return $0 + 0.5 * error * error
                }
            }
            let descent = values.velocity(update: exact.descent, of: task)
            let size = descent.enumerated().reduce(0) {
                max($0, abs($1.element * values.values[$1.offset]))
            }
            for index in values.values.indices {
                let step = 1e-4 * abs(values.values[index])
                func moved(_ steps: Double) throws -> Double {
                    var values = values.values
                    values[index] += steps * step
                    return try loss(TrainedValues(values: values))
                }
                // Of fourth order.
                let slope =
                    try (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * step)
                #expect(
                    abs(-slope - descent[index]) * abs(values.values[index]) < 1e-6 * size,
                    "seed \(seed), \(index): \(-slope) \(descent[index])\n\(text)")
            }
            let rule = AdjointCoupledLearning()
            let limit = try LearningMethod(
                rule: rule, nudging: Nudging(strength: 1e-3, sides: .limit)
            ).states(of: task, at: values, in: native).update
            let small = try LearningMethod(
                rule: rule, nudging: Nudging(strength: 1e-6, sides: .centered)
            ).states(of: task, at: values, in: native).update
            let scale = limit.reduce(0) { max($0, abs($1)) }
            for (a, b) in zip(limit, small) {
                #expect(abs(a - b) < 1e-5 * scale, "seed \(seed)\n\(text)")
            }
            compared += 1
        }
        #expect(compared > 25, "\(compared)")
    }

    /// What ngspice computes in a way of its own is left to it, with the reason.
    @Test(arguments: [
        ("B1 a 0 i=v(a)^3", "negative"),
        ("B1 a 0 i=1m*u(v(a))", "jumps"),
        ("B1 a 0 i=v(a) > 1 ? 1m : 2m", "condition"),
        ("B1 a 0 i=1m*v(a)*time", "time"),
        ("B1 a 0 i=1u*v(a)*temper", "temper"),
        ("B1 a 0 i=pwl(v(a), 0, 0, 1, 1m)", "pwl"),
        ("B1 a 0 i=1n*ddt(v(a))", "past"),
        ("B1 a 0 i=1m*v(a) tc1=1m", "expression may stand"),
        ("B1 a 0 i=1m*sq(v(a))\n.func sq(x) {x*x}", "own"),
        ("B1 a 0 i=0.1*i(R1)", "source of 0 V"),
        ("E1 e 0 poly(1) a 0 0 1 2\nR9 e a 1k", "form"),
        ("G1 a 0 table {v(a)} = (0,0) (1,1m)", "form"),
        ("G1 a 0 cur='1m*v(a)' m=2", "form"),
    ])
    func declines(lines: String, reason: String) throws {
        let parsed = try ParsedDeck(
            "declined\nV1 in 0 1\nR1 in a 1k\nD1 a 0 dm\n.model dm d\n\(lines)\n"
                + "*.learn trainable R1\n*.learn output V(a)=0.3\n.end\n")
        #expect {
            _ = try NativePhysics(task: parsed.task)
        } throws: {
            "\($0)".contains(reason) && "\($0)".contains("1 has no equations here")
        }
    }
}
