import Engines
import Foundation
import LearningRules
import LearningTasks
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
    /// Of a task with classes, or with samples for testing.
    let scores: EpochScore?
    /// Nil in continuous time.
    let trainer: Trainer?
    /// The one that solved.
    let engine: Engine
    /// Of its states.
    let confirmed: ConfirmedStates
    /// Whether ngspice found other states.
    let isDoubted: Bool
    let seconds: Double
    let output: String
    /// What ngspice's `ngbehavior` has to be for the deck written; nil for its own language.
    let behaviour: String?
    /// Of --seeds.
    let seeded: TrainCommand.SeededRuns?
    /// The seed of a random start.
    let start: UInt64?
    /// Of --report, once it is written.
    var page: String?

    struct JSON: Encodable, Sendable {
        struct Loss: Encodable, Sendable {
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
        struct Parts<Value: Encodable & Sendable>: Encodable, Sendable {
            let train: Value?
            let test: Value?
        }

        let lossName: String
        let batch: Int?
        let epochs: Int?
        /// The share of samples that are taken for what they are.
        let accuracy: Parts<Double>?
        let confusion: Parts<[String: [String: Int]]>?
        /// The loss on the samples for testing.
        let testLoss: Double?
        /// W, the mean over samples, where it is part of the loss.
        let power: Double?
        /// V, of each sample: of the first thousand at most.
        let outputs: [[String: Double]]
        /// Of each output of these samples, as the loss has them: with squared errors output minus target, V.
        let errors: [[String: Double]]
        /// Of the last step; nil in continuous time.
        let rate: Double?
        let engine: String
        struct Confirmed: Encodable, Sendable {
            let states: Int
            let largestDifference: Double
        }
        /// States of another engine that ngspice solved again.
        let confirmed: Confirmed?
        /// That the training took.
        let seconds: Double
        /// Of this object.
        let version: Int
        let resistances: [String: Double]
        /// Trained numbers that are no resistances: values of sources (V, A) and parameters.
        let values: [String: Double]?
        /// Only of nonlinear circuits that have converged.
        let confirmation: TrainConfirmation.JSON?
        let output: String
        let ngbehavior: String?
        /// Only where something is drawn at random.
        let seed: UInt64?
        /// Only with --seeds.
        let runs: [TrainCommand.SeededRun]?
        let arrived: Int?
        let medianSteps: Double?
    }

    /// Of each trained resistor, in the deck's order.
    private var trained: [(name: String, before: Double, after: Double)] {
        let after = result.conductances.resistances(of: task)
        return task.trainedResistors.map { index in
            let resistor = task.circuit.resistors[index]
            return (resistor.name, resistor.resistance, after[index])
        }
    }

    /// Of each trained number that is no resistance.
    private var numbers: [(name: String, unit: String, before: Double, after: Double)] {
        zip(task.parameters, result.conductances.values).compactMap { parameter, value in
            parameter.isConductance
                ? nil
                : (parameter.name, parameter.unit, parameter.initialValue(in: task.circuit), value)
        }
    }

    var json: JSON {
        JSON(
            rule: rule.name, optimizer: optimizer?.rawValue,
            steps: result.steps, time: result.time, converged: result.converged && !isDoubted,
            reason: isDoubted ? "disagreement" : result.reason.rawValue,
            loss: JSON.Loss(initial: result.initialLoss, final: result.states.loss),
            nudge: result.nudging.strength,
            nudging: result.nudging.sides.name,
            lossName: task.loss.name, batch: trainer?.plan.size,
            epochs: trainer.flatMap { trainer in
                trainer.plan.epochs.map { _ in trainer.epochs(after: result.steps) }
            },
            accuracy: scores.flatMap { scores in
                scores.training.accuracy.map {
                    JSON.Parts(train: $0, test: scores.test?.accuracy)
                }
            },
            confusion: scores.flatMap { scores in
                ScoreReport(task: task, score: scores.training).confusion.map { confusion in
                    JSON.Parts(
                        train: confusion,
                        test: scores.test.flatMap {
                            ScoreReport(task: task, score: $0).confusion
                        })
                }
            },
            testLoss: scores?.test?.loss, power: task.power(result.states.outputs),
            outputs: named(result.states.outputs), errors: named(result.states.errors),
            rate: result.rate,
            engine: engine.rawValue,
            confirmed: engine == .ngspice
                ? nil
                : JSON.Confirmed(
                    states: confirmed.count, largestDifference: confirmed.largestDifference),
            seconds: seconds, version: 1,
            resistances: Dictionary(
                trained.map { ($0.name, $0.after) }, uniquingKeysWith: { first, _ in first }),
            values: numbers.isEmpty
                ? nil
                : Dictionary(
                    numbers.map { ($0.name, $0.after) }, uniquingKeysWith: { first, _ in first }),
            confirmation: confirmation?.json, output: output, ngbehavior: behaviour,
            seed: start ?? (trainer?.plan.isStochastic == true ? trainer?.plan.seed : nil),
            runs: seeded?.runs, arrived: seeded?.arrived,
            medianSteps: seeded?.medianSteps)
    }

    private var method: LearningMethod {
        LearningMethod(rule: rule, nudging: result.nudging)
    }

    /// Outputs by name, of each sample.
    private func named(_ table: OutputTable) -> [[String: Double]] {
        (0..<min(table.samples, 1000)).map { m in
            Dictionary(
                zip(task.outputNames, table.row(m)).map { ($0, $1) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// More rows than a screen holds are summed up: the whole is in the deck, in --json and in --history.
    private static let longestTable = 40

    var text: String {
        var parts = [task.circuit.title, describe(method, task)]
        if trained.isEmpty, !numbers.isEmpty {
            // Sources alone.
        } else if trained.count <= Self.longestTable {
            var table = Table("resistor", "before Ω", "after Ω")
            for row in trained {
                table.add(row.name, readable(row.before), readable(row.after, digits: 8))
            }
            parts.append(table.text)
        } else {
            parts.append("\(trained.count) resistors trained")
        }
        if !numbers.isEmpty {
            if numbers.count <= Self.longestTable {
                var table = Table("parameter", "before", "after")
                for row in numbers {
                    let unit = row.unit.isEmpty ? "" : " \(row.unit)"
                    table.add(
                        row.name, readable(row.before) + unit,
                        readable(row.after, digits: 8) + unit)
                }
                parts.append(table.text)
            } else {
                parts.append("\(numbers.count) numbers trained")
            }
        }
        let rows = task.samples.count * task.namedOutputs.count
        if rows <= Self.longestTable {
            parts.append(outputTable)
        }
        if let table = confusionTable { parts.append(table) }
        if let seeded { parts.append(seeded.text) }
        parts.append(summary)
        return parts.joined(separator: "\n\n")
    }

    private var outputTable: String {
        let several = task.samples.count > 1
        var table = Table(
            header: (several ? ["sample"] : []) + task.outputHeads)
        for m in task.samples.indices {
            for (o, output) in task.outputs[task.namedOutputs].enumerated() {
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

    /// Of the samples for testing where there are some.
    private var confusionTable: String? {
        guard let scores else { return nil }
        return ScoreReport(task: task, score: scores.test ?? scores.training).confusionTable
    }

    private var scoreLines: [String] {
        guard let scores else { return [] }
        func line(_ score: Score, _ which: String) -> String {
            "\(which): "
                + (ScoreReport(task: task, score: score).accuracy.map { $0 + ", " } ?? "")
                + "loss \(readable(score.loss, digits: 5))\(task.lossUnit)"
        }
        return [line(scores.training, "training")]
            + (scores.test.map { [line($0, "test")] } ?? [])
    }

    /// What was asked for, as in `every output within 1e-06 V`.
    private var goal: String {
        switch trainer?.goal ?? .tolerance {
        case .tolerance:
            task.loss.hasGoals
                ? "every output within \(readable(tolerance))\(task.errorUnit)"
                : "every error within \(readable(tolerance))\(task.errorUnit)"
        case .loss(let bound): "loss below \(readable(bound))\(task.lossUnit)"
        case .accuracy(let share): "accuracy of at least \(readable(100 * share)) %"
        case .plateau: "the loss no longer falls"
        }
    }

    private var summary: String {
        var steps = "\(result.steps) step\(result.steps == 1 ? "" : "s")"
        if let trainer, trainer.plan.size != nil {
            let epochs = trainer.epochs(after: result.steps)
            steps = "\(epochs) epoch\(epochs == 1 ? "" : "s"), " + steps
        }
        if let optimizer, optimizer != .plain { steps += " of \(optimizer.rawValue)" }
        if let time = result.time { steps = "time \(readable(time)), \(steps)" }
        let head =
            isDoubted
            ? "not confirmed by ngspice after \(steps)"
            : result.converged
                ? "converged \(result.time == nil ? "in" : "at") \(steps): \(goal)\(confirmation?.condition ?? "")"
                : "not converged after \(steps)"
        return
            ([head] + engineLines + (confirmation.map { [$0.sentence] } ?? []) + [
                "loss \(readable(result.initialLoss))\(task.lossUnit) → \(readable(result.states.loss))\(task.lossUnit)"
            ] + powerLines + scoreLines + [
                start.map { "wrote \(output), from the random start of seed \($0)" }
                    ?? "wrote \(output)"
            ]
            + (page.map { ["wrote \($0)"] } ?? [])
            + (behaviour.map { ["to be read with ngspice -D ngbehavior=\($0) -b \(output)"] } ?? []))
            .joined(separator: "\n")
    }

    /// What the sources deliver, where it is part of the loss.
    private var powerLines: [String] {
        task.power(result.states.outputs).map { ["power of the sources \(readable($0)) W"] } ?? []
    }

    /// Who solved, where it was not ngspice itself.
    private var engineLines: [String] {
        guard engine != .ngspice else { return [] }
        let difference = readable(confirmed.largestDifference, digits: 1)
        return [
            "solved by the \(engine.rawValue) engine"
                + (confirmed.count == 0
                    ? ""
                    : "; \(confirmed.count) of its states, solved again by ngspice, differ by at most \(difference) of the largest voltage")
        ]
    }

    /// One sentence for standard error: why training ended, how far it got, what to try.
    var whyNotConverged: String {
        let reached: String
        if let trainer, trainer.goal != .tolerance {
            let score = scores?.test ?? scores?.training
            reached =
                "the loss is \(readable(result.states.loss, digits: 4))\(task.lossUnit)"
                + (score?.accuracy.map { ", the accuracy \(readable(100 * $0, digits: 4)) %" } ?? "")
                + "; asked for: \(goal)"
        } else {
            reached =
                "the largest error is \(readable(result.states.largestError, digits: 4))\(task.errorUnit), the tolerance \(readable(tolerance))\(task.errorUnit)"
        }
        let isBest = result.time == nil && trainer?.plan.isStochastic != true
        let written = "\(output) holds the \(isBest ? "best" : "last") point reached"
        switch result.reason {
        case .steps:
            let more =
                rateAdvice
                ?? "allow more with \(trainer?.plan.epochs == nil ? "--steps" : "--epochs")\(pace)"
            return
                "stopped after the \(counted(result.steps)) allowed: \(reached); \(written); \(more)"
        case .duration:
            return
                "stopped at the end of the duration, time \(readable(result.time ?? 0)): \(reached); \(written); allow more with --duration"
        case .stagnation:
            return
                (result.steps == 0
                ? "stopped before the first step"
                : "stopped after \(counted(result.steps)), which hardly lower the loss any more")
                + ": \(reached). \(cause); \(written)"
        case .ascent:
            return
                "stopped after \(counted(result.steps)), the last of which raised the loss: \(reached). \(cause); \(written)"
        case .unsolved:
            return
                "stopped after \(counted(result.steps)), no operating point is found where the next ones lead: \(reached); \(written); try another starting point, --optimizer plain with a small --rate, or bounds that exclude such points"
        case .interrupted:
            return "interrupted after \(counted(result.steps)): \(reached); \(written)"
        case .tolerance, .goal, .failed:
            return reached
        }
    }

    private func counted(_ steps: Int) -> String { steps == 1 ? "1 step" : "\(steps) steps" }

    /// What a rate that was given has done, where it led nowhere.
    private var rateAdvice: String? {
        guard let trainer, trainer.rate != .automatic, trainer.optimizer == .plain,
            !trainer.plan.isStochastic, result.steps > 0
        else { return nil }
        let fall = 1 - result.states.loss / result.initialLoss
        if fall <= 0 {
            return "no step at this rate lowered the loss: take a smaller --rate, or none"
        }
        guard fall < 0.01 else { return nil }
        return
            "the loss fell by \(readable(100 * fall, digits: 2)) % in all: take another --rate, or none"
    }

    private var cause: String {
        if let trainer, trainer.rate != .automatic, result.steps == 0,
            let diagnosis = sentences?.diagnosis,
            !diagnosis.isStationary, !diagnosis.isRounding, !diagnosis.updateIsZero
        {
            return "A step at this rate changes no value: take a larger --rate, or none"
        }
        return causeInCircuit
    }

    private var causeInCircuit: String {
        sentences?.whyNoFurther
            ?? "Why is not known: its exact gradient would take many operating points, or could not be found here"
    }

    /// How many steps are missing, at the pace of those before.
    private var pace: String {
        guard trainer?.goal == .tolerance, trainer?.plan.isStochastic != true, task.loss.isSquared
        else { return "" }
        let start = (2 * result.initialLoss).squareRoot(),
            end = (2 * result.states.loss).squareRoot()
        guard result.steps > 0, end < 0.9 * start, tolerance > 0 else { return "" }
        let more =
            Double(result.steps) * log(result.states.largestError / tolerance) / log(start / end)
        guard more >= 1, more < 1e9 else { return "" }
        return " (at the pace so far about \(Int(more.rounded(.up))) more)"
    }
}
