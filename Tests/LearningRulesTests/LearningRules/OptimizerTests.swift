import Foundation
import Netlist
import Testing

@testable import Engines
@testable import Generators
@testable import LearningTasks
@testable import Theory

@testable import LearningRules

@Suite struct OptimizerTests {
    @Test(
        "every rule converges by every optimizer with nothing chosen by hand",
        arguments: Optimizer.allCases,
        [
            AdjointCoupledLearning() as any LearningRule, CoupledLearning(),
            EquilibriumPropagation(),
        ])
    func converges(optimizer: Optimizer, rule: any LearningRule) throws {
        for variable in ["conductance", "log"] {
            let parsed = try ParsedDeck(
                referenceDeck.replacing(".end", with: "*.learn trainable R* vary=\(variable)\n.end")
            )
            for sides in [Nudging.Sides.centered, .oneSided] {
                let result = try parsed.train(
                    Trainer(
                        task: parsed.task, rule: rule, nudge: NudgeRequest(sides: sides),
                        optimizer: optimizer, limits: Trainer.Limits(steps: 2000, tolerance: 1e-10))
                )
                #expect(result.reason == .tolerance, "\(variable), \(sides)")
                #expect(result.states.largestError <= 1e-10)
            }
        }
    }

    // MARK: Momentum

    /// Fixed rates that may be the best of the plain rule: 2/(λ_max + λ_min) and 1.8/λ_max, at the start
    /// and at the solution.
    private static func bestRates(
        _ task: LearningTask, _ physics: any Physics, solution: TrainedValues
    ) throws -> [Double] {
        try [TrainedValues(initial: task), solution].flatMap { conductances in
            let spectrum = try Coercivity(
                of: Sensitivity(of: task, at: conductances, in: physics)
            ).squaredError
            return [2 / (spectrum.largest + spectrum.smallest), 1.8 / spectrum.largest]
        }
    }

    /// Momentum's steps, if the plain rule needs five times as many at any of its best rates.
    private static func stepsOfAFifth(_ parsed: ParsedDeck) throws -> Int {
        let task = parsed.task
        let physics = try SparsePhysics(task: task)
        let momentum = try Trainer(task: task, optimizer: .momentum).run(in: physics)
        #expect(momentum.converged)
        for rate in try bestRates(task, physics, solution: momentum.conductances) {
            let plain = try Trainer(
                task: task, rate: .fixed(rate),
                limits: Trainer.Limits(steps: 5 * momentum.steps - 1)
            ).run(in: physics)
            #expect(plain.reason == .steps, "plain took \(plain.steps) steps at \(rate)")
        }
        return momentum.steps
    }

    /// On the lattice of 8 by 8 that `generate lattice` writes.
    @Test(
        "momentum takes at most a fifth of the plain rule's steps at its best rate",
        arguments: [2, 4, 8], 1...3)
    func fewerSteps(outputs: Int, seed: Int) throws {
        let family = try LatticeFamily(rows: 8, columns: 8, outputs: outputs)
        let parsed = try ParsedDeck(GeneratedDeck.make(family, seed: UInt64(seed)).deck)
        let steps = try Self.stepsOfAFifth(parsed)
        print("8 by 8 lattice, \(outputs) outputs, seed \(seed): \(steps) steps of momentum")
    }

    @Test("and with several samples", arguments: 1...3)
    func fewerStepsOfSeveralSamples(seed: Int) throws {
        let family = try RandomFamily(nodes: 40, edges: 90, inputs: 3, outputs: 3)
        let made = try GeneratedDeck.make(
            family, seed: UInt64(seed), samples: 6, dataName: "d.csv")
        let parsed = try ParsedDeck(made.deck, data: made.data)
        _ = try Self.stepsOfAFifth(parsed)
    }

    /// Where the theory is linear, conjugate residuals end after as many steps as there are different
    /// eigenvalues: two, here. Plain steps at the best rate (the square of two factors of 0.69, by the table
    /// of reference numbers) leave a fifth.
    @Test(
        "two outputs, two steps",
        arguments: [AdjointCoupledLearning() as any LearningRule, CoupledLearning()])
    func endsAfterTwoSteps(rule: any LearningRule) throws {
        let parsed = try ParsedDeck(referenceDeck)
        let trained = try parsed.train(
            Trainer(
                task: parsed.task, optimizer: .plain,
                limits: Trainer.Limits(steps: 2000, tolerance: 1e-12)))
        let text = String(
            decoding: parsed.deck.rewriting(trained.conductances.texts(of: parsed.task)),
            as: UTF8.self)
        // Off the solution by a part in 10⁵: what is not linear is then as small against the errors.
        let near = try ParsedDeck(
            text.replacing("V(b)=0.2 V(c)=0.3", with: "V(b)=0.200002 V(c)=0.3"))
        func errorAfterTwoSteps(_ optimizer: Optimizer) throws -> Double {
            try near.train(
                Trainer(
                    task: near.task, rule: rule, optimizer: optimizer,
                    limits: Trainer.Limits(steps: 2, tolerance: 1e-13))
            ).states.largestError
        }
        #expect(try errorAfterTwoSteps(.momentum) < 1e-3 * 2e-6)
        #expect(try errorAfterTwoSteps(.plain) > 1e-2 * 2e-6)
    }

    /// At a rate of the user's own, only the share of the last step is chosen.
    @Test func momentumAtAGivenRate() throws {
        let parsed = try ParsedDeck(referenceDeck)
        func steps(_ optimizer: Optimizer) throws -> TrainingResult {
            try parsed.train(
                Trainer(task: parsed.task, optimizer: optimizer, rate: .fixed(0.5)))
        }
        let (plain, momentum) = (try steps(.plain), try steps(.momentum))
        #expect(plain.converged && momentum.converged)
        #expect(2 * momentum.steps < plain.steps)
        let rates = try parsed.withPhysics { physics in
            var rates: Set<Double> = []
            _ = try Trainer(
                task: parsed.task, optimizer: .momentum, rate: .fixed(0.5),
                limits: Trainer.Limits(steps: 5)
            ).run(in: physics) { step in
                rates.insert(step.rate)
                return true
            }
            return rates
        }
        #expect(rates == [0.5])
    }

    // MARK: Adam

    /// Moments, their shares and the relative step by hand, for two steps.
    @Test func adamStep() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let nudging = Nudging(strength: 0.1, sides: .centered)
        func trained(_ steps: Int) throws -> TrainingResult {
            try parsed.train(
                Trainer(
                    task: parsed.task, nudge: NudgeRequest(strength: 0.1), optimizer: .adam,
                    rate: .fixed(0.01), limits: Trainer.Limits(steps: steps, tolerance: 1e-12)))
        }
        let start = TrainedValues(initial: parsed.task)
        let firstStates = try parsed.states(AdjointCoupledLearning(), nudging)
        let u1 = zip(start.values, firstStates.update).map(*)
        // m/√s = u/|u|: every conductance moves by a hundredth of itself.
        let one = try trained(1)
        let expectedOne = zip(start.values, u1).map { $0 * (1 + 0.01 * ($1 > 0 ? 1 : -1)) }
        #expect(relativeDifference(one.conductances.values, expectedOne) < 1e-7)

        let u2 = zip(expectedOne, one.states.update).map(*)
        let expectedTwo = expectedOne.indices.map { index in
            let m = (0.9 * 0.1 * u1[index] + 0.1 * u2[index]) / (1 - 0.9 * 0.9)
            let s =
                (0.999 * 0.001 * u1[index] * u1[index] + 0.001 * u2[index] * u2[index])
                / (1 - 0.999 * 0.999)
            return expectedOne[index] * (1 + 0.01 * m / s.squareRoot())
        }
        #expect(relativeDifference(try trained(2).conductances.values, expectedTwo) < 1e-7)
    }

    @Test("adam converges on a dozen generated tasks", arguments: 1...4)
    func adamOnGeneratedTasks(seed: Int) throws {
        let families: [(any NetworkFamily, Int)] = [
            (try LatticeFamily(rows: 6, columns: 6, outputs: 4), 1),
            (try RandomFamily(nodes: 30, edges: 70, inputs: 2, outputs: 3), 4),
            (try LayeredFamily(layers: [3, 4, 2]), 5),
        ]
        for (family, samples) in families {
            let made = try GeneratedDeck.make(
                family, seed: UInt64(seed), samples: samples, dataName: "d.csv")
            let parsed = try ParsedDeck(made.deck, data: made.data)
            let physics = try SparsePhysics(task: parsed.task)
            let result = try Trainer(
                task: parsed.task, optimizer: .adam,
                limits: Trainer.Limits(steps: 1000, tolerance: 1e-6)
            ).run(in: physics)
            #expect(result.converged, "\(family.title): \(result.reason), \(result.steps) steps")
        }
    }

    // MARK: All

    @Test("XOR with diodes", arguments: Optimizer.allCases)
    func nonlinear(optimizer: Optimizer) throws {
        let netlists = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "netlists")
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: netlists.appending(path: name)), as: UTF8.self)
        }
        let parsed = try ParsedDeck(text("diodes.cir"), data: text("xor.csv"))
        let result = try parsed.train(Trainer(task: parsed.task, optimizer: optimizer))
        #expect(result.converged)
    }

    /// The loss that is watched never ends above the start, and training ends by itself, where the update
    /// leads upwards: an amplifier whose feedback has the wrong sign (`TrainerTests.ascent`).
    @Test("a rule that does not descend is stopped", arguments: Optimizer.allCases)
    func ascent(optimizer: Optimizer) throws {
        let parsed = try ParsedDeck(amplifierDeck(feedback: -0.5))
        let result = try parsed.train(Trainer(task: parsed.task, optimizer: optimizer))
        // The default takes steps against the update where these lower the loss.
        let ends: Set<TrainingResult.Reason> =
            optimizer == .auto ? [.tolerance] : [.ascent, .stagnation]
        #expect(ends.contains(result.reason))
        #expect(result.steps < 500)
        #expect(result.states.loss <= result.initialLoss)
    }

    /// No step lowers the loss of three wishes for one ratio below that of their mean.
    @Test("a least-squares fit", arguments: Optimizer.allCases)
    func leastSquares(optimizer: Optimizer) throws {
        let parsed = try ParsedDeck(dividerDeck("*.learn output V(b)"), data: threeWishes)
        let result = try parsed.train(Trainer(task: parsed.task, optimizer: optimizer))
        #expect(result.reason == .stagnation)
        #expect(abs(result.states.loss - 0.5 * 0.02 / 3) < 1e-9)
    }

    // MARK: The spectrum

    /// An eigenvector that is no longer the one sought must not hold the search.
    @Test("the largest eigenvalue is found from any start", arguments: 1...3)
    func warmStart(seed: Int) throws {
        let family = try LatticeFamily(rows: 8, columns: 8, outputs: 4)
        let parsed = try ParsedDeck(GeneratedDeck.make(family, seed: UInt64(seed)).deck)
        let task = parsed.task
        let physics = try SparsePhysics(task: task)
        let start = TrainedValues(initial: task)
        let analysis = try Coercivity(of: Sensitivity(of: task, at: start, in: physics))
        let method = try Trainer(task: task, optimizer: .plain).resolveMethod(in: physics)
        let solver = try StateSolver(task: task, method: method, in: physics, superposes: false)
        let operation = try solver.learningOperator(at: start, solver.states(at: start))
        let weights = task.parameters.map { _ in 1.0 }
        for first in [[], analysis.squaredError.slowest] {
            var vector = first
            let value = operation.largestEigenvalue(weights: weights, from: &vector)
            #expect(abs(value / analysis.squaredError.largest - 1) < 1e-2)
            let image = operation.apply(to: vector, weights: weights)
            #expect(differenceOverNorm(vector.map { value * $0 }, image) < 0.1)
        }
    }
}
