import LearningTasks
import Netlist

/// The equations of a linear circuit whose resistances change.
protocol LinearSystem: AnyObject {
    /// Siemens, of every resistor in the circuit's order.
    func setConductances(_ conductances: [Double])

    /// Finds the node voltages of each column.
    ///
    /// - Parameters:
    ///   - fields: as many columns as the sources have. They hold the last solution of which `history` tells.
    ///   - history: of these fields; new, or what this function made of it.
    /// - Throws: `SingularCircuit`; `SparseError`.
    func solve(
        _ sources: SourceValues, into fields: inout Fields, after history: inout SolutionHistory
    ) throws

    /// Solves the transposed equations for a difference of two nodes each: volt at every node.
    ///
    /// - Throws: as `solve`.
    func transposedFields(of outputs: [TaskNumbers.Ends]) throws -> [[Double]]

    /// Forgets all solutions and factorizations: what is solved from here on, to the last bit, depends only
    /// on what is asked from here on. What follows from the circuit's structure alone is kept.
    func restart()

    var counts: SolverCounts { get }
}

/// What is known of fields that are solved again and again while conductances and sources drift: an iteration
/// may start from them.
struct SolutionHistory {
    /// Whether the fields hold a solution.
    var isSolved = false
    /// By how much the solution differed from the one before, by unknown; empty where that is not known.
    var drift: [Double] = []
}

/// What drives a circuit in several solutions: all its sources, and currents between nodes.
struct SourceValues {
    /// A current from outside into one node and out of another.
    struct Injection {
        let column: Int
        let positive: Int
        let negative: Int
        /// A.
        let current: Double
    }

    private let sources: Int
    /// V or A: a column of all the circuit's sources for each solution.
    private var values: [Double] = []
    private(set) var injections: [Injection] = []
    private(set) var columns = 0

    init(of circuit: Circuit) { sources = circuit.sources.count }

    /// - Parameter values: V or A, of each of the circuit's sources.
    mutating func append(_ values: [Double], injections: [Injection] = []) {
        self.values += values
        self.injections += injections
        columns += 1
    }

    /// The value of a source in one of the solutions, V or A.
    subscript(source: Int, column: Int) -> Double { values[source + column * sources] }
}
