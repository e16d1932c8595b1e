import Foundation
import Netlist
import Testing

@testable import Engines
@testable import LearningTasks

@testable import LearningRules

/// Outputs that are currents, and the power that sources deliver as a part of the loss.
@Suite struct CurrentAndPowerTests {
    private static let bridge = """
        bridge
        V1 in 0 1
        R1 in a 1k
        R2 a b 2k
        R3 b 0 1k
        R4 a c 4k
        R5 c 0 3k
        Vm c2 0 0
        R6 b c2 5k
        I1 0 c 0.1m

        """
    private static let junctions = bridge + "D1 b c dm\n.model dm d is=1e-9\n"

    private static func rules(_ text: String) -> [any LearningRule] {
        [AdjointCoupledLearning(), EquilibriumPropagation()]
    }

    /// Mean loss at these values, by ngspice.
    private func loss(_ task: LearningTask, _ values: [Double], _ physics: any Physics) throws
        -> Double
    {
        try physics.set(TrainedValues(values: values), of: task)
        return try physics.score(task).loss
    }

    /// The update in the limit of small nudges is the gradient of the loss by differences of free states: by each
    /// engine that knows the circuit.
    @Test(
        "updates follow the gradient",
        arguments: [
            (bridge, "output I(V1)=-0.4m I(Vm)=60u"),
            (bridge, "output V(b)=0.2 I(Vm)=60u"),
            (bridge, "output V(b)=0.2\n*.learn loss squared power=20"),
            (bridge, "output V(b) V(c)\n*.learn loss cross-entropy temperature=0.1 power=50"),
            (junctions, "output V(b)=0.2 I(Vm)=60u"),
            (junctions, "output V(b)=0.2 V(c)=0.3\n*.learn loss squared power=20"),
        ])
    func gradients(circuit: String, said: String) throws {
        let isClass = said.contains("entropy")
        let parsed = try ParsedDeck(
            circuit + "*.learn " + said + "\n"
                + (isClass ? "*.learn class kind names=p,q\n" : "") + ".end\n",
            data: isClass ? "V1,kind\n1,p\n0.4,q\n" : nil)
        let task = parsed.task
        let start = TrainedValues(initial: task)
        let rules: [any LearningRule] =
            [AdjointCoupledLearning()] + (isClass ? [] : [EquilibriumPropagation()])
        let (updates, exact, slopes) = try parsed.withPhysics { ngspice in
            var engines: [any Physics] = [ngspice, try NativePhysics(task: task)]
            if task.circuit.isLinear { engines.append(try SparsePhysics(task: task)) }
            let updates = try engines.flatMap { physics in
                try rules.map { rule in
                    let method = LearningMethod(
                        rule: rule, nudging: Nudging(strength: 1e-3, sides: .limit))
                    return try method.states(of: task, at: start, in: physics).update
                }
            }
            let exact = try engines.map { physics in
                try ExactGradient(of: task, at: start, in: physics).descent
            }
            let slopes = try start.values.indices.map { index in
                func moved(_ step: Double) throws -> Double {
                    var values = start.values
                    values[index] *= 1 + step
                    return try loss(task, values, ngspice)
                }
                func slope(_ step: Double) throws -> Double {
                    (try moved(step) - moved(-step)) / (2 * step * start.values[index])
                }
                // Richardson's extrapolation leaves rounding.
                return try (4 * slope(1e-4) - slope(2e-4)) / 3
            }
            return (updates, exact, slopes)
        }
        let scale = slopes.reduce(0) { max($0, abs($1)) }
        #expect(scale > 0)
        // ngspice's own limit is a difference of states at reltol 1e-9.
        let bound = task.circuit.isLinear ? 1e-6 : 2e-5
        for update in updates + exact {
            for (own, slope) in zip(update, slopes) {
                #expect(abs(own + slope) <= bound * scale, "\(own) \(-slope)")
            }
        }
    }

    /// A current is a current: Kirchhoff's laws, by hand, with the sign that ngspice prints.
    @Test func currentsAreThoseThatNgspicePrints() throws {
        let parsed = try ParsedDeck(
            """
            one loop
            V1 in 0 3
            R1 in a 1k
            R2 a 0 2k
            *.learn output I(V1)=-2m
            .end
            """)
        let point = try parsed.withPhysics {
            try $0.operatingPoints([Drive(inputs: [])])[0].voltage(parsed.task.outputs[0])
        }
        #expect(abs(point + 1e-3) < 1e-15)
        #expect(parsed.task.outputs[0].unit == "A")
    }

    /// In a network of resistors, the power of the sources is Σ k Δv², and its gradient at sources of voltage Δv².
    @Test func powerIsThatOfTheResistors() throws {
        let text = Self.bridge.replacing("I1 0 c 0.1m\n", with: "")
        func update(_ said: String) throws -> (task: LearningTask, states: LearningStates) {
            let parsed = try ParsedDeck(text + "*.learn output V(b)=0.2\n" + said + ".end\n")
            let task = parsed.task
            let method = LearningMethod(
                rule: AdjointCoupledLearning(),
                nudging: Nudging(strength: 1e-3, sides: .centered))
            let states = try parsed.withPhysics { try method.states(of: task, in: $0) }
            return (task, states)
        }
        let (plain, without) = try update("")
        let (task, with) = try update("*.learn loss squared power=20\n")
        let free = without.free[0].voltages
        var power = 0.0
        for (index, resistor) in plain.circuit.resistors.enumerated() {
            let drop = free[resistor.positive] - free[resistor.negative]
            power += resistor.conductance * drop * drop
            let own = with.update[index] - without.update[index]
            // Two states compared: some ten roundings of voltages near 1 V over the span of the nudge.
            #expect(abs(own + 20 * drop * drop) < 1e-9, "\(resistor.name)")
        }
        #expect(abs((task.power(with.outputs) ?? 0) - power) < 1e-15)
        #expect(abs(with.loss - without.loss - 20 * power) < 1e-14)
    }

    /// A source that only holds a gate delivers nothing, and is not nudged: its channel would move.
    @Test func gateSourcesHaveNoPower() throws {
        let parsed = try ParsedDeck(
            """
            gate
            V1 in 0 5
            R1 in a 10k
            R2 a 0 50k
            Vg g 0 3
            M1 a g 0 0 mn w=20u l=10u
            .model mn nmos(level=1 vto=0.7 kp=2e-5)
            *.learn output V(a)=2
            *.learn loss squared power=2000
            .end
            """)
        let task = parsed.task
        #expect(task.outputs.count == 2)
        let start = TrainedValues(initial: task)
        let native = try NativePhysics(task: task)
        let update = try LearningMethod(
            rule: AdjointCoupledLearning(), nudging: Nudging(strength: 1e-3, sides: .limit)
        ).states(of: task, at: start, in: native).update
        let exact = try ExactGradient(of: task, at: start, in: native).descent
        for (own, gradient) in zip(update, exact) {
            #expect(abs(own - gradient) < 1e-9 * abs(gradient))
        }
    }

    /// Differences of ngspice's states move a junction's voltage by 0.1 mV, and not its current by as many amperes.
    @Test("ngspice's own gradient of a current", arguments: [0.5, 1.5, 5])
    func gradientsByNgspice(volts: Double) throws {
        let parsed = try ParsedDeck(
            """
            current through a junction
            V1 in 0 \(volts)
            R1 in a 1000
            R2 a 0 2k
            D1 a 0 dm
            .model dm d(is=1n)
            *.learn output I(V1)=-1m
            .end
            """)
        let task = parsed.task
        let start = TrainedValues(initial: task)
        let native = try ExactGradient(of: task, at: start, in: NativePhysics(task: task)).descent
        let ngspice = try parsed.withPhysics {
            try ExactGradient(of: task, at: start, in: $0).descent
        }
        // A change of 0.1 mV leaves 1e-5 of a curvature of 1/(2 V_T), centered its square, and ngspice's reltol
        // 1e-9 of a volt over it.
        for (own, other) in zip(ngspice, native) { #expect(abs(own - other) < 1e-4 * abs(other)) }
    }

    /// Whatever its name, the current of a source can be read.
    @Test(arguments: ["V-x", "V$1", "Vb+"])
    func namesOfSources(name: String) throws {
        let parsed = try ParsedDeck(
            "names\n\(name) in 0 3\nR1 in a 1k\nR2 a 0 2k\n*.learn output I(\(name))=-2m\n.end\n")
        let current = try parsed.withPhysics {
            try $0.operatingPoints([Drive(inputs: [])])[0].voltage(parsed.task.outputs[0])
        }
        #expect(abs(current + 1e-3) < 1e-15)
    }

    /// A sample in which nothing drives the circuit is one in which both engines find nothing.
    @Test func nothingIsNothing() throws {
        let parsed = try ParsedDeck(
            """
            nothing
            V1 in 0 1
            R1 in a 1k
            R2 a 0 1k
            D1 a 0 dm
            .model dm d(is=1n)
            *.learn output V(a)
            .end
            """, data: "V1,V(a)\n0,0\n1,0.3\n")
        let task = parsed.task
        let start = TrainedValues(initial: task)
        let method = LearningMethod(
            rule: AdjointCoupledLearning(), nudging: Nudging(strength: 1e-6, sides: .centered))
        let states = try method.states(of: task, at: start, in: NativePhysics(task: task))
        let verdict = try parsed.withPhysics {
            try Referee(states, at: start, of: task, by: method, ngspice: $0)
        }
        #expect(verdict.agrees, "\(verdict.voltageDifference) \(verdict.updateDifference)")
    }

    @Test(
        "what can't be is said",
        arguments: [
            ("output I(R1)=1m", "put one of 0 V in series with R1"),
            ("output I(I1)=1m", "is what the source says"),
            ("output I(Vx)=1m", "did you mean"),
            ("output I(V1,Vm)=1m", "an output is V(node), V(node,node) or I(source)"),
            ("rule cl\n*.learn output I(V1)=1m", "use rule al or ep"),
            ("rule cl\n*.learn output V(b)=1\n*.learn loss squared power=1", "no place for power"),
            ("output V(b)=1\n*.learn trainable V1\n*.learn loss squared power=1", "V1 is trained"),
            ("output V(b)=1\n*.learn loss squared powr=1", "squared has no powr"),
        ])
    func refusals(said: String, sentence: String) throws {
        let error = #expect(throws: DiagnosticsError.self) {
            try ParsedDeck(Self.bridge + "*.learn " + said + "\n.end\n")
        }
        #expect(
            error?.diagnostics.contains { $0.message.contains(sentence) } == true, "\(error as Any)"
        )
    }
}
