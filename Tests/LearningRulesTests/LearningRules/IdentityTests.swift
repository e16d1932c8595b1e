import Engines
import Generators
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge
import Testing

/// The identities of the theory: what each rule descends, what it conserves.
@Suite struct IdentityTests {
    /// A network of 30 edges, 14 nodes, two outputs, drawn with a fixed seed.
    static func random30() throws -> ParsedDeck {
        let family = try RandomFamily(nodes: 14, edges: 30, inputs: 2, outputs: 2)
        return try ParsedDeck(GeneratedDeck.make(family, seed: 7).deck)
    }

    /// −∂f/∂k of every resistor by central differences with Richardson extrapolation, from ngspice's own
    /// solutions. At a relative step of 2e-3 the truncation error is O(step⁴) ≈ 1e-11 and rounding
    /// about 1e-13/1e-3.
    static func negativeGradient(
        _ task: LearningTask, _ physics: NgspicePhysics, step: Double = 2e-3,
        of f: () throws -> Double
    ) throws -> [Double] {
        let resistances = task.circuit.resistors.map(\.resistance)
        return try resistances.indices.map { index in
            let resistor = task.circuit.resistors[index]
            func difference(_ relative: Double) throws -> Double {
                let values = try [relative, -relative].map { change in
                    var changed = resistances
                    changed[index] = resistances[index] / (1 + change)
                    try physics.setResistances(changed)
                    return try f()
                }
                return (values[0] - values[1]) / (2 * relative * resistor.conductance)
            }
            let (coarse, fine) = (try difference(step), try difference(step / 2))
            return -(4 * fine - coarse) / 3
        }
    }

    @Test(
        "AL and EP descend ½|e|²",
        arguments: [true, false])
    func squaredError(adjoint: Bool) throws {
        let parsed = try Self.random30()
        let rule: any LearningRule =
            adjoint ? AdjointCoupledLearning() : EquilibriumPropagation()
        let task = parsed.task
        try parsed.withPhysics { physics in
            let trainer = Trainer(task: task, rule: rule)
            var method = try trainer.resolveMethod(in: physics)
            if !adjoint {
                // 1e-4 of the output conductance: a bias of 1e-8.
                method = LearningMethod(
                    rule: rule,
                    nudging: Nudging(strength: 0.1 * method.nudging.strength, sides: .centered))
            }
            let states = try method.states(of: task, in: physics)
            let gradient = try Self.negativeGradient(task, physics) {
                try method.states(of: task, in: physics).loss
            }
            #expect(differenceOverNorm(states.update, gradient) < 1e-6)
        }
    }

    @Test func coupledLearningAtFullNudgeDescendsItsLoss() throws {
        let parsed = try Self.random30()
        let task = parsed.task
        try parsed.withPhysics { physics in
            let method = LearningMethod(
                rule: CoupledLearning(), nudging: Nudging(strength: 1, sides: .oneSided))
            let states = try method.states(of: task, in: physics)
            let gradient = try Self.negativeGradient(task, physics) {
                try method.states(of: task, in: physics).naturalLoss
            }
            #expect(differenceOverNorm(states.update, gradient) < 1e-6)
        }
    }

    /// CL's limit is −∇L_CL + ½(Δu)², its one-sided form at any η differs by −(η/2)(Δu)².
    @Test func coupledLearningCorrection() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let dense = DenseCircuit(parsed.task)
        let field = dense.field(currents: dense.restoringCurrents)
        let squares = parsed.task.circuit.resistors.map { r in
            let drop = field[r.positive] - field[r.negative]
            return drop * drop
        }
        let limit = dense.product(field)
        let centered = try parsed.states(
            CoupledLearning(), Nudging(strength: 1, sides: .centered))
        #expect(relativeDifference(centered.update, limit) < 1e-9)
        for eta in [0.05, 0.5, 1] {
            let states = try parsed.states(
                CoupledLearning(), Nudging(strength: eta, sides: .oneSided))
            let expected = zip(limit, squares).map { $0 - eta / 2 * $1 }
            #expect(relativeDifference(states.update, expected) < 1e-9)
        }
    }

    /// k · k̇ = 0 for small nudges with every resistor trained, so that Σ k² is conserved.
    @Test(
        "conserved quantity",
        arguments: [
            AdjointCoupledLearning() as any LearningRule, CoupledLearning(),
            EquilibriumPropagation(),
        ])
    func orthogonality(rule: any LearningRule) throws {
        let parsed = try Self.random30()
        let task = parsed.task
        let states = try parsed.withPhysics { physics in
            try Trainer(task: task, rule: rule).resolveMethod(in: physics)
                .states(of: task, in: physics)
        }
        let products = zip(task.circuit.resistors, states.update).map { $0.conductance * $1 }
        let size = products.reduce(0) { $0 + abs($1) }
        // EP's default nudge has a bias of about 1e-6 (1e-3 squared); the others only rounding.
        let tolerance = rule is EquilibriumPropagation ? 1e-5 : 1e-11
        #expect(abs(products.reduce(0, +)) < tolerance * size)
        #expect(size > 0)
    }

    /// Σ k² along the flow, integrated by the classical Runge–Kutta method through ngspice.
    @Test func conservedAlongTheFlow() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let task = parsed.task
        let method = LearningMethod(
            rule: AdjointCoupledLearning(), nudging: Nudging(strength: 0.5, sides: .centered))
        try parsed.withPhysics { physics in
            var k = task.circuit.resistors.map(\.conductance)
            func velocity(_ k: [Double]) throws -> [Double] {
                try physics.setResistances(k.map { 1 / $0 })
                return try method.states(of: task, in: physics).update
            }
            func moved(_ k: [Double], _ step: Double, _ v: [Double]) -> [Double] {
                zip(k, v).map { $0 + step * $1 }
            }
            let start = k.reduce(0) { $0 + $1 * $1 }
            let initial = try velocity(k)
            let step = 0.2
            for _ in 0..<200 {
                let a = try velocity(k)
                let b = try velocity(moved(k, step / 2, a))
                let c = try velocity(moved(k, step / 2, b))
                let d = try velocity(moved(k, step, c))
                for index in k.indices {
                    k[index] += step / 6 * (a[index] + 2 * b[index] + 2 * c[index] + d[index])
                }
            }
            let final = try velocity(k)
            #expect(abs(k.reduce(0) { $0 + $1 * $1 } / start - 1) < 1e-8)
            // It moved, and learned: not conserved for want of motion.
            let (before, after) = (initial.map(abs).max() ?? 0, final.map(abs).max() ?? 0)
            #expect(after < 0.1 * before)
        }
    }

    /// A fixed resistor breaks the symmetry behind the conserved quantity.
    @Test func fixedResistorsBreakConservation() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let states = try parsed.states(
            AdjointCoupledLearning(), Nudging(strength: 0.1, sides: .centered))
        let products = zip(parsed.task.circuit.resistors, states.update).map {
            $0.conductance * $1
        }
        let size = products.reduce(0) { $0 + abs($1) }
        #expect(abs(products.dropFirst().reduce(0, +)) > 1e-3 * size)
    }

    @Test("the update is the gradient on a network with diodes")
    func diodes() throws {
        let parsed = try ParsedDeck(
            """
            rectifying network
            V1 in 0 1.5
            V2 aux 0 -0.8
            R1 in a 1k
            R2 in b 2k
            R3 aux a 1.5k
            R4 aux c 3k
            R5 a b 4.7k
            R6 b c 1.2k
            R7 a out 2.2k
            R8 b out 3.3k
            R9 c out 1.8k
            R10 out 0 5k
            D1 a 0 dx
            D2 0 c dx
            D3 b out dx
            .model dx d(is=1e-9 n=1.2)
            *.learn output V(out)=0.3 V(b,c)=0.5
            .end
            """)
        let task = parsed.task
        try parsed.withPhysics { physics in
            let method = LearningMethod(
                rule: AdjointCoupledLearning(),
                nudging: Nudging(strength: 1e-7, sides: .centered))
            let states = try method.states(of: task, in: physics)
            let gradient = try Self.negativeGradient(task, physics) {
                try method.states(of: task, in: physics).loss
            }
            #expect(differenceOverNorm(states.update, gradient) < 1e-6)
        }
    }
}
