import Netlist
import Testing

@testable import Engines
@testable import Generators
@testable import LearningRules
@testable import LearningTasks

/// Superposed states against those solved sample by sample, both by ngspice.
@Suite struct SuperpositionTests {
    /// Three samples of three inputs: the samples' own states are the basis. Forty: that of the inputs.
    static func deck(samples: Int) throws -> ParsedDeck {
        let rows = (0..<samples).map { m in
            "\(sin(m)),\(1e-3 * sin(3 * m + 1)),\(0.3 * sin(5 * m + 2)),0.2,0.1,\(0.5 + 0.2 * sin(m))"
        }
        let header = #"V1,I2,V2,V(b),"V(d,f)",V(a)"#
        return try ParsedDeck(
            SparsePhysicsTests.mixed, data: ([header] + rows).joined(separator: "\n"))
    }

    /// Any numbers without a pattern.
    private static func sin(_ m: Int) -> Double {
        Double((m * 7919 + 104_729) % 2003) / 1001.5 - 1
    }

    @Test(
        "states and updates are those of the samples one by one", arguments: 0..<3,
        [Nudging.Sides.centered, .oneSided])
    func agrees(rule: Int, sides: Nudging.Sides) throws {
        let (rule, strength) = SparsePhysicsTests.rules[rule]
        let method = LearningMethod(
            rule: rule, nudging: Nudging(strength: strength, sides: sides))
        for samples in [3, 40] {
            let parsed = try Self.deck(samples: samples)
            let task = parsed.task
            let (expected, found) = try parsed.withPhysics { physics in
                (
                    try method.states(of: task, in: physics),
                    try Superposition(of: task, by: method, in: physics).states()
                )
            }
            #expect(
                differenceOverNorm(expected.outputs.values, found.outputs.values) < 1e-13)
            // Differences of squares on both sides; ngspice's states have 1e-15 of the voltages, the
            // nudge moves them by a thousandth or more.
            #expect(differenceOverNorm(expected.update, found.update) < 1e-11)
            #expect(abs(found.loss / expected.loss - 1) < 1e-12)
            #expect(abs(found.naturalLoss / expected.naturalLoss - 1) < 1e-10)
        }
    }

    @Test func savesOperatingPoints() throws {
        #expect(Superposition.operatingPoints(of: try Self.deck(samples: 3).task) == 6)
        #expect(Superposition.operatingPoints(of: try Self.deck(samples: 1000).task) == 7)
    }

    /// Nudges by currents and by clamps are as far away on the other side at −h; a branch of conductance −h is
    /// not.
    @Test("states at −h are those at +h, mirrored at the free ones", arguments: 0..<3)
    func mirrored(rule: Int) throws {
        let (rule, strength) = SparsePhysicsTests.rules[rule]
        let method = LearningMethod(
            rule: rule, nudging: Nudging(strength: strength, sides: .centered))
        let nudges = method.unitNudges(outputs: 3)
        guard !(rule is EquilibriumPropagation) else {
            #expect(!nudges.areOpposite)
            return
        }
        #expect(nudges.areOpposite)
        let parsed = try Self.deck(samples: 3)
        let (expected, found) = try parsed.withPhysics { physics in
            (
                try method.states(of: parsed.task, in: physics),
                try method.states(of: parsed.task, in: physics, mirrored: true)
            )
        }
        expect(found, areThoseOf: expected, voltages: 1e-13, update: 1e-11)
    }

    /// One sample and many outputs: a step of AL is its free state and one adjoint field, one of CL asks for the
    /// conductance matrix of the outputs.
    @Test func fewSamplesOfManyOutputs() throws {
        let family = try LatticeFamily(rows: 8, columns: 8, outputs: 40)
        let parsed = try ParsedDeck(GeneratedDeck.make(family, seed: 1).deck)
        let task = parsed.task
        #expect(task.samples.count == 1)
        for (rule, strength, solutions) in [
            (AdjointCoupledLearning(), 1e-3, 2), (CoupledLearning(), 0.5, 41),
        ] as [(any LearningRule, Double, Int)] {
            let nudging = Nudging(strength: strength, sides: .centered)
            let method = LearningMethod(rule: rule, nudging: nudging)
            let physics = try SparsePhysics(task: task)
            let solver = try StateSolver(
                task: task, method: method, in: physics, superposes: true)
            let found = try solver.states(at: TrainedValues(initial: task))
            #expect(physics.counts.solutions == solutions)
            let expected = try parsed.states(rule, nudging)
            #expect(differenceOverNorm(expected.update, found.update) < 1e-9)
        }
    }

    /// The same training either way, and its states at the end are solved one by one.
    @Test("the same training", arguments: 0..<3)
    func sameTraining(rule: Int) throws {
        let parsed = try Self.deck(samples: 12)
        let results = try [true, false].map { superposes in
            try parsed.train(
                Trainer(
                    task: parsed.task, rule: SparsePhysicsTests.rules[rule].0, optimizer: .plain,
                    limits: Trainer.Limits(steps: 60, tolerance: 1e-12), superposes: superposes))
        }
        #expect(results.allSatisfy { $0.steps == 60 && $0.states.free.count == 12 })
        #expect(results[0].states.loss < results[0].initialLoss)
        // Differences of rounding, 60 steps on.
        #expect(
            relativeDifference(results[0].conductances.values, results[1].conductances.values)
                < 1e-9)
    }
}
