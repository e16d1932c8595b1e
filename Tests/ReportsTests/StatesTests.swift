import LearningTasks
import Netlist
import Testing

@testable import Reports

/// Scores and the samples that are farthest off.
@Suite struct StatesTests {
    @Test("the largest error comes first, and of equal ones the first")
    func order() {
        var errors = OutputTable(samples: 5, outputs: 2)
        errors.values = [0.1, 0, -3, 1, 0, 0.2, 3, 0, 0, 0]
        #expect(States.worstSamples(errors, named: 2, most: 4) == [1, 3, 2, 0])
    }

    @Test("what is listed of a sample")
    func sample() throws {
        let task = try task(divider)
        var outputs = OutputTable(samples: 1, outputs: 1)
        outputs.values = [3.25]
        let states = States(of: task, outputs: outputs)
        let worst = try #require(states.worst.first)
        #expect(worst.number == 1 && worst.outputs == [3.25] && worst.targets == [3])
        #expect(worst.errors == [0.25] && worst.className == nil && worst.voltages == nil)
        // ½ e².
        #expect(states.training?.loss == 0.03125 && states.training?.largestError == 0.25)
        #expect(states.samplesWithVoltages(nodes: 1_000_000) == [0])
    }

    @Test("values before the training from another deck, by name")
    func changes() throws {
        let trained = try task(divider)
        let start = try task(
            divider.replacing("R1 in <b>out 1k", with: "r1 in <b>out 4k")
                .replacing("trainable R1", with: "trainable r1"))
        var changes = Changes(of: trained, at: TrainedValues(initial: trained), since: nil)
        #expect(changes.before == nil)
        let earlier = Changes(of: start, at: TrainedValues(initial: start), since: nil)
        let unknown = changes.setBefore(earlier)
        #expect(unknown.isEmpty)
        #expect(changes.names == ["R1", "R2"] && changes.units == ["Ω", "Ω"])
        #expect(changes.before == [4000, 2000] && changes.after == [1000, 2000])
        let other = try task(divider.replacing("trainable R1 R2", with: "trainable R3"))
        let foreign = Changes(of: other, at: TrainedValues(initial: other), since: nil)
        let missing = changes.setBefore(foreign)
        #expect(missing == ["R1", "R2"])
        #expect(changes.before == [4000, 2000])
    }
}
