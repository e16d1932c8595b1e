import LearningTasks
import Netlist

/// The trained numbers, a column for each property: thousands of them take the space of their digits.
public struct Changes: Encodable, Sendable, Equatable {
    /// Resistors first, in the deck's order.
    public private(set) var names: [String] = []
    /// Ω, V, A, or empty for a parameter.
    public private(set) var units: [String] = []
    /// What the training began with; nil where that is not known.
    public private(set) var before: [Double]?
    public private(set) var after: [Double] = []

    /// Where the change of each resistor and source of the circuit stands.
    private(set) var resistors: [Int: Int] = [:]
    private(set) var sources: [Int: Int] = [:]

    private enum CodingKeys: String, CodingKey { case names, units, before, after }

    /// - Parameters:
    ///   - task: at the values with which the training began, or at those reported.
    ///   - values: those reported.
    ///   - before: those at the start, of the same task; nil where they are not known.
    public init(of task: LearningTask, at values: TrainedValues, since before: TrainedValues?) {
        var old: [Double] = []
        let resistances = values.resistances(of: task)
        let oldResistances = before?.resistances(of: task)
        for index in task.trainedResistors {
            resistors[index] = names.count
            names.append(task.circuit.resistors[index].name)
            units.append("Ω")
            after.append(resistances[index])
            if let oldResistances { old.append(oldResistances[index]) }
        }
        for (index, parameter) in task.parameters.enumerated() where !parameter.isConductance {
            for source in parameter.sources { sources[source] = names.count }
            names.append(parameter.name)
            units.append(parameter.unit)
            after.append(values.values[index])
            if let before { old.append(before.values[index]) }
        }
        if before != nil { self.before = old }
    }

    /// Takes what another deck says for the values at the start.
    ///
    /// - Parameter earlier: the same numbers, found by name in any case.
    /// - Returns: names that the other deck does not have; nothing is taken over then.
    public mutating func setBefore(_ earlier: Changes) -> [String] {
        let values = Dictionary(
            zip(earlier.names.map { $0.lowercased() }, earlier.after),
            uniquingKeysWith: { first, _ in first })
        let found = names.map { values[$0.lowercased()] }
        let missing = zip(names, found).filter { $1 == nil }.map(\.0)
        if missing.isEmpty { before = found.compactMap(\.self) }
        return missing
    }
}
