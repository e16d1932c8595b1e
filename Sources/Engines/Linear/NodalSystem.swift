import LearningTasks
import Netlist
import LinearAlgebra

/// Kirchhoff's current law at every node that no source holds, L v = i, with a symmetric positive definite
/// L (docs/theory.md (1), (2)): resistors, independent sources, and inductors and capacitors at DC.
///
/// Nodes that voltage sources fix to each other are one unknown (`HeldNodes`). L's pattern is analysed once
/// and its unknowns are numbered in the order of their elimination; its numbers are factored once for each
/// set of conductances.
final class NodalSystem: LinearSystem {
    private let circuit: Circuit
    private let held: HeldNodes
    /// The row of each node's unknown in the matrix; −1 for those that sources hold to ground.
    private let unknowns: [Int32]
    private let solver: PositiveDefiniteSolver
    private let stamps: [Stamp]
    /// Resistors through which held voltages drive a current into the unknown part of the circuit.
    private let driving: [Branch]
    /// Sources of current.
    private let injecting: [Branch]
    private var conductances: [Double] = []

    var counts: SolverCounts { solver.counts }

    /// Where a resistor's conductance goes: slots of the pattern, −1 for none.
    private struct Stamp {
        var first: Int32 = -1
        var second: Int32 = -1
        var between: Int32 = -1
    }

    /// One of the circuit's resistors or sources, without its names: to copy those costs as much as the
    /// arithmetic.
    private struct Branch {
        let index: Int
        let positive: Int
        let negative: Int
        var multiplicity = 1.0
    }

    /// Right-hand sides solved at once.
    private static let block = 32
    private var columns: [Double] = []

    /// - Parameter circuit: of positive resistances, independent sources, inductors and capacitors.
    /// - Throws: `SparseError`.
    init(_ circuit: Circuit) throws(SparseError) {
        self.circuit = circuit
        held = HeldNodes(circuit)
        let roots = held.roots
        let nodes = roots.indices.filter { roots[$0] == $0 && $0 != 0 }
        var rows = Self.rows(of: nodes, roots: roots)
        var ends = circuit.resistors.map { (rows[$0.positive], rows[$0.negative]) }
        let order = try PositiveDefiniteSolver.order(
            SymmetricPattern(size: nodes.count, pairs: Self.pairs(ends)))
        rows = Self.rows(of: order.map { nodes[$0] }, roots: roots)
        ends = circuit.resistors.map { (rows[$0.positive], rows[$0.negative]) }
        let pattern = SymmetricPattern(size: nodes.count, pairs: Self.pairs(ends))
        unknowns = rows
        stamps = Self.stamps(ends, in: pattern)
        driving = circuit.resistors.enumerated().compactMap { [held] index, r in
            let isDriving =
                ends[index].0 != ends[index].1
                && (held.isHeld(r.positive) || held.isHeld(r.negative))
            return isDriving
                ? Branch(index: index, positive: r.positive, negative: r.negative) : nil
        }
        injecting = circuit.sources.enumerated().compactMap { index, source in
            source.kind == .current
                ? Branch(
                    index: index, positive: source.positive, negative: source.negative,
                    multiplicity: source.multiplicity) : nil
        }
        solver = try PositiveDefiniteSolver(pattern)
        setConductances(circuit.resistors.map(\.conductance))
    }

    func restart() { solver.restart() }

    /// The equations are symmetric: the fields of unit currents.
    func transposedFields(of outputs: [TaskNumbers.Ends]) throws -> [[Double]] {
        var sources = SourceValues(of: circuit)
        for ends in outputs {
            sources.append(
                circuit.sources.map { _ in 0 },
                injections: [
                    SourceValues.Injection(
                        column: sources.columns, positive: Int(ends.positive),
                        negative: Int(ends.negative), current: 1)
                ])
        }
        var fields = Fields(nodes: circuit.nodes.count, columns: sources.columns)
        var history = SolutionHistory()
        try solve(sources, into: &fields, after: &history)
        return (0..<sources.columns).map(fields.column)
    }

    private static func rows(of nodes: [Int], roots: [Int]) -> [Int32] {
        var rows = [Int32](repeating: -1, count: roots.count)
        for (row, node) in nodes.enumerated() { rows[node] = Int32(row) }
        return roots.map { rows[$0] }
    }

    private static func pairs(_ ends: [(Int32, Int32)]) -> [(Int32, Int32)] {
        ends.filter { $0.0 >= 0 && $0.1 >= 0 && $0.0 != $0.1 }
    }

    private static func stamps(_ ends: [(Int32, Int32)], in pattern: SymmetricPattern) -> [Stamp] {
        var pair = 0
        return ends.map { a, b in
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
    }

    func setConductances(_ conductances: [Double]) {
        self.conductances = conductances
        solver.setValues { values in
            values.update(repeating: 0)
            for (index, stamp) in stamps.enumerated() {
                let k = conductances[index]
                if stamp.first >= 0 { values[Int(stamp.first)] += k }
                if stamp.second >= 0 { values[Int(stamp.second)] += k }
                if stamp.between >= 0 { values[Int(stamp.between)] -= k }
            }
        }
    }

    func solve(
        _ sources: SourceValues, into fields: inout Fields, after history: inout SolutionHistory
    ) throws {
        let size = solver.size
        for start in stride(from: 0, to: sources.columns, by: Self.block) {
            let block = start..<min(start + Self.block, sources.columns)
            let count = size * block.count
            if columns.count < count { columns = [Double](repeating: 0, count: count) }
            var guesses: [Double] = []
            // More columns than a block are worth the factorization that serves them all.
            if history.isSolved, solver.iterates, block.count == sources.columns {
                guesses = unknownVoltages(fields, block)
            }
            held.setOffsets(sources, block, in: &fields)
            try columns.withUnsafeMutableBufferPointer { buffer in
                let right = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
                setRightHandSides(right, sources, block, offsets: fields)
                do throws(SparseError) {
                    try solver.solve(
                        right, count: block.count, guesses: guesses, drift: &history.drift)
                } catch .notPositiveDefinite(let row) {
                    throw SingularCircuit(node: name(ofRow: row))
                }
                add(right, to: &fields, block)
            }
        }
        history.isSolved = true
    }

    private func name(ofRow row: Int) -> String {
        unknowns.firstIndex(of: Int32(row)).map { circuit.nodes[$0].name } ?? ""
    }

    /// Currents into the unknown nodes, A.
    private func setRightHandSides(
        _ right: UnsafeMutableBufferPointer<Double>, _ sources: SourceValues, _ block: Range<Int>,
        offsets: borrowing Fields
    ) {
        right.update(repeating: 0)
        let (size, unknowns, conductances) = (solver.size, unknowns, conductances)
        func inject(_ current: Double, _ node: Int, _ column: Int) {
            let row = Int(unknowns[node])
            if row >= 0 { right[row + (column - block.lowerBound) * size] += current }
        }
        for column in block {
            for source in injecting {
                let current = source.multiplicity * sources[source.index, column]
                inject(-current, source.positive, column)
                inject(current, source.negative, column)
            }
            for r in driving {
                let drop = offsets[r.positive, column] - offsets[r.negative, column]
                guard drop != 0 else { continue }
                inject(-conductances[r.index] * drop, r.positive, column)
                inject(conductances[r.index] * drop, r.negative, column)
            }
        }
        for injection in sources.injections where block.contains(injection.column) {
            inject(injection.current, injection.positive, injection.column)
            inject(-injection.current, injection.negative, injection.column)
        }
    }

    /// Adds the voltage of each node's unknown.
    private func add(
        _ solution: UnsafeMutableBufferPointer<Double>, to fields: inout Fields,
        _ block: Range<Int>
    ) {
        let (size, nodes) = (solver.size, fields.nodes)
        fields.values.withUnsafeMutableBufferPointer { values in
            for (place, column) in block.enumerated() {
                let voltages = UnsafeMutableBufferPointer(
                    rebasing: values[column * nodes..<(column + 1) * nodes])
                let unknown = UnsafeMutableBufferPointer(
                    rebasing: solution[place * size..<(place + 1) * size])
                for (node, row) in unknowns.enumerated() where row >= 0 {
                    voltages[node] += unknown[Int(row)]
                }
            }
        }
    }

    /// The unknowns of columns of voltages.
    private func unknownVoltages(_ fields: borrowing Fields, _ block: Range<Int>) -> [Double] {
        let size = solver.size
        var voltages = [Double](repeating: 0, count: size * block.count)
        for (place, column) in block.enumerated() {
            for (node, row) in unknowns.enumerated() where row >= 0 && held.roots[node] == node {
                voltages[Int(row) + place * size] = fields[node, column]
            }
        }
        return voltages
    }
}
