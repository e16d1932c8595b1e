import Testing

@testable import Figures

@Suite struct FigureTests {
    private func script(_ series: [Figure.Series], title: String = "t") -> String {
        Figure(
            title: nil,
            panels: [
                Figure.Panel(
                    title: title, x: .init("x"), y: .init("y (V²)", .logarithmic), series: series)
            ]
        ).gnuplotScript(.svg)
    }

    /// A name from a deck must stay text: in gnuplot's double quotes a backquote would be a command.
    @Test func textIsText() {
        let text = script([], title: "a_b \"q\" \\ `date` λmax")
        #expect(text.contains("set title \"a\\\\_b \\\"q\\\" "))
        #expect(!text.contains("`"))
        #expect(text.contains("λ_{max}"))
    }

    /// gnuplot reads scalars: what an accent makes another letter is a quotation mark to it all the same.
    @Test func accentsHideNothing() throws {
        let accent = "\u{301}"
        let odd = "a`\u{301} \"\u{301} \\\u{301} _\u{301}\u{0}\r\nb"
        let text = script([Figure.Series(odd, .labels([odd]), .grey, [(1, 1)])], title: odd)
        #expect(!text.unicodeScalars.contains { $0 == "`" })
        let name = #"title "a'\#(accent) \"\#(accent) \\\\\#(accent) \\_\#(accent)   b""#
        #expect(text.utf8.contains(name.utf8))
        let label = try #require(text.split(separator: "\n").first { $0.hasPrefix("1 1 ") })
        // None but the two around it.
        #expect(label.unicodeScalars.filter { $0 == "\"" || $0 == "\\" }.count == 2)
    }

    /// A script's numbers have seven digits, and gnuplot refuses a range without a length.
    @Test(
        arguments: [
            (0.5, 0.500_000_000_1), (1e20, 1e20), (-1.7e308, 1.7e308), (1e-10, 1e308),
            (.leastNonzeroMagnitude, 1e-300), (.leastNonzeroMagnitude, 1.7e308), (1.7e308, 1.7e308),
            (.leastNonzeroMagnitude, .leastNonzeroMagnitude),
        ] as [(Double, Double)])
    func rangesHaveALength(least: Double, largest: Double) throws {
        let text = script([
            Figure.Series("s", .points, .blue, [(least, abs(least)), (largest, abs(largest))])
        ])
        for start in ["set xrange [", "set yrange ["] {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(start) })
            let ends = line.dropFirst(start.count).dropLast().split(separator: ":")
                .compactMap { Double($0) }
            try #require(ends.count == 2, "\(line)")
            #expect(ends[0] < ends[1] && (ends[1] - ends[0]).isFinite, "\(line)")
        }
    }

    /// Of many decades only some are marked, and nothing between them; on another axis nothing of this stays.
    @Test(arguments: [
        (1e-22, 1e-3, "1e-21,1e3", true), (1e-8, 1, "1e-8,1e1", false),
        (1e-9, 1, "1e-8,1e2", true), (1e-2, 1e1, "1e-2,1e1", false),
    ])
    func decades(least: Double, largest: Double, ticks: String, isSparse: Bool) {
        let text = script([Figure.Series("s", .line, .blue, [(0, least), (1, largest)])])
        let lines = text.split(separator: "\n")
        #expect(lines.contains("set ytics \(ticks)"), "\(text)")
        #expect(lines.contains("unset mytics") == isSparse)
        #expect(lines.contains("set mytics default") == !isSparse)
        #expect(lines.contains("set mxtics default"))
    }

    @Test func data() {
        let text = script([
            Figure.Series("s", .points, .blue, [(1, 10), (2, .nan), (3, 1e-3)]),
            Figure.Series("explained", .dashed, .grey, []),
        ])
        #expect(text.contains("$data_0_0 << EOD\n1 10\n3 0.001\nEOD\n"))
        #expect(text.contains("keyentry with lines"))
        #expect(text.contains("set log y"))
        #expect(text.contains("unset log x"))
    }

    /// Whole titles, however long: broken into lines, for which the figure grows.
    @Test func longTitles() {
        let name =
            "Allostery: a drop at one place, a response at a distant one, and so on to the end"
        #expect(Figure.wrapped(name, to: 40).joined(separator: " ") == name)
        #expect(Figure.wrapped(name, to: 40).allSatisfy { $0.count <= 40 })
        #expect(
            Figure.wrapped(String(repeating: "x", count: 90), to: 40).map(\.count) == [40, 40, 10])
        #expect(Figure.wrapped("", to: 40).isEmpty)
        #expect(Figure.wrapped(String(repeating: "ab ", count: 200), to: 40).count == 4)
        let text = script([Figure.Series("s", .line, .blue, [(1, 1)])], title: name)
        #expect(
            text.contains(
                #"set title "Allostery: a drop at one place, a response\nat a distant one,"#))
        #expect(text.contains("size 520,480"))
        #expect(text.contains("set tmargin 4"))
    }

    @Test(.timeLimit(.minutes(1))) func endlessTitles() {
        let lines = Figure.wrapped(String(repeating: "x", count: 2_000_000), to: 40)
        #expect(lines.map(\.count) == [40, 40, 40, 40] && lines[3].hasSuffix("x…"))
    }

    @Test func theCircuitIsNamed() {
        let panel = Figure.Panel(
            title: "p", x: .init("x"), y: .init("y"),
            series: [Figure.Series("s", .line, .blue, [(1, 1)])])
        let text = Figure(title: "my deck", panels: [panel, panel]).gnuplotScript(.svg)
        #expect(text.contains("set multiplot layout 1,2 title \"My deck\""))
    }

    /// Curves that coincide: the first is the widest, the last the thinnest, and markers are over lines.
    @Test func coincidingCurves() {
        let points: [(x: Double, y: Double)] = [(1, 10), (2, 20)]
        let text = script([
            Figure.Series("a", .points, .green, points), Figure.Series("b", .line, .green, points),
            Figure.Series("c", .line, .blue, points), Figure.Series("d", .line, .orange, points),
        ])
        let plots = text.split(separator: "\n").filter { $0.contains("using 1:2") }
        #expect(plots.count == 4 && plots[3].contains("with points"))
        let widths = plots.prefix(3).map { line in
            line.split(separator: " ").drop { $0 != "lw" }.dropFirst().first.flatMap { Double($0) }
                ?? 0
        }
        #expect(zip(widths, widths.dropFirst()).allSatisfy { $0 > 1.5 * $1 })
    }

    @Test func nothingToDraw() {
        let text = script([Figure.Series("s", .points, .blue, [(1, 0), (.nan, 1)])])
        #expect(!text.contains("$data") && text.contains("plot 2 notitle"))
    }

    @Test func spacesAfterSubscripts() {
        let svg = Array("<text><tspan>max</tspan><tspan> at</tspan></text>".utf8)
        let finished = String(decoding: Figure.finished(svg, as: .svg), as: UTF8.self)
        #expect(finished.hasPrefix("<text xml:space=\"preserve\"><tspan>"))
        #expect(Figure.finished(svg, as: .png) == svg)
    }

    /// Columns as gnuplot's styles want them: a polygon; middle and sides of a rectangle; lines with gaps between.
    @Test func shades() {
        let text = script([
            Figure.Series(nil, .area, .blue, [(0, 1), (1, 2), (1, 3)]),
            Figure.Series("r", .rectangles, .green, [(0, 10), (4, 30)]),
            Figure.Series("s", .segments(width: 2.5), .grey, [(0, 1), (1, 1), (5, 1), (6, 2)]),
            Figure.Series("d", .dots, .orange, [(1, 1)]),
        ])
        #expect(text.contains("$data_0_0 << EOD\n0 1\n1 2\n1 3\nEOD\n"))
        #expect(text.contains("$data_0_1 << EOD\n2 20 0 4 10 30\nEOD\n"))
        #expect(text.contains("$data_0_2 << EOD\n0 1\n1 1\n\n5 1\n6 2\n\nEOD\n"))
        #expect(text.contains("$data_0_0 using 1:2 with filledcurves closed"))
        #expect(text.contains("$data_0_1 using 1:2:3:4:5:6 with boxxyerror"))
        #expect(text.contains("$data_0_2 using 1:2 with lines lw 2.5"))
    }

    /// A drawing has no axes, and names that gnuplot does not read as anything else.
    @Test func drawings() {
        let panel = Figure.Panel(
            title: "p",
            drawing: [
                Figure.Series(nil, .labels(["a", "x`date`\"y\\z\nEOD"]), .grey, [(0, 1), (2, 3)])
            ])
        let text = Figure(title: nil, panels: [panel]).gnuplotScript(.svg)
        #expect(text.contains("$data_0_0 << EOD\n0 1 \"a\"\n2 3 \"x'date''y'z EOD\"\nEOD\n"))
        #expect(text.contains("set size ratio -1"))
        #expect(text.contains("unset border"))
        #expect(text.contains("unset xtics"))
        #expect(text.contains("with labels left noenhanced"))
    }
}
