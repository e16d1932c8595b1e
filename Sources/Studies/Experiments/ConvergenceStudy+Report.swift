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
                .number(run.predictedStepRate), .init(run.stepRatio),
                .number(run.lossRatioBelow), .number(run.lossRatioAbove))
        }
        return table
    }

    public var findings: [String] {
        func worst(_ ratios: [Double?]) -> String {
            let deviations = ratios.compactMap { $0.map { abs($0 - 1) } }
            guard deviations.count == ratios.count, let most = deviations.max() else {
                return "could not be measured everywhere"
            }
            return String(format: "deviates by at most %.2g %%", 100 * most)
        }
        let percent = String(format: "%g %%", 100 * margin)
        let isRight = runs.allSatisfy { $0.lossRatioBelow < 1 && $0.lossRatioAbove > 1 }
        var result = [
            "late decay in continuous time over 2c at the converged circuit: "
                + worst(runs.map(\.ratio)),
            "decay a step at the best step 2/(λmax + λmin) over the prediction: "
                + worst(runs.map(\.stepRatio)),
            isRight
                ? "steps \(percent) below 2/λmax lower the loss, steps \(percent) above raise it, everywhere"
                : "the stable step is not 2/λmax everywhere",
        ]
        let unfinished = runs.filter { !$0.converged }
        if !unfinished.isEmpty {
            let names = unfinished.map { "\($0.rule.name) on \($0.circuit)" }
            result.append("did not reach the tolerance: " + names.joined(separator: ", "))
        }
        return result
    }

    /// The first circuit's curves, and of the others only that they lie on the same lines.
    public var figure: Figure {
        var continuous: [Figure.Series] = []
        var discrete: [Figure.Series] = []
        for run in runs where run.circuit == runs[0].circuit {
            let measured = run.trajectory.map { (x: run.predictedRate * $0.x, y: $0.loss) }
            let end = measured.last?.x ?? 0
            continuous.append(
                Figure.Series(
                    run.rule.name, .points, run.rule.hue, thinned(measured, to: 60)))
            continuous.append(
                Figure.Series(
                    nil, .dashed, run.rule.hue,
                    [0, end].map {
                        (x: $0, y: run.predictedLoss(at: $0 / run.predictedRate))
                    }))
            discrete.append(
                Figure.Series(
                    "\(run.rule.name), best step", .points, run.rule.hue,
                    thinned(run.bestSteps.map { (x: $0.x, y: $0.loss) }, to: 40)))
            discrete.append(
                Figure.Series(
                    nil, .dashed, run.rule.hue,
                    [0, run.bestSteps.last?.x ?? 0].map { (x: $0, y: run.predictedBest(at: $0)) }
                ))
        }
        if let run = runs.first(where: { $0.rule == .al && $0.circuit == runs[0].circuit }) {
            let percent = String(format: "%g %%", 100 * margin)
            discrete.append(
                Figure.Series(
                    "AL, 2/λmax − \(percent)", .line, .grey, run.below.map { ($0.x, $0.loss) }))
            discrete.append(
                Figure.Series(
                    "AL, 2/λmax + \(percent)", .line, .purple, run.above.map { ($0.x, $0.loss) }))
        }
        continuous.append(Figure.Series("predicted: exp(−2ct)", .dashed, .grey, []))
        discrete.append(Figure.Series("predicted: ρ²ⁿ", .dashed, .grey, []))
        return Figure(panels: [
            Figure.Panel(
                title: "Continuous time, \(runs[0].circuit)",
                x: .init("time × 2c  (c of each rule at its solution)"),
                y: .init("loss (V²)", .logarithmic), series: continuous),
            Figure.Panel(
                title: "Discrete steps near the solution", x: .init("step n"),
                y: .init("loss (V²)", .logarithmic), series: discrete),
        ])
    }
}

extension ConvergenceStudy.Result.Run {
    /// exp(−2ct) through the last point.
    func predictedLoss(at time: Double) -> Double {
        guard let last = trajectory.last else { return 0 }
        return last.loss * exp(-predictedRate * (time - last.x))
    }

    func predictedBest(at step: Double) -> Double {
        guard let last = bestSteps.last else { return 0 }
        return last.loss * exp(-predictedStepRate * (step - last.x))
    }
}

/// At most so many points, at nearly equal distances, the first and the last among them.
func thinned(_ points: [(x: Double, y: Double)], to count: Int) -> [(x: Double, y: Double)] {
    guard points.count > count else { return points }
    return (0..<count).map { points[$0 * (points.count - 1) / (count - 1)] }
}
