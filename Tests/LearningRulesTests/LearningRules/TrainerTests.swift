import LearningRules
import LearningTasks
import Netlist
import Testing

@Suite struct TrainerTests {
    @Test(
        "every rule converges with nothing chosen by hand",
        arguments: [
            AdjointCoupledLearning() as any LearningRule, CoupledLearning(),
            EquilibriumPropagation(),
        ], [Nudging.Sides.centered, .oneSided])
    func converges(rule: any LearningRule, sides: Nudging.Sides) throws {
        let parsed = try ParsedDeck(referenceDeck)
        let result = try parsed.train(
            Trainer(
                task: parsed.task, rule: rule, nudge: NudgeRequest(sides: sides),
                limits: Trainer.Limits(steps: 2000, tolerance: 1e-10)))
        #expect(result.reason == .tolerance)
        #expect(result.states.largestError <= 1e-10)
        #expect(result.states.loss < result.initialLoss)
    }

    /// Near a solution a step at rate α multiplies the error along an eigenvector by 1 − αλ: stable just
    /// below 2/λ_max, unstable just above.
    @Test("the stable step", arguments: [(0.95, true), (1.05, false)])
    func stableStep(fraction: Double, shrinks: Bool) throws {
        let parsed = try ParsedDeck(referenceDeck)
        let trained = try parsed.train(
            Trainer(
                task: parsed.task, optimizer: .plain,
                limits: Trainer.Limits(steps: 2000, tolerance: 1e-12)))
        var dense = DenseCircuit(parsed.task)
        dense.conductances = trained.conductances.resistances(of: parsed.task).map { 1 / $0 }
        let rows = [[1.0, 0], [0, 1]].map { dense.product(dense.field(currents: $0)) }
        func dot(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        // Of the symmetric 2 × 2 matrix J Jᵀ.
        let (p, q, r) = (dot(rows[0], rows[0]), dot(rows[0], rows[1]), dot(rows[1], rows[1]))
        let largest = (p + r) / 2 + (((p - r) / 2) * ((p - r) / 2) + q * q).squareRoot()

        // Off the solution by a part in 10⁶, where the theory is linear.
        var text = String(
            decoding: parsed.deck.rewriting(trained.conductances.texts(of: parsed.task)),
            as: UTF8.self)
        text = text.replacing("V(b)=0.2 V(c)=0.3", with: "V(b)=0.200001 V(c)=0.300002")
        let near = try ParsedDeck(text)
        let result = try near.withPhysics { physics in
            var losses: [Double] = []
            _ = try Trainer(
                task: near.task, rate: .fixed(2 * fraction / largest),
                limits: Trainer.Limits(steps: 60, tolerance: 1e-13)
            ).run(in: physics) { step in
                losses.append(step.states.loss)
                return true
            }
            return losses
        }
        let (first, last) = (try #require(result.first), try #require(result.last))
        #expect(shrinks ? last < 0.1 * first : last > 10 * first)
    }

    /// One step at a given rate is k ← k + α k̇, to the last digits.
    @Test func oneStep() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let nudging = Nudging(strength: 0.1, sides: .centered)
        let states = try parsed.states(AdjointCoupledLearning(), nudging)
        let result = try parsed.train(
            Trainer(
                task: parsed.task,
                nudge: NudgeRequest(strength: 0.1), rate: .fixed(0.5),
                limits: Trainer.Limits(steps: 1, tolerance: 1e-9)))
        #expect(result.reason == .steps)
        let expected = zip(parsed.task.circuit.resistors, states.update).map {
            1 / ($0.conductance + 0.5 * $1)
        }
        #expect(
            relativeDifference(result.conductances.resistances(of: parsed.task), expected) < 1e-14)
    }

    @Test func logConductance() throws {
        let parsed = try ParsedDeck(
            referenceDeck.replacing(
                ".end", with: "*.learn trainable Rb0 R?c vary=log min=0.5 max=20\n.end"))
        let task = parsed.task
        #expect(task.parameters.count == 3)  // Rb0, Rac, Rbc
        let states = try parsed.states(
            AdjointCoupledLearning(), Nudging(strength: 0.1, sides: .centered))
        let stepped = TrainedValues(initial: task)
            .stepped(
                by: 0.3,
                along: TrainedValues(initial: task).velocity(update: states.update, of: task),
                of: task)
        for (parameter, g) in zip(task.parameters, stepped.values) {
            let index = parameter.members[0].resistor
            let k = task.circuit.resistors[index].conductance
            let expected = k * exponential(0.3 * k * states.update[index])
            #expect(abs(g / expected - 1) < 1e-14)
        }
        let result = try parsed.train(
            Trainer(
                task: task, optimizer: .plain, limits: Trainer.Limits(steps: 5000, tolerance: 1e-9))
        )
        #expect(result.converged)
    }

    private func exponential(_ x: Double) -> Double {
        (1...30).reversed().reduce(1) { 1 + x / Double($1) * $0 }
    }

    /// Two resistors from one number: the shared conductance moves by the sum of both updates.
    @Test func tiedResistors() throws {
        let parsed = try ParsedDeck(
            """
            tied
            V1 in 0 1
            X1 in a load
            X2 a 0 load
            R9 a 0 3k
            .subckt load p q
            R1 p m 1k
            R2 m q 2k
            .ends
            *.learn output V(a)=0.4
            .end
            """)
        let task = parsed.task
        #expect(task.parameters.map { $0.members.count }.sorted() == [1, 2, 2])
        let states = try parsed.states(
            AdjointCoupledLearning(), Nudging(strength: 1e-3, sides: .centered))
        let start = TrainedValues(initial: task)
        let velocity = start.velocity(update: states.update, of: task)
        for (parameter, speed) in zip(task.parameters, velocity) {
            let sum = parameter.members.reduce(0) { $0 + states.update[$1.resistor] }
            #expect(speed == sum)
        }
        let result = try parsed.train(Trainer(task: task, optimizer: .plain))
        #expect(result.converged)
        let trained = result.conductances.resistances(of: task)
        let names = task.circuit.resistors.map(\.name)
        func ohms(_ name: String) throws -> Double {
            trained[try #require(names.firstIndex(of: name))]
        }
        #expect(try ohms("X1.R1") == ohms("X2.R1"))
        #expect(try ohms("X1.R2") == ohms("X2.R2"))
    }

    @Test func fixedResistorsStay() throws {
        let parsed = try ParsedDeck(
            referenceDeck.replacing(".end", with: "*.learn trainable Rb0 Rac Rc0\n.end"))
        let result = try parsed.train(Trainer(task: parsed.task, optimizer: .plain))
        #expect(result.converged)
        let trained = result.conductances.resistances(of: parsed.task)
        for (resistor, value) in zip(parsed.task.circuit.resistors, trained) {
            let isTrained = ["Rb0", "Rac", "Rc0"].contains(resistor.name)
            #expect((value != resistor.resistance) == isTrained, "\(resistor.name)")
        }
    }

    @Test func boundsHold() throws {
        let parsed = try ParsedDeck(
            dividerDeck("*.learn trainable R* min=500 max=2k\n*.learn output V(b)=0.9"))
        let result = try parsed.train(Trainer(task: parsed.task, optimizer: .plain))
        #expect(result.reason == .stagnation)
        let trained = result.conductances.resistances(of: parsed.task)
        #expect(abs(trained[0] - 500) < 1e-9)
        #expect(abs(trained[1] - 2000) < 1e-9)
        // 2k over 2.5k is the best there is.
        #expect(abs(result.states.errors[0, 0] - (0.8 - 0.9)) < 1e-12)
    }

    @Test func unreachableTargetEndsWithTheBestPoint() throws {
        let parsed = try ParsedDeck(dividerDeck("*.learn output V(b)=1.2"))
        let result = try parsed.train(Trainer(task: parsed.task, optimizer: .plain))
        #expect(result.reason == .stagnation)
        #expect(abs(result.states.errors[0, 0] + 0.2) < 1e-6)
    }

    @Test func moreSamplesThanTheCircuitCanMeet() throws {
        let parsed = try ParsedDeck(dividerDeck("*.learn output V(b)"), data: threeWishes)
        let result = try parsed.train(Trainer(task: parsed.task, optimizer: .plain))
        #expect(result.reason == .stagnation)
        // The least-squares fit is the mean: loss = ½ · mean of (0.1², 0, 0.1²).
        #expect(abs(result.states.loss - 0.5 * 0.02 / 3) < 1e-9)
    }

    @Test func stepLimit() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let result = try parsed.train(
            Trainer(
                task: parsed.task, optimizer: .plain,
                limits: Trainer.Limits(steps: 3, tolerance: 1e-12)))
        #expect(result.reason == .steps)
        #expect(result.steps == 3)
        #expect(result.states.loss < result.initialLoss)
    }

    @Test func observerStops() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let result = try parsed.withPhysics { physics in
            try Trainer(task: parsed.task, optimizer: .plain).run(in: physics) { $0.step < 2 }
        }
        #expect(result.reason == .interrupted)
        #expect(result.steps == 2)
    }

    @Test func alreadyTrained() throws {
        let parsed = try ParsedDeck(
            "t\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\n*.learn output V(b)=0.5\n.end")
        let result = try parsed.train(Trainer(task: parsed.task, optimizer: .plain))
        #expect(result.converged && result.steps == 0)
        #expect(result.conductances.resistances(of: parsed.task) == [1, 1])
    }

    @Test func singularCenteredEquilibriumPropagationIsRefused() throws {
        // Thévenin resistance at b: 1k ∥ 1k = 500 Ω, so 2 mS.
        let parsed = try ParsedDeck(
            "t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n*.learn output V(b)=0.4\n.end")
        func run(_ strength: Double, _ sides: Nudging.Sides) throws -> TrainingResult {
            try parsed.train(
                Trainer(
                    task: parsed.task, rule: EquilibriumPropagation(),
                    nudge: NudgeRequest(strength: strength, sides: sides)))
        }
        #expect(throws: SingularNudge.self) { try run(2e-3, .centered) }
        #expect(throws: SingularNudge.self) { try run(3e-3, .centered) }
        #expect(try run(1e-3, .centered).converged)
        #expect(try run(2e-3, .oneSided).converged)
    }

    @Test func sameRunSameBits() throws {
        let parsed = try IdentityTests.random30()
        let runs = try (0..<2).map { _ in
            try parsed.train(Trainer(task: parsed.task, optimizer: .plain)).conductances.values
        }
        #expect(runs[0] == runs[1])
    }

    /// Both resistors have to move, one by its conductance of 1 mS, the other by its logarithm: a common
    /// rate would move the logarithm a million times more slowly.
    @Test func mixedVariables() throws {
        let parsed = try ParsedDeck(
            """
            one by conductance, one by logarithm
            V1 in 0 1
            R1 in a 1k
            R2 a b 1k
            R3 b 0 1k
            *.learn trainable R1 vary=log
            *.learn trainable R2
            *.learn output V(a)=0.7 V(b)=0.4
            .end
            """)
        let result = try parsed.train(Trainer(task: parsed.task, optimizer: .plain))
        #expect(result.converged && result.steps < 200)
        // The current through 1 kΩ at 0.4 V drops 0.3 V over each of the others.
        let trained = result.conductances.resistances(of: parsed.task)
        #expect(relativeDifference(trained, [750, 750, 1000]) < 1e-5)
    }

    /// An amplifier of gain 2 that feeds its output's current back times ∓½. With the sign of Kendall et al.
    /// the first layer gets a quarter of the gradient, with the other a quarter of its opposite.
    @Test("a rule that does not descend is stopped", arguments: [(0.5, true), (-0.5, false)])
    func ascent(feedback: Double, descends: Bool) throws {
        let parsed = try ParsedDeck(amplifierDeck(feedback: feedback))
        #expect(parsed.task.oneWayDevices == ["E1", "F1"])
        let result = try parsed.train(Trainer(task: parsed.task, optimizer: .plain))
        #expect(result.reason == (descends ? .tolerance : .ascent))
        #expect(result.steps < 200)
        #expect(result.states.loss <= result.initialLoss)
    }
}
