import Foundation
import Netlist
import Testing

@testable import Engines
@testable import LearningTasks
@testable import Theory

@testable import LearningRules

/// The gradient of the loss, against nudges, differences and the transposed equations.
@Suite struct ExactGradientTests {
    private func gradient(_ parsed: ParsedDeck, in physics: any Physics) throws -> [Double] {
        try ExactGradient(
            of: parsed.task, at: TrainedValues(initial: parsed.task), in: physics
        ).descent
    }

    private func gradientByNgspice(_ parsed: ParsedDeck) throws -> [Double] {
        try parsed.withPhysics { try gradient(parsed, in: $0) }
    }

    /// EP's and AL's update in the limit of small nudges, known to twelve decimals (docs/theory.md,
    /// "Reference numbers").
    @Test func isTheUpdateOfAReciprocalCircuit() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let expected = [
            -0.000138646142, -0.006650518208, 0.003554962037, 0.011307529718, -0.007625163117,
            -0.001881090906,
        ]
        #expect(relativeDifference(try gradientByNgspice(parsed), expected) < 5e-9)
        #expect(
            relativeDifference(
                try gradient(parsed, in: SparsePhysics(task: parsed.task)), expected) < 5e-9)
    }

    /// An inverting amplifier: the sparse engine's transposed equations, and ngspice's operating points with
    /// each resistor changed by itself.
    @Test func agreesWhereSignalsPassOneWay() throws {
        let parsed = try ParsedDeck(
            """
            inverting amplifier
            V1 in 0 1
            R1 in m 10k
            R2 m out 47k
            E1 x 0 0 m 1e3
            Ro x out 75
            RL out 0 2k
            R3 out 2 1k
            R4 2 0 500
            *.learn trainable R1 R2 R3 R4
            *.learn output V(out)=-10 V(2)=-2
            .end
            """)
        let transposed = try gradient(parsed, in: SparsePhysics(task: parsed.task))
        let differences = try gradientByNgspice(parsed)
        #expect(transposed.contains { $0 != 0 })
        // Differences of 10⁻⁴ leave out 10⁻⁸, and a few roundings of volts over it.
        #expect(relativeDifference(differences, transposed) < 1e-7)
    }

    /// A common-source stage, against the loss itself.
    @Test func isTheSlopeOfTheLoss() throws {
        func deck(_ drain: Double, _ source: Double) throws -> ParsedDeck {
            try ParsedDeck(
                """
                common source
                VDD vdd 0 5
                R1 vdd g 300k
                R2 g 0 200k
                RD vdd d \(drain)
                RS s 0 \(source)
                M1 d g s 0 nm W=20u L=1u
                .model nm NMOS (LEVEL=1 VTO=0.7 KP=110u LAMBDA=0.04)
                *.learn trainable RD RS
                *.learn output V(d)=3 V(s)=0.5
                .end
                """)
        }
        func loss(_ drain: Double, _ source: Double) throws -> Double {
            let parsed = try deck(drain, source)
            let points = try parsed.withPhysics { try $0.operatingPoints([Drive(inputs: [])]) }
            var errors = OutputTable(points, of: parsed.task)
            errors.subtract(parsed.task.targets)
            return halfSquare(errors.values)
        }
        let parsed = try deck(5e3, 500)
        let found = try gradientByNgspice(parsed)
        let h = 1e-4
        // ∂/∂k = −R² ∂/∂R.
        let byDrain = try (loss(5e3 * (1 + h), 500) - loss(5e3 * (1 - h), 500)) / (2 * h * 5e3)
        let bySource = try (loss(5e3, 500 * (1 + h)) - loss(5e3, 500 * (1 - h))) / (2 * h * 500)
        #expect(abs(found[2] - 25e6 * byDrain) < 1e-6 * abs(found[2]))
        #expect(abs(found[3] - 25e4 * bySource) < 1e-6 * abs(found[3]))
    }

    /// A target through a virtual ground, which no nudge of an ideal output reaches.
    @Test func learnsThroughAVirtualGround() throws {
        let parsed = try ParsedDeck(
            """
            virtual ground
            V1 in 0 1
            R1 in n 1k
            R2 n out 2k
            E1 out 0 0 n 100k
            *.learn output V(out)=-3
            .end
            """)
        let local = try parsed.train(Trainer(task: parsed.task, optimizer: .auto))
        #expect(local.reason == .stagnation && local.steps == 0)
        let diagnosis = try parsed.withPhysics { [task = parsed.task] physics in
            try DescentDiagnosis.make(of: task, at: local.conductances, local.states, in: physics)
        }
        #expect(diagnosis?.updateIsZero == true && diagnosis?.isStationary == false)
        let result = try parsed.train(
            Trainer(task: parsed.task, rule: GradientDescent(), optimizer: .auto))
        #expect(result.converged && result.steps < 10)
        let trained = result.conductances.resistances(of: parsed.task)
        #expect(abs(trained[1] / trained[0] - 3) < 1e-3)
    }

    /// Two bipolar stages with a target at each collector, from 3.5 to 5 V off.
    @Test func learnsWhereRulesFail() throws {
        let parsed = try ParsedDeck(
            """
            two bipolar stages
            VCC vcc 0 12
            R1 vcc b1 100k
            R2 b1 0 22k
            RC1 vcc c1 10k
            RE1 e1 0 2.2k
            Q1 c1 b1 e1 qn
            RC2 vcc c2 4.7k
            RE2 e2 0 4.7k
            Q2 c2 c1 e2 qn
            .model qn NPN(IS=1e-14 BF=150 VAF=80)
            *.learn trainable RC1 RE2
            *.learn output V(c1)=6 V(c2)=8
            .end
            """)
        let result = try parsed.train(
            Trainer(task: parsed.task, rule: GradientDescent(), optimizer: .auto))
        #expect(result.converged && result.steps < 20)
    }
}
