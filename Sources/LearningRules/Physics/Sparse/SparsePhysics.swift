import Netlist
import SparseBridge

/// A direct solver as the engine, for circuits of linear elements; it has to agree with `NgspicePhysics`.
///
/// A nudge of any kind comes down to currents j at the outputs (`OutputResistance`), v = v_F + A j, where
/// A = R P_O holds the fields of unit currents. So one factorization serves all nudges, and each distinct
/// set of inputs and each output takes one solution.
public final class SparsePhysics: Physics {
    private let task: LearningTask
    private let system: any LinearSystem
    private let inputPlaces: [Int]
    /// Free states of the last drives, by inputs: nudged ones follow with the same inputs.
    private var freeStates: [[Double]: [Double]] = [:]
    /// A; nil until a nudge asks for it.
    private var outputFields: Fields?

    public var superposesAnyway: Bool { true }

    /// Factorizations and solutions so far.
    public var counts: SolverCounts { system.counts }

    /// - Throws: `DiagnosticsError` that names the devices which this engine can't solve; `SparseError`.
    public init(task: LearningTask) throws {
        let circuit = task.circuit
        self.task = task
        let places = Dictionary(
            circuit.sources.enumerated().map { ($1.ngspiceName, $0) },
            uniquingKeysWith: { first, _ in first })
        inputPlaces = task.inputs.compactMap { places[$0.ngspiceName] }
        system = try Self.system(circuit)
    }

    /// The equations that fit the circuit's elements: positive definite ones if they are resistors and
    /// independent sources alone.
    private static func system(_ circuit: Circuit) throws -> any LinearSystem {
        let isDefinite =
            circuit.otherDevices.allSatisfy { $0.isLinear && ["c", "l", "k"].contains($0.letter) }
            && circuit.resistors.allSatisfy { $0.conductance > 0 }
        return isDefinite ? try NodalSystem(circuit) : try ModifiedNodalSystem(circuit)
    }

    public func restart() {
        system.restart()
        freeStates = [:]
        outputFields = nil
    }

    public func setResistances(_ resistances: [Double]) {
        let factors = task.numbers.conductanceFactors
        system.setConductances(factors.indices.map { factors[$0] / resistances[$0] })
        freeStates = [:]
        outputFields = nil
    }

    /// - Throws: `SingularCircuit`; `SparseError`; `FactorizationError` where a clamp or branch has no solution.
    public func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
        try solveFreeStates(of: drives)
        return try drives.map { drive in
            var voltages = freeStates[drive.inputs] ?? []
            if case .none = drive.nudge { return OperatingPoint(voltages: voltages) }
            let fields = try solvedOutputFields()
            let free = task.outputs.map { voltages[$0.positive] - voltages[$0.negative] }
            let resistance = OutputResistance(of: task.outputs, in: fields, from: 0)
            let currents = try resistance.currents(of: drive.nudge, free: free)
            for (column, current) in currents.enumerated() where current != 0 {
                for node in voltages.indices { voltages[node] += current * fields[node, column] }
            }
            return OperatingPoint(voltages: voltages, nudgeCurrents: currents)
        }
    }

    private func solveFreeStates(of drives: [Drive]) throws {
        var states: [[Double]: [Double]] = [:]
        var missing: [[Double]] = []
        for drive in drives where states[drive.inputs] == nil {
            states[drive.inputs] = freeStates[drive.inputs] ?? []
            if freeStates[drive.inputs] == nil { missing.append(drive.inputs) }
        }
        let sources = sourceValues(missing.map { .state(inputs: $0) })
        var fields = Fields(nodes: task.circuit.nodes.count, columns: missing.count)
        try system.solve(sources, into: &fields, isGuess: false)
        for (column, inputs) in missing.enumerated() { states[inputs] = fields.column(column) }
        freeStates = states
    }

    private func solvedOutputFields() throws -> Fields {
        if let outputFields { return outputFields }
        let sources = sourceValues(task.outputs.indices.map { .current(output: $0) })
        var fields = Fields(nodes: task.circuit.nodes.count, columns: sources.columns)
        try system.solve(sources, into: &fields, isGuess: false)
        outputFields = fields
        return fields
    }

    private func sourceValues(_ excitations: [Excitation]) -> SourceValues {
        let own = task.circuit.sources.map(\.dcValue)
        let off = own.map { _ in 0.0 }
        var sources = SourceValues(of: task.circuit)
        for excitation in excitations {
            switch excitation {
            case .state(let inputs):
                var values = own
                for (place, value) in zip(inputPlaces, inputs) { values[place] = value }
                sources.append(values)
            case .input(let index, let value):
                var values = off
                values[inputPlaces[index]] = value
                sources.append(values)
            case .current(let output):
                let ends = task.outputs[output]
                sources.append(
                    off,
                    injections: [
                        SourceValues.Injection(
                            column: sources.columns, positive: ends.positive,
                            negative: ends.negative, current: 1)
                    ])
            }
        }
        return sources
    }

    public func responses(
        to excitations: [Excitation], of task: LearningTask
    ) -> any LinearResponses {
        SparseResponses(
            sourceValues(excitations), nodes: task.circuit.nodes.count, in: system)
    }
}

/// Responses that are solved as such, with other sources off.
private final class SparseResponses: LinearResponses {
    private(set) var fields: Fields
    private let sources: SourceValues
    private let system: any LinearSystem
    private var isSolved = false

    init(_ sources: SourceValues, nodes: Int, in system: any LinearSystem) {
        (self.sources, self.system) = (sources, system)
        fields = Fields(nodes: nodes, columns: sources.columns)
    }

    func solve() throws {
        try system.solve(sources, into: &fields, isGuess: isSolved)
        isSolved = true
    }
}
