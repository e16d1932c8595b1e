import LearningRules
import Testing

@Suite struct FamilyTests {
    @Test func sameSeedSameDeck() throws {
        let family = try RandomFamily(nodes: 20, edges: 40, inputs: 2, outputs: 3)
        let a = try GeneratedDeck.make(family, seed: 3)
        let b = try GeneratedDeck.make(family, seed: 3)
        let c = try GeneratedDeck.make(family, seed: 4)
        #expect(a.deck == b.deck)
        #expect(a.deck != c.deck)
    }

    @Test func generatedTasksCanBeLearned() throws {
        let families: [any NetworkFamily] = [
            try LatticeFamily(rows: 4, columns: 5, outputs: 3),
            try RandomFamily(nodes: 16, edges: 32, inputs: 2, outputs: 2),
            try LayeredFamily(layers: [3, 3, 2]), KiteFamily(delta: 0.1),
        ]
        for family in families {
            let parsed = try ParsedDeck(GeneratedDeck.make(family, seed: 11).deck)
            let result = try parsed.train(
                Trainer(task: parsed.task, limits: Trainer.Limits(steps: 20_000)))
            #expect(result.converged, "\(family.title)")
        }
    }

    @Test func severalSamples() throws {
        let family = try LayeredFamily(layers: [3, 2, 2])
        let made = try GeneratedDeck.make(family, seed: 2, samples: 8, dataName: "d.csv")
        let parsed = try ParsedDeck(made.deck, data: made.data)
        #expect(parsed.task.samples.count == 8)
        let result = try parsed.train(
            Trainer(task: parsed.task, limits: Trainer.Limits(steps: 20_000)))
        #expect(result.converged)
    }

    @Test func impossibleSizes() {
        #expect(throws: TaskError.self) { try LatticeFamily(rows: 2, columns: 2, outputs: 3) }
        #expect(throws: TaskError.self) {
            try RandomFamily(nodes: 5, edges: 11, inputs: 1, outputs: 1)
        }
        #expect(throws: TaskError.self) {
            try RandomFamily(nodes: 3, edges: 3, inputs: 2, outputs: 1)
        }
        #expect(throws: TaskError.self) { try LayeredFamily(layers: [3]) }
    }
}
