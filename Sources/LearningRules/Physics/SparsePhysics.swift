import Netlist
import SparseBridge

/// Kirchhoff's laws leave a voltage open.
public struct SingularCircuit: Error, Sendable, CustomStringConvertible {
    public let node: String
    public var description: String {
        "the circuit has no unique solution, or hardly one; look at \(node)"
    }
}

/// A sparse direct solver as the engine, for circuits of linear elements; it has to agree with
/// `NgspicePhysics`.
///
/// Kirchhoff's current law at every node that no source holds is L v = i, with a symmetric positive
/// definite L (theory: "Notation"); nodes that voltage sources fix to each other are one unknown
/// (`HeldNodes`). L's pattern is analysed once, its numbers are factored once for each set of resistances.
///
/// A nudge of any kind comes down to currents j at the outputs (`OutputResistance`), v = v_F + A j, where
/// A = R P_O holds the fields of unit currents. So one factorization serves all nudges, and each distinct
/// set of inputs and each output takes one solution.
public final class SparsePhysics: Physics {
    private let task: LearningTask
    private let held: HeldNodes
    /// The row of each node's unknown in the matrix; −1 for those that sources hold to ground.
    private let unknowns: [Int32]
    private let factorization: CholeskyFactorization
    private let stamps: [Stamp]
    /// Resistors through which held voltages drive a current into the unknown part of the circuit.
    private let driving: [Int]
    private var conductances: [Double]
    private var isFactored = false
    /// Free states of the last drives, by inputs: nudged ones follow with the same inputs.
    private var freeStates: [[Double]: [Double]] = [:]
    /// A, one field of node voltages for each output; nil until a nudge asks for it.
    private var outputFields: [[Double]]?

    /// Where a resistor's conductance goes: slots of the pattern, −1 for none.
    private struct Stamp {
        var first: Int32 = -1
        var second: Int32 = -1
        var between: Int32 = -1
    }

    /// Right-hand sides solved at once.
    private static let block = 32

    /// - Throws: `DiagnosticsError` that names the devices which this engine can't solve; `SparseError`.
    public init(task: LearningTask) throws {
        let circuit = task.circuit
        try Self.check(circuit)
        self.task = task
        held = HeldNodes(circuit)
        var rows = [Int32](repeating: -1, count: circuit.nodes.count)
        var nodes: [Int] = []
        for node in rows.indices where held.roots[node] == node && node != 0 {
            rows[node] = Int32(nodes.count)
            nodes.append(node)
        }
        let unknowns = held.roots.map { rows[$0] }
        self.unknowns = unknowns
        let ends = circuit.resistors.map { (unknowns[$0.positive], unknowns[$0.negative]) }
        let pattern = SymmetricPattern(
            size: nodes.count, pairs: ends.filter { $0.0 >= 0 && $0.1 >= 0 && $0.0 != $0.1 })
        var pair = 0
        stamps = ends.map { a, b in
            var stamp = Stamp()
            guard a != b else { return stamp }
            if a >= 0 { stamp.first = Int32(pattern.diagonalSlot(Int(a))) }
            if b >= 0 { stamp.second = Int32(pattern.diagonalSlot(Int(b))) }
            if a >= 0, b >= 0 {
                stamp.between = pattern.pairSlots[pair]
                pair += 1
            }
            return stamp
        }
        driving = circuit.resistors.indices.filter { [held] index in
            let r = circuit.resistors[index]
            return ends[index].0 != ends[index].1
                && (held.isHeld(r.positive) || held.isHeld(r.negative))
        }
        factorization = try CholeskyFactorization(pattern)
        conductances = circuit.resistors.map(\.conductance)
    }

    private static func check(_ circuit: Circuit) throws {
        var diagnostics: [Diagnostic] = []
        for device in circuit.otherDevices where !["c", "l", "k"].contains(device.letter) {
            diagnostics.append(
                Diagnostic(
                    "engine",
                    """
                    the sparse engine solves resistors, independent sources, inductors and \
                    capacitors; for \(device.name) use --engine ngspice
                    """, at: device.range))
        }
        for resistor in circuit.resistors where resistor.conductance <= 0 {
            diagnostics.append(
                Diagnostic(
                    "engine",
                    """
                    the sparse engine solves positive resistances; for \(resistor.name) use \
                    --engine ngspice
                    """, at: resistor.range))
        }
        if !diagnostics.isEmpty { throw DiagnosticsError(diagnostics) }
    }

    public func setResistances(_ resistances: [Double]) {
        for (index, resistor) in task.circuit.resistors.enumerated() {
            conductances[index] = resistor.conductanceFactor / resistances[index]
        }
        isFactored = false
        freeStates = [:]
        outputFields = nil
    }

    /// - Throws: `SingularCircuit`; `SparseError`; `FactorizationError` where a clamp or branch has no solution.
    public func operatingPoints(_ drives: [Drive]) throws -> [OperatingPoint] {
        try factor()
        try solveFreeStates(of: drives)
        return try drives.map { drive in
            let free = freeStates[drive.inputs] ?? []
            if case .none = drive.nudge { return OperatingPoint(voltages: free) }
            let outputs = task.outputs.map { free[$0.positive] - free[$0.negative] }
            let resistance = OutputResistance(of: task.outputs, fields: try fields())
            return try nudged(free, by: resistance.currents(of: drive.nudge, free: outputs))
        }
    }

    private func factor() throws {
        guard !isFactored else { return }
        let values = factorization.values
        values.update(repeating: 0)
        for (index, stamp) in stamps.enumerated() {
            let k = conductances[index]
            if stamp.first >= 0 { values[Int(stamp.first)] += k }
            if stamp.second >= 0 { values[Int(stamp.second)] += k }
            if stamp.between >= 0 { values[Int(stamp.between)] -= k }
        }
        do throws(SparseError) {
            try factorization.factor()
        } catch .notPositiveDefinite(let row) {
            let node = unknowns.firstIndex(of: Int32(row)).map { task.circuit.nodes[$0].name }
            throw SingularCircuit(node: node ?? "")
        }
        isFactored = true
    }

    // MARK: Free states

    private func solveFreeStates(of drives: [Drive]) throws(SparseError) {
        var states: [[Double]: [Double]] = [:]
        var missing: [[Double]] = []
        for drive in drives where states[drive.inputs] == nil {
            states[drive.inputs] = freeStates[drive.inputs] ?? []
            if freeStates[drive.inputs] == nil { missing.append(drive.inputs) }
        }
        for start in stride(from: 0, to: missing.count, by: Self.block) {
            let inputs = missing[start..<min(start + Self.block, missing.count)]
            let sources = inputs.map(sourceValues)
            let offsets = sources.map(held.offsets)
            let solved = try solve(
                zip(sources, offsets).map { rightHandSide(sources: $0, offsets: $1) })
            for (index, key) in inputs.enumerated() {
                states[key] = voltages(solved[index], offsets: offsets[index])
            }
        }
        freeStates = states
    }

    /// V or A of every source of the circuit.
    private func sourceValues(_ inputs: [Double]) -> [Double] {
        var values = task.circuit.sources.map(\.dcValue)
        for (place, value) in zip(inputPlaces, inputs) { values[place] = value }
        return values
    }

    private lazy var inputPlaces: [Int] = {
        let places = Dictionary(
            task.circuit.sources.enumerated().map { ($1.ngspiceName, $0) },
            uniquingKeysWith: { first, _ in first })
        return task.inputs.compactMap { places[$0.ngspiceName] }
    }()

    /// Currents into the unknown nodes, A.
    private func rightHandSide(sources: [Double], offsets: [Double]) -> [Double] {
        var right = [Double](repeating: 0, count: factorization.pattern.size)
        func inject(_ current: Double, _ node: Int) {
            if unknowns[node] >= 0 { right[Int(unknowns[node])] += current }
        }
        for (source, value) in zip(task.circuit.sources, sources) where source.kind == .current {
            inject(-source.multiplicity * value, source.positive)
            inject(source.multiplicity * value, source.negative)
        }
        for index in driving {
            let r = task.circuit.resistors[index]
            let current = conductances[index] * (offsets[r.positive] - offsets[r.negative])
            inject(-current, r.positive)
            inject(current, r.negative)
        }
        return right
    }

    private func solve(_ rightHandSides: [[Double]]) throws(SparseError) -> [[Double]] {
        var columns = Array(rightHandSides.joined())
        try factorization.solve(&columns)
        let size = factorization.pattern.size
        return rightHandSides.indices.map { Array(columns[$0 * size..<($0 + 1) * size]) }
    }

    private func voltages(_ solution: [Double], offsets: [Double]) -> [Double] {
        var voltages = offsets
        for (node, row) in unknowns.enumerated() where row >= 0 {
            voltages[node] += solution[Int(row)]
        }
        return voltages
    }

    // MARK: Nudges

    private func fields() throws(SparseError) -> [[Double]] {
        if let outputFields { return outputFields }
        let none = [Double](repeating: 0, count: unknowns.count)
        var fields: [[Double]] = []
        for start in stride(from: 0, to: task.outputs.count, by: Self.block) {
            let outputs = task.outputs[start..<min(start + Self.block, task.outputs.count)]
            let solved = try solve(
                outputs.map { output in
                    var right = [Double](repeating: 0, count: factorization.pattern.size)
                    if unknowns[output.positive] >= 0 { right[Int(unknowns[output.positive])] += 1 }
                    if unknowns[output.negative] >= 0 { right[Int(unknowns[output.negative])] -= 1 }
                    return right
                })
            fields += solved.map { voltages($0, offsets: none) }
        }
        outputFields = fields
        return fields
    }

    private func nudged(
        _ free: [Double], by currents: [Double]
    ) throws(SparseError) -> OperatingPoint {
        var voltages = free
        for (current, field) in zip(currents, try fields()) where current != 0 {
            for node in voltages.indices { voltages[node] += current * field[node] }
        }
        return OperatingPoint(voltages: voltages, nudgeCurrents: currents)
    }
}
