import Engines
import LearningTasks
import Netlist

/// ngspice's word on the states of another engine.
///
/// The free and both nudged states of every sample, and the update that follows from them, are solved again
/// by ngspice at the same conductances.
public struct Referee: Sendable {
    /// The largest difference of any node voltage over the largest voltage of that state, or over 1 mV in a nonlinear
    /// circuit whose voltages are all smaller.
    public let voltageDifference: Double
    /// The largest difference of the update over its largest element, less what rounding explains.
    public let updateDifference: Double

    /// Linear circuits are solved to a few roundings by both engines; 1e-9 leaves room for six digits lost
    /// to the conditioning of the circuit, and as many of the update to the difference of its squares.
    public static let bound = 1e-9

    /// The bound for this circuit: with an amplifier of gain A in a feedback loop, ngspice's own solution is off by
    /// some 10⁻¹³ A (6e-8 at 10⁶, against rational arithmetic).
    public let bound: Double

    public var agrees: Bool { voltageDifference <= bound && updateDifference <= bound }

    /// - Throws: what ngspice throws.
    public init(
        _ states: LearningStates, at conductances: TrainedValues, of task: LearningTask,
        by method: LearningMethod, ngspice: any Physics
    ) throws {
        try ngspice.set(conductances, of: task)
        let expected = try method.states(of: task, in: ngspice)
        let gain = task.circuit.largestGain
        // Currents that are differences over a series resistance of an ohm, say, have a rounding that large
        // resistances make voltages of.
        let largest =
            task.circuit.isLinear ? 0 : conductances.resistances(of: task).reduce(0, max)
        bound = min(max(Self.bound, 1e-12 * gain, 2e-16 * largest), 1e-6)
        // ngspice has the limit of small nudges by differences, which are less exact.
        let isLimit = method.nudging.sides == .limit && !task.circuit.isLinear
        let compared = isLimit ? task.samples.count : expected.points.count
        voltageDifference = zip(expected.points, states.points).prefix(compared).enumerated()
            .reduce(0) { worst, next in
                let (index, pair) = next
                return max(
                    worst,
                    Self.difference(
                        pair.0.voltages, pair.1.voltages,
                        least: task.circuit.isLinear ? 0 : Self.least)
                        / Self.amplification(of: states, at: index))
            }
        // The gradient of another engine follows from the same voltages; it is no difference of states.
        updateDifference =
            method.rule.isLocal && !isLimit
            ? expected.difference(
                ofUpdate: states.update, nudging: method.nudging,
                // ngspice's own tolerance where it iterates.
                rounding: task.circuit.isLinear ? 1e-13 : 1e-9)
                / Self.amplification(of: states) : 0
    }

    /// By how much a difference of voltages is larger beside the errors, to which updates are proportional.
    private static func amplification(of states: LearningStates) -> Double {
        let voltage = states.points.reduce(0) { largest, point in
            point.voltages.reduce(largest) { max($0, abs($1)) }
        }
        return states.largestError > 0 ? max(1, voltage / states.largestError) : 1
    }

    /// How much further a nudge moves a state than the error that it is made of: by so much the rounding of that error
    /// is larger there. 1 for free states; many thousands where the nudge drives an amplifier's output.
    private static func amplification(of states: LearningStates, at index: Int) -> Double {
        let samples = states.errors.samples
        guard index >= samples, samples > 0 else { return 1 }
        let sample = index % samples
        let outputs = states.errors.outputs
        let error = states.errors.values[sample * outputs..<(sample + 1) * outputs]
            .reduce(0) { max($0, abs($1)) }
        guard error > 0 else { return 1 }
        let free = states.points[sample].voltages
        let move = zip(free, states.points[index].voltages).reduce(0) {
            max($0, abs($1.0 - $1.1))
        }
        return max(1, move / error)
    }

    /// V: below it, ngspice's iteration is content with a tolerance (1e-12 V, `Ngspice.tightTolerances`) that is
    /// more than the bound of the largest voltage.
    private static let least = 1e-3

    /// - Parameter least: V, to which a difference is relative where all voltages are smaller.
    private static func difference(
        _ expected: [Double], _ found: [Double], least: Double
    ) -> Double {
        let scale = expected.reduce(least) { max($0, abs($1)) }
        guard scale > 0 else { return found.allSatisfy { $0 == 0 } ? 0 : .infinity }
        let worst = zip(expected, found).reduce(0) { max($0, abs($1.0 - $1.1)) }
        return worst.isNaN ? .infinity : worst / scale
    }
}

/// Another engine's states are not those of ngspice.
public struct EngineDisagreement: Error, Sendable, CustomStringConvertible {
    /// As the user knows it: `sparse`.
    public let engine: String
    public let referee: Referee
    /// Which states, as in `at the start of the training`.
    public let place: String

    public init(engine: String, referee: Referee, place: String) {
        (self.engine, self.referee, self.place) = (engine, referee, place)
    }

    public var description: String {
        """
        the \(engine) engine does not agree with ngspice \(place): voltages differ by \
        \(referee.voltageDifference) of the largest, updates by \(referee.updateDifference); the bound is \
        \(referee.bound); use --engine ngspice
        """
    }
}

extension Circuit {
    /// Of linear sources controlled by voltages or currents of their own kind.
    public var largestGain: Double {
        comparableValues()
            .filter { ["e", "f"].contains($0.device.prefix(1)) }
            .reduce(0) { max($0, abs($1.value)) }
    }
}
