import Engines
import Foundation
import LearningTasks
import Netlist

/// The gradient of the loss itself, its mean over samples, by the conductance of every trained resistor.
///
/// It is no local rule: a resistor would have to know what the outputs do when it alone changes. In a
/// reciprocal circuit the field of a current at an output tells (the adjoint equation is the circuit's own);
/// where signals pass one way, the sparse engine solves the transposed equations, and for any other engine
/// each resistor is changed up and down by itself. Differences were preferred to ngspice's `sens`, which
/// changes the loaded circuit and ends the process on bipolar circuits (39.3).
public struct ExactGradient: Sendable {
    /// −∂loss/∂k of every resistor, V²/S with squared errors, as an update at rate 1, then −∂loss/∂(value) of every
    /// trained source and number of a semiconductor; 0 for those that are not trained.
    public let descent: [Double]
    /// The free state of each sample.
    let free: [OperatingPoint]

    /// A change of ln k, one way and the other: what it leaves out is of the order of its square, 10⁻⁸.
    private static let difference = 1e-4

    /// Operating points that the gradient takes beside the free states.
    package static func operatingPoints(of task: LearningTask, in physics: any Physics) -> Int {
        let (samples, outputs) = (task.samples.count, task.outputs.count)
        let ofSources = 2 * task.numbers.valueCount * samples
        if task.oneWayDevices.isEmpty {
            return ofSources + (task.circuit.isLinear ? outputs : 4 * samples * outputs)
        }
        return ofSources
            + (physics.solvesTransposed ? outputs : 2 * trained(task).count * samples)
    }

    private static func trained(_ task: LearningTask) -> [Int] {
        task.trainedResistors
    }

    /// Solves the free states and what tells the gradient; the physics is left at these conductances.
    ///
    /// - Throws: what the engine throws.
    public init(
        of task: LearningTask, at conductances: TrainedValues, in physics: any Physics
    ) throws {
        try physics.set(conductances, of: task)
        if let parts = try physics.inParts(
            of: task,
            { part, engine in
                try ExactGradient(
                    of: part.task, at: conductances.inCorner(part.task, of: task), in: engine
                ).states(of: part.task)
            })
        {
            let states = LearningStates(parts: parts, of: task)
            (free, descent) = (states.points, states.update)
            return
        }
        let resistances = conductances.resistances(of: task)
        free = try physics.operatingPoints(task.samples.map { Drive(inputs: $0.inputs) })
        guard !task.outputs.isEmpty else {
            descent = task.zeroUpdate
            return
        }
        var descent: [Double]
        if let adjoint = try physics.transposedFields(of: task, at: conductances)
            ?? Self.fields(of: task, free: free, in: physics)
        {
            descent = Self.descent(of: task, free: free, adjoint: adjoint)
        } else {
            descent = try Self.descentByDifferences(of: task, resistances, free, in: physics)
            try physics.setResistances(resistances)
        }
        let pulls = Self.pulls(of: task, free).values
        for (place, response) in try physics.valueResponses(of: task, at: conductances)
            .enumerated()
        {
            descent[task.circuit.resistors.count + place] =
                -dot(pulls, response) / Double(free.count)
        }
        self.descent = descent
    }

    /// Mean over samples of Σ p Δv Δλ, with p the pull on each output and λ the adjoint field of each output.
    private static func descent(
        of task: LearningTask, free: [OperatingPoint], adjoint: [[[Double]]]
    ) -> [Double] {
        let pulls = pulls(of: task, free)
        var descent = task.zeroUpdate
        for (m, point) in free.enumerated() {
            let fields = adjoint[min(m, adjoint.count - 1)]
            var weighted = [Double](repeating: 0, count: point.voltages.count)
            for (o, pull) in pulls.row(m).enumerated() {
                for node in weighted.indices { weighted[node] += pull * fields[o][node] }
            }
            for index in trained(task) {
                let ends = task.numbers.ends[index]
                let (a, b) = (Int(ends.positive), Int(ends.negative))
                descent[index] +=
                    (point.voltages[a] - point.voltages[b]) * (weighted[a] - weighted[b])
                    / Double(free.count)
            }
        }
        return descent
    }

    /// Each trained resistor is changed up and down by itself; one way only where the other has no operating
    /// point.
    private static func descentByDifferences(
        of task: LearningTask, _ resistances: [Double], _ free: [OperatingPoint],
        in physics: any Physics
    ) throws -> [Double] {
        let here = OutputTable(free, of: task).values
        let pulls = pulls(of: task, free).values
        /// The outputs with ln k of one resistor changed.
        func outputs(_ index: Int, _ change: Double) throws -> [Double] {
            var moved = resistances
            moved[index] *= exp(-change)
            try physics.setResistances(moved)
            return try physics.freeOutputs(of: task).values
        }
        var descent = task.zeroUpdate
        for index in trained(task) {
            let up = Result { try outputs(index, difference) }
            let down = Result { try outputs(index, -difference) }
            if case .failure(let error) = up, case .failure = down { throw error }
            let (high, low) = ((try? up.get()) ?? here, (try? down.get()) ?? here)
            let sides: Double = (try? up.get()) != nil && (try? down.get()) != nil ? 2 : 1
            let slope = dot(pulls, zip(high, low).map(-)) / (sides * difference)
            let conductance = task.numbers.conductanceFactors[index] / resistances[index]
            descent[index] = -slope / conductance / Double(free.count)
        }
        return descent
    }

    private static func pulls(of task: LearningTask, _ free: [OperatingPoint]) -> OutputTable {
        task.assess(OutputTable(free, of: task)).pulls
    }

    /// Adjoint fields, a row of outputs for each sample or one for all; nil where the engine has none.
    private static func fields(
        of task: LearningTask, free: [OperatingPoint], in physics: any Physics
    ) throws -> [[[Double]]]? {
        if task.oneWayDevices.isEmpty {
            return try adjointFields(of: task, free: free, in: physics)
        }
        guard physics.solvesTransposed else { return nil }
        return [try physics.transposedFields(of: task)]
    }

    /// The states that a step along the gradient needs.
    func states(of task: LearningTask) -> LearningStates {
        let outputs = OutputTable(free, of: task)
        let assessment = task.assess(outputs)
        return LearningStates(
            points: free, outputs: outputs, assessment, naturalLoss: assessment.loss,
            update: descent)
    }
}

/// The gradient as a rule, for circuits in which no local rule arrives: the update is `ExactGradient`.
public struct GradientDescent: LearningRule {
    public static let name = "gradient"
    public static let strengthUnit = NudgeUnit.siemens
    public static let errorWeight = ErrorWeight.identity
    public static let nudgeKind = Nudge.Kind.none
    public static let isLocal = false

    public init() {}

    public func nudge(strength h: Double, free: [Double], pull: [Double]) -> Nudge { .none }
}
