import LearningRules
import LearningTasks

/// What is told of a score, for people and for scripts.
struct ScoreReport {
    let task: LearningTask
    let score: Score

    /// `96.7 % of 150 right`.
    var accuracy: String? {
        score.accuracy.map { "\(readable(100 * $0, digits: 4)) % of \(score.samples) right" }
    }

    /// Classes whose table still is one to read.
    private static let mostClasses = 20

    /// Who was taken for whom; nil without classes, and where these are too many.
    var confusionTable: String? {
        guard let confusion = score.confusion, let classes = task.classes,
            classes.count <= Self.mostClasses
        else { return nil }
        var table = Table(header: ["class"] + classes.map { "as \($0)" })
        for (name, row) in zip(classes, confusion) {
            table.add(cells: [name] + row.map { "\($0)" })
        }
        return table.text
    }

    /// How many of each class [name] were taken for which [name].
    var confusion: [String: [String: Int]]? {
        guard let confusion = score.confusion, let classes = task.classes else { return nil }
        return Dictionary(
            zip(classes, confusion).map { name, row in
                (name, Dictionary(zip(classes, row).map { ($0, $1) }, uniquingKeysWith: { $1 }))
            }, uniquingKeysWith: { $1 })
    }
}

extension LearningTask {
    /// ` V²`, with the blank before it; nothing for a loss that is a pure number, or of volts and amperes.
    var lossUnit: String { inUnitOfOutputs(loss.unit) }

    /// ` V`; nothing where errors are shares of classes, or volts and amperes.
    var errorUnit: String { inUnitOfOutputs(loss.errorUnit) }

    /// ` V`, ` A`, or nothing where outputs are both.
    var outputUnit: String { inUnitOfOutputs("V") }

    /// - Parameter unit: where all outputs are voltages.
    private func inUnitOfOutputs(_ unit: String) -> String {
        let units = Set(outputs[namedOutputs].map(\.unit))
        guard units.count < 2, !unit.isEmpty else { return "" }
        return " " + unit.replacing("V", with: units.first ?? "V")
    }

    /// The heads of a table of outputs, their targets and errors.
    var outputHeads: [String] {
        let unit = outputUnit.trimmingPrefix(" ")
        return [
            "output", unit.isEmpty ? "value" : String(unit),
            loss.hasGoals ? "target\(outputUnit)" : "target", "error\(errorUnit)",
        ]
    }

    /// The nodes of the deck itself, without ground.
    var ownNodes: Range<Int> { circuit.ownNodes.dropFirst() }
}
