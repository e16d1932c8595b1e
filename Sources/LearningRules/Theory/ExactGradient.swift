import Foundation
import Netlist

/// The gradient of the loss itself, mean over samples of ½|e|², by the conductance of every trained resistor.
///
/// It is no local rule: a resistor would have to know what the outputs do when it alone changes. In a
/// reciprocal circuit the field of a current at an output tells (the adjoint equation is the circuit's own);
/// where signals pass one way, the sparse engine solves the transposed equations, and for any other engine
/// each resistor is changed up and down by itself. Differences were preferred to ngspice's `sens`, which
/// changes the loaded circuit and ends the process on bipolar circuits (39.3).
public struct ExactGradient: Sendable {
    /// −∂loss/∂k of every resistor, V²/S, as an update at rate 1; 0 for those that are not trained.
    public let descent: [Double]
    /// The free state of each sample.
    let free: [OperatingPoint]

    /// A change of ln k, one way and the other: what it leaves out is of the order of its square, 10⁻⁸.
    private static let difference = 1e-4

    /// Operating points that differences take.
    ///
    /// Nil where fields tell the gradient, at the price of a few.
    static func differences(of task: LearningTask, in physics: any Physics) -> Int? {
        task.oneWayDevices.isEmpty || physics.solvesTransposed
            ? nil : 2 * trained(task).count * task.samples.count
    }

    private static func trained(_ task: LearningTask) -> [Int] {
        task.parameters.flatMap { $0.members.map(\.resistor) }
    }

    /// Solves the free states and what tells the gradient; the physics is left at these conductances.
    ///
    /// - Throws: what the engine throws.
    public init(
        of task: LearningTask, at conductances: TrainedConductances, in physics: any Physics
    ) throws {
        let resistances = conductances.resistances(of: task)
        try physics.setResistances(resistances)
        let drives = task.samples.map { Drive(inputs: $0.inputs) }
        free = try physics.operatingPoints(drives)
        var errors = OutputTable(free, of: task)
        errors.subtract(task.targets)
        let mean = 1 / Double(max(task.samples.count, 1))
        var descent = [Double](repeating: 0, count: task.circuit.resistors.count)
        if task.outputs.isEmpty {
        } else if let adjoint = try Self.fields(of: task, free: free, in: physics) {
            let trained = Self.trained(task)
            for m in free.indices {
                let fields = adjoint[min(m, adjoint.count - 1)]
                var weighted = [Double](repeating: 0, count: free[m].voltages.count)
                for (o, error) in errors.row(m).enumerated() {
                    for node in weighted.indices { weighted[node] += error * fields[o][node] }
                }
                let v = free[m].voltages
                for index in trained {
                    let ends = task.numbers.ends[index]
                    let (a, b) = (Int(ends.positive), Int(ends.negative))
                    descent[index] += mean * (v[a] - v[b]) * (weighted[a] - weighted[b])
                }
            }
        } else {
            /// Outputs with one resistor's conductance changed by a factor exp(change).
            func outputs(_ index: Int, _ change: Double) throws -> [Double] {
                var moved = resistances
                moved[index] *= exp(-change)
                try physics.setResistances(moved)
                return OutputTable(try physics.operatingPoints(drives), of: task).values
            }
            let present = errors.values
            for index in Self.trained(task) {
                let conductance = task.numbers.conductanceFactors[index] / resistances[index]
                let h = Self.difference
                let up = try? outputs(index, h)
                let down = try? outputs(index, -h)
                let slope: Double
                switch (up, down) {
                case (let up?, let down?):
                    slope = dot(present, zip(up, down).map { ($0 - $1) / (2 * h) })
                case (let up?, nil):
                    let here = OutputTable(free, of: task).values
                    slope = dot(present, zip(up, here).map { ($0 - $1) / h })
                case (nil, let down?):
                    let here = OutputTable(free, of: task).values
                    slope = dot(present, zip(here, down).map { ($0 - $1) / h })
                case (nil, nil):
                    _ = try outputs(index, h)
                    slope = .nan
                }
                descent[index] = -mean * slope / conductance
            }
            try physics.setResistances(resistances)
        }
        self.descent = descent
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
        var errors = outputs
        errors.subtract(task.targets)
        return LearningStates(
            points: free, outputs: outputs, errors: errors,
            naturalLoss: halfSquare(errors.values) / Double(max(errors.samples, 1)),
            update: descent)
    }
}

/// The gradient as a rule, for circuits in which no local rule arrives: the update is `ExactGradient`.
public struct GradientDescent: LearningRule {
    public static let abbreviation = "gradient"
    public static let strengthUnit = NudgeUnit.siemens
    public static let errorWeight = ErrorWeight.identity
    public static let isLocal = false

    public init() {}

    public func nudge(strength h: Double, free: [Double], targets: [Double]) -> Nudge { .none }
}
