import Foundation
import LearningRules
import LearningTasks
import Netlist
import Testing

/// Steps that see a part of the samples.
@Suite struct BatchTests {
    /// y = a mean of the inputs with weights that no training has to reach.
    private func parsed(_ learning: String = "") throws -> ParsedDeck {
        var data = "V1,V2,V(y)\n"
        var random = SplitMix64(seed: 7)
        for _ in 0..<20 {
            let x = (0..<2).map { _ in Double(random.next() % 1000) / 500 - 1 }
            data += "\(x[0]),\(x[1]),\(0.2 * x[0] + 0.5 * x[1])\n"
        }
        return try ParsedDeck(
            """
            weights
            V1 a 0 0
            V2 b 0 0
            R1 a y 1k
            R2 b y 1k
            R3 y 0 1k
            *.learn output V(y)
            \(learning)
            .end
            """, data: data)
    }

    private func train(
        _ plan: BatchPlan, optimizer: Optimizer = .adam, rate: StepRate = .automatic,
        schedule: RateSchedule = .constant, goal: TrainingGoal = .tolerance,
        observer: @escaping (TrainingStep) -> Bool = { _ in true },
        from progress: TrainingProgress? = nil
    ) throws -> TrainingResult {
        let parsed = try parsed()
        nonisolated(unsafe) let observer = observer
        return try parsed.withPhysics { physics in
            try Trainer(
                task: parsed.task, optimizer: optimizer, rate: rate,
                limits: .init(steps: 300, tolerance: 1e-4), plan: plan, schedule: schedule,
                goal: goal
            ).run(in: physics, from: progress, observer: observer)
        }
    }

    @Test func batchesArriveWhereTheWholeDoes() throws {
        let result = try train(BatchPlan(size: 6, epochs: 200), schedule: .cosine)
        #expect(result.converged, "\(result.states.largestError)")
        // Conductances 2 : 5 : 3.
        let g = result.conductances.values
        #expect(abs(g[1] / g[0] - 2.5) < 1e-3 && abs(g[2] / g[0] - 1.5) < 1e-3)
        #expect(result.steps.isMultiple(of: 4), "an end is that of an epoch")
    }

    /// In one epoch of the given order the rule takes the steps that a loop over the samples takes.
    @Test func samplesOfAnEpochComeInOrder() throws {
        let parsed = try parsed()
        let task = parsed.task
        let plan = BatchPlan(size: 1, epochs: 1, order: .given)
        let result = try train(plan, optimizer: .plain, rate: .fixed(1e-8))
        #expect(result.steps == 20 && result.reason == .steps)
        let expected = try parsed.withPhysics { physics in
            var values = TrainedValues(initial: task)
            let nudging = try Trainer(task: task).resolveMethod(in: physics).nudging
            let method = LearningMethod(rule: AdjointCoupledLearning(), nudging: nudging)
            for sample in task.samples {
                let one = try LearningTask(
                    circuit: task.circuit, parameters: task.parameters,
                    inputs: task.inputs.map(\.name), outputs: task.outputs, samples: [sample])
                let update = try method.states(of: one, at: values, in: physics).update
                values = values.stepped(
                    by: 1e-8, along: values.velocity(update: update, of: one), of: one)
            }
            return values.values
        }
        for (a, b) in zip(result.conductances.values, expected) {
            #expect(abs(a - b) <= 1e-12 * b)
        }
    }

    @Test func aSeedIsATraining() throws {
        func values(_ seed: UInt64) throws -> [Double] {
            try train(BatchPlan(size: 3, epochs: 3, seed: seed)).conductances.values
        }
        #expect(try values(1) == values(1))
        #expect(try values(1) != values(2))
    }

    @Test func resumedBatchesEndWithTheSameBits() throws {
        let plan = BatchPlan(size: 3, epochs: 40, seed: 5, probability: 0.7)
        let goal = TrainingGoal.loss(1e-30)
        let whole = try train(plan, goal: goal)
        var kept: TrainingProgress?
        _ = try train(
            plan, goal: goal,
            observer: { step in
                if step.step == 133 { kept = step.progress }
                return step.step < 150
            })
        let resumed = try train(plan, goal: goal, from: kept)
        #expect(whole.steps == resumed.steps && whole.steps == 280)
        #expect(whole.conductances == resumed.conductances)
    }

    @Test func elementsTakePartByChance() throws {
        var changes: [Int] = []
        var last: [Double]?
        _ = try train(
            BatchPlan(epochs: 200, seed: 3, probability: 0.25),
            observer: { step in
                if let last {
                    changes.append(zip(last, step.conductances.values).count { $0 != $1 })
                }
                last = step.conductances.values
                return true
            })
        // 600 chances of a quarter: 150 ± 11.
        let mean = Double(changes.reduce(0, +)) / Double(3 * changes.count)
        #expect(abs(mean - 0.25) < 0.08)
    }

    @Test func schedulesFall() {
        #expect(RateSchedule.cosine.factor(at: 0) == 1)
        #expect(abs(RateSchedule.cosine.factor(at: 0.5) - 0.5) < 1e-15)
        #expect(abs(RateSchedule.cosine.factor(at: 1)) < 1e-15)
        #expect(
            [0, 0.49, 0.5, 0.74, 0.75].map { RateSchedule.step.factor(at: $0) } == [
                1, 1, 0.1, 0.1, 0.01,
            ])
    }

    @Test func goalsEndATraining() throws {
        let loss = try train(BatchPlan(size: 5, epochs: 300), goal: .loss(1e-4))
        #expect(loss.reason == .goal && loss.converged && loss.states.loss < 1e-4)
        let plateau = try train(
            BatchPlan(size: 5, epochs: 2000), optimizer: .plain, rate: .fixed(1e-15),
            goal: .plateau)
        #expect(plateau.reason == .goal && plateau.steps == 4 * 10)
    }
}
