import Foundation
import Netlist
import NgspiceBridge
import Testing

@testable import Engines
@testable import LearningTasks
@testable import Theory

@testable import LearningRules

/// The default optimizer, on circuits that people have.
@Suite struct AutomaticTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "netlists/circuits")

    static let decks =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?
        .filter { $0.hasSuffix(".cir") }.sorted() ?? []

    private static func deck(_ name: String) throws -> ParsedDeck {
        try ParsedDeck(
            String(decoding: Data(contentsOf: folder.appending(path: name)), as: UTF8.self))
    }

    private static func trainer(_ task: LearningTask, tolerance: Double = 1e-6) -> Trainer {
        Trainer(
            task: task, optimizer: .auto, limits: Trainer.Limits(steps: 60, tolerance: tolerance))
    }

    @Test static func thereAreThirty() { #expect(decks.count >= 30) }

    /// Feedback amplifiers, biases of bipolar transistors, MOSFETs and JFETs, differential pairs, regulators,
    /// LEDs, potentiometers, mixed decades: all arrive, none by a way that opens or shorts a resistor.
    @Test("arrives without an option", arguments: decks) func arrives(name: String) throws {
        let parsed = try Self.deck(name)
        let result = try parsed.train(Self.trainer(parsed.task))
        #expect(result.converged, "\(result.reason) after \(result.steps) steps")
        let resistances = result.conductances.resistances(of: parsed.task)
        for index in parsed.task.parameters.flatMap({ $0.members.map(\.resistor) }) {
            let before = parsed.task.circuit.resistors[index].resistance
            #expect(resistances[index] >= 1e-3 && resistances[index] <= max(1e9, 10 * before))
        }
    }

    /// As many targets as resistors leave one solution: what continuous time finds, too.
    @Test func commonSource() throws {
        let parsed = try Self.deck("common-source.cir")
        let result = try parsed.train(Self.trainer(parsed.task, tolerance: 1e-9))
        let trained = result.conductances.resistances(of: parsed.task)
        #expect(relativeDifference(Array(trained[2...]), [2582.6, 645.66]) < 3e-5)
    }

    /// A circuit and the same with all resistances a million times larger take the same steps.
    @Test func takesNoNoticeOfScale() throws {
        func train(_ scale: Double) throws -> (steps: Int, values: [Double]) {
            let parsed = try ParsedDeck(
                """
                a ladder
                V1 in 0 1
                R1 in a \(scale)
                R2 a 0 \(3 * scale)
                R3 a b \(200 * scale)
                R4 b 0 \(100 * scale)
                *.learn output V(a)=0.6 V(b)=0.3
                .end
                """)
            let result = try parsed.train(Self.trainer(parsed.task))
            #expect(result.converged)
            return (
                result.steps,
                result.conductances.resistances(of: parsed.task).map { $0 / scale }
            )
        }
        let (small, large) = (try train(1), try train(1e6))
        #expect(small.steps == large.steps)
        #expect(relativeDifference(small.values, large.values) < 1e-6)
    }

    /// Where ngspice finds no operating point, the step is taken back and named, and training goes on.
    @Test func takesBackStepsThatCannotBeSolved() throws {
        let parsed = try Self.deck("railed-amplifier.cir")
        let result = try parsed.train(Self.trainer(parsed.task))
        #expect(result.converged)
        let unsolved = try #require(result.unsolved.first)
        #expect(Set(unsolved.moved.map(\.name)) == ["R1", "R2"])
    }

    /// Two equal resistors of a feedback divider: the update stands at right angles to the gradient.
    @Test func partsEqualResistors() throws {
        let parsed = try Self.deck("equal-divider.cir")
        let task = parsed.task
        let angle = try parsed.withPhysics { physics in
            let start = TrainedValues(initial: task)
            let method = try Self.trainer(task).resolveMethod(in: physics)
            let states = try method.states(of: task, at: start, in: physics)
            let gradient = try ExactGradient(of: task, at: start, in: physics)
            return GradientAngle(
                update: states.update, gradient: gradient, at: start, of: task
            ).degrees
        }
        #expect(abs((angle ?? 0) - 90) < 0.1)
    }

    /// Of random starts within the board's range of values.
    @Test("XOR from random starts", arguments: 0..<10 as Range<UInt64>) func xor(seed: UInt64)
        throws
    {
        let parsed = try ParsedDeck(xorBoard, data: xorBoardData)
        let start = TrainedValues(random: seed, of: parsed.task)
        let text = String(
            decoding: parsed.deck.rewriting(start.texts(of: parsed.task)), as: UTF8.self)
        let random = try ParsedDeck(text, data: xorBoardData)
        let result = try random.train(
            Trainer(
                task: random.task, optimizer: .auto,
                limits: Trainer.Limits(steps: 1000, tolerance: 1e-3)))
        #expect(result.converged)
    }

    /// As impedances grow, the nudge that suited the start is far too strong, and its update no gradient any
    /// more: it is chosen again.
    @Test func renewsTheNudge() throws {
        let parsed = try ParsedDeck(stageFarOff)
        let trainer = Trainer(task: parsed.task, limits: Trainer.Limits(steps: 300))
        let result = try parsed.train(trainer)
        #expect(result.converged)
        let first = try parsed.withPhysics { try trainer.resolveMethod(in: $0) }
        #expect(result.nudging.strength <= first.nudging.strength)
    }

    /// An engine that is gone for good after some points: what was reached is not lost.
    @Test func keepsTheBestPointWhereTheEngineFails() throws {
        final class Failing: Physics {
            let engine: SparsePhysics
            private var left: Int

            init(_ engine: SparsePhysics, after points: Int) {
                (self.engine, left) = (engine, points)
            }

            func setResistances(_ resistances: [Double]) { engine.setResistances(resistances) }

            func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
                left -= drives.count
                if left < 0 { throw NgspiceError(.died, "gone") }
                return try engine.operatingPoints(drives)
            }

            func restart() { engine.restart() }
        }
        let parsed = try Self.deck("two-dividers.cir")
        let task = parsed.task
        let trainer = Trainer(task: task, superposes: false)
        let whole = try trainer.run(in: SparsePhysics(task: task))
        #expect(whole.converged && whole.steps > 1)
        var losses: [Double] = []
        let result = try trainer.run(in: Failing(SparsePhysics(task: task), after: 14)) { step in
            losses.append(step.states.loss)
            return true
        }
        #expect(result.reason == .failed && result.failure is NgspiceError)
        #expect(result.steps > 0 && result.steps < whole.steps)
        // The last point may have failed only after it was solved, before it was seen.
        #expect(result.states.loss <= losses.min() ?? 0)
        #expect(result.states.loss < result.initialLoss)
        // Nothing was reached where the start itself can't be solved.
        #expect(throws: NgspiceError.self) {
            _ = try trainer.run(in: Failing(SparsePhysics(task: task), after: 0))
        }
    }

    // MARK: The model

    /// J = [[1, 2], [3, 4]], seen in two directions, is known in all.
    @Test func knowsWhatItHasSeen() throws {
        var model = ResponseModel()
        model.see(change: [1, 1], response: [3, 7])
        model.see(change: [1, -1], response: [-1, -1])
        let response = model.response(to: [0.3, 0.1])
        #expect(relativeDifference(response, [0.5, 1.3]) < 1e-7)
        let step = try #require(try model.step(errors: [-0.5, -1.3], within: 10))
        #expect(relativeDifference(step.change, [0.3, 0.1]) < 1e-5)
        #expect(step.expected.allSatisfy { abs($0) < 1e-5 })
    }

    /// The step shrinks to the radius, and turns towards what lowers the errors most for its length.
    @Test func staysWithinTheRadius() throws {
        var model = ResponseModel()
        model.see(change: [1, 0], response: [10, 0])
        model.see(change: [0, 1], response: [0, 0.1])
        let step = try #require(try model.step(errors: [-10, -10], within: 0.5))
        #expect(largestMagnitude(step.change) <= 0.5 && largestMagnitude(step.change) > 0.4)
        // Levenberg's step for this radius: x = 100/(100 + μ²), y = 1/(0.01 + μ²), the larger 0.5.
        #expect(step.change[0] > 0 && step.change[1] > 0)
    }

    /// Directions that are nearly the same, with answers that disagree, are averaged and not extrapolated.
    @Test func averagesWhatDisagrees() throws {
        var model = ResponseModel()
        model.see(change: [1, 0], response: [1], doubt: 0.1)
        model.see(change: [1, 1e-3], response: [1.1], doubt: 0.1)
        #expect(abs(model.response(to: [0, 1])[0]) < 0.1)
        #expect(abs(model.response(to: [1, 0])[0] - 1.05) < 0.03)
    }
}
