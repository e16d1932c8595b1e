import LearningRules
import LearningTasks
import Netlist

/// What a command makes of a task, and so which flags it has no use for.
enum TaskUse {
    /// `predict`, `check` and `plot`, by their names.
    case freeStates(String)
    /// `solve` and `analyze`, which make no step.
    case oneState(String)
    /// `train` in discrete steps.
    case steps
    /// `train` in continuous time.
    case time
}

/// - Parameter flags: by name, without dashes.
func warn(ofIdle flags: [String], _ reason: String) {
    let names = flags.map { "--\($0)" }.joined(separator: ", ")
    printError("spicelearn: warning: \(names): \(reason)")
}

extension EngineOptions {
    /// The flags that were given with another value than the default, by name.
    var given: [String] {
        [
            ("engine", engine != .auto), ("ngspice", simulator.ngspice != nil),
            ("workers", workers != 1), ("isolation", isolation != nil),
            ("time-limit", timeLimit != nil),
        ].filter(\.1).map(\.0)
    }
}

extension LearningDeck {
    /// Warns of flags that were given and change nothing: what a deck says may be for another command, what was
    /// typed is not.
    ///
    /// - Parameters:
    ///   - flags: those of learning that were given, by name, without dashes.
    ///   - workers: as asked for.
    func warnOfIdleFlags(
        _ flags: Set<String>, in use: TaskUse, engine: Engine = .auto, workers: Int = 1
    ) {
        for (idle, reason) in idleFlags(flags, in: use, engine: engine, workers: workers) {
            warn(ofIdle: idle, reason)
        }
    }

    private func idleFlags(
        _ flags: Set<String>, in use: TaskUse, engine: Engine, workers: Int
    ) -> [(flags: [String], reason: String)] {
        var result: [(flags: [String], reason: String)] = []
        func note(_ names: [String], _ reason: String) {
            let idle = names.filter(flags.contains)
            if !idle.isEmpty { result.append((idle, reason)) }
        }
        let ofSteps = [
            "optimizer", "rate", "steps", "batch", "epochs", "order", "schedule", "until",
            "probability", "duration",
        ]
        let startsAtRandom = directives.start?.value == .random
        var drawsBy: [String] = startsAtRandom ? ["start"] : []
        switch use {
        case .freeStates(let command):
            // A figure shows apart what is not trained.
            let isPlot = command == "plot"
            if isPlot, directives.split != nil { drawsBy.append("split") }
            note(
                ["nudge", "nudging", "vary", "local"] + (isPlot ? [] : ["test", "split"]) + ofSteps
                    + (command == "check" ? [] : ["tolerance"]),
                "\(command) solves free states, and takes no notice of "
                    + "what is for training")
        case .oneState(let command):
            note(
                ofSteps + ["tolerance", "test"],
                "\(command) makes no step, and takes no notice of what is for training")
            if directives.split != nil { drawsBy.append("split") }
        case .steps:
            if directives.split != nil { drawsBy.append("split") }
            if directives.batch != nil, directives.order?.value != .given {
                drawsBy.append("batch")
            }
            if (directives.probability?.value ?? 1) < 1 { drawsBy.append("probability") }
            if directives.batch == nil {
                note(["order"], "all samples are in each step: their order matters with --batch")
            }
            if directives.optimizer?.value == .auto {
                note(
                    ["rate"],
                    "the optimizer auto chooses the length of its steps: take plain, momentum or adam"
                )
            }
        case .time: if directives.split != nil { drawsBy.append("split") }
        }
        if drawsBy.isEmpty {
            let others =
                switch use {
                case .freeStates("plot"): " and --split"
                case .freeStates: ""
                default: ", --split and, in training, --batch and --probability"
                }
            note(
                ["seed"],
                "nothing is drawn at random here; it belongs to --start random" + others)
        }
        if !type(of: rule).isLocal, !isFree(use) {
            note(["nudge", "nudging"], "the rule gradient nudges nothing")
        }
        if workers > 1, engine.rawValue == "sparse" {
            result.append(
                (["workers"], "the sparse engine factors once for all samples, and divides nothing")
            )
        }
        return result
    }

    private func isFree(_ use: TaskUse) -> Bool {
        if case .freeStates = use { true } else { false }
    }
}
