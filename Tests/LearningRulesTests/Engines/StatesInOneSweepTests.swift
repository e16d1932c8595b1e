import Testing

@testable import Engines
@testable import LearningRules

/// The states of a step that ngspice solves without being left, against the same states solved free ones
/// first and each kind of nudge by itself: the same bits.
@Suite struct StatesInOneSweepTests {
    /// A nonlinear circuit can't be altered within a sweep, and takes the plain way.
    static func deck(isLinear: Bool) throws -> ParsedDeck {
        guard !isLinear else { return try SuperpositionTests.deck(samples: 3) }
        return try ParsedDeck(
            SensitivityTests.diodes,
            data: """
                V1,V(out),"V(b,c)"
                1.5,0.4,0.1
                0.9,0.3,0.2
                -1,-0.2,0.1
                """)
    }

    @Test("the same bits", arguments: [true, false], 0..<3)
    func sameBits(isLinear: Bool, rule: Int) throws {
        let parsed = try Self.deck(isLinear: isLinear)
        let task = parsed.task
        let (rule, strength) = SparsePhysicsTests.rules[rule]
        let method = LearningMethod(
            rule: rule, nudging: Nudging(strength: 0.1 * strength, sides: .centered))
        let (together, apart) = try parsed.withPhysics { physics in
            // Loads clamps and branches where the rule needs them.
            _ = try method.states(of: task, in: physics)
            let together = try (0..<2).map { _ in try method.states(of: task, in: physics) }
            let free = try task.samples.map { sample in
                try physics.operatingPoints([Drive(inputs: sample.inputs)])[0]
            }
            let nudged = try method.nudging.strengths.flatMap { h in
                try zip(task.samples, free).map { sample, point in
                    let nudge = rule.nudge(
                        strength: h, free: task.outputs.map { point.voltage($0) },
                        pull: zip(task.outputs, sample.targets).map { point.voltage($0) - $1 })
                    return try physics.operatingPoints([
                        Drive(inputs: sample.inputs, nudge: nudge)
                    ])[0]
                }
            }
            return (together, method.states(of: task, points: free + nudged))
        }
        #expect(apart.update.contains { $0 != 0 })
        for states in together {
            #expect(states.update == apart.update)
            #expect(states.naturalLoss == apart.naturalLoss)
            #expect(states.points.count == 3 * task.samples.count)
            for (found, expected) in zip(states.points, apart.points) {
                #expect(found.voltages == expected.voltages)
                #expect(found.nudgeCurrents == expected.nudgeCurrents)
            }
        }
    }

    /// One circuit serves rules with different elements, in any order.
    @Test func ruleAfterRule() throws {
        let parsed = try Self.deck(isLinear: true)
        let task = parsed.task
        let updates = try parsed.withPhysics { physics in
            try [0, 1, 2, 0, 2, 1].map { index in
                let (rule, strength) = SparsePhysicsTests.rules[index]
                let method = LearningMethod(
                    rule: rule, nudging: Nudging(strength: strength, sides: .centered))
                return try method.states(of: task, in: physics).update
            }
        }
        for (earlier, later) in [(0, 3), (1, 5), (2, 4)] {
            // The circuit is loaded anew for the first clamp or branch, and its matrix ordered anew.
            #expect(differenceOverNorm(updates[earlier], updates[later]) < 1e-11)
        }
    }
}
