import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge
import Testing

/// The README's example, and a task made without directives: what a user of the libraries writes.
@Suite struct LibraryUseTests {
    @Test func readme() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "../../netlists/two-output.cir").standardizedFileURL.path
        let deck = Deck.parse(path: path, bytes: Array(try Data(contentsOf: URL(filePath: path))))
        let task = try LearningTask(deck: deck)

        let result = try Ngspice.withInstance { ngspice in
            let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
            return try Trainer(task: task, rule: CoupledLearning()).run(in: physics)
        }
        #expect(result.reason == .tolerance)
        let trained: [UInt8] = deck.rewriting(result.conductances.texts(of: task))
        let again = Deck.parse(path: path, bytes: trained)
        let differences = compare(expected: deck, actual: again)
        #expect(differences.count == 6)
        #expect(differences.allSatisfy { $0.kind == .value })
    }

    /// What is elaborated has to be what ngspice reads: here it is from another text.
    @Test(arguments: [
        ("R1 in b 2k", "R1 as 2000.0 Ω, not as 1000.0 Ω"),
        ("V1 in 0 1.5", "V1 as 1.5 V, not as 1.0 V"),
        ("E1 c 0 b 0 3", "the gain of E1 as 3.0 V/V, not as 2.0 V/V"),
    ])
    func anotherValueThanNgspicesIsAnError(line: String, words: String) throws {
        func deck(_ changed: String) -> Deck {
            let lines = ["V1 in 0 1", "R1 in b 1k", "R2 b 0 1k", "E1 c 0 b 0 2", "R3 c 0 1k"].map {
                $0.prefix(2) == changed.prefix(2) ? changed : $0
            }
            let text = ["t"] + lines + ["*.learn output V(b)=0.4", ".end", ""]
            return Deck.parse(
                path: "deck.cir", bytes: Array(text.joined(separator: "\n").utf8), includes: .none)
        }
        let task = try LearningTask(deck: deck(""))
        let (read, circuit) = (deck(line), task.circuit)
        let errors = try Ngspice.withInstance { ngspice in
            [
                #expect(throws: DiagnosticsError.self) {
                    _ = try NgspicePhysics(deck: read, task: task, ngspice: ngspice)
                },
                #expect(throws: DiagnosticsError.self) {
                    _ = try ngspice.operatingPoint(of: read, circuit)
                },
            ]
        }
        for error in errors {
            let diagnostics = try #require(error).diagnostics
            #expect(diagnostics.map(\.id) == ["value-mismatch"])
            #expect(diagnostics.first?.message.contains("ngspice reads " + words) == true)
        }
        // The same text is no error.
        let own = deck("")
        _ = try Ngspice.withInstance { try $0.operatingPoint(of: own, circuit) }
    }

    @Test func taskWithoutDirectives() throws {
        let text =
            "bridge\nV1 in 0 5\nR1 in a 1k\nR2 a 0 2k\nR3 in b 3k\nR4 b 0 4k\nR5 a b 5k\n.end\n"
        let deck = Deck.parse(path: "bridge.cir", bytes: Array(text.utf8), includes: .none)
        let circuit = try deck.elaborate().get()
        let nodes = circuit.nodes.map(\.name)
        let task = try LearningTask(
            circuit: circuit,
            parameters: [
                TrainableParameter(resistors: [1], in: circuit, resistances: [100...10_000])
            ],
            inputs: ["V1"],
            outputs: [
                LearningTask.Output(
                    name: "balance", positive: try #require(nodes.firstIndex(of: "a")),
                    negative: try #require(nodes.firstIndex(of: "b")))
            ],
            samples: [
                LearningTask.Sample(inputs: [5], targets: [0]),
                LearningTask.Sample(inputs: [2], targets: [0]),
            ])
        let result = try Ngspice.withInstance { ngspice in
            let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
            return try Trainer(task: task, limits: Trainer.Limits(tolerance: 1e-10)).run(
                in: physics)
        }
        // Balanced at R1/R2 = R3/R4.
        #expect(result.converged)
        #expect(abs(result.conductances.resistances(of: task)[1] - 4000.0 / 3) < 1e-4)
    }
}
