import Figures
import Foundation

extension ConvergenceStudy.Result {
    public var data: DataTable {
        var table = DataTable("circuit", "rule", "experiment", "time_or_step", "loss", "predicted")
        for run in runs {
            func add(_ experiment: String, _ points: [Point], _ predicted: (Point) -> Double?) {
                for point in points {
                    table.add(
                        .text(run.circuit), .text(run.rule.rawValue), .text(experiment),
                        .number(point.x), .number(point.loss), .init(predicted(point)))
                }
            }
            add("continuous", run.trajectory) { run.predictedLoss(at: $0.x) }
            add("best step", run.bestSteps) { run.predictedBest(at: $0.x) }
            add("below the limit", run.below) { _ in nil }
            add("above the limit", run.above) { _ in nil }
        }
        return table
    }

    public var summary: DataTable {
        var table = DataTable(
            "circuit", "rule", "rate 2c", "measured", "ratio", "best step", "predicted a step",
            "ratio", "loss below limit", "loss above limit")
        for run in runs {
            table.add(
                .text(run.circuit), .text(run.rule.name), .number(run.predictedRate),
                .init(run.measuredRate), .init(run.ratio), .number(run.bestStep),
                .init(run.predictedStepRate), .init(run.stepRatio),
                .init(run.lossRatioBelow), .init(run.lossRatioAbove))
        }
        for none in withoutRate {
            table.add(
                .text(none.circuit), .text(none.rule.name), .empty, .empty, .empty, .empty, .empty,
                .empty, .empty, .empty)
        }
        return table
    }

    public var findings: [String] {
        func worst(_ what: String, _ ratio: (Run) -> Double?) -> String {
            let deviations = runs.compactMap { ratio($0).map { abs($0 - 1) } }
            guard let most = deviations.max() else { return what + ": not measured" }
            let missing = runs.filter { ratio($0) == nil }
            let except =
                missing.isEmpty
                ? "" : " (not measured for \(names(missing.map { ($0.rule, $0.circuit) })))"
            return what + String(format: ": deviates by at most %.2g %%", 100 * most) + except
        }
        let percent = String(format: "%g %%", 100 * margin)
        var result = [
            worst("late decay in continuous time over 2c at the converged circuit", \.ratio),
            worst(
                "decay a step at the best step 2/(λmax + λmin) over the prediction", \.stepRatio),
        ]
        let stepped = runs.filter { $0.lossRatioBelow != nil && $0.lossRatioAbove != nil }
        let wrong = stepped.filter { $0.lossRatioBelow ?? 2 >= 1 || $0.lossRatioAbove ?? 0 <= 1 }
        if !stepped.isEmpty {
            result.append(
                "steps \(percent) below 2/λmax lower the loss, steps \(percent) above raise it"
                    + (wrong.isEmpty
                        ? ", everywhere"
                        : ", but not so for \(names(wrong.map { ($0.rule, $0.circuit) }))"))
        }
        let remarks = runs.flatMap { run in run.remarks.map { ($0, run.rule, run.circuit) } }
        return result + Self.grouped(remarks).map { "\(names($0.who)): \($0.what)" }
            + sentencesWithoutRate
    }

    /// Why rules have no rate, a sentence for all that have the same reason.
    var sentencesWithoutRate: [String] {
        Self.grouped(withoutRate.map { ($0.reason, $0.rule, $0.circuit) }).map {
            "\(names($0.who)): \($0.what)"
        }
    }

    private static func grouped(
        _ items: [(what: String, rule: StudyRule, circuit: String)]
    ) -> [(what: String, who: [(StudyRule, String)])] {
        var result: [(what: String, who: [(StudyRule, String)])] = []
        for (what, rule, circuit) in items {
            if let place = result.firstIndex(where: { $0.what == what && $0.who[0].1 == circuit }) {
                result[place].who.append((rule, circuit))
            } else {
                result.append((what, [(rule, circuit)]))
            }
        }
        return result
    }

    /// "EP, AL on divider", circuit by circuit.
    private func names(_ who: [(rule: StudyRule, circuit: String)]) -> String {
        var circuits: [String] = []
        for (_, circuit) in who where !circuits.contains(circuit) { circuits.append(circuit) }
        return circuits.map { circuit in
            who.filter { $0.circuit == circuit }.map(\.rule.name).joined(separator: ", ")
                + " on \(circuit)"
        }.joined(separator: "; ")
    }

    /// The first circuit's curves, and of the others only that they lie on the same lines.
    public var figure: Figure {
        var continuous: [Figure.Series] = []
        var discrete: [Figure.Series] = []
        for run in runs where run.circuit == runs[0].circuit {
            let measured = run.trajectory.map { (x: run.predictedRate * $0.x, y: $0.loss) }
            continuous.append(
                Figure.Series(
                    run.rule.name, .points, run.rule.hue, thinned(measured, to: 60)))
            continuous.append(
                Figure.Series(
                    nil, .dashed, run.rule.hue,
                    line(run.trajectory, run.predictedRate, run.predictedLoss).map {
                        (x: run.predictedRate * $0.x, y: $0.y)
                    }))
            guard !run.bestSteps.isEmpty else { continue }
            discrete.append(
                Figure.Series(
                    "\(run.rule.name), best step", .points, run.rule.hue,
                    thinned(run.bestSteps.map { (x: $0.x, y: $0.loss) }, to: 40)))
            if let rate = run.predictedStepRate {
                discrete.append(
                    Figure.Series(
                        nil, .dashed, run.rule.hue, line(run.bestSteps, rate, run.predictedBest)))
            }
        }
        // One rule's steps beside the limit are enough to see.
        let own = runs.filter { $0.circuit == runs[0].circuit && !$0.below.isEmpty }
        if let run = own.first(where: { $0.rule == .al }) ?? own.first {
            let percent = String(format: "%g %%", 100 * margin)
            discrete.append(
                Figure.Series(
                    "\(run.rule.name), 2/λmax − \(percent)", .line, .grey,
                    run.below.map { ($0.x, $0.loss) }))
            discrete.append(
                Figure.Series(
                    "\(run.rule.name), 2/λmax + \(percent)", .line, .purple,
                    run.above.map { ($0.x, $0.loss) }))
        }
        continuous.append(Figure.Series("predicted: exp(−2ct)", .dashed, .grey, []))
        if discrete.contains(where: { $0.style == .dashed }) {
            discrete.append(Figure.Series("predicted: ρ²ⁿ", .dashed, .grey, []))
        }
        let count = Set(runs.map(\.circuit)).count
        var panels = [
            Figure.Panel(
                title: "Continuous time",
                x: .init("time × 2c  (c of each rule at its solution)"),
                y: .init("loss (V²)", .logarithmic), series: continuous)
        ]
        if !discrete.isEmpty {
            panels.append(
                Figure.Panel(
                    title: "Discrete steps near the solution", x: .init("step n"),
                    y: .init("loss (V²)", .logarithmic), series: discrete))
        }
        return Figure(
            title: runs[0].circuit + (count > 1 ? " (the first of \(count))" : ""), panels: panels)
    }

    /// The two ends of a predicted decay that passes through the last point: back to where it is as high as
    /// the highest of the points, beyond which it is no prediction of theirs.
    private func line(
        _ points: [Point], _ rate: Double, _ predicted: (Double) -> Double?
    ) -> [(x: Double, y: Double)] {
        guard let last = points.last, last.loss > 0 else { return [] }
        let highest = points.map(\.loss).max() ?? last.loss
        let start = max(0, last.x - log(highest / last.loss) / rate)
        return [start, last.x].compactMap { x in predicted(x).map { (x, $0) } }
    }
}

extension ConvergenceStudy.Result.Run {
    /// exp(−2ct) through the last point; nil where that is far above all losses, the early time of which the
    /// theory of late times says nothing.
    func predictedLoss(at time: Double) -> Double? {
        Self.extrapolated(trajectory, predictedRate, to: time)
    }

    func predictedBest(at step: Double) -> Double? {
        predictedStepRate.flatMap { Self.extrapolated(bestSteps, $0, to: step) }
    }

    private static func extrapolated(
        _ points: [ConvergenceStudy.Result.Point], _ rate: Double, to x: Double
    ) -> Double? {
        guard let last = points.last, let highest = points.map(\.loss).max() else { return nil }
        let value = last.loss * exp(-rate * (x - last.x))
        return value <= 10 * highest ? value : nil
    }
}

/// At most so many points, at nearly equal distances, the first and the last among them.
func thinned(_ points: [(x: Double, y: Double)], to count: Int) -> [(x: Double, y: Double)] {
    guard points.count > count else { return points }
    return (0..<count).map { points[$0 * (points.count - 1) / (count - 1)] }
}
