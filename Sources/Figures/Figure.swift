/// A plot as a value: panels side by side, each with axes and series.
public struct Figure: Sendable {
    public struct Axis: Sendable {
        public enum Scale: Sendable { case linear, logarithmic }
        let label: String
        let scale: Scale

        package init(_ label: String, _ scale: Scale = .linear) {
            (self.label, self.scale) = (label, scale)
        }
    }

    /// Colours that colour-blind people tell apart (Okabe & Ito 2008); each with a marker of its own.
    public enum Hue: Int, Sendable, CaseIterable {
        case blue, orange, green, purple, sky, grey

        var code: String {
            switch self {
            case .blue: "#0072B2"
            case .orange: "#D55E00"
            case .green: "#009E73"
            case .purple: "#CC79A7"
            case .sky: "#56B4E9"
            case .grey: "#555555"
            }
        }

        /// EP's lines are the widest and CL's the thinnest, in the order in which they are drawn: where curves
        /// coincide, each is still seen on the one below it.
        var width: Double {
            switch self {
            case .green: 4
            case .blue: 2.2
            case .orange: 1.1
            default: 1.4
            }
        }
    }

    public enum Style: Sendable, Equatable {
        case line, dashed, points
        /// Filled, to be seen on lines that meet there.
        case dots
        /// What the points enclose, in a light shade.
        case area
        /// A rectangle for every two points, from one corner to the opposite one, in a light shade.
        case rectangles
        /// A line of this width between every two points.
        case segments(width: Double)
        /// A name at each point.
        case labels([String])
    }

    public struct Series: Sendable {
        /// nil: not in the legend.
        let name: String?
        package let style: Style
        let hue: Hue
        /// Without points, a series is only explained in the legend.
        let points: [(x: Double, y: Double)]

        package init(
            _ name: String?, _ style: Style, _ hue: Hue, _ points: [(x: Double, y: Double)]
        ) {
            (self.name, self.style, self.hue, self.points) = (name, style, hue, points)
        }

        package var isEmpty: Bool { points.isEmpty }
    }

    public struct Panel: Sendable {
        let title: String
        let x: Axis
        let y: Axis
        let series: [Series]
        /// Whether it is a drawing, whose axes have one scale and are not shown.
        let isDrawing: Bool

        package init(title: String, x: Axis, y: Axis, series: [Series]) {
            (self.title, self.x, self.y, self.series, isDrawing) = (title, x, y, series, false)
        }

        package init(title: String, drawing series: [Series]) {
            (self.title, self.series, isDrawing) = (title, series, true)
            (x, y) = (Axis(""), Axis(""))
        }

        /// A logarithmic axis has no place for what is not above 0.
        func shows(_ point: (x: Double, y: Double)) -> Bool {
            func fits(_ value: Double, _ axis: Axis) -> Bool {
                value.isFinite && (axis.scale == .linear || value > 0)
            }
            return fits(point.x, x) && fits(point.y, y)
        }
    }

    /// Over all panels: what the experiment was made on.
    let title: String?
    let panels: [Panel]

    package init(title: String?, panels: [Panel]) {
        (self.title, self.panels) = (title, panels)
    }
}
