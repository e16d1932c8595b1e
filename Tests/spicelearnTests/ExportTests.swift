import Engines
import Foundation
import Generators
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge
import SelfLearning
import Testing

/// Exported decks are run by the ngspice program alone; what they reach is compared with the same
/// differential equation integrated here, state by state, on ngspice's operating points.
@Suite struct ExportTests {
    /// A deck and the flags with which it is exported.
    struct Example: Sendable, CustomTestStringConvertible {
        let name: String
        let deck: String
        var flags: [String] = []
        /// K = Σ k² is conserved: every resistor trains on its own, and nudging is centered and small.
        var conserves = false

        var testDescription: String { ([name] + flags).joined(separator: " ") }
    }

    static let twoOutputs = """
        Two outputs
        V1 in 0 1
        R1 in a 1
        R2 a b 2
        R3 b 0 1
        R4 a c 4
        R5 c 0 3
        R6 b c 5
        *.learn output V(b)=0.2 V(c)=0.3
        .end
        """

    static let examples: [Example] = {
        func reference(_ flags: String..., conserves: Bool = false) -> Example {
            Example(name: "two outputs", deck: twoOutputs, flags: flags, conserves: conserves)
        }
        return [
            reference(conserves: true),
            reference("--rule", "cl", conserves: true),
            reference("--rule", "ep", "--nudge", "1e-3", conserves: true),
            reference("--rule", "al", "--nudging", "one-sided", "--nudge", "0.1"),
            reference("--rule", "cl", "--nudging", "one-sided", "--nudge", "1"),
            reference("--rule", "ep", "--nudging", "one-sided", "--nudge", "0.01"),
            reference("--vary", "log"),
            // The bound of R6 is met on the way.
            reference("--max", "5.2", "--rule", "cl"),
            Example(
                name: "kilohms, a fixed resistor and V(a,c)",
                deck: """
                    Bridge
                    V1 in 0 5
                    R1 in a 1k
                    R2 a 0 2k
                    R3 in c 3k
                    R4 c 0 1k tc1=0.001 temp=127
                    R5 a c 10k
                    *.learn trainable R1 R2 R3
                    *.learn output V(a,c)=1 V(a)=3
                    .end
                    """),
            Example(
                name: "tied resistors in subcircuits",
                deck: """
                    Ladder
                    .param rb=2k
                    .subckt section in out params: rb=1k
                    Ra in mid 1k
                    Rb mid 0 {2*rb}
                    Rc mid out 500
                    .ends
                    V1 in 0 1
                    X1 in n1 section rb={rb}
                    X2 n1 n2 section rb={rb/2}
                    Rload n2 0 1k
                    *.learn trainable X*.Ra X*.Rb
                    *.learn output V(n2)=0.2
                    .end
                    """),
            Example(
                name: "a diode and a controlled source",
                deck: """
                    Clipper
                    .model dd d(is=1e-9)
                    V1 in 0 2
                    R1 in a 1k
                    R2 a 0 2k
                    D1 a b dd
                    R3 b 0 1k
                    E1 e 0 b 0 2
                    R4 e out 1k
                    R5 out 0 1k
                    *.learn trainable R1 R2 R4 R5
                    *.learn output V(out)=0.5 V(a)=1.1
                    .end
                    """),
            Example(
                name: "lattice",
                deck: (try? GeneratedDeck.make(
                    LatticeFamily(rows: 4, columns: 4, outputs: 2), seed: 5
                ).deck)
                    ?? "", conserves: true),
        ]
    }()

    @Test(
        "the circuit reaches its targets, and the conductances of the differential equation",
        arguments: examples)
    func agrees(example: Example) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(example.deck + "\n", to: "deck.cir")
        let run = try Exported(path, example.flags, in: folder)
        let task = try LearningTask(deck: run.deck)
        for (output, target) in zip(task.outputs, task.samples[0].targets) {
            let value = try #require(run.value(of: output, in: task))
            if !example.flags.contains("--max") { #expect(abs(value - target) < 1e-5) }
        }
        let expected = try run.integrated()
        for (printed, k) in zip(try run.conductances(), expected.final) {
            // ngspice prints seven digits, and its tolerance of 1e-6 holds for each of some hundred steps.
            #expect(abs(printed - k) < 1e-3 * k)
        }
        if example.conserves {
            let k = try run.conductances()
            let (before, after) = (sumOfSquares(expected.initial), sumOfSquares(k))
            #expect(abs(after / before - 1) < 1e-4)
        }
    }

    /// Two samples, together in copies of their own and in turn in the same copies.
    @Test(arguments: [[], ["--period", "3"]])
    func samples(flags: [String]) throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("V1,V2,V(b)\n1,0,0.4\n0,1,0.2\n", to: "data.csv")
        let path = try folder.write(
            """
            Two samples
            V1 x 0 1
            V2 y 0 1
            R1 x b 1
            R2 y b 1
            R3 b 0 1
            *.learn output V(b)
            *.learn data data.csv
            *.learn train duration=300
            .end

            """, to: "deck.cir")
        let run = try Exported(path, flags, in: folder)
        let k = try ["r1", "r2", "r3"].map { try #require(run.printed["v(k_\($0))"]) }
        let sum = k.reduce(0, +)
        // In turn, the conductances ripple by rate, period and error.
        #expect(abs(k[0] / sum - 0.4) < 1e-4)
        #expect(abs(k[1] / sum - 0.2) < 1e-4)
        #expect(abs(sumOfSquares(k) - 3) < 1e-3)
    }

    /// Circuits of netlists/circuits/ in which AL can learn.
    static let learning: [String] = {
        let all = """
            amplifier-subcircuit bipolar-bias-four bipolar-bias-two bipolar-pair bridge cascode common-source \
            current-mirror instrumentation-amplifier inverting-amplifier jfet-bias led-current led-strings \
            mos-pair pmos-bias pnp-bias potentiometers saturating-amplifier source-follower \
            summing-amplifier two-bipolar-stages two-dividers zener-follower
            """.split(separator: " ").map(String.init)
        // Tried with 47: it takes more than half a minute for this one, and export says that it was not tried to
        // its end.
        let isSlow = ((try? Ngspice.installed().version) ?? NgspiceVersion(0)) >= NgspiceVersion(46)
        return all.filter { $0 != "summing-amplifier" || !isSlow }
    }()

    /// Where the rule can learn, plain ngspice runs the deck to its end, and reaches the conductances that CVODE
    /// does at that time. With op-amps the flow may be a billion times as fast as the learning operator says.
    @Test(arguments: learning)
    func smallCircuits(name: String) throws {
        let folder = try TemporaryFolder()
        let path = packageFolder.appending(path: "netlists/circuits/\(name).cir")
        let run = try Exported(path.path, [], in: folder)
        let rehearsal = try #require(run.exported["run"] as? [String: Any])
        #expect(rehearsal["finished"] as? Bool == true)
        // The tolerance of the training is 1e-6 V; ngspice's is 1e-6 of up to 10 V.
        #expect(try #require(rehearsal["largestError"] as? Double) < 2e-5)
        let duration = try #require(run.exported["duration"] as? Double)
        let trained = try spicelearn(
            "train", path.path, "--time", "continuous", "--duration", "\(duration)", "--json", "-o",
            (folder / "trained.cir").path)
        try #require(trained.status == 0, "\(trained.errors)")
        let resistances = try #require(try trained.json()["resistances"] as? [String: Double])
        for (name, k) in zip(try run.names(), try run.conductances()) {
            let trained = try #require(resistances[name])
            // ngspice prints seven digits, and its tolerance of 1e-6 holds for each of some hundred steps.
            #expect(abs(k * trained - 1) < 1e-3, "\(name)")
        }
    }

    /// A circuit in which no local rule finds the way, and whose flow no transient analysis follows to its end.
    @Test func triedAndTold() throws {
        let folder = try TemporaryFolder()
        let out = (folder / "self.cir").path
        let deck = packageFolder.appending(path: "netlists/circuits/regulator.cir").path
        let export = try spicelearn("export", deck, "--self-learning", "-o", out, "--json")
        #expect(export.status == 0)
        #expect(export.errors.contains("learning does not reach the tolerance"))
        #expect(export.errors.contains("the rest was not tried"))
        let run = try #require(try export.json()["run"] as? [String: Any])
        #expect(run["finished"] as? Bool == false)
    }

    /// What was said of the deck is what `ngspice -b` makes of it.
    @Test func saidAsRun() throws {
        let folder = try TemporaryFolder()
        let run = try Exported(
            packageFolder.appending(path: "netlists/circuits/bipolar-bias-two.cir").path, [],
            in: folder)
        let said = try #require((run.exported["run"] as? [String: Any])?["largestError"] as? Double)
        let value = try #require(run.printed["v(v_c)"])
        // 6 V is the target; seven digits are printed.
        #expect(abs(abs(value - 6) - said) < 1e-6)
    }

    /// A transistor that stores charge can't follow learning that is over in nanoseconds, and a source that follows
    /// the time is another one after it.
    @Test func timeThatCounts() throws {
        let folder = try TemporaryFolder()
        let amplifier = try folder.write(
            """
            Common emitter
            Vcc vcc 0 10
            R1 vcc b 100k
            R2 b 0 22k
            Rc vcc c 4.7k
            Re e 0 1k
            Q1 c b e qn
            .model qn npn(is=1e-15 bf=150 vaf=80 cje=5p cjc=3p tf=0.4n)
            *.learn output V(c)=5
            .end

            """, to: "amplifier.cir")
        let out = (folder / "self.cir").path
        let slow = try spicelearn("export", amplifier, "--self-learning", "-o", out)
        #expect(slow.status == 0)
        #expect(slow.errors.contains("V off its targets, which the rule reaches"))
        let moving = try folder.write(
            """
            Follows the time
            V1 in 0 1
            B1 c 0 V=1+time*1e6
            R1 in b 1k
            R2 b c 1k
            R3 b 0 1k
            *.learn output V(b)=0.4
            .end

            """, to: "moving.cir")
        let refused = try spicelearn("export", moving, "--self-learning", "-o", out)
        #expect(refused.status == 65)
        #expect(refused.errors.contains("moving.cir:3:"))
        #expect(refused.errors.contains("at an operating point the time is 0"))
    }

    @Test func refusals() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.twoOutputs, to: "deck.cir")
        #expect(try spicelearn("export", path, "-o", "-").status == 64)
        let bad = try spicelearn(
            "export", path, "--self-learning", "-o", "-", "--duration", "-1")
        #expect(bad.status == 64)
        let shared = try folder.write(
            Self.twoOutputs.replacing("R6 b c 5", with: "R6 b c 5\n.global b"), to: "global.cir")
        let refused = try spicelearn("export", shared, "--self-learning", "-o", "-")
        #expect(refused.status == 65)
        #expect(refused.errors.contains("global.cir:9:1: error:"))
        #expect(refused.output.isEmpty)
        #expect(
            try spicelearn("export", "none.cir", "--self-learning", "-o", "-").status == 66)
    }

    /// ngspice 39.3 finds no point on the circuit's way, at which a training would step back.
    @Test func circuitsThatNgspiceCantSolveOnTheirWay() throws {
        let folder = try TemporaryFolder()
        let deck = packageFolder.appending(path: "netlists/circuits/railed-amplifier.cir").path
        let out = (folder / "self.cir").path
        let result = try spicelearn("export", deck, "--self-learning", "-o", out)
        guard result.status != 0 else { return }
        #expect(result.status == 70)
        let lines = result.errors.split(separator: "\n").filter {
            $0.hasPrefix("spicelearn: error")
        }
        #expect(lines.count == 1)
        #expect(
            lines.first?.hasSuffix("with spicelearn train, which takes such steps back") == true)
        #expect(!result.errors.contains("  ngspice: "))
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    private func sumOfSquares(_ k: [Double]) -> Double { k.reduce(0) { $0 + $1 * $1 } }
}

/// A deck as exported and as plain ngspice ran it.
private struct Exported {
    let deck: Deck
    let exported: [String: Any]
    let printed: [String: Double]
    let result: ProcessResult
    private let flags: [String]

    init(_ path: String, _ flags: [String], in folder: TemporaryFolder) throws {
        self.flags = flags
        let out = (folder / "self.cir").path
        let export = try spicelearn(
            ["export", path, "--self-learning", "-o", out, "--json"] + flags)
        try #require(export.status == 0, "\(export.errors)")
        exported = try export.json()
        deck = Deck.parse(path: path, bytes: Array(try Data(contentsOf: URL(filePath: path))))
        result = try run(URL(filePath: "/usr/bin/env"), ["ngspice", "-n", "-b", out], limit: 30)
        #expect(result.status == 0, "\(result.errors)")
        #expect(!(result.output + result.errors).contains("Error"))
        printed = SelfLearningDeck.finalValues(from: result.output)
    }

    func value(of output: LearningTask.Output, in task: LearningTask) -> Double? {
        let nodes = [output.positive, output.negative].filter { $0 != 0 }
        return printed[
            "v(v_"
                + nodes.map { task.circuit.nodes[$0].ngspiceName }
                .joined(separator: "_") + ")"]
    }

    /// The task with what the flags say of it.
    private func task() throws -> LearningTask {
        var directives = deck.directives
        if let index = flags.firstIndex(where: { $0 == "--vary" || $0 == "--max" }) {
            let line = "trainable \(flags[index].dropFirst(2))=\(flags[index + 1])"
            directives = directives.merging(
                LearningDirectives.parse(SourceFile(path: "flags", bytes: Array(line.utf8)))
                    .directives)
        }
        let made = LearningTask.make(
            circuit: try deck.elaborate().get(), directives: directives, data: nil)
        return try #require(made.task)
    }

    /// Of the first resistor of each parameter.
    func names() throws -> [String] {
        let task = try task()
        return task.parameters.map { task.circuit.resistors[$0.members[0].resistor].name }
    }

    func conductances() throws -> [Double] {
        let unit = try #require(exported["conductanceUnit"] as? Double)
        let task = try task()
        return try task.parameters.map { parameter in
            let name = task.circuit.resistors[parameter.members[0].resistor].name.lowercased()
                .replacing(".", with: "_")
            let voltage = try #require(printed["v(k_\(name))"])
            return parameter.variable == .logConductance ? exp(voltage) : voltage * unit
        }
    }

    /// dθ/dt = rate · update by the classical Runge-Kutta method of fourth order, in steps that begin
    /// short, over the duration that the deck has.
    func integrated() throws -> (initial: [Double], final: [Double]) {
        let task = try task()
        let duration = try #require(exported["duration"] as? Double)
        let strength = try #require(exported["nudge"] as? Double)
        let sides: Nudging.Sides =
            exported["nudging"] as? String == "centered" ? .centered : .oneSided
        let rules: [String: any LearningRule] = [
            "al": AdjointCoupledLearning(), "cl": CoupledLearning(),
            "ep": EquilibriumPropagation(),
        ]
        let rule = try #require(rules[exported["rule"] as? String ?? ""])
        let method = LearningMethod(
            rule: rule, nudging: Nudging(strength: strength, sides: sides))
        return try Ngspice.withInstance { [deck] ngspice in
            let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
            func velocity(_ k: TrainedValues) throws -> [Double] {
                try physics.setResistances(k.resistances(of: task))
                let update = try method.states(of: task, in: physics).update
                let velocity = k.velocity(update: update, of: task)
                let resting = k.resting(velocity: velocity, of: task)
                return velocity.enumerated().map { resting.contains($0) ? 0 : $1 }
            }
            let initial = TrainedValues(initial: task)
            var k = initial
            let steps = 400
            for step in 0..<steps {
                // Steps in proportion to their number: the fast modes decay first.
                let h = duration * Double(2 * step + 1) / Double(steps * steps)
                let k1 = try velocity(k)
                let k2 = try velocity(k.stepped(by: h / 2, along: k1, of: task))
                let k3 = try velocity(k.stepped(by: h / 2, along: k2, of: task))
                let k4 = try velocity(k.stepped(by: h, along: k3, of: task))
                let mean = k1.indices.map { (k1[$0] + 2 * k2[$0] + 2 * k3[$0] + k4[$0]) / 6 }
                k = k.stepped(by: h, along: mean, of: task)
            }
            return (initial.values, k.values)
        }
    }
}
