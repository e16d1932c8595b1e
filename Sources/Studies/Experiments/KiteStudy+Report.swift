import Figures
import Foundation

extension KiteStudy.Result {
    public var data: DataTable {
        var table = DataTable(
            "experiment", "rule", "delta", "coercivity", "measured", "time", "loss", "predicted")
        for run in runs {
            table.add(
                "constant", .text(run.rule.rawValue), .number(run.delta), .number(run.constant),
                .init(run.measured), .empty, .empty, .empty)
        }
        for run in degenerate {
            for point in run.trajectory {
                table.add(
                    "degenerate", .text(run.rule.rawValue), .number(0),
                    .number(run.reachableConstant),
                    .init(run.measured), .number(point.time), .number(point.loss),
                    .number(run.predictedLoss(at: point.time)))
            }
        }
        return table
    }

    public var summary: DataTable {
        var table = DataTable("δ (V)", "rule", "rank", "constant c", "measured", "ratio")
        for run in runs {
            table.add(
                .number(run.delta), .text(run.rule.name), .text("\(run.rank) of 3"),
                .number(run.constant),
                .init(run.measured),
                .init(run.constant > 0 ? run.measured.map { $0 / run.constant } : nil))
        }
        for run in degenerate {
            table.add(
                .number(0), .text(run.rule.name), .text("\(run.rank) of 3"),
                .number(run.reachableConstant),
                .init(run.measured),
                .init(
                    run.reachableConstant > 0
                        ? run.measured.map { $0 / run.reachableConstant } : nil))
        }
        return table
    }

    private var rules: [StudyRule] {
        StudyRule.allCases.filter { rule in degenerate.contains { $0.rule == rule } }
    }

    public var findings: [String] {
        var result: [String] = []
        if Set(runs.map(\.delta)).count > 1 {
            for rule in rules {
                let (constant, measured) = exponents(rule)
                func power(_ exponent: Double?) -> String {
                    exponent.map { String(format: "as δ^%.4f", $0) } ?? "not as a power of δ"
                }
                result.append(
                    "\(rule.name): c falls \(power(constant)), the measured rate \(power(measured))"
                )
            }
        }
        let slow = runs.filter { $0.measured == nil || $0.constant == 0 }
        if !slow.isEmpty {
            let deltas = Set(slow.map(\.delta)).sorted(by: >)
            result.append(
                "too near for a rate to be told from rounding: δ = "
                    + deltas.map { String(format: "%g V", $0) }.joined(separator: ", "))
        }
        for run in degenerate {
            let difference =
                run.nullDirection.count == 3
                ? zip(run.nullDirection, run.expectedDirection).map { abs($0 - $1) }.max() ?? 1 : 1
            result.append(
                String(
                    format: """
                        %@ at δ = 0: c is 0 at rank %d of 3, yet no error had more than %.1g of \
                        itself in the null direction, which is (−k_BM, k_BM + k_CM, −k_CM) to %.1g; \
                        the table has the constant over reachable errors
                        """, run.rule.name, run.rank, run.lostErrorShare, difference))
        }
        return result
    }

    public var figure: Figure {
        var scaling: [Figure.Series] = []
        var decay: [Figure.Series] = []
        for rule in rules {
            let own = runs.filter { $0.rule == rule }
            scaling.append(
                Figure.Series(
                    "\(rule.name), measured rate/2", .points, rule.hue,
                    own.compactMap { run in run.measured.map { (run.delta, $0) } }))
            scaling.append(
                Figure.Series(
                    "\(rule.name), predicted: c", .dashed, rule.hue,
                    own.filter { $0.constant > 0 }.map { ($0.delta, $0.constant) }))
            if let smallest = own.filter({ $0.constant > 0 }).min(by: { $0.delta < $1.delta }),
                let largest = own.map(\.delta).max(), rule == rules.last
            {
                scaling.append(
                    Figure.Series(
                        "slope 2", .line, .grey,
                        [smallest.delta, largest].map {
                            ($0, 2 * smallest.constant * pow($0 / smallest.delta, 2))
                        }))
            }
        }
        for run in degenerate {
            decay.append(
                Figure.Series(
                    run.rule.name, .points, run.rule.hue,
                    thinned(run.trajectory.map { (x: $0.time, y: $0.loss) }, to: 60)))
            decay.append(
                Figure.Series(
                    nil, .dashed, run.rule.hue,
                    [0, run.trajectory.last?.time ?? 0].map { ($0, run.predictedLoss(at: $0)) }))
        }
        decay.append(
            Figure.Series("predicted: exp(−2ct), c over reachable errors", .dashed, .grey, []))
        return Figure(
            title: "Kite with targets (½, ½ + δ/3, ½ + δ) V at (B, M, C)",
            panels: [
                Figure.Panel(
                    title: "Near the degenerate targets", x: .init("distance δ (V)", .logarithmic),
                    y: .init("c (AL: V²/S²; CL: V²/S)", .logarithmic),
                    series: scaling),
                Figure.Panel(
                    title: "At them: δ = 0, rank 2 of 3", x: .init("time (AL: S²/V²; CL: S/V²)"),
                    y: .init("loss (V²)", .logarithmic), series: decay),
            ])
    }
}

extension KiteStudy.Result.Degenerate {
    /// Through the last point.
    func predictedLoss(at time: Double) -> Double {
        guard let last = trajectory.last else { return 0 }
        return last.loss * exp(-2 * reachableConstant * (time - last.time))
    }
}
