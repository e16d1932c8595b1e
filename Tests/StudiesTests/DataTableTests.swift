import Testing

@testable import Studies

@Suite struct DataTableTests {
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
