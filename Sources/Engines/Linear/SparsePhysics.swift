import LearningTasks
import Netlist
import LinearAlgebra

/// A direct solver as the engine, for circuits of linear elements; it has to agree with `NgspicePhysics`.
///
/// A nudge of any kind comes down to currents j at the outputs (`OutputResistance`), v = v_F + A j, where
/// A = R P_O holds the fields of unit currents. So one factorization serves all nudges, and each distinct
/// set of inputs and each output takes one solution.
public final class SparsePhysics: ConfirmedEngine {
    private let task: LearningTask
    private let system: any LinearSystem
    private let inputPlaces: [Int]
    /// Of the last drives that asked for others: nudged ones follow with the same inputs.
    private var freeStates = SolvedFields<[Double]>()
    /// Of currents at all outputs, for drives that are fewer than the outputs.
    private var currentFields = SolvedFields<[Double]>()
    /// A, by output; solved when a nudge asks for it.
    private var outputFields = SolvedFields<Int>()

    public var superposesAnyway: Bool { true }

    /// Factorizations and solutions so far.
    public var counts: SolverCounts { system.counts }

    /// - Throws: `DiagnosticsError` that names the devices and options which this engine can't solve;
    ///   `SparseError`.
    public init(task: LearningTask) throws {
        let circuit = task.circuit
        guard circuit.equationOptions.isEmpty else {
            throw DiagnosticsError(
                circuit.equationOptions.map {
                    Diagnostic(
                        "engine",
                        """
                        the option \($0.name) \($0.effect), which the sparse engine leaves out: \
                        \($0.wayOut), or use --engine ngspice
                        """, at: $0.range)
                })
        }
        guard !task.trainsValues else {
            throw DiagnosticsError(
                task.numbers.sourcePlaces.map { place in
                    let source = circuit.sources[place.source]
                    return Diagnostic(
                        "engine",
                        """
                        the sparse engine keeps \(source.name) as it is: use --engine ngspice to train \
                        the values of sources
                        """, at: source.range)
                })
        }
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
        freeStates = SolvedFields()
        currentFields = SolvedFields()
        outputFields = SolvedFields()
    }

    public func setResistances(_ resistances: [Double]) {
        let factors = task.numbers.conductanceFactors
        system.setConductances(factors.indices.map { factors[$0] / resistances[$0] })
        freeStates.isSolved = false
        currentFields.isSolved = false
        outputFields.isSolved = false
    }

    /// - Throws: `SingularCircuit`; `SparseError`; `FactorizationError` where a clamp or branch has no solution.
    public func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
        let free = try solve(&freeStates, for: drives.map(\.inputs)) { .state(inputs: $0) }
        let nudges = drives.filter { $0.nudge != .none }.map(\.nudge)
        guard !nudges.isEmpty else {
            return free.map { OperatingPoint(voltages: freeStates.fields.column($0)) }
        }
        let currents = nudges.compactMap(\.currents)
        if currents.count == nudges.count, currents.count < task.outputs.count,
            !outputFields.isSolved
        {
            return try points(drives, free, currents)
        }
        _ = try solve(&outputFields, for: Array(task.outputs.indices)) { .current(output: $0) }
        let fields = outputFields.fields
        let resistance = OutputResistance(of: task.outputs, in: fields, from: 0)
        return try zip(drives, free).map { drive, place in
            var voltages = freeStates.fields.column(place)
            if case .none = drive.nudge { return OperatingPoint(voltages: voltages) }
            let free = task.outputs.map { voltages[$0.positive] - voltages[$0.negative] }
            let currents = try resistance.currents(of: drive.nudge, free: free)
            for (column, current) in currents.enumerated() where current != 0 {
                for node in voltages.indices { voltages[node] += current * fields[node, column] }
            }
            return OperatingPoint(voltages: voltages, nudgeCurrents: currents)
        }
    }

    /// Points nudged by currents that are solved as such.
    private func points(
        _ drives: [Drive], _ free: [Int], _ currents: [[Double]]
    ) throws -> [OperatingPoint] {
        let places = try solve(&currentFields, for: currents) { .currents($0) }
        var next = 0
        return zip(drives, free).map { drive, place in
            var voltages = freeStates.fields.column(place)
            guard let injected = drive.nudge.currents else {
                return OperatingPoint(voltages: voltages)
            }
            let start = places[next] * voltages.count
            next += 1
            for node in voltages.indices {
                voltages[node] += currentFields.fields.values[start + node]
            }
            return OperatingPoint(voltages: voltages, nudgeCurrents: injected)
        }
    }

    /// Solves what is asked for unless that was solved at these resistances.
    ///
    /// - Returns: the column of each of the keys.
    private func solve<Key: Hashable>(
        _ solved: inout SolvedFields<Key>, for keys: [Key], _ excitation: (Key) -> Excitation
    ) throws -> [Int] {
        if solved.isSolved, let places = solved.places(of: keys) { return places }
        solved.ask(for: keys, nodes: task.circuit.nodes.count)
        try system.solve(
            sourceValues(solved.keys.map(excitation)), into: &solved.fields,
            after: &solved.history)
        solved.isSolved = true
        return solved.places(of: keys) ?? []
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
                sources.append(off, injections: [injection(1, output, sources.columns)])
            case .currents(let currents):
                sources.append(
                    off,
                    injections: currents.enumerated().map { injection($1, $0, sources.columns) })
            }
        }
        return sources
    }

    private func injection(
        _ current: Double, _ output: Int, _ column: Int
    ) -> SourceValues.Injection {
        let ends = task.outputs[output]
        return SourceValues.Injection(
            column: column, positive: ends.positive, negative: ends.negative, current: current)
    }

    public var solvesTransposed: Bool { true }

    public func transposedFields(of task: LearningTask) throws -> [[Double]] {
        try system.transposedFields(of: task.numbers.outputEnds)
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
    private var history = SolutionHistory()

    init(_ sources: SourceValues, nodes: Int, in system: any LinearSystem) {
        (self.sources, self.system) = (sources, system)
        fields = Fields(nodes: nodes, columns: sources.columns)
    }

    func solve() throws {
        try system.solve(sources, into: &fields, after: &history)
    }
}

extension SparsePhysics {
    public static let name = "sparse"
    public static let summary =
        "a direct solver for resistors, sources (linear controlled ones too), inductors and capacitors"

    public static func suits(_ purpose: EnginePurpose) -> Bool { purpose != .fewPoints }

    /// One factorization serves all samples: there is nothing to divide.
    public static func make(
        for task: LearningTask, nudges: Nudge.Kind, workers: Int,
        fallback: (() throws -> any Physics)?
    ) throws -> any Physics {
        try SparsePhysics(task: task)
    }
}
