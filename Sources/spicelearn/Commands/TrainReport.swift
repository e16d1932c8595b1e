import Foundation
import LearningRules
import Netlist

/// What `train` prints, for people and for scripts.
struct TrainReport {
    let task: LearningTask
    let rule: any LearningRule
    /// Nil in continuous time.
    let optimizer: Optimizer?
    /// V.
    let tolerance: Double
    let result: TrainingResult
    /// Of a training that ended without reaching its targets; nil where it would take too long.
    let sentences: DescentSentences?
    /// Of a nonlinear circuit that has converged.
    let confirmation: TrainConfirmation?
    let output: String
    /// What ngspice's `ngbehavior` has to be for the deck written; nil for its own language.
    let behaviour: String?
    /// Of --seeds.
    let seeded: TrainCommand.SeededRuns?
    /// Of a random start.
    let seed: UInt64?

    struct JSON: Encodable {
        struct Loss: Encodable {
            let initial: Double
            let final: Double
        }

        let rule: String
        /// Only in discrete steps.
        let optimizer: String?
        let steps: Int
        /// Only in continuous time.
        let time: Double?
        let converged: Bool
        let reason: String
        let loss: Loss
        /// S for al and ep, a fraction of the error for cl.
        let nudge: Double
        /// `centered` or `one-sided`.
        let nudging: String
        let resistances: [String: Double]
        /// Only of nonlinear circuits that have converged.
        let confirmation: TrainConfirmation.JSON?
        let output: String
        let ngbehavior: String?
        /// Only with a random start.
        let seed: UInt64?
        /// Only with --seeds.
        let runs: [TrainCommand.SeededRun]?
        let arrived: Int?
        let medianSteps: Double?
    }

    /// Of each trained resistor, in the deck's order.
    private var trained: [(name: String, before: Double, after: Double)] {
        let after = result.conductances.resistances(of: task)
        return task.parameters.flatMap { $0.members.map(\.resistor) }.sorted().map { index in
            let resistor = task.circuit.resistors[index]
            return (resistor.name, resistor.resistance, after[index])
        }
    }

    var json: JSON {
        JSON(
            rule: type(of: rule).abbreviation.lowercased(), optimizer: optimizer?.rawValue,
            steps: result.steps, time: result.time, converged: result.converged,
            reason: result.reason.rawValue,
            loss: JSON.Loss(initial: result.initialLoss, final: result.states.loss),
            nudge: result.nudging.strength,
            nudging: result.nudging.sides == .centered ? "centered" : "one-sided",
            resistances: Dictionary(
                trained.map { ($0.name, $0.after) }, uniquingKeysWith: { first, _ in first }),
            confirmation: confirmation?.json, output: output, ngbehavior: behaviour,
            seed: seed, runs: seeded?.runs, arrived: seeded?.arrived,
            medianSteps: seeded?.medianSteps)
    }

    private var method: LearningMethod {
        LearningMethod(rule: rule, nudging: result.nudging)
    }

    /// More rows than a screen holds are summed up: the whole is in the deck, in --json and in --history.
    private static let longestTable = 40

    var text: String {
        var parts = [task.circuit.title, describe(method)]
        if trained.count <= Self.longestTable {
            var table = Table("resistor", "before Ω", "after Ω")
            for row in trained {
                table.add(row.name, readable(row.before), readable(row.after, digits: 8))
            }
            parts.append(table.text)
        } else {
            parts.append("\(trained.count) resistors trained")
        }
        let rows = task.samples.count * task.outputs.count
        if rows <= Self.longestTable {
            parts.append(outputTable)
        }
        if let seeded { parts.append(seeded.text) }
        parts.append(summary)
        return parts.joined(separator: "\n\n")
    }

    private var outputTable: String {
        let several = task.samples.count > 1
        var table = Table(
            header: (several ? ["sample"] : []) + ["output", "V", "target V", "error V"])
        for m in task.samples.indices {
            for (o, output) in task.outputs.enumerated() {
                let v = result.states.outputs[m, o]
                table.add(
                    cells: (several ? ["\(m + 1)"] : []) + [
                        output.name, readable(v, digits: 10),
                        readable(task.samples[m].targets[o], digits: 10),
                        readable(result.states.errors[m, o], digits: 3),
                    ])
            }
        }
        return table.text
    }

    private var summary: String {
        var steps = "\(result.steps) step\(result.steps == 1 ? "" : "s")"
        if let optimizer, optimizer != .plain { steps += " of \(optimizer.rawValue)" }
        if let time = result.time { steps = "time \(readable(time)), \(steps)" }
        let head =
            result.converged
            ? "converged \(result.time == nil ? "in" : "at") \(steps): every output within \(readable(tolerance)) V\(confirmation?.condition ?? "")"
            : "not converged after \(steps)"
        return
            ([head] + (confirmation.map { [$0.sentence] } ?? []) + [
                "loss \(readable(result.initialLoss)) V² → \(readable(result.states.loss)) V²",
                seed.map { "wrote \(output), from the random start of seed \($0)" }
                    ?? "wrote \(output)",
            ]
            + (behaviour.map { ["to be read with ngspice -D ngbehavior=\($0) -b \(output)"] } ?? []))
            .joined(separator: "\n")
    }

    /// One sentence for standard error: why training ended, how far it got, what to try.
    var whyNotConverged: String {
        let reached =
            "the largest error is \(readable(result.states.largestError, digits: 4)) V, the tolerance \(readable(tolerance)) V"
        let written = "\(output) holds the \(result.time == nil ? "best" : "last") point reached"
        switch result.reason {
        case .steps:
            return
                "stopped after the \(result.steps) steps allowed: \(reached); \(written); allow more with --steps\(pace)"
        case .duration:
            return
                "stopped at the end of the duration, time \(readable(result.time ?? 0)): \(reached); \(written); allow more with --duration"
        case .stagnation:
            return
                (result.steps == 0
                ? "stopped before the first step"
                : "stopped after \(result.steps) steps, which hardly lower the loss any more")
                + ": \(reached). \(cause); \(written)"
        case .ascent:
            return
                "stopped after \(result.steps) steps, the last of which raised the loss: \(reached). \(cause); \(written)"
        case .unsolved:
            return
                "stopped after \(result.steps) steps, no operating point is found where the next ones lead: \(reached); \(written); try another starting point, --optimizer plain with a small --rate, or bounds that exclude such points"
        case .interrupted:
            return "interrupted after \(result.steps) steps: \(reached); \(written)"
        case .tolerance, .goal, .failed:
            return reached
        }
    }

    private var cause: String {
        sentences?.whyNoFurther
            ?? "Why is not known: its exact gradient would take many operating points, or could not be found here"
    }

    /// How many steps are missing, at the pace of those before.
    private var pace: String {
        let start = (2 * result.initialLoss).squareRoot(),
            end = (2 * result.states.loss).squareRoot()
        guard result.steps > 0, end < 0.9 * start, tolerance > 0 else { return "" }
        let more =
            Double(result.steps) * log(result.states.largestError / tolerance) / log(start / end)
        guard more >= 1, more < 1e9 else { return "" }
        return " (at the pace so far about \(readable(more, digits: 2)) more)"
    }
}
