import Foundation

extension Figure {
    /// What a file's name ends in.
    public enum Format: String, Sendable, CaseIterable {
        case svg, png, pdf
    }

    /// A script for gnuplot 5 that draws the figure to its standard output.
    ///
    /// Data come first, as named blocks: nothing is read but the script.
    public func gnuplotScript(_ format: Format) -> String {
        let panels = drawable
        let title =
            self.title.map {
                Self.wrapped(
                    $0.prefix(1).uppercased() + $0.dropFirst(),
                    to: Self.lettersAPanel * panels.count)
            }
            ?? []
        let titleLines = panels.map { Self.wrapped($0.title, to: Self.lettersATitle).count }
        let rows = panels.map(Self.legendRows).max() ?? 0
        let extra = title.count + max((titleLines.max() ?? 1) - 1, 0) + max(rows - 3, 0)
        var lines = [
            terminal(format, columns: panels.count, extraLines: extra), "set encoding utf8",
        ]
        for (p, panel) in panels.enumerated() {
            for (s, series) in panel.series.enumerated()
            where series.points.contains(where: panel.shows) {
                lines.append("$data_\(p)_\(s) << EOD")
                lines += Self.data(series, panel)
                lines.append("EOD")
            }
        }
        lines += [
            "set border 3 lw 1 lc rgb '#333333'", "set tics nomirror out scale 0.7",
            "set grid lw 0.5 lc rgb '#DDDDDD'",
            "set lmargin 10", "set rmargin 3", "set tmargin \(2 + (titleLines.max() ?? 1))",
            "set bmargin \(Self.short(max(Double(rows), 3) * 1.2 + 4.9))",
            "set key below vertical maxrows \(max(rows, 3)) Left reverse samplen 2.5 spacing 1.15 width 1 font ',12'",
            "set multiplot layout 1,\(panels.count)"
                + (title.isEmpty ? "" : " title \(Self.text(title)) font ',14'"),
        ]
        for (p, panel) in panels.enumerated() { lines += commands(panel, number: p) }
        lines.append("unset multiplot")
        return lines.joined(separator: "\n") + "\n"
    }

    /// What gnuplot drew, with the spaces that its script has: viewers may leave out the one after a
    /// subscript, which gnuplot writes at the start of an element of its own.
    public static func finished(_ picture: [UInt8], as format: Format) -> [UInt8] {
        guard format == .svg else { return picture }
        return Array(
            String(decoding: picture, as: UTF8.self)
                .replacing("<text>", with: "<text xml:space=\"preserve\">").utf8)
    }

    /// Letters that fit across a panel 520 wide, of a wide font of 13.
    private static let lettersAPanel = 48
    /// The same over the axes, which stand off the middle.
    private static let lettersATitle = 42
    /// Lines that a title may have: a thousand letters and more would leave no room for the figure.
    private static let mostLines = 4

    /// Of a legend whose columns fit below a panel.
    private static func legendRows(_ panel: Panel) -> Int {
        let names = panel.series.compactMap(\.name)
        let longest = names.map { shortened($0, of: names.count).count }.max() ?? 0
        let columns = max(1, lettersALegend / (longest + lettersASample))
        return (names.count + columns - 1) / columns
    }

    /// Of many names in a legend each has less than half of its width: the middle is left out of a long one.
    private static func shortened(_ name: String, of count: Int) -> String {
        let most = lettersALegend / 2 - lettersASample - 4
        guard count > mostLongNames, name.count > most else { return name }
        return name.prefix(most / 2) + "…" + name.suffix(most - most / 2 - 1)
    }

    /// Letters that fit below a panel, and those that a sample of a line takes.
    private static let lettersALegend = 60
    private static let lettersASample = 9
    /// Rows that gnuplot has room for.
    private static let mostLongNames = 6

    /// Panels that have points; one at least.
    private var drawable: [Panel] {
        let own = panels.filter { panel in
            panel.series.contains { series in
                series.points.contains { panel.shows($0) }
            }
        }
        return own.isEmpty ? Array(panels.prefix(1)) : own
    }

    /// Lines of at most so many letters, broken between words where words are short enough.
    static func wrapped(_ text: String, to count: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        // What is not shown need not be wrapped.
        for word in text.split(whereSeparator: \.isWhitespace) where lines.count <= mostLines {
            var rest = word[...]
            if !line.isEmpty, line.count + 1 + rest.count > count {
                lines.append(line)
                line = ""
            }
            while lines.count <= mostLines, rest.count > count {
                lines.append(String(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            line += (line.isEmpty ? "" : " ") + rest
        }
        if !line.isEmpty { lines.append(line) }
        guard lines.count > mostLines else { return lines }
        return lines.prefix(mostLines - 1) + [lines[mostLines - 1].prefix(count - 1) + "…"]
    }

    private func terminal(_ format: Format, columns: Int, extraLines: Int) -> String {
        let (width, height) = (520 * columns, 460 + 20 * extraLines)
        return switch format {
        case .svg:
            """
            set terminal svg enhanced size \(width),\(height) font 'Helvetica,13' \
            background '#FFFFFF'
            """
        case .png:
            """
            set terminal pngcairo enhanced size \(2 * width),\(2 * height) font 'Helvetica,13' \
            fontscale 2 linewidth 2 pointscale 2
            """
        case .pdf:
            String(
                format: "set terminal pdfcairo enhanced size %.2fin,%.2fin font 'Helvetica,10'",
                Double(width) / 100, Double(height) / 100)
        }
    }

    private func commands(_ panel: Panel, number: Int) -> [String] {
        let points = panel.series.flatMap(\.points).filter(panel.shows)
        let title = Self.wrapped(panel.title, to: Self.lettersATitle)
        var lines = ["set title \(Self.text(title))"]
        lines +=
            panel.isDrawing
            ? ["unset border", "unset grid", "set size ratio -1"]
            : [
                "set border 3 lw 1 lc rgb '#333333'", "set grid lw 0.5 lc rgb '#DDDDDD'",
                "set size noratio",
            ]
        lines += Self.commands(panel.x, named: "x", values: points.map(\.x))
        lines += Self.commands(panel.y, named: "y", values: points.map(\.y))
        if panel.isDrawing { lines += ["unset xtics", "unset ytics"] }
        if points.isEmpty { return lines + ["plot 2 notitle"] }
        // Shades first, then lines, then markers, which are seen on them. The order among equals stays.
        let ordered = panel.series.enumerated().sorted {
            ($0.element.style.layer, $0.offset) < ($1.element.style.layer, $1.offset)
        }
        let count = panel.series.count { $0.name != nil }
        let plots = ordered.map { s, series in
            let isEmpty = !series.points.contains(where: panel.shows)
            let source = isEmpty ? "keyentry" : "$data_\(number)_\(s) using \(series.style.columns)"
            let title =
                series.name.map { "title \(Self.text(Self.shortened($0, of: count)))" } ?? "notitle"
            return "\(source) \(Self.look(series)) \(title)"
        }
        lines.append("plot " + plots.joined(separator: ", \\\n     "))
        return lines
    }

    /// Ranges end a little beyond the data instead of at the next power of ten, as gnuplot's own do.
    private static func commands(_ axis: Axis, named name: String, values: [Double]) -> [String] {
        var lines = ["set \(name)label \(text(axis.label))"]
        let drawn: ClosedRange<Double> =
            axis.scale == .linear ? -mostDrawn...mostDrawn : .leastNormalMagnitude...mostDrawn
        func clamped(_ value: Double) -> Double {
            min(max(value, drawn.lowerBound), drawn.upperBound)
        }
        let usable = values.filter { $0.isFinite && (axis.scale == .linear || $0 > 0) }
        let (least, largest) = (clamped(usable.min() ?? 1), clamped(usable.max() ?? 1))
        switch axis.scale {
        case .linear:
            // A range that its seven digits can't tell from a point would be an error.
            let margin = max(
                largest > least ? 0.02 * (largest - least) : 1, 1e-5 * max(abs(least), abs(largest))
            )
            let (low, high) = (least == 0 ? 0 : clamped(least - margin), clamped(largest + margin))
            lines += [
                "unset log \(name)", "set format \(name) '%g'", "set \(name)tics autofreq",
                "set m\(name)tics default",
                "set \(name)range [\(short(low)):\(short(high))]",
            ]
        case .logarithmic:
            let decades = log10(largest) - log10(least)
            let factor = pow(10, max(0.03 * decades, 0.05))
            let (low, high) = (clamped(least / factor), clamped(largest * factor))
            // Powers of ten between those that are marked would clump, and so would parts of them.
            let step = max(1, Int((decades / mostMarkedDecades).rounded(.up)))
            let first = step * Int((log10(low) / Double(step)).rounded(.up))
            lines += [
                "set log \(name)", "set format \(name) '10^{%L}'",
                "set \(name)tics 1e\(first),1e\(step)",
                step > 1 ? "unset m\(name)tics" : "set m\(name)tics default",
                "set \(name)range [\(short(low)):\(short(high))]",
            ]
            if decades < 2 {
                // Powers of ten alone would be too few.
                let powers = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
                let ticks = powers.flatMap { power in
                    let decade: Double = pow(10, Double(power))
                    return [decade, 2 * decade, 5 * decade]
                }.filter { $0 >= low && $0 <= high }.map { "\"\(short($0))\" \(short($0))" }
                lines.append("set format \(name) '%g'")
                lines.append("set \(name)tics (\(ticks.joined(separator: ", ")))")
            }
        }
        return lines
    }

    /// Of a logarithmic axis.
    private static let mostMarkedDecades = 8.0

    /// gnuplot takes more than half of the largest number for infinite, the length of a range too.
    private static let mostDrawn = 4e307

    private static func look(_ series: Series) -> String {
        let colour = "lc rgb '\(series.hue.code)'"
        return switch series.style {
        case .line: "with lines lw \(series.hue.width) \(colour)"
        case .dashed: "with lines lw \(series.hue.width) dt (6,5) \(colour)"
        case .segments(let width): "with lines lw \(short(width)) \(colour)"
        case .labels: "with labels left noenhanced offset 0.7,0.5 font ',11'"
        case .area: "with filledcurves closed fs transparent solid 0.2 noborder \(colour)"
        case .rectangles: "with boxxyerror fs transparent solid 0.25 noborder \(colour)"
        case .dots: "with points pt \(2 * (series.hue.rawValue % 5) + 5) ps 1.1 \(colour)"
        // Hollow and filled circles, squares, triangles, …
        case .points: "with points pt \(2 * (series.hue.rawValue % 5) + 4) ps 0.7 lw 1.2 \(colour)"
        }
    }

    /// Lines of numbers: a point each, with its name or without; the middle of a rectangle and its sides; the ends of
    /// a line between blank lines.
    private static func data(_ series: Series, _ panel: Panel) -> [String] {
        let points = series.points
        func pairs(_ line: ((x: Double, y: Double), (x: Double, y: Double)) -> [String]) -> [String]
        {
            stride(from: 0, to: points.count - 1, by: 2).flatMap {
                line(points[$0], points[$0 + 1])
            }
        }
        switch series.style {
        case .rectangles:
            return pairs { a, b in
                [
                    [(a.x + b.x) / 2, (a.y + b.y) / 2, a.x, b.x, a.y, b.y].map(short)
                        .joined(separator: " ")
                ]
            }
        case .segments:
            return pairs { a, b in
                ["\(short(a.x)) \(short(a.y))", "\(short(b.x)) \(short(b.y))", ""]
            }
        case .labels(let names):
            return zip(points, names).map { point, name in
                "\(short(point.x)) \(short(point.y)) \"\(escaped(name, isData: true))\""
            }
        case .line, .dashed, .points, .dots, .area:
            return points.filter(panel.shows).map { "\(short($0.x)) \(short($0.y))" }
        }
    }

    /// Seven digits: more than a plot can show.
    private static func short(_ value: Double) -> String { String(format: "%.7g", value) }

    private static func text(_ text: String) -> String { self.text([text]) }

    /// Quoted, a line each.
    private static func text(_ lines: [String]) -> String {
        let texts = lines.map {
            // The one subscript that the studies need.
            escaped($0, isData: false).replacing("λmax", with: "λ_{max}")
                .replacing("λmin", with: "λ_{min}")
        }
        return "\"\(texts.joined(separator: "\\n"))\""
    }

    /// What stays text between gnuplot's double quotes. Scalar by scalar, as gnuplot reads: a quotation mark with an
    /// accent is another `Character`, and ends a text all the same.
    ///
    /// - Parameter isData: whether it stands among data, where nothing is markup and nothing can be escaped.
    private static func escaped(_ text: String, isData: Bool) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            // A backquote would be a command, whatever stands before it.
            case "`": "'"
            case "\"": isData ? "'" : "\\\""
            // The quotes take half of them, and enhanced mode half of what is left.
            case "\\": isData ? "'" : #"\\\\"#
            case "_", "^", "{", "}", "@", "&", "~": isData ? String(scalar) : "\\\\\(scalar)"
            case _ where scalar.properties.generalCategory == .control: " "
            default: String(scalar)
            }
        }.joined()
    }
}

extension Figure.Style {
    /// What is drawn on what.
    fileprivate var layer: Int {
        switch self {
        case .area, .rectangles: 0
        case .line, .dashed, .segments: 1
        case .points, .dots: 2
        case .labels: 3
        }
    }

    /// Of the data, that gnuplot uses.
    fileprivate var columns: String {
        switch self {
        case .rectangles: "1:2:3:4:5:6"
        case .labels: "1:2:3"
        case .line, .dashed, .points, .dots, .area, .segments: "1:2"
        }
    }
}
