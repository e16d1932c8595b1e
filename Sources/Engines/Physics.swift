import LearningTasks
import Netlist
import LinearAlgebra

/// What acts on the outputs beside the circuit itself.
public enum Nudge: Sendable, Equatable {
    /// Which of these.
    public enum Kind: Sendable { case none, currents, clamps, branches }

    /// The free state.
    case none
    /// Amperes injected at each output, into its positive node and out of its negative one
    /// (a current source: Neumann).
    case currents([Double])
    /// Volts at which each output is held (a voltage source: Dirichlet).
    case clamps([Double])
    /// Each output is tied to a voltage through a conductance, siemens, which may be negative
    /// (a resistor in series with a voltage source).
    case branches(conductance: Double, voltages: [Double])

    /// A part of the same from the free state on.
    fileprivate func scaled(
        by part: Double, at free: OperatingPoint, of task: LearningTask
    ) -> Nudge {
        func between(_ voltages: [Double]) -> [Double] {
            zip(task.outputs, voltages).map { output, voltage in
                free.voltage(output) + part * (voltage - free.voltage(output))
            }
        }
        return switch self {
        case .none: .none
        case .currents(let currents): .currents(currents.map { part * $0 })
        case .clamps(let voltages): .clamps(between(voltages))
        case .branches(let conductance, let voltages):
            .branches(conductance: conductance, voltages: between(voltages))
        }
    }

    /// What a current source injects; nil for other nudges.
    var currents: [Double]? {
        if case .currents(let currents) = self { currents } else { nil }
    }
}

/// The excitation of one operating point.
public struct Drive: Sendable {
    /// V or A, in the order of the task's inputs.
    public var inputs: [Double]
    public var nudge: Nudge

    public init(inputs: [Double], nudge: Nudge = .none) {
        (self.inputs, self.nudge) = (inputs, nudge)
    }
}

/// The answer of the circuit to one drive.
public struct OperatingPoint: Sendable {
    /// Volt, for each of the circuit's nodes; ground is first and 0.
    public var voltages: [Double]
    /// Amperes that the nudge injects at each output; empty in the free state.
    public var nudgeCurrents: [Double]
    /// Amperes from the positive to the negative terminal through each trained source; 0 for current sources,
    /// empty where no source is trained.
    public var sourceCurrents: [Double] = []
    /// Siemens: how the current of each channel whose gate a trained source holds, from drain to source,
    /// follows the gate's voltage, those of the terminals held; only in the free state.
    public var transconductances: [Double] = []
    /// A per unit: how the current into each terminal of a semiconductor follows a trained number of its own or its
    /// model, the terminals' voltages held (`DevicePlace.slopes`); only in the free state.
    package var deviceSlopes: [Double] = []

    public init(voltages: [Double], nudgeCurrents: [Double] = []) {
        (self.voltages, self.nudgeCurrents) = (voltages, nudgeCurrents)
    }

    public func voltage(_ output: LearningTask.Output) -> Double {
        voltages[output.positive] - voltages[output.negative]
    }
}

/// An engine that finds operating points of a task's circuit.
///
/// Deliberately narrow: set the resistances, give drives, get states. ngspice is the reference; any
/// other engine has to agree with it.
public protocol Physics: AnyObject {
    /// Ohm, of every resistor of the circuit in its order, as written in the deck (before
    /// multiplicity, scale and temperature).
    func setResistances(_ resistances: [Double]) throws

    /// V or A, of each source whose value is trained, in the order of `LearningTask.trainedSources`, then each
    /// trained number of a semiconductor.
    ///
    /// - Throws: `TaskError` where the engine keeps them as they are.
    func setValues(_ values: [Double]) throws

    /// Sets what the parameters say: resistances, and what else is trained.
    ///
    /// - Throws: `UnphysicalValue` where an expression makes a trained resistance negative, zero or infinite;
    ///   what the engine throws.
    func set(_ values: TrainedValues, of task: LearningTask) throws

    /// Solves each drive at the present resistances. Drives with equal kinds of nudge should be
    /// adjacent: between kinds an engine may have to switch elements.
    func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint]

    /// Solves each drive, then those that follow from the points found: the free states of a step and
    /// then its nudged ones, for engines that save something by not being left in between.
    ///
    /// - Parameters:
    ///   - count: of the drives that follow.
    ///   - next: given the points of `drives`, the drives that follow. It may be called again, with
    ///     points solved again.
    /// - Returns: the points of `drives`, then those of the drives that follow.
    func operatingPoints(
        _ drives: [Drive], thenMore count: Int, from next: ([OperatingPoint]) -> [Drive]
    ) throws -> [OperatingPoint]

    /// The points to which the drives lead in the circuit linearised at the free states of their inputs: where
    /// the circuit is linear, its own.
    ///
    /// - Parameters:
    ///   - drives: nudged.
    ///   - free: the free state of each.
    func linearisedPoints(
        _ drives: [Drive], at free: [OperatingPoint], of task: LearningTask
    ) throws -> [OperatingPoint]

    /// Whether these are solved for, and not found by differences.
    var linearisesExactly: Bool { get }

    /// Forgets all that earlier solutions left behind: an order of elimination, a factorization, a guess.
    ///
    /// What is solved from here on, to the last bit, depends only on what is asked from here on. The
    /// resistances have to be set again.
    func restart() throws

    /// Responses to be superposed; the circuit is linear.
    ///
    /// - Parameter excitations: the first is a state; none is where nothing but the inputs drives the circuit.
    func responses(to excitations: [Excitation], of task: LearningTask) throws
        -> any LinearResponses

    /// Whether there are `transposedFields`.
    var solvesTransposed: Bool { get }

    /// The solutions λ of the transposed equations for each output, Aᵀ λ = P_O, as voltages of the nodes: a
    /// current into a node changes the output by λ of that node, in circuits that pass signals one way, too.
    /// The circuit is linear.
    func transposedFields(of task: LearningTask) throws -> [[Double]]

    /// The same at the free states of a circuit that may be nonlinear: for each sample, each output's λ. Nil where the
    /// engine has no transposed equations of its own.
    func transposedFields(of task: LearningTask, at values: TrainedValues) throws -> [[[Double]]]?

    /// ∂(outputs)/∂(value) of each trained source, V/V or V/A, and number of a semiconductor, over samples, then
    /// outputs. The physics is left at these values.
    func valueResponses(of task: LearningTask, at values: TrainedValues) throws -> [[Double]]

    /// Whether the engine superposes by itself, so that solving one by one saves no solution.
    var superposesAnyway: Bool { get }

    /// Solves each part of a task in the circuit that its samples are in; nil where all are in one.
    func inParts<Result>(
        of task: LearningTask, _ solve: (LearningTask.Part, any Physics) throws -> Result
    ) throws -> [(part: LearningTask.Part, result: Result)]?

    /// What had to be given up, for the user to know.
    var warnings: [String] { get }

    /// What solves ngspice's equations; nil with another engine.
    var matrixSolver: SimulatorOptions.MatrixSolver? { get }

    /// By which part of the largest voltage others may be off.
    var accuracy: Double { get }
}

extension Physics {
    public func operatingPoints(
        _ drives: [Drive], thenMore count: Int, from next: ([OperatingPoint]) -> [Drive]
    ) throws -> [OperatingPoint] {
        let points = try operatingPoints(drives)
        return count > 0 ? points + (try operatingPoints(next(points))) : points
    }

    public var linearisesExactly: Bool { false }

    /// By differences: of nudges that move the circuit by some 0.1 mV, which a first attempt tells.
    public func linearisedPoints(
        _ drives: [Drive], at free: [OperatingPoint], of task: LearningTask
    ) throws -> [OperatingPoint] {
        guard !task.circuit.isLinear else { return try operatingPoints(drives) }
        func scaled(_ parts: [Double]) -> [Drive] {
            zip(parts, zip(drives, free)).map { part, drive in
                Drive(
                    inputs: drive.0.inputs,
                    nudge: drive.0.nudge.scaled(by: part, at: drive.1, of: task))
            }
        }
        let first = [Double](repeating: 1e-6, count: drives.count)
        let parts = zip(try operatingPoints(scaled(first)), free).map { point, free in
            let move = zip(point.voltages, free.voltages).reduce(0) { max($0, abs($1.0 - $1.1)) }
            // As many volts as could be rounding tell nothing.
            return move > 1e-9 ? 1e-6 * min(1e-4 / move, 1e5) : 1e-3
        }
        let points = try operatingPoints(scaled(parts) + scaled(parts.map { -$0 }))
        return free.enumerated().map { m, free in
            let (up, down, part) = (points[m], points[m + drives.count], parts[m])
            func moved(_ at: [Double], _ a: [Double], _ b: [Double]) -> [Double] {
                at.indices.map { at[$0] + (a[$0] - b[$0]) / (2 * part) }
            }
            var result = OperatingPoint(
                voltages: moved(free.voltages, up.voltages, down.voltages),
                nudgeCurrents: zip(up.nudgeCurrents, down.nudgeCurrents).map {
                    ($0 - $1) / (2 * part)
                })
            result.sourceCurrents = moved(
                free.sourceCurrents, up.sourceCurrents, down.sourceCurrents)
            return result
        }
    }

    public func responses(to excitations: [Excitation], of task: LearningTask)
        -> any LinearResponses
    {
        ComparedResponses(excitations, of: task, in: self)
    }

    public func setValues(_ values: [Double]) throws {
        throw TaskError(
            message: "this engine keeps sources as they are: use --engine ngspice to train them")
    }

    public func transposedFields(
        of task: LearningTask, at values: TrainedValues
    ) throws -> [[[Double]]]? { nil }

    public func valueResponses(
        of task: LearningTask, at values: TrainedValues
    ) throws -> [[Double]] {
        try valueResponsesByDifferences(of: task, at: values)
    }

    public var superposesAnyway: Bool { false }

    public func inParts<Result>(
        of task: LearningTask, _ solve: (LearningTask.Part, any Physics) throws -> Result
    ) throws -> [(part: LearningTask.Part, result: Result)]? { nil }

    public var warnings: [String] { [] }
    /// Rounding.
    public var accuracy: Double { 1e-14 }
    public var matrixSolver: SimulatorOptions.MatrixSolver? { nil }
    public var solvesTransposed: Bool { false }
    public func transposedFields(of task: LearningTask) throws -> [[Double]] { [] }
}

extension Physics {
    /// The outputs of every sample in the free state at the physics' present resistances, V.
    ///
    /// Where a linear circuit has fewer inputs than samples, it is their responses that are solved and summed.
    public func freeOutputs(of task: LearningTask) throws -> OutputTable {
        if let parts = try inParts(of: task, { try $1.freeOutputs(of: $0.task) }) {
            return OutputTable(parts: parts, of: task)
        }
        if task.circuit.isLinear, 2 * InputBasis.size(of: task) < task.samples.count {
            return try superposedOutputs(of: task)
        }
        var outputs = OutputTable(samples: 0, outputs: task.outputs.count)
        // In parts, since a point has the voltages of all nodes.
        for start in stride(from: 0, to: task.samples.count, by: Self.mostPoints) {
            let part = start..<min(start + Self.mostPoints, task.samples.count)
            outputs.append(
                OutputTable(
                    try operatingPoints(part.map { Drive(inputs: task.samples[$0].inputs) }),
                    of: task))
        }
        return outputs
    }

    private static var mostPoints: Int { 4096 }

    private func superposedOutputs(of task: LearningTask) throws -> OutputTable {
        let basis = InputBasis(of: task)
        let responses = try responses(to: basis.excitations, of: task)
        try responses.solve()
        let fields = responses.fields
        let voltages = (0..<fields.columns).flatMap { column in
            task.outputs.map { fields.voltage($0, column) }
        }
        var outputs = OutputTable(samples: 0, outputs: task.outputs.count)
        for start in stride(from: 0, to: task.samples.count, by: Self.mostPoints) {
            let part = start..<min(start + Self.mostPoints, task.samples.count)
            var some = OutputTable(samples: part.count, outputs: task.outputs.count)
            multiply(
                voltages, basis.coordinates(of: part), rows: task.outputs.count,
                inner: fields.columns, columns: part.count, into: &some.values)
            outputs.append(some)
        }
        return outputs
    }
}
