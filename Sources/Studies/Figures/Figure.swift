/// A plot as a value: panels side by side, each with axes and series.
public struct Figure: Sendable {
    public struct Axis: Sendable {
        public enum Scale: Sendable { case linear, logarithmic }
        let label: String
        let scale: Scale

        init(_ label: String, _ scale: Scale = .linear) {
            (self.label, self.scale) = (label, scale)
        }
    }

    /// Colours that colour-blind people tell apart (Okabe & Ito 2008); each with a marker of its own.
    public enum Hue: Int, Sendable {
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

    public enum Style: Sendable { case line, dashed, points }

    public struct Series: Sendable {
        /// nil: not in the legend.
        let name: String?
        let style: Style
        let hue: Hue
        /// Without points, a series is only explained in the legend.
        let points: [(x: Double, y: Double)]

        init(_ name: String?, _ style: Style, _ hue: Hue, _ points: [(x: Double, y: Double)]) {
            (self.name, self.style, self.hue, self.points) = (name, style, hue, points)
        }
    }

    public struct Panel: Sendable {
        let title: String
        let x: Axis
        let y: Axis
        let series: [Series]

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
}

extension StudyRule {
    /// The same in all figures.
    var hue: Figure.Hue {
        let hues: [Figure.Hue] = [.green, .blue, .orange]
        return hues[(Self.allCases.firstIndex(of: self) ?? 0) % hues.count]
    }
}
