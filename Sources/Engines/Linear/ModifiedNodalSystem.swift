import LearningTasks
import Netlist
import LinearAlgebra

/// Kirchhoff's laws of a circuit whose elements are linear at DC: resistances of any sign, independent and
/// controlled sources anywhere, inductors and capacitors.
///
/// Modified nodal analysis (Ho, Ruehli & Brennan 1975, DOI 10.1109/TCS.1975.1084079): unknown are the
/// voltages of all nodes but ground, and the currents through what fixes a voltage (V, E, H, L), from the
/// positive node through the element to the negative one. The equation of a node says that the currents
/// which leave it are those injected into it, that of a branch what the voltage across it is.
final class ModifiedNodalSystem: LinearSystem {
    let circuit: Circuit
    private let names: [String]
    private let sourceRows: [Int?]
    private let factorization: KLUFactorization
    /// The part of the matrix that no resistor changes, by slot, and the sizes of its terms.
    private let constants: [Double]
    private let constantMagnitudes: [Double]
    private let contributions: [Contribution]
    /// Sums of the absolute terms of each element of the matrix.
    private var magnitudes: [Double]
    private var isFactored = false
    private(set) var counts = SolverCounts()

    /// What a resistor's conductance adds to the matrix.
    private struct Contribution {
        let slot: Int32
        let resistor: Int32
        let sign: Double
    }

    /// Excitations solved at once.
    private static let block = 32

    /// A pivot that elimination leaves below this part of its column is hardly more than rounding: the
    /// equations depend on one another.
    private static let smallestPivot = 1e-13

    /// The backward error beyond which a solution is none; a step of refinement leaves some roundings.
    private static let largestError = 1e-12

    /// - Throws: `DiagnosticsError` that names the devices which are not linear at DC, or not known to be;
    ///   `SparseError`.
    init(_ circuit: Circuit) throws {
        let elements = try ModifiedNodalElements(circuit)
        let pattern = SparsePattern(
            size: elements.size, elements: elements.all.map { ($0.row, $0.column) })
        var constants = [Double](repeating: 0, count: pattern.slotCount)
        var magnitudes = constants
        var contributions: [Contribution] = []
        for (slot, element) in zip(pattern.slots, elements.all) {
            if let resistor = element.resistor {
                contributions.append(
                    Contribution(slot: slot, resistor: resistor, sign: element.value))
            } else {
                constants[Int(slot)] += element.value
                magnitudes[Int(slot)] += abs(element.value)
            }
        }
        self.circuit = circuit
        names = elements.names
        sourceRows = elements.sourceRows
        factorization = try KLUFactorization(pattern)
        self.constants = constants
        constantMagnitudes = magnitudes
        self.magnitudes = magnitudes
        self.contributions = contributions
        setConductances(circuit.resistors.map(\.conductance))
    }

    func restart() {
        factorization.forgetPivots()
        isFactored = false
    }

    func setConductances(_ conductances: [Double]) {
        let values = factorization.values
        _ = values.update(fromContentsOf: constants)
        magnitudes = constantMagnitudes
        for contribution in contributions {
            let term = contribution.sign * conductances[Int(contribution.resistor)]
            values[Int(contribution.slot)] += term
            magnitudes[Int(contribution.slot)] += abs(term)
        }
        isFactored = false
    }

    private func factor() throws {
        guard !isFactored else { return }
        do throws(SparseError) {
            try factorization.factor()
        } catch .singular(let column) {
            throw SingularCircuit(node: names[column])
        }
        let weakest = factorization.weakestPivot(beside: magnitudes)
        guard weakest.ratio > Self.smallestPivot else {
            throw SingularCircuit(node: names[weakest.column])
        }
        counts.factorizations += 1
        isFactored = true
    }

    /// - Throws: `SingularCircuit`, also where rounding leaves no solution; `SparseError`.
    /// - Complexity: O(elements of L and U) for each column.
    func solve(
        _ sources: SourceValues, into fields: inout Fields, after history: inout SolutionHistory
    ) throws {
        try factor()
        for start in stride(from: 0, to: sources.columns, by: Self.block) {
            let block = start..<min(start + Self.block, sources.columns)
            var columns = rightHandSides(sources, block)
            guard try factorization.solveRefining(&columns) <= Self.largestError else {
                let weakest = factorization.weakestPivot(beside: magnitudes)
                throw SingularCircuit(node: names[weakest.column])
            }
            counts.solutions += block.count
            for column in block {
                let first = (column - start) * names.count
                let place = column * fields.nodes
                fields.values[place] = 0
                fields.values.replaceSubrange(
                    place + 1..<place + fields.nodes,
                    with: columns[first..<first + fields.nodes - 1])
            }
        }
    }

    func transposedFields(of outputs: [TaskNumbers.Ends]) throws -> [[Double]] {
        try factor()
        return try outputs.map { ends in
            var column = [Double](repeating: 0, count: names.count)
            for (node, sign) in [(Int(ends.positive), 1.0), (Int(ends.negative), -1)] where node > 0
            {
                column[Int(ModifiedNodalElements.row(node))] += sign
            }
            try factorization.solveTransposed(&column)
            counts.solutions += 1
            return [0] + column[..<(circuit.nodes.count - 1)]
        }
    }

    private func rightHandSides(_ sources: SourceValues, _ block: Range<Int>) -> [Double] {
        let size = names.count
        var columns = [Double](repeating: 0, count: size * block.count)
        func inject(_ current: Double, _ node: Int, _ column: Int) {
            guard node > 0 else { return }
            columns[(column - block.lowerBound) * size + Int(ModifiedNodalElements.row(node))] +=
                current
        }
        for column in block {
            for (index, source) in circuit.sources.enumerated() {
                let value = sources[index, column]
                if let row = sourceRows[index] {
                    columns[(column - block.lowerBound) * size + row] = value
                } else {
                    inject(-source.multiplicity * value, source.positive, column)
                    inject(source.multiplicity * value, source.negative, column)
                }
            }
        }
        for injection in sources.injections where block.contains(injection.column) {
            inject(injection.current, injection.positive, injection.column)
            inject(-injection.current, injection.negative, injection.column)
        }
        return columns
    }
}
