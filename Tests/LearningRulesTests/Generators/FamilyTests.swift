import Netlist
import Testing

@testable import Engines
@testable import Generators
@testable import LearningTasks

@testable import LearningRules

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
            try CrossbarFamily(inputs: 3, outputs: 2),
            try CrossbarFamily(inputs: 2, outputs: 2, isPaired: true, hasBias: true),
            try DiodeFamily(inputs: 2, hidden: [3, 2], outputs: 2),
            try DiodeFamily(inputs: 2, hidden: [4], outputs: 1, rail: 0.3),
            try ChannelLatticeFamily(rows: 2, columns: 3),
            try ChannelLatticeFamily(rows: 3, columns: 3, isPeriodic: true, outputs: 2),
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

    @Test(
        "several samples of pairs, diodes and transistors",
        arguments: [
            try CrossbarFamily(inputs: 3, outputs: 2, isPaired: true, hasBias: true),
            try DiodeFamily(inputs: 2, hidden: [4], outputs: 1),
            try ChannelLatticeFamily(rows: 3, columns: 3, inputs: 2),
        ] as [any NetworkFamily])
    func severalSamples(family: any NetworkFamily) throws {
        let made = try GeneratedDeck.make(family, seed: 6, samples: 4, dataName: "d.csv")
        let parsed = try ParsedDeck(made.deck, data: made.data)
        #expect(parsed.task.samples.count == 4)
        let result = try parsed.train(
            Trainer(
                task: parsed.task, limits: Trainer.Limits(steps: 2000, tolerance: 1e-3)))
        #expect(result.converged, "\(family.title)")
    }

    /// V(y) = Σ g x/(G + Σ g) of the numbers in the deck itself.
    @Test func crossbarsAreWeightedMeans() throws {
        let family = try CrossbarFamily(
            inputs: 3, outputs: 2, isPaired: true, hasBias: true, load: 470, voltage: 2)
        let parsed = try ParsedDeck(GeneratedDeck.make(family, seed: 8).deck)
        let circuit = parsed.task.circuit
        #expect(circuit.resistors.count == 8 * 2 + 2 && parsed.task.parameters.count == 16)
        let held = Dictionary(
            uniqueKeysWithValues: circuit.sources.map { ($0.positive, $0.dcValue) })
        let point = try parsed.withPhysics { physics in
            try physics.operatingPoints([Drive(inputs: physics.task.samples[0].inputs)])[0]
        }
        for output in parsed.task.outputs {
            let own = circuit.resistors.filter {
                [$0.positive, $0.negative].contains(output.positive)
            }
            #expect(own.count == 9)
            let sum = own.reduce(0) { $0 + $1.conductance }
            let current = own.reduce(0) { total, resistor in
                total + resistor.conductance * (held[resistor.positive] ?? 0)
            }
            #expect(abs(point.voltage(output) - current / sum) < 1e-12)
        }
    }

    /// Alternately from the node to the upper rail and from the lower rail to the node.
    @Test func diodesKeepNodesFromRisingAndFalling() throws {
        let family = try DiodeFamily(inputs: 1, hidden: [3], outputs: 1, rail: 0.4)
        let deck = try GeneratedDeck.make(family, seed: 1).deck
        for line in [
            "D1 h1_1 up clip", "D2 down h1_2 clip", "D3 h1_3 up clip", "Vup up 0 0.4",
            "Vdown down 0 -0.4",
        ] {
            #expect(deck.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test(arguments: [(false, 4 * 3 + 5 * 2), (true, 2 * 15)])
    func latticesHaveTheirEdges(isPeriodic: Bool, edges: Int) throws {
        let family = try ChannelLatticeFamily(rows: 3, columns: 5, isPeriodic: isPeriodic)
        let parsed = try ParsedDeck(GeneratedDeck.make(family, seed: 1).deck)
        let channels = parsed.task.circuit.otherDevices.filter { $0.letter == "m" }
        #expect(channels.count == edges && parsed.task.parameters.count == edges)
        let ends = Set(channels.map { Set([$0.nodes[0], $0.nodes[2]]) })
        #expect(ends.count == edges)
    }

    @Test func classesOfATable() throws {
        let table = try #require(
            SampleTable.parse(
                SourceFile(
                    path: "t.csv",
                    bytes: Array("a,id,Kind,b\n1,x,10,5\n2,y,9,5\n3,z,10,5\n".utf8)),
                kind: { ClassData.kind(of: $0, classColumn: "kind", ignoring: ["id"]) }
            ).table)
        let data = try ClassData(table, classColumn: "kind", ignoring: ["id"])
        #expect(data.inputs.map(\.name) == ["a"] && data.inputs[0].range == 1...3)
        #expect(data.column == "Kind" && data.names == ["9", "10"])
        #expect(data.ignored == ["id", "b"])
        let shared = try ClassData(table, classColumn: "kind", range: 0...16, ignoring: ["id"])
        #expect(shared.inputs.map(\.name) == ["a", "b"])
        #expect(shared.inputs.allSatisfy { $0.range == 0...16 })
        #expect(throws: TaskError.self) { try ClassData(table, classColumn: "sort") }
    }

    @Test func impossibleSizes() {
        #expect(throws: TaskError.self) { try CrossbarFamily(inputs: 0, outputs: 1) }
        #expect(throws: TaskError.self) { try CrossbarFamily(inputs: 1, outputs: 1, load: 0) }
        #expect(throws: TaskError.self) { try CrossbarFamily(inputs: 1000, outputs: 1001) }
        #expect(throws: TaskError.self) { try DiodeFamily(inputs: 1, hidden: [], outputs: 1) }
        #expect(throws: TaskError.self) {
            try DiodeFamily(inputs: 1, hidden: [1], outputs: 1, voltage: .infinity)
        }
        #expect(throws: TaskError.self) {
            try ChannelLatticeFamily(rows: 2, columns: 3, isPeriodic: true)
        }
        #expect(throws: TaskError.self) {
            try ChannelLatticeFamily(rows: 2, columns: 2, inputs: 2, outputs: 1)
        }
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
