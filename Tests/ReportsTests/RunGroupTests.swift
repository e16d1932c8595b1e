import Figures
import Testing

@testable import Reports

@Suite struct RunGroupTests {
    private func curve(_ rows: [[Double]], _ columns: [String] = ["step", "loss"]) -> TrainingCurve
    {
        var curve = TrainingCurve(columns: columns)
        for row in rows { curve.append(row) }
        return curve
    }

    @Test func namesThatDifferInDigitsAreOne() {
        let one = curve([[0, 1]])
        let names = ["al-1", "ep", "al-2", "al-10", "run_07", "3"]
        let groups = RunGroup.groups(of: names.map { ($0, one) })
        #expect(groups.map(\.name) == ["al", "ep", "run_07", "3"])
        #expect(groups.map(\.runs.count) == [3, 1, 1, 1])
        #expect(RunGroup.groups(of: [("1", one), ("2", one)]).map(\.name) == ["1"])
    }

    /// At each step the last value that each run has had; one that has ended stays.
    @Test func spread() {
        let group = RunGroup.groups(of: [
            ("a1", curve([[0, 8], [1, 4], [4, 2]])), ("a2", curve([[0, 6], [2, 1]])),
            ("a3", curve([[0, 10], [4, 9]])),
        ])[0]
        let (median, least, largest) = group.spread("loss")
        #expect(median.map(\.x) == [0, 1, 2, 4])
        #expect(median.map(\.y) == [8, 6, 4, 2])
        #expect(least.map(\.y) == [6, 4, 1, 1])
        #expect(largest.map(\.y) == [10, 10, 10, 9])
        let two = RunGroup.groups(of: [("b1", curve([[0, 8]])), ("b2", curve([[0, 6]]))])[0]
        #expect(two.spread("loss").median.map(\.y) == [7])
    }

    @Test func figures() throws {
        let group = RunGroup.groups(of: [
            ("a1", curve([[0, 8, 9], [2, 4, 5]], ["step", "loss", "testLoss"])),
            ("a2", curve([[0, 6, 7], [2, 2, 3]], ["step", "loss", "testLoss"])),
        ])
        let text = try Figure(of: group, column: "loss", title: "runs").gnuplotScript(.svg)
        // From the least forwards and from the largest back.
        #expect(text.contains("$data_0_0 << EOD\n0 6\n2 2\n2 4\n0 8\nEOD\n"))
        #expect(text.contains("$data_0_1 << EOD\n0 7\n2 3\nEOD\n"))
        #expect(text.contains("$data_0_2 << EOD\n0 8\n2 4\nEOD\n"))
        #expect(text.contains("\"a, median of 2\""))
        #expect(text.contains("\"a, not trained\""))
        #expect(throws: FigureError.self) {
            try Figure(of: group, column: "accuracy", title: nil)
        }
        let other = RunGroup.groups(of: [("t", curve([[0, 1]], ["time", "loss"]))])
        #expect(throws: FigureError.self) {
            try Figure(of: group + other, column: "loss", title: nil)
        }
    }
}
