import Foundation
import SundialsBridge
import Testing

@Suite struct CVODETests {
    private static let tight = CVODE.Tolerances(relative: 1e-10, absolute: [1e-14, 1e-14])

    /// y₁ = (e^{−t} + e^{−10⁶t})/2 and y₂ their half difference: rates six decades apart.
    @Test func stiffDecay() throws {
        var evaluations = 0
        let problem = try CVODE(from: [1, 0], tolerances: Self.tight, stopTime: 3) { _, y in
            evaluations += 1
            let (slow, fast) = (-(y[0] + y[1]), -1e6 * (y[0] - y[1]))
            return [(slow + fast) / 2, (slow - fast) / 2]
        }
        while try problem.step() != .stopTime {}
        #expect(problem.time == 3)
        // A global error of some ten local ones.
        #expect(abs(problem.state[0] / (0.5 * exp(-3)) - 1) < 1e-8)
        #expect(abs(problem.state[1] / (0.5 * exp(-3)) - 1) < 1e-8)
        // An explicit method needs 10⁶ and more.
        #expect(evaluations < 20_000)
    }

    @Test func denseOutputWithinEachStep() throws {
        let problem = try CVODE(
            from: [1, 0], tolerances: Self.tight, stopTime: 6
        ) { _, y in [y[1], -y[0]] }
        var asked = 0.1
        while asked < 5.9 {
            try problem.step()
            while asked <= problem.time, asked < 5.9 {
                #expect(abs(try problem.state(at: asked)[0] - cos(asked)) < 1e-7)
                asked += 0.1
            }
        }
        #expect(throws: CVODEError.self) { _ = try problem.state(at: 0) }
    }

    @Test func eventIsLocated() throws {
        let problem = try CVODE(
            from: [1, 0], tolerances: Self.tight, stopTime: 6, eventCount: 2,
            events: { _, y in [y[0] + 5, y[0] - 0.25] }
        ) { _, y in [y[1], -y[0]] }
        var arrival = try problem.step()
        while arrival == .step { arrival = try problem.step() }
        #expect(arrival == .events([1]))
        #expect(abs(problem.state[0] - 0.25) < 1e-12)
        #expect(abs(problem.time - acos(0.25)) < 1e-7)
    }

    @Test func restartAfterAJump() throws {
        let problem = try CVODE(
            from: [1, 1], tolerances: Self.tight, stopTime: 2, eventCount: 1,
            events: { t, _ in [t - 1] }
        ) { _, y in [-y[0], 0] }
        var arrival = try problem.step()
        while arrival == .step { arrival = try problem.step() }
        try problem.restart(from: [2, 0])
        while try problem.step() != .stopTime {}
        #expect(abs(problem.state[0] - 2 * exp(-1)) < 1e-8)
        #expect(problem.state[1] == 0)
    }

    /// The first step comes from the equation, not from a stop time that may be any.
    @Test("any stop time", arguments: [1, 1e6, 1e12, 1e30, 1e300])
    func stopTimes(end: Double) throws {
        let problem = try CVODE(
            from: [1, 0], tolerances: Self.tight, stopTime: end, eventCount: 1,
            events: { _, y in [y[0] - 0.5] }
        ) { _, y in [-y[0], 0] }
        var arrival = try problem.step()
        while arrival == .step { arrival = try problem.step() }
        #expect(arrival == .events([0]))
        #expect(abs(problem.time - log(2)) < 1e-8)
    }

    @Test("a stop time before anything happens", arguments: [1e-6, 1e-30, 1e-100])
    func shortStopTimes(end: Double) throws {
        let problem = try CVODE(from: [1, 0], tolerances: Self.tight, stopTime: end) { _, y in
            [-y[0], 0]
        }
        while try problem.step() != .stopTime {}
        #expect(problem.time == end)
        #expect(abs(problem.state[0] - exp(-end)) < 1e-12)
    }

    /// Where nothing moves there is no scale of time, and the end is reached all the same.
    @Test func standingStill() throws {
        let problem = try CVODE(from: [1, 0], tolerances: Self.tight, stopTime: 1e300) { _, _ in
            [0, 0]
        }
        while try problem.step() != .stopTime {}
        #expect(problem.state == [1, 0])
    }

    private struct Broken: Error, Equatable { let time: Double }

    @Test func errorsOfTheRightHandSideComeOutUnchanged() throws {
        let problem = try CVODE(from: [1, 0], tolerances: Self.tight, stopTime: 2) { t, y in
            if t > 1 { throw Broken(time: 1) }
            return [-y[0], 0]
        }
        #expect(throws: Broken(time: 1)) { while try problem.step() != .stopTime {} }
    }

    /// A trial state at which f has no value costs a shorter step, and no digits.
    @Test func anExcusedErrorShortensTheStep() throws {
        var calls = 0
        let problem = try CVODE(
            from: [1, 0], tolerances: Self.tight, stopTime: 2, excuses: { $0 is Broken }
        ) { t, y in
            calls += 1
            if calls % 50 == 0 { throw Broken(time: t) }
            return [-y[0], 0]
        }
        while try problem.step() != .stopTime {}
        #expect(calls > 100)
        #expect(abs(problem.state[0] - exp(-2)) < 1e-8)
    }

    /// (1 − t/2)² solves ẏ = −√y up to the time 2, and then nothing does.
    @Test func anExcusedErrorComesOutWhereNoStepIsShortEnough() throws {
        let problem = try CVODE(
            from: [1, 0], tolerances: Self.tight, stopTime: 3, excuses: { $0 is Broken }
        ) { t, y in
            if y[0] < 0 || t > 2 { throw Broken(time: 2) }
            return [-y[0].squareRoot() - 0.1 * (t > 1.9 ? 1 : 0), 0]
        }
        #expect(throws: Broken(time: 2)) { while try problem.step() != .stopTime {} }
        #expect((1.5...2).contains(problem.time))
    }

    @Test func whatIsNotFiniteIsRefused() throws {
        let problem = try CVODE(from: [1, 0], tolerances: Self.tight, stopTime: 2) { t, y in
            [-y[0], .nan]
        }
        #expect(throws: NotFinite(component: 1, time: 0)) { try problem.step() }
    }

    /// The solution 1/(1 − t) has no value at 1: an error with CVODE's name for it, nothing on stderr.
    @Test func blowUp() throws {
        let problem = try CVODE(from: [1, 0], tolerances: Self.tight, stopTime: 2) { _, y in
            [y[0] * y[0], 0]
        }
        do {
            while try problem.step() != .stopTime {}
            Issue.record("it went through the pole")
        } catch let error as CVODEError {
            #expect(error.function == "CVode")
            #expect(error.name.hasPrefix("CV_"))
            #expect(abs(error.time - 1) < 1e-3)
        } catch is NotFinite {}
    }
}
