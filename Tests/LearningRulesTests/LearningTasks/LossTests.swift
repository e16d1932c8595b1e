import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist
import Testing

/// Losses, and what rules make of their pulls.
@Suite struct LossTests {
    private static let losses: [any Loss] = [
        SquaredError(), CrossEntropy(temperature: 0.02), CrossEntropy(temperature: 0.3),
        HingeLoss(margin: 0.05),
    ]
    /// No margin of 0.05 V is met to a kink's width.
    private static let outputs: [Double] = [0.11, 0.137, -0.02]
    private static let targets: [Double] = [0, 1, 0]

    @Test("a pull is the derivative of its loss", arguments: losses.indices)
    func pulls(index: Int) {
        let loss = Self.losses[index]
        let pull = loss.pull(Self.outputs[...], Self.targets[...])
        for o in Self.outputs.indices {
            func value(_ change: Double) -> Double {
                var moved = Self.outputs
                moved[o] += change
                return loss.value(moved[...], Self.targets[...])
            }
            // Differences of 1e-6 V leave 1e-8 of a curvature of 1/T² beside 1/T, and 1e-10 of rounding.
            let slope = (value(1e-6) - value(-1e-6)) / 2e-6
            #expect(abs(slope - pull[o]) <= 1e-6 * max(1, abs(pull[o])))
        }
    }

    @Test func cutsAreThoseOfTheDefinitions() {
        let entropy = CrossEntropy(temperature: 0.02)
        let sum = Self.outputs.reduce(0) { $0 + exp($1 / 0.02) }
        #expect(
            abs(entropy.value(Self.outputs[...], Self.targets[...]) - (log(sum) - 0.137 / 0.02))
                < 1e-12)
        // Probabilities as targets: the cross-entropy of two distributions.
        let soft = [0.2, 0.5, 0.3]
        let expected = zip(soft, Self.outputs).reduce(0) { $0 + $1.0 * (log(sum) - $1.1 / 0.02) }
        #expect(abs(entropy.value(Self.outputs[...], soft[...]) - expected) < 1e-12)
        // Far apart, where exp would overflow.
        #expect(entropy.value([1e3, -1e3], [1, 0]) == 0)
        #expect(entropy.value([1e3, -1e3], [0, 1]) == 2e3 / 0.02)
        let hinge = HingeLoss(margin: 0.05)
        #expect(abs(hinge.value(Self.outputs[...], Self.targets[...]) - (0.05 - 0.027)) < 1e-15)
        #expect(hinge.pull(Self.outputs[...], Self.targets[...]) == [1, -1, 0])
        #expect(hinge.value([0, 1, 0], [0, 1, 0]) == 0)
    }

    private static let linear = """
        three classes
        V1 a 0 0
        V2 b 0 0
        V3 c 0 1
        R1 a x 1k
        R2 b x 2k
        R3 c x 3k
        R4 a y 2k
        R5 b y 1k
        R6 c y 5k
        R7 a z 4k
        R8 b z 3k
        R9 x z 2k
        R10 z 0 1k
        """
    private static let data = "V1,V2,kind\n1,0.2,p\n-0.5,0.7,q\n0.3,-1,r\n0.8,0.9,q\n"

    private func deck(_ circuit: String, _ loss: String) throws -> ParsedDeck {
        let lines = """
            \(circuit)
            *.learn loss \(loss)
            *.learn output V(x) V(y) V(z)
            *.learn class kind names=p,q,r
            .end
            """
        return try ParsedDeck(lines, data: Self.data)
    }

    private func loss(_ parsed: ParsedDeck, _ values: [Double], _ physics: any Physics) throws
        -> Double
    {
        let task = parsed.task
        try physics.setResistances(TrainedValues(values: values).resistances(of: task))
        let free = try physics.freeOutputs(of: task)
        return (0..<free.samples).reduce(0) {
            $0 + task.loss.value(free.row($1), task.samples[$1].targets[...])
        } / Double(free.samples)
    }

    /// AL's update is the negative gradient of whatever loss pulls: exactly in a linear circuit, to the bias of the
    /// nudge in another.
    @Test(
        "AL descends every loss",
        arguments: [
            (linear, 1e-6), (linear + "\nD1 x 0 dm\nD2 0 z dm\n.model dm d(is=1e-9)", 1e-5),
        ],
        ["squared", "cross-entropy temperature=100m", "hinge margin=0.3"])
    func gradients(circuit: (text: String, bound: Double), loss: String) throws {
        let parsed = try deck(circuit.text, loss)
        let task = parsed.task
        let (update, slopes, gradient) = try parsed.withPhysics { physics in
            let start = TrainedValues(initial: task)
            let method = try Trainer(task: task).resolveMethod(in: physics)
            let update = try method.states(of: task, at: start, in: physics).update
            let gradient = try ExactGradient(of: task, at: start, in: physics).descent
            let slopes = try start.values.indices.map { index in
                func moved(_ factor: Double) throws -> Double {
                    var values = start.values
                    values[index] *= factor
                    return try self.loss(parsed, values, physics)
                }
                let step = 1e-4
                return (try moved(1 + step) - moved(1 - step)) / (2 * step * start.values[index])
            }
            return (update, slopes, gradient)
        }
        let scale = slopes.reduce(0) { max($0, abs($1)) }
        #expect(scale > 0)
        for index in slopes.indices {
            #expect(abs(update[index] + slopes[index]) <= circuit.bound * scale)
            #expect(abs(gradient[index] + slopes[index]) <= circuit.bound * scale)
        }
    }

    /// Superposed, mirrored and one by one are the same states.
    @Test func everyWayOfSolvingSeesTheSamePulls() throws {
        for loss in ["cross-entropy", "hinge"] {
            let parsed = try deck(Self.linear, loss)
            let results = try parsed.withPhysics { physics in
                try [true, false].map { superposes in
                    try Trainer(
                        task: parsed.task, optimizer: .adam, limits: .init(steps: 5),
                        superposes: superposes
                    ).run(in: physics)
                }
            }
            for (a, b) in zip(results[0].conductances.values, results[1].conductances.values) {
                #expect(abs(a - b) <= 1e-9 * abs(b))
            }
        }
    }
}
