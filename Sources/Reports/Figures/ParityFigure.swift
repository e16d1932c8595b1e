import Figures
import LearningTasks

/// Outputs of a circuit on the samples of its task.
public struct SolvedOutputs: Sendable {
    /// As the legend has it.
    let name: String
    let task: LearningTask
    let outputs: OutputTable

    /// - Parameter outputs: of each sample in the free state, V or A.
    public init(_ name: String, _ task: LearningTask, _ outputs: OutputTable) {
        (self.name, self.task, self.outputs) = (name, task, outputs)
    }
}

extension Figure {
    /// Each output of each sample against its target: on the line where it is met.
    ///
    /// - Parameter parts: of the same outputs; the first one gives the axes' names.
    /// - Throws: `FigureError` where outputs have no targets in volts or amperes.
    public init(parityOf parts: [SolvedOutputs], title: String?) throws(FigureError) {
        guard let first = parts.first, first.task.loss.isSquared else {
            throw FigureError(
                "outputs against targets are for squared errors, and the outputs here tell classes"
            )
        }
        let units = Set(first.task.outputs[first.task.namedOutputs].map(\.unit)).sorted()
        guard units.count == 1 else {
            throw FigureError("voltages and currents have no axis in common")
        }
        var series: [Series] = []
        var all: [Double] = []
        for (index, part) in parts.enumerated() {
            var points: [(x: Double, y: Double)] = []
            for (m, sample) in part.task.samples.enumerated() {
                for (target, output) in zip(
                    sample.targets[part.task.namedOutputs], part.outputs.row(m))
                where target.isFinite && output.isFinite {
                    points.append((target, output))
                }
            }
            all += points.flatMap { [$0.x, $0.y] }
            series.append(
                Series(part.name, .points, Hue.allCases[index % Hue.allCases.count], points))
        }
        guard let least = all.min(), let largest = all.max() else {
            throw FigureError("there are no targets")
        }
        series.append(
            Series("output = target", .dashed, .grey, [(least, least), (largest, largest)]))
        self.init(
            title: title,
            panels: [
                Panel(
                    title: "Outputs against targets", x: Axis("target (\(units[0]))"),
                    y: Axis("output (\(units[0]))"), series: series)
            ])
    }
}
