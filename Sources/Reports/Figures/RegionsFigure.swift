import Figures
import Foundation
import LearningTasks

extension Figure {
    /// What the circuit answers over two numbers of its data: the class, or whether its only output is above the
    /// middle of its targets.
    ///
    /// - Parameters:
    ///   - grid: on which it was solved.
    ///   - outputs: of each sample of the grid.
    ///   - task: whose samples are drawn, too.
    /// - Throws: `FigureError` where the outputs tell no classes.
    public init(
        regionsOf task: LearningTask, over grid: SampleGrid, _ outputs: OutputTable, title: String?
    ) throws(FigureError) {
        let answers = try Answers(task)
        var regions: [Int: [(x: Double, y: Double)]] = [:]
        let (xs, ys) = (grid.x.values, grid.y.values)
        let (halfX, halfY) = ((xs[1] - xs[0]) / 2, (ys[1] - ys[0]) / 2)
        for (row, y) in ys.enumerated() {
            // Runs of equal answers along a row are one rectangle.
            var start = 0
            func answer(_ column: Int) -> Int? {
                answers.answer(outputs.row(row * xs.count + column))
            }
            for column in xs.indices
            where column + 1 == xs.count || answer(column + 1) != answer(start) {
                if let answer = answer(start) {
                    regions[answer, default: []] += [
                        (xs[start] - halfX, y - halfY), (xs[column] + halfX, y + halfY),
                    ]
                }
                start = column + 1
            }
        }
        var series: [Series] = []
        for (index, name) in answers.names.enumerated() {
            let hue = Hue.allCases[index % Hue.allCases.count]
            if let region = regions[index] { series.append(Series(nil, .rectangles, hue, region)) }
            let points = task.samples.indices.filter {
                answers.answer(task.samples[$0].targets[...]) == index
            }.map { grid.samples[$0] }
            series.append(Series(name, .points, hue, points))
        }
        func axis(_ axis: SampleGrid.Axis) -> Axis {
            Axis(axis.unit.isEmpty ? axis.name : "\(axis.name) (\(axis.unit))")
        }
        self.init(
            title: title,
            panels: [
                Panel(
                    title: "Answers (areas) and samples (marks)", x: axis(grid.x),
                    y: axis(grid.y), series: series)
            ])
    }
}

/// Classes that outputs, or targets, tell.
private struct Answers {
    let names: [String]
    /// Between the two answers of a single output; nil with classes.
    private let middle: Double?

    init(_ task: LearningTask) throws(FigureError) {
        if let classes = task.classes {
            (names, middle) = (classes, nil)
            return
        }
        let targets = task.samples.map { $0.targets[0] }
        guard task.namedOutputs.count == 1, let least = targets.min(), let largest = targets.max(),
            least < largest
        else {
            throw FigureError(
                "regions are of classes, or of one output with different targets"
            )
        }
        let middle = (least + largest) / 2
        let (output, unit) = (task.outputs[0].name, task.outputs[0].unit)
        let bound = String(format: "%.4g", middle)
        names = ["\(output) below \(bound) \(unit)", "\(output) above \(bound) \(unit)"]
        self.middle = middle
    }

    func answer(_ values: ArraySlice<Double>) -> Int? {
        let values = values.prefix(middle == nil ? names.count : 1)
        guard values.allSatisfy(\.isFinite) else { return nil }
        if let middle { return values[values.startIndex] > middle ? 1 : 0 }
        return values.indices.max { values[$0] < values[$1] }.map { $0 - values.startIndex }
    }
}
