import Testing

@testable import Studies

@Suite struct FigureTests {
    private func script(_ series: [Figure.Series], title: String = "t") -> String {
        Figure(panels: [
            Figure.Panel(
                title: title, x: .init("x"), y: .init("y (V²)", .logarithmic), series: series)
        ]).gnuplotScript(.svg)
    }

    /// A name from a deck must stay text: in gnuplot's double quotes a backquote would be a command.
    @Test func textIsText() {
        let text = script([], title: "a_b \"q\" \\ `date` λmax")
        #expect(text.contains("set title \"a\\\\_b \\\"q\\\" "))
        #expect(!text.contains("`"))
        #expect(text.contains("λ_{max}"))
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

    @Test func table() {
        var table = DataTable("a", "b,c")
        table.add(.text("say \"x\", y"), .number(0.1))
        table.add(.empty, .number(1e22))
        #expect(table.csv == "a,\"b,c\"\n\"say \"\"x\"\", y\",0.1\n,1e+22\n")
    }

    @Test func exponents() {
        #expect(abs(exponent([(1, 3), (2, 12), (4, 48)]) - 2) < 1e-12)
        #expect(thinned([(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)], to: 3).map(\.x) == [0, 2, 4])
    }
}
