import Foundation
import LearningRules
import Netlist
import NgspiceBridge

// What a training step costs in spicelearn with ngspice and no superposition, over what the same
// operating points cost in C over libngspice: all resistors altered, the free and both nudged states of
// B samples solved, every node read.
//
//     step-cost BARE_LOOP [SIDE …]
//
// On square lattices of SIDE × SIDE nodes, with four outputs. `bare` is the fastest loop known, `op` the
// plain one: `alter` and `op` for each point. Both programs run in turn; a ratio is the median of those
// of neighbours, which a machine whose speed drifts leaves alone. All is processor time, with which other
// programs interfere less.

struct Usage: Error {}

/// A training task on a lattice, and the deck that ngspice gets of it as a file.
struct Case {
    let task: LearningTask
    let deck: Deck
    let rule: any LearningRule
    let file: URL

    init(side: Int, samples: Int, rule: any LearningRule) throws {
        let family = try LatticeFamily(rows: side, columns: side, outputs: 4)
        let generated = try GeneratedDeck.make(
            family, seed: 1, samples: samples, dataName: "data.csv")
        deck = Deck.parse(path: "lattice", bytes: Array(generated.deck.utf8), includes: .none)
        let data = generated.data.map { SourceFile(path: "data.csv", bytes: Array($0.utf8)) }
        task = try LearningTask(deck: deck, data: data.flatMap { SampleTable.parse($0).table })
        self.rule = rule
        file = FileManager.default.temporaryDirectory
            .appending(path: "step-cost-\(getpid()).cir")
        try NgspicePhysics.lines(deck: deck, task: task, withBranches: rule is CoupledLearning)
            .joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    }

    /// Seconds a step, of a training with a rate so small that it never ends by itself.
    func trainingStep(steps: Int) throws -> Double {
        try Ngspice.withInstance { ngspice in
            let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
            let trainer = Trainer(
                task: task, rule: rule, nudge: NudgeRequest(strength: strength),
                rate: .fixed(1e-9), limits: Trainer.Limits(steps: steps, tolerance: 0),
                superposes: false)
            var start = 0.0
            let result = try trainer.run(in: physics) { step in
                // The first steps fill caches and load clamps.
                if step.step == steps / 10 { start = processorTime() }
                return true
            }
            guard result.steps == steps else { throw Usage() }
            return (processorTime() - start) / Double(steps - steps / 10)
        }
    }

    private var strength: Double { rule is CoupledLearning ? 1 : 1e-3 }

    /// Seconds a step of the C program.
    func bareStep(_ program: String, steps: Int, _ way: String...) throws -> Double {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = [file.path, "\(steps)", "\(task.samples.count)"] + way
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard let value = text.split(separator: " ").first.flatMap({ Double($0) }) else {
            throw Usage()
        }
        return value
    }
}

func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func milliseconds(_ seconds: Double) -> String { String(format: "%10.3f", seconds * 1e3) }

let arguments = Array(CommandLine.arguments.dropFirst())
let sides = arguments.dropFirst().compactMap { Int($0) }
guard let bareLoop = arguments.first, sides.count == arguments.count - 1 else {
    FileHandle.standardError.write(Data("usage: step-cost BARE_LOOP [SIDE …]\n".utf8))
    exit(64)
}
print("milliseconds a step       spicelearn      bare        op   spicelearn/bare   op/spicelearn")
for side in sides.isEmpty ? [3, 8, 23, 71] : sides {
    for rule: any LearningRule in [AdjointCoupledLearning(), CoupledLearning()] {
        for samples in [1, 16] {
            let benchmark = try Case(side: side, samples: samples, rule: rule)
            defer { try? FileManager.default.removeItem(at: benchmark.file) }
            let first = try benchmark.bareStep(bareLoop, steps: 9)
            let steps = max(9, Int(0.3 / first))
            let repetitions = steps > 9 ? 11 : 3
            let pairs = try (0..<repetitions).map { _ in
                (
                    try benchmark.trainingStep(steps: steps),
                    try benchmark.bareStep(bareLoop, steps: steps)
                )
            }
            let ours = median(pairs.map(\.0))
            // Minutes where a point takes a second.
            let plain =
                samples == 16 && side < 50
                ? try benchmark.bareStep(bareLoop, steps: max(9, steps / 10), "naive") : nil
            let edges = benchmark.task.circuit.resistors.count
            let name = "E=\(edges) \(type(of: rule).abbreviation) B=\(samples)"
            print(
                name.padding(toLength: 24, withPad: " ", startingAt: 0),
                milliseconds(ours), milliseconds(median(pairs.map(\.1))),
                plain.map(milliseconds) ?? "         –",
                String(format: "%15.3f", median(pairs.map { $0.0 / $0.1 })),
                plain.map { String(format: "%16.1f", $0 / ours) } ?? "")
        }
    }
}
