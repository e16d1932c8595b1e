import LearningTasks
import Netlist

extension Physics {
    public func set(_ values: TrainedValues, of task: LearningTask) throws {
        let resistances = values.resistances(of: task)
        if let numbers = task.numbers.numbers {
            for index in numbers.resistors
            where !(resistances[index] > 0 && resistances[index].isFinite) {
                throw UnphysicalValue(
                    name: task.circuit.resistors[index].name, value: resistances[index])
            }
        }
        try setResistances(resistances)
        if task.trainsValues { try setValues(values.otherValues(of: task)) }
    }
}

/// A point at which an expression of the deck makes a resistance that no resistor has.
package struct UnphysicalValue: Error, CustomStringConvertible {
    let name: String
    let value: Double
    package var description: String { "the resistance of \(name) would be \(value) Ω" }
}
