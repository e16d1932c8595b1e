import Foundation
import Testing

@testable import Reports

/// Histories in a bounded number of rows, and the rate at which their loss falls.
@Suite struct TrainingCurveTests {
    @Test(
        "rows at equal distances, the first and the last, however many come",
        arguments: [1, 7, 8, 9, 1000, 4097])
    func thinning(count: Int) throws {
        var curve = TrainingCurve(columns: ["step", "loss"], most: 8)
        for step in 0..<count { curve.append([Double(step), 1 / Double(step + 1)]) }
        let steps = try #require(curve.column("step")).compactMap(\.self).map { Int($0) }
        #expect(steps.first == 0 && steps.last == count - 1)
        #expect(steps.count <= 9)
        #expect(steps.dropLast().enumerated().allSatisfy { $1 == $0 * curve.stride })
        // Not fewer rows than there is room for.
        #expect(count < 9 ? steps.count == count : steps.count > 4)
    }

    @Test("what is not finite is null")
    func infinite() throws {
        var curve = TrainingCurve(columns: ["step", "loss"])
        curve.append([0, .infinity])
        let json = String(decoding: try JSONEncoder().encode(curve), as: UTF8.self)
        #expect(json.contains("[0,null]"))
    }

    @Test("a CSV file: the columns before outputs and resistors")
    func csv() throws {
        let text = """
            step,loss,naturalLoss,error,rate,"V(a,b)",R1
            0,1,2,3,0.5,9,1000
            1,0.25,0.5,1,0.5,8,1001
            2,0.0
            """
        let curve = try TrainingCurve(csv: Array(text.utf8))
        #expect(curve.columns == ["step", "loss", "naturalLoss", "error", "rate"])
        #expect(curve.keptRows == [[0, 1, 2, 3, 0.5], [1, 0.25, 0.5, 1, 0.5]])
    }

    @Test("lines of JSON")
    func jsonLines() throws {
        let text = """
            {"time":0,"loss":1,"naturalLoss":2,"error":3,"R1":4}
            {"time":0.5,"loss":0.5,"naturalLoss":1,"error":2,"R1":5}
            {"time":1,"lo
            """
        let curve = try TrainingCurve(jsonLines: Array(text.utf8))
        #expect(curve.columns == ["time", "loss", "naturalLoss", "error"])
        #expect(curve.keptRows == [[0, 1, 2, 3], [0.5, 0.5, 1, 2]])
    }

    @Test(
        "what is no history",
        arguments: [
            ("", 1), ("V1,V(b)\n1,2\n", 1), ("step,loss,error,rate\n0,1,x,2\n1,1,1,1\n", 2),
            ("step,loss\n0\n1,2\n", 2), ("step,loss\n0,1\n2,0.5\n1,0.7\n", 4),
        ])
    func noHistory(text: String, line: Int) throws {
        let error = #expect(throws: HistoryError.self) {
            _ = try TrainingCurve(csv: Array(text.utf8))
        }
        #expect(error?.line == line)
    }

    /// exp(−rate · place) exactly, over thirty orders of magnitude.
    private func decay(_ columns: [String], row: (Double) -> [Double]) -> TrainingCurve {
        var curve = TrainingCurve(columns: columns)
        for step in 0...200 { curve.append(row(Double(step))) }
        return curve
    }

    @Test("the measured rate of an exponential is its own")
    func continuousRate() throws {
        let curve = decay(["time", "loss"]) { [0.1 * $0, 5 * exp(-0.3 * 0.1 * $0)] }
        let rate = try #require(DecayRate(of: curve, predicted: 0.31, followsFlow: true))
        #expect(abs(rate.measured - 0.3) < 1e-12)
        #expect(rate.predicted == 0.31 && rate.abscissa == .time)
        #expect(abs(rate.from - 10) < 0.15 && abs(rate.to - 15) < 0.15)
    }

    @Test("plain steps are measured over the sum of their rates")
    func plainRate() throws {
        // Rates double halfway, and so does the pace.
        var time = 0.0
        let curve = decay(["step", "loss", "rate"]) { step in
            let rate = step < 100 ? 0.5 : 1
            defer { time += rate }
            return [step, exp(-0.04 * time), rate]
        }
        let rate = try #require(DecayRate(of: curve, predicted: 0.04, followsFlow: true))
        #expect(abs(rate.measured - 0.04) < 1e-12)
        // A step of rate 1 leaves 1 − c of the slowest error, and its square of the loss.
        #expect(abs((rate.predicted ?? 0) - -2 * log(1 - 0.02)) < 1e-15)
        let steps = try #require(DecayRate(of: curve, predicted: 0.04, followsFlow: false))
        #expect(steps.predicted == nil && steps.abscissa == .step)
    }

    @Test("a loss that does not fall has no rate")
    func noRate() {
        #expect(
            DecayRate(of: decay(["time", "loss"]) { [$0, 1] }, predicted: 1, followsFlow: true)
                == nil)
        #expect(
            DecayRate(
                of: decay(["epoch", "loss"]) { [$0, exp(-$0)] }, predicted: 1, followsFlow: true)
                == nil)
    }
}
