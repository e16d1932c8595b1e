import Engines
import Foundation
import Generators
import LearningRules
import LearningTasks
import Measuring
import Netlist
import NgspiceBridge

// What a training step costs in spicelearn with ngspice and no superposition, over what the same
// operating points cost in C over libngspice: all resistors altered, the free and both nudged states of
// B samples solved, every node read.
//
//     step-cost BARE_LOOP [SIDE …]
//     step-cost train SIDE RULE SAMPLES STEPS      one training alone: its seconds a step
//
// On square lattices of SIDE × SIDE nodes, with four outputs. `bare` is the fastest loop known, `op` the
// plain one: `alter` and `op` for each point. All run in processes of their own, in turn, as the threads of
// a process would slow ngspice down; a ratio is the median of those of neighbours, which a machine whose
// speed drifts leaves alone. All is processor time, with which other programs interfere less.

struct Usage: Error {}

/// A training task on a lattice.
struct Case {
    let side: Int
    let samples: Int
    let rule: any LearningRule
    let task: LearningTask
    let deck: Deck

    init(side: Int, samples: Int, rule: any LearningRule) throws {
        (self.side, self.samples, self.rule) = (side, samples, rule)
        let family = try LatticeFamily(rows: side, columns: side, outputs: 4)
        let generated = try GeneratedDeck.make(
            family, seed: 1, samples: samples, dataName: "data.csv")
        deck = Deck.parse(path: "lattice", bytes: Array(generated.deck.utf8), includes: .none)
        let data = generated.data.map { SourceFile(path: "data.csv", bytes: Array($0.utf8)) }
        task = try LearningTask(deck: deck, data: data.flatMap { SampleTable.parse($0).table })
    }

    /// Writes the deck that ngspice gets, for the C program.
    func write(to file: URL) throws {
        try NgspicePhysics.lines(deck: deck, task: task, withBranches: rule is CoupledLearning)
            .joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    }

    /// Seconds a step, of a training with a rate so small that it never ends by itself.
    func train(steps: Int) throws -> Double {
        try Ngspice.withInstance { [self] ngspice in
            let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
            let trainer = Trainer(
                task: task, rule: rule, nudge: NudgeRequest(strength: strength),
                rate: .fixed(1e-9), limits: Trainer.Limits(steps: steps, tolerance: 0),
                superposes: false)
            // Of nine parts, as in the C program; what comes before them fills caches and loads clamps.
            let part = steps / 10
            var times: [Double] = []
            let result = try trainer.run(in: physics) { step in
                if step.step >= part, step.step.isMultiple(of: part) {
                    times.append(processorTime())
                }
                return true
            }
            guard result.steps == steps else { throw Usage() }
            return median(zip(times.dropFirst(), times).map { ($0 - $1) / Double(part) })
        }
    }

    private var strength: Double { rule is CoupledLearning ? 1 : 1e-3 }
}

let rules: [any LearningRule] = [AdjointCoupledLearning(), CoupledLearning()]

func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

func milliseconds(_ seconds: Double) -> String { String(format: "%10.3f", seconds * 1e3) }

/// The line of the table for a case.
func row(_ benchmark: Case, bareLoop: String) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "step-cost-\(getpid()).cir")
    try benchmark.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let rule = type(of: benchmark.rule).title
    func bare(_ steps: Int, _ way: String...) throws -> Double {
        try number(bareLoop, [file.path, "\(steps)", "\(benchmark.samples)"] + way)
    }
    let first = try bare(9)
    let steps = max(10, Int(0.3 / first))
    let pairs = try (0..<(first > 1 ? 1 : steps > 10 ? 11 : 3)).map { _ in
        (
            try number(
                CommandLine.arguments[0],
                ["train", "\(benchmark.side)", rule, "\(benchmark.samples)", "\(steps)"]),
            try bare(steps)
        )
    }
    let ours = median(pairs.map(\.0))
    // Minutes where a point takes a second.
    let plain =
        benchmark.samples == 16 && benchmark.side < 50
        ? try bare(max(9, steps / 10), "naive") : nil
    let name = "E=\(benchmark.task.circuit.resistors.count) \(rule) B=\(benchmark.samples)"
    return [
        name.padding(toLength: 24, withPad: " ", startingAt: 0),
        milliseconds(ours), milliseconds(median(pairs.map(\.1))),
        plain.map(milliseconds) ?? "         –",
        String(format: "%15.3f", median(pairs.map { $0.0 / $0.1 })),
        plain.map { String(format: "%16.1f", $0 / ours) } ?? "",
    ].joined(separator: " ")
}

let arguments = Array(CommandLine.arguments.dropFirst())
let numbers = arguments.dropFirst().compactMap { Int($0) }
if arguments.first == "train", arguments.count == 5, numbers.count == 3,
    let rule = rules.first(where: { type(of: $0).title == arguments[2] })
{
    Ngspice.useMainThread()
    print(try Case(side: numbers[0], samples: numbers[1], rule: rule).train(steps: numbers[2]))
} else if let bareLoop = arguments.first, numbers.count == arguments.count - 1 {
    print(
        "milliseconds a step       spicelearn      bare        op   spicelearn/bare   op/spicelearn"
    )
    for side in numbers.isEmpty ? [3, 8, 23, 71] : numbers {
        for rule in rules {
            for samples in [1, 16] {
                print(
                    try row(
                        Case(side: side, samples: samples, rule: rule), bareLoop: bareLoop))
            }
        }
    }
} else {
    FileHandle.standardError.write(
        Data("usage: step-cost BARE_LOOP [SIDE …], or train SIDE RULE SAMPLES STEPS\n".utf8))
    exit(64)
}
