import Engines
import Foundation
import Generators
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge
import Testing

/// Training in continuous time against conservation laws, an independent integration, and the rate
/// that the theory predicts.
@Suite struct ContinuousTrainerTests {
    /// A rule with a nudge at which its bias is below 1e-9: centered AL and CL have none in a linear
    /// circuit, EP's is of the order of (β/g)², g the conductance seen at an output.
    struct Exact: Sendable, CustomTestStringConvertible {
        let rule: any LearningRule
        let nudge: Double?
        var testDescription: String { "\(type(of: rule))" }

        static func all(outputConductance g: Double) -> [Exact] {
            [
                Exact(rule: AdjointCoupledLearning(), nudge: nil),
                Exact(rule: CoupledLearning(), nudge: nil),
                Exact(rule: EquilibriumPropagation(), nudge: 2e-5 * g),
            ]
        }
    }

    private func trainer(
        _ parsed: ParsedDeck, _ exact: Exact, duration: Double, tolerance: Double = 1e-30,
        rtol: Double = 1e-10
    ) -> ContinuousTrainer {
        ContinuousTrainer(
            task: parsed.task, rule: exact.rule, nudge: NudgeRequest(strength: exact.nudge),
            limits: .init(duration: duration, tolerance: tolerance), accuracy: .init(relative: rtol)
        )
    }

    /// Σ k² is conserved where conductances are trained, Σ ln k where their logarithms are, and every
    /// resistor is.
    @Test(
        "the conserved quantity", arguments: Exact.all(outputConductance: 1e-3),
        [TrainableParameter.Variable.conductance, .logConductance])
    func conservation(exact: Exact, variable: TrainableParameter.Variable) throws {
        let family = try RandomFamily(nodes: 14, edges: 30, inputs: 2, outputs: 2)
        let isLog = variable == .logConductance
        let text = try GeneratedDeck.make(family, seed: 7).deck.replacing(
            ".end", with: isLog ? "*.learn trainable R* vary=log\n.end" : ".end")
        let parsed = try ParsedDeck(text)
        #expect(parsed.task.parameters.allSatisfy { $0.variable == variable })
        let run = trainer(parsed, exact, duration: 1e9, tolerance: 1e-6, rtol: 1e-11)
        let (result, drift) = try parsed.withPhysics { physics in
            var values: [Double] = []
            let result = try run.run(in: physics) { moment in
                let k = moment.conductances.values
                values.append(
                    isLog
                        ? k.reduce(0) { $0 + log($1) } : k.reduce(0) { $0 + $1 * $1 })
                return true
            }
            return (result, values.map { abs($0 / values[0] - 1) }.max() ?? 1)
        }
        #expect(result.reason == .tolerance)
        #expect(
            relativeDifference(
                result.conductances.values,
                TrainedValues(initial: parsed.task).values) > 0.01)
        #expect(drift < 1e-8, "\(drift) in \(result.steps) steps")
    }

    /// dk/dt by the small-nudging limits, with dense solutions: Δv ⊙ Δa, and Δv ⊙ Δu for CL.
    private func denseVelocity(_ rule: any LearningRule, _ dense: DenseCircuit) -> [Double] {
        dense.product(
            dense.field(
                currents: rule is CoupledLearning ? dense.restoringCurrents : dense.error))
    }

    /// Classical Runge–Kutta of order 4 with 400 steps over a time in which the slowest direction
    /// decays by e: its error is about (λ_max h)⁴ ≈ 1e-8.
    @Test("an independent integration", arguments: Exact.all(outputConductance: 0.6))
    func rungeKutta(exact: Exact) throws {
        let parsed = try ParsedDeck(referenceDeck)
        let (duration, steps) = (15.0, 400)
        var dense = DenseCircuit(parsed.task)
        let h = duration / Double(steps)
        for _ in 0..<steps {
            let start = dense.conductances
            var sum = [Double](repeating: 0, count: start.count)
            var slope = sum
            for (offset, weight) in [(0.0, 1.0), (0.5, 2.0), (0.5, 2.0), (1.0, 1.0)] {
                dense.conductances = zip(start, slope).map { $0 + offset * h * $1 }
                slope = denseVelocity(exact.rule, dense)
                for index in sum.indices { sum[index] += weight * slope[index] / 6 }
            }
            dense.conductances = zip(start, sum).map { $0 + h * $1 }
        }
        let run = trainer(parsed, exact, duration: duration)
        let result = try parsed.withPhysics { try run.run(in: $0) }
        #expect(result.reason == .duration)
        #expect(result.time == duration)
        #expect(relativeDifference(result.conductances.values, dense.conductances) < 1e-6)
    }

    /// The loss of late times falls as exp(−2ct), c from a dense J at the conductances reached.
    @Test("the rate predicted", arguments: Exact.all(outputConductance: 0.6))
    func decayRate(exact: Exact) throws {
        let parsed = try ParsedDeck(referenceDeck)
        let run = trainer(parsed, exact, duration: 1000, tolerance: 1e-8)
        let (result, track) = try parsed.withPhysics { physics in
            var track: [(time: Double, loss: Double)] = []
            let result = try run.run(in: physics, at: .even(1001, duration: 1000)) { moment in
                if moment.isOutput { track.append((moment.time, moment.states.loss)) }
                return true
            }
            return (result, track)
        }
        #expect(result.reason == .tolerance)
        var dense = DenseCircuit(parsed.task)
        dense.conductances = result.conductances.resistances(of: parsed.task).map { 1 / $0 }
        let rows = [[1.0, 0], [0, 1]].map { dense.product(dense.field(currents: $0)) }
        func dot(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let gram = rows.map { row in rows.map { dot(row, $0) } }
        var matrix = gram
        if exact.rule is CoupledLearning {
            // J Jᵀ Λ has the eigenvalues of Λ^½ J Jᵀ Λ^½; Λ is the inverse of the output resistance.
            let r = dense.outputResistance
            let determinant = r[0][0] * r[1][1] - r[0][1] * r[1][0]
            let inverse = [
                [r[1][1] / determinant, -r[0][1] / determinant],
                [-r[1][0] / determinant, r[0][0] / determinant],
            ]
            matrix = gram.map { row in
                [0, 1].map { column in row[0] * inverse[0][column] + row[1] * inverse[1][column] }
            }
        }
        let trace = matrix[0][0] + matrix[1][1]
        let determinant = matrix[0][0] * matrix[1][1] - matrix[0][1] * matrix[1][0]
        let c = trace / 2 - (trace * trace / 4 - determinant).squareRoot()

        // The error ends at 1e-8 V; the last factor of 100 in it.
        let last = track[track.count - 2]
        let first = try #require(track.first { $0.loss < 1e4 * last.loss })
        let rate = log(first.loss / last.loss) / (last.time - first.time)
        #expect(abs(rate / (2 * c) - 1) < 0.01, "\(rate / (2 * c))")
        // 2c is what makes late losses a line; an earlier one has the fast direction too.
        #expect(last.time - first.time > 10)
    }

    @Test("the event of the tolerance", arguments: [1e-3, 1e-6, 1e-9])
    func toleranceIsAnEvent(tolerance: Double) throws {
        let parsed = try ParsedDeck(referenceDeck)
        let run = ContinuousTrainer(
            task: parsed.task, limits: .init(duration: 1e6, tolerance: tolerance))
        let result = try parsed.withPhysics { try run.run(in: $0) }
        #expect(result.reason == .tolerance)
        #expect(abs(result.states.largestError / tolerance - 1) < 1e-6)
        #expect(try #require(result.time) < 1000)
    }

    /// Conductances from 1e-6 S to 1e-2 S: rates of change many decades apart. Discrete training at the
    /// automatic rate has not arrived after 10⁵ steps.
    @Test("a stiff circuit", arguments: ["conductance", "log"])
    func stiff(variable: String) throws {
        let parsed = try ParsedDeck(
            """
            four decades
            V1 in 0 1
            R1 in a 100
            R2 a 0 10k
            R3 a b 1meg
            R4 b 0 1meg
            R5 a c 100k
            R6 c 0 200
            R7 c b 500k
            *.learn trainable R* vary=\(variable)
            *.learn output V(b)=0.4 V(c)=0.003
            .end
            """)
        let run = ContinuousTrainer(
            task: parsed.task, limits: .init(duration: 1e12, tolerance: 1e-9))
        let result = try parsed.withPhysics { try run.run(in: $0) }
        #expect(result.reason == .tolerance)
        #expect(result.steps < 1000, "\(result.steps)")
        #expect(result.conductances.values.allSatisfy { $0 > 0 })
    }

    @Test func denseOutputAtTheTimesAskedFor() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let run = ContinuousTrainer(
            task: parsed.task, limits: .init(duration: 30, tolerance: 1e-12))
        let asked = [0, 0.001, 1, 2.5, 29, 30, 31]
        let (result, times, all) = try parsed.withPhysics { physics in
            var (times, all): ([Double], [Double]) = ([], [])
            let result = try run.run(in: physics, at: .at(asked)) { moment in
                all.append(moment.time)
                if moment.isOutput { times.append(moment.time) }
                return true
            }
            return (result, times, all)
        }
        #expect(result.reason == .duration)
        #expect(times == [0, 0.001, 1, 2.5, 29, 30])
        #expect(all == all.sorted())
        // The same point, reached by ending there.
        let half = try parsed.withPhysics { physics in
            try ContinuousTrainer(task: parsed.task, limits: .init(duration: 2.5, tolerance: 1e-12))
                .run(in: physics)
        }
        let dense = try parsed.withPhysics { physics in
            var found: TrainedValues?
            _ = try run.run(in: physics, at: .at([2.5])) { moment in
                if moment.time == 2.5 { found = moment.conductances }
                return found == nil
            }
            return found
        }
        #expect(relativeDifference(try #require(dense).values, half.conductances.values) < 1e-6)
    }

    @Test func timesInGeometricSequence() {
        #expect(OutputTimes.even(3, duration: 2) == .at([0, 1, 2]))
        guard case .at(let times) = OutputTimes.logarithmic(8, duration: 2) else { return }
        #expect(times.count == 8 && times[0] == 0 && times[7] == 2)
        #expect(relativeDifference([times[1], times[4]], [2e-6, 2e-3]) < 1e-12)
    }

    /// Both resistors end at their bounds and rest there.
    @Test func boundsHold() throws {
        let parsed = try ParsedDeck(
            dividerDeck("*.learn trainable R* min=500 max=2k\n*.learn output V(b)=0.9"))
        let run = ContinuousTrainer(task: parsed.task, limits: .init(duration: 1e3))
        let (result, least) = try parsed.withPhysics { physics in
            var least = Double.infinity
            let result = try run.run(in: physics) { moment in
                let resistances = moment.conductances.resistances(of: parsed.task)
                least = min(least, resistances.min() ?? 0)
                return true
            }
            return (result, least)
        }
        // Nothing can move any more, however long the duration is.
        #expect(result.reason == .stagnation)
        #expect(least >= 500 * (1 - 1e-15))
        let trained = result.conductances.resistances(of: parsed.task)
        #expect(relativeDifference(trained, [500, 2000]) < 1e-14)
    }

    /// A task whose solution lies within the bounds, but whose flow meets them on the way: one resistor
    /// arrives at a bound and stays, another arrives and leaves. Against Euler's method projected at each
    /// step, which is what discrete training at a small rate is, extrapolated to steps of no length.
    @Test func projectedFlow() throws {
        let parsed = try ParsedDeck(
            """
            bounds met on the way
            V1 n4 0 0.479
            R1 0 n1 846.5
            R2 n1 n2 789
            R3 n1 n3 1791
            R4 n3 n4 1400
            R5 n1 n5 1036
            R6 n5 n4 1183
            R7 n1 n4 504.8
            R8 n3 n2 756.7
            R9 0 n3 1672
            *.learn input V1
            *.learn output V(n3)=0.3524522989
            *.learn output V(n1)=0.350521468
            *.learn trainable R* min=490 max=2020
            .end
            """)
        let duration = 1e-3
        let run = ContinuousTrainer(
            task: parsed.task, limits: .init(duration: duration, tolerance: 1e-30))
        let (result, arrivals, departures) = try parsed.withPhysics { physics in
            var (bound, arrivals, departures): (Set<Int>, Int, Int) = ([], 0, 0)
            let result = try run.run(in: physics) { moment in
                let now = atBounds(moment.conductances, of: parsed.task)
                arrivals += now.subtracting(bound).count
                departures += bound.subtracting(now).count
                bound = now
                return true
            }
            return (result, arrivals, departures)
        }
        #expect(arrivals == 2 && departures == 1)
        #expect(atBounds(result.conductances, of: parsed.task).count == 1)
        func euler(_ steps: Int) throws -> [Double] {
            try parsed.train(
                Trainer(
                    task: parsed.task, rate: .fixed(duration / Double(steps)),
                    limits: .init(steps: steps, tolerance: 1e-30))
            ).conductances.values
        }
        let (coarse, fine) = (try euler(1000), try euler(2000))
        let extrapolated = zip(coarse, fine).map { 2 * $1 - $0 }
        // The moments of arrival are only known to a step, so the extrapolation is not of second order.
        #expect(relativeDifference(result.conductances.values, extrapolated) < 1e-4)
    }

    private func atBounds(_ conductances: TrainedValues, of task: LearningTask) -> Set<Int> {
        Set(
            task.parameters.indices.filter {
                let bounds = task.parameters[$0].bounds
                return [bounds.lowerBound, bounds.upperBound].contains(conductances.values[$0])
            })
    }

    /// Up to three resistors arrive at their bounds, and up to two leave them again, before the end.
    @Test("bounds met on the way", arguments: [2, 53, 102, 114] as [UInt64])
    func bounds(seed: UInt64) throws {
        let family = try RandomFamily(nodes: 6, edges: 9, inputs: 1, outputs: 2)
        let parsed = try ParsedDeck(
            GeneratedDeck.make(family, seed: seed).deck.replacing(
                ".end", with: "*.learn trainable R* min=490 max=2020\n.end"))
        let run = ContinuousTrainer(task: parsed.task, limits: .init(duration: 1, tolerance: 1e-9))
        let result = try parsed.withPhysics { try run.run(in: $0) }
        #expect(result.reason == .tolerance)
    }

    /// One ratio can't meet two wishes: the flow ends at their least squares, (0.3 + 0.5)/2, and does not
    /// get lost in rounding there.
    @Test("a least-squares fit", arguments: Exact.all(outputConductance: 1e-3))
    func leastSquares(exact: Exact) throws {
        let parsed = try ParsedDeck(
            dividerDeck("*.learn output V(b)"), data: "V1,V(b)\n1,0.3\n1,0.5\n")
        let run = ContinuousTrainer(
            task: parsed.task, rule: exact.rule, nudge: NudgeRequest(strength: exact.nudge),
            limits: .init(duration: 1e9, tolerance: 1e-9))
        let result = try parsed.withPhysics { try run.run(in: $0) }
        #expect(result.reason == .stagnation)
        #expect(abs(result.states.free[0].voltage(parsed.task.outputs[0]) - 0.4) < 1e-6)
        #expect(result.steps < 3000)
    }

    /// A duration is an end, not a scale: what is beyond the solution changes nothing.
    @Test("any duration that suffices", arguments: [1e3, 1e6, 1e12, 1e30, 1e300])
    func durations(duration: Double) throws {
        let parsed = try ParsedDeck(referenceDeck)
        func trained(_ duration: Double) throws -> TrainingResult {
            let run = ContinuousTrainer(
                task: parsed.task, limits: .init(duration: duration, tolerance: 1e-9))
            return try parsed.withPhysics { try run.run(in: $0) }
        }
        let (result, expected) = (try trained(duration), try trained(500))
        #expect(result.reason == .tolerance && expected.reason == .tolerance)
        #expect(
            relativeDifference(result.conductances.values, expected.conductances.values) < 1e-9)
    }

    /// The least-squares fit (0.3 + 0.5)/2 again: the flow rests there, and does not drift on rounding.
    @Test("a fit at rest", arguments: [1, 1e12, 1e30])
    func rests(duration: Double) throws {
        let parsed = try ParsedDeck(
            dividerDeck("*.learn output V(b)"), data: "V1,V(b)\n1,0.3\n1,0.5\n")
        let run = ContinuousTrainer(
            task: parsed.task, limits: .init(duration: duration, tolerance: 1e-9))
        let result = try parsed.withPhysics { try run.run(in: $0) }
        #expect(result.reason == .stagnation)
        #expect(try #require(result.time) < 1)
        // Σ g² is conserved: two resistors of 1 kΩ become the divider of 0.4 on the same circle.
        let scale = (2 / (0.4 * 0.4 + 0.6 * 0.6)).squareRoot()
        let expected = [0.4e-3 * scale, 0.6e-3 * scale]
        #expect(relativeDifference(result.conductances.values, expected) < 1e-6)
    }

    @Test("too short for anything to move", arguments: [1e-30, 1e-300, 1e-307])
    func short(duration: Double) throws {
        let parsed = try ParsedDeck(referenceDeck)
        let run = ContinuousTrainer(task: parsed.task, limits: .init(duration: duration))
        let (result, times) = try parsed.withPhysics { physics in
            var times: [Double] = []
            let asked = OutputTimes.at([0, 0.5 * duration, duration])
            let result = try run.run(in: physics, at: asked) { moment in
                times.append(moment.time)
                return true
            }
            return (result, times)
        }
        #expect(result.reason == .duration && result.time == duration && result.steps == 0)
        #expect(times.first == 0 && times.last == duration && times == times.sorted())
        #expect(result.conductances == TrainedValues(initial: parsed.task))
    }

    @Test func theObserverEndsIt() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let run = ContinuousTrainer(
            task: parsed.task, limits: .init(duration: 1e6, tolerance: 1e-12))
        let result = try parsed.withPhysics { try run.run(in: $0) { $0.time < 1 } }
        #expect(result.reason == .interrupted)
        #expect((1..<10).contains(try #require(result.time)))
    }

    /// Fails at the n-th call, as a simulator may.
    private final class FailingPhysics: Physics {
        let real: NgspicePhysics
        var left: Int

        init(_ real: NgspicePhysics, after count: Int) { (self.real, left) = (real, count) }

        func setResistances(_ resistances: [Double]) throws {
            try real.setResistances(resistances)
        }

        func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
            left -= 1
            guard left > 0 else { throw NgspiceError(.name, "no such luck") }
            return try real.operatingPoints(drives)
        }

        func restart() { real.restart() }
    }

    @Test("errors of the engine come out unchanged", arguments: [1, 5, 30, 100])
    func engineErrors(count: Int) throws {
        let parsed = try ParsedDeck(referenceDeck)
        let run = ContinuousTrainer(
            task: parsed.task, limits: .init(duration: 1e6, tolerance: 1e-12))
        do {
            _ = try parsed.withPhysics { physics in
                try run.run(in: FailingPhysics(physics, after: count))
            }
            Issue.record("it did not fail")
        } catch let error as NgspiceError {
            #expect("\(error)".contains("no such luck"))
        }
    }

    /// Diodes: centered nudging has a bias, but the flow ends at the targets all the same.
    @Test func nonlinearCircuit() throws {
        let parsed = try ParsedDeck(
            """
            diode
            V1 in 0 1
            R1 in a 1k
            R2 a b 1k
            R3 b 0 2k
            D1 a 0 dm
            .model dm d is=1e-9
            *.learn output V(b)=0.2
            .end
            """)
        let run = ContinuousTrainer(
            task: parsed.task, limits: .init(duration: 1e6, tolerance: 1e-7))
        let result = try parsed.withPhysics { try run.run(in: $0) }
        #expect(result.reason == .tolerance)
        #expect(abs(result.states.largestError / 1e-7 - 1) < 1e-3)
    }
}
