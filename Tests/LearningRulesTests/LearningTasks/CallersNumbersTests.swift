import Foundation
import LearningTasks
import Netlist
import Testing

/// Values and samples of a program that trains a circuit by itself.
@Suite struct CallersNumbersTests {
    private func task() throws -> LearningTask {
        let text = """
            every chart
            .param p=100
            V1 in 0 10
            R1 in a 1k
            R2 a 0 2k
            R3 a b 3k
            R4 b 0 4k
            R5 b 0 {2*p}
            VB b c 1.5
            R6 c 0 1k
            *.learn trainable R1 min=500 max=2k
            *.learn trainable R2 vary=log
            *.learn trainable R3 vary=resistance
            *.learn trainable R4 vary=root
            *.learn trainable p VB
            *.learn input V1
            *.learn output V(b)=2
            .end
            """
        return try LearningTask(
            deck: Deck.parse(path: "deck.cir", bytes: Array(text.utf8), includes: .none))
    }

    @Test("what a user calls a value, and the trained variable of it")
    func values() throws {
        let task = try task()
        let start = TrainedValues(initial: task)
        let names = task.parameters.map(\.name)
        func named(_ numbers: [Double]) -> [String: Double] {
            Dictionary(uniqueKeysWithValues: zip(names, numbers))
        }
        let values = named(zip(task.parameters, start.values).map { $0.userValue($1) })
        let expected = ["R1": 1e3, "R2": 2e3, "R3": 3e3, "R4": 4e3, "p": 100, "VB": 1.5]
        #expect(Set(values.keys) == Set(expected.keys))
        for (name, value) in values {
            #expect(abs(value - (expected[name] ?? .nan)) <= 1e-15 * abs(value))
        }
        let variables = named(start.variables(of: task))
        let charts = [
            "R1": 1e-3, "R2": -log(2e3), "R3": 3e3, "R4": 1 / sqrt(4e3), "p": 100, "VB": 1.5,
        ]
        for (name, value) in variables {
            #expect(abs(value - (charts[name] ?? .nan)) <= 1e-15 * abs(value))
        }
        #expect(
            Dictionary(uniqueKeysWithValues: zip(names, task.parameters.map(\.variable.name)))
                == [
                    "R1": "conductance", "R2": "log", "R3": "resistance", "R4": "root",
                    "p": "value", "VB": "value",
                ])
    }

    /// A round trip loses two roundings of ten digits of a logarithm, some 1e-15 of the value.
    @Test("both are read back")
    func roundTrip() throws {
        let task = try task()
        let start = TrainedValues(initial: task)
        let again = TrainedValues(variables: start.variables(of: task), of: task)
        for (a, b) in zip(again.values, start.values) { #expect(abs(a - b) <= 1e-14 * abs(b)) }
        for (parameter, u) in zip(task.parameters, start.values) {
            let back = parameter.trainedValue(parameter.userValue(u))
            #expect(abs(back - u) <= 1e-15 * abs(u))
        }
    }

    @Test func bounds() throws {
        let task = try task()
        let place = try #require(task.parameters.firstIndex { $0.name == "R1" })
        let parameter = task.parameters[place]
        #expect(parameter.userBounds == 500...2000)
        var values = TrainedValues(initial: task).values
        for (resistance, nearest) in [(499.0, 500.0), (2001, 2000), (-1, 2000), (500, 500)] {
            values[place] = parameter.trainedValue(resistance)
            let moved = TrainedValues(values: values)
            #expect(moved.outOfBounds(of: task) == (resistance == nearest ? [] : [place]))
            let clipped = moved.clipped(to: task)
            #expect(clipped.outOfBounds(of: task).isEmpty)
            #expect(parameter.userValue(clipped.values[place]) == nearest)
        }
        values[place] = .nan
        #expect(TrainedValues(values: values).outOfBounds(of: task) == [place])
    }

    @Test func samples() throws {
        let task = try task()
        let samples = [(1.0, 0.1), (2, 0.2)].map {
            LearningTask.Sample(inputs: [$0.0], targets: [$0.1])
        }
        let other = try task.replacingSamples(by: samples)
        #expect(other.samples.map(\.inputs) == [[1], [2]])
        #expect(other.samples.map(\.targets) == [[0.1], [0.2]])
        for wrong in [[], [LearningTask.Sample(inputs: [], targets: [1])]] {
            #expect(throws: TaskError.self) { try task.replacingSamples(by: wrong) }
        }
    }
}
