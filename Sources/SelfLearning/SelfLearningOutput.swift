import Foundation
import LearningTasks

extension SelfLearningDeck {
    /// The last values of the vectors that `ngspice -b` printed: `v(k_r1)`, in lower case.
    ///
    /// Reads any number of tables, which ngspice cuts by width and by page:
    ///
    ///     Index   time            v(v_b)          v(k_r1)
    ///     0       1.000000e-03    2.314397e-01    9.999999e-01
    public static func finalValues(from output: String) -> [String: Double] {
        var columns: [String] = []
        var values: [String: Double] = [:]
        for line in output.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let first = words.first else { continue }
            if first == "Index" {
                columns = words.dropFirst().map { $0.lowercased() }
            } else if Int(first) != nil, words.count == columns.count + 1 {
                for (column, word) in zip(columns, words.dropFirst()) {
                    values[column] = Double(word)
                }
            }
        }
        return values
    }

    /// The conductances at the end of a run, from what `ngspice -b` printed; nil where one is missing.
    ///
    /// ngspice prints seven digits.
    public func trainedConductances(from output: String) -> TrainedValues? {
        let printed = Self.finalValues(from: output)
        var values: [Double] = []
        for (index, parameter) in task.parameters.enumerated() {
            guard let voltage = printed["v(\(names.conductanceNode(index)))"] else { return nil }
            values.append(
                parameter.variable == .logConductance ? exp(voltage) : voltage * unit)
        }
        return TrainedValues(values: values)
    }
}
