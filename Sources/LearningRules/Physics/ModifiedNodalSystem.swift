import Netlist
import SparseBridge

/// Kirchhoff's laws of a circuit whose elements are linear at DC: resistances of any sign, independent and
/// controlled sources anywhere, inductors and capacitors.
///
/// Modified nodal analysis (Ho, Ruehli & Brennan 1975, DOI 10.1109/TCS.1975.1084079): unknown are the
/// voltages of all nodes but ground, and the currents through what fixes a voltage (V, E, H, L), from the
/// positive node through the element to the negative one. The equation of a node says that the currents
/// which leave it are those injected into it, that of a branch what the voltage across it is.
final class ModifiedNodalSystem {
    /// What acts on the circuit.
    struct Excitation {
        /// V or A of every source of the circuit, in its order; empty where all are zero.
        var sources: [Double] = []
        /// Amperes into one node and out of another.
        var injections: [(into: Int, outOf: Int, current: Double)] = []
    }

    private let circuit: Circuit
    private let names: [String]
    private let sourceRows: [Int?]
    private let factorization: KLUFactorization
    /// The part of the matrix that no resistor changes, by slot, and the sizes of its terms.
    private let constants: [Double]
    private let constantMagnitudes: [Double]
    private let contributions: [Contribution]
    /// Sums of the absolute terms of each element of the matrix.
    private var magnitudes: [Double]

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

    /// - Parameter conductances: siemens, of every resistor of the circuit in its order.
    func setConductances(_ conductances: [Double]) {
        let values = factorization.values
        _ = values.update(fromContentsOf: constants)
        magnitudes = constantMagnitudes
        for contribution in contributions {
            let term = contribution.sign * conductances[Int(contribution.resistor)]
            values[Int(contribution.slot)] += term
            magnitudes[Int(contribution.slot)] += abs(term)
        }
    }

    /// Factors the matrix of the present conductances.
    ///
    /// - Throws: `SingularCircuit`; `SparseError`.
    func factor() throws {
        do throws(SparseError) {
            try factorization.factor()
        } catch .singular(let column) {
            throw SingularCircuit(node: names[column])
        }
        let weakest = factorization.weakestPivot(beside: magnitudes)
        guard weakest.ratio > Self.smallestPivot else {
            throw SingularCircuit(node: names[weakest.column])
        }
    }

    /// The circuit's states with the last factorization.
    ///
    /// - Returns: the voltages of all nodes, ground first, for one excitation after another.
    /// - Throws: `SingularCircuit` where rounding leaves no solution; `SparseError`.
    /// - Complexity: O(elements of L and U) for each excitation.
    func solve(_ excitations: [Excitation]) throws -> [Double] {
        let nodes = circuit.nodes.count
        var voltages = [Double](repeating: 0, count: nodes * excitations.count)
        for start in stride(from: 0, to: excitations.count, by: Self.block) {
            let block = excitations[start..<min(start + Self.block, excitations.count)]
            var columns = rightHandSides(block)
            guard try factorization.solveRefining(&columns) <= Self.largestError else {
                let weakest = factorization.weakestPivot(beside: magnitudes)
                throw SingularCircuit(node: names[weakest.column])
            }
            for index in block.indices {
                let first = (index - start) * names.count
                let state = columns[first..<first + nodes - 1]
                voltages.replaceSubrange(index * nodes + 1..<(index + 1) * nodes, with: state)
            }
        }
        return voltages
    }

    private func rightHandSides(_ excitations: ArraySlice<Excitation>) -> [Double] {
        let size = names.count
        var columns = [Double](repeating: 0, count: size * excitations.count)
        for (index, excitation) in excitations.enumerated() {
            func inject(_ current: Double, _ node: Int) {
                if node > 0 {
                    columns[index * size + Int(ModifiedNodalElements.row(node))] += current
                }
            }
            for (source, (value, row)) in zip(
                circuit.sources, zip(excitation.sources, sourceRows))
            {
                if let row {
                    columns[index * size + row] = value
                } else {
                    inject(-source.multiplicity * value, source.positive)
                    inject(source.multiplicity * value, source.negative)
                }
            }
            for injection in excitation.injections {
                inject(injection.current, injection.into)
                inject(-injection.current, injection.outOf)
            }
        }
        return columns
    }
}
