import Figures

/// Why there is no figure of these runs, as a sentence.
public struct FigureError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension Figure {
    /// Curves of trainings over their steps: each of a few, or the median and all that lies between the least and
    /// the largest of those that differ in their seeds alone.
    ///
    /// - Parameters:
    ///   - column: of the histories: `loss`, `error` or `accuracy`. Of `loss` and `accuracy` that on the samples which
    ///     are not trained is drawn dashed, where all runs of a group have it.
    ///   - title: above the figure.
    /// - Throws: `FigureError` where the runs can't be drawn together.
    public init(
        of groups: [RunGroup], column: String, title: String?
    ) throws(FigureError) {
        let curves = groups.flatMap(\.runs)
        let abscissas = Set(curves.compactMap(\.columns.first)).sorted()
        guard abscissas.count == 1, let abscissa = abscissas.first else {
            throw FigureError(
                "these histories can't be drawn together: they are over \(abscissas.joined(separator: " and "))"
            )
        }
        guard groups.count <= Self.mostGroups else {
            throw FigureError(
                "\(groups.count) curves are too many to tell apart: \(Self.mostGroups) are the most; runs whose names differ in digits alone are one"
            )
        }
        var series: [Series] = []
        for (index, group) in groups.enumerated() {
            let hue = Hue.allCases[index % Hue.allCases.count]
            let style: Style = index < Hue.allCases.count ? .line : .dashed
            let name =
                group.runs.count > 1 ? "\(group.name), median of \(group.runs.count)" : group.name
            guard group.runs.allSatisfy({ $0.columns.contains(column) }) else {
                let known = group.runs[0].columns.filter { Self.names[$0] != nil }
                throw FigureError(
                    "\(group.name) has no column \(column); there is \(known.joined(separator: ", "))"
                )
            }
            let (median, least, largest) = group.spread(column)
            let isLogarithmic = column != "accuracy"
            guard median.contains(where: { !isLogarithmic || $0.y > 0 }) else {
                throw FigureError(
                    median.isEmpty
                        ? "\(group.name) has no row with a \(column)"
                        : "no \(column) of \(group.name) is above zero, and the axis is logarithmic"
                )
            }
            // A line needs two points.
            if median.count == 1 { series.append(Series(nil, .dots, hue, median)) }
            if group.runs.count > 1 {
                series.append(Series(nil, .area, hue, least + largest.reversed()))
            }
            series.append(Series(name, style, hue, median))
            let test = Self.testColumns[column]
            if let test, group.runs.allSatisfy({ $0.columns.contains(test) }) {
                series.append(
                    Series("\(group.name), not trained", .dashed, hue, group.spread(test).median))
            }
        }
        let scale: Axis.Scale = column == "accuracy" ? .linear : .logarithmic
        let isShaded = groups.contains { $0.runs.count > 1 }
        let shade = isShaded ? "; shaded from the least to the largest" : ""
        self.init(
            title: title,
            panels: [
                Panel(
                    title: "\(Self.names[column] ?? column)\(shade)", x: Axis(abscissa),
                    y: Axis(column == "error" ? "largest error (V)" : column, scale), series: series
                )
            ])
    }

    private static let mostGroups = 2 * Hue.allCases.count
    private static let testColumns = ["loss": "testLoss", "accuracy": "testAccuracy"]
    private static let names = ["loss": "Loss", "error": "Largest error", "accuracy": "Accuracy"]
}
