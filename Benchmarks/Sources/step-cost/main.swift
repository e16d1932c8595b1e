import Foundation
import LearningRules
import Netlist
import NgspiceBridge

// What a training step costs in spicelearn, over what the same operating points cost in a bare C
// loop over libngspice: all resistors altered, the free and both nudged states solved, every node read.
//
//     step-cost DECK BARE_LOOP
//
// Both run in turn, many times; the ratio is the median of those of neighbours, which a machine whose
// speed drifts leaves alone.

let steps = 1000
let repetitions = 21

struct Usage: Error {}

guard CommandLine.arguments.count == 3 else {
    FileHandle.standardError.write(Data("usage: step-cost DECK BARE_LOOP\n".utf8))
    exit(64)
}
let path = CommandLine.arguments[1]
let bareLoop = CommandLine.arguments[2]

/// Seconds a step, of a training with a rate so small that it never ends by itself.
func trainingStep(_ deck: Deck, _ task: LearningTask) throws -> Double {
    try Ngspice.withInstance { ngspice in
        let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
        let trainer = Trainer(
            task: task, rate: .fixed(1e-9), limits: Trainer.Limits(steps: steps, tolerance: 0))
        var start = ContinuousClock.now
        let result = try trainer.run(in: physics) { step in
            if step.step == 0 { start = .now }
            return true
        }
        let elapsed = (ContinuousClock.now - start) / Double(result.steps)
        return Double(elapsed.components.attoseconds) * 1e-18 + Double(elapsed.components.seconds)
    }
}

/// Seconds a step of the C program, for the deck that ngspice gets from us, written to a file.
func bareStep(_ deckFile: String) throws -> Double {
    let process = Process()
    process.executableURL = URL(filePath: bareLoop)
    process.arguments = [deckFile, "\(steps)", "3"]
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

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

let deck = Deck.parse(path: path, bytes: Array(try Data(contentsOf: URL(filePath: path))))
let task = try LearningTask(deck: deck)
let file = FileManager.default.temporaryDirectory.appending(path: "step-cost-\(getpid()).cir")
try NgspicePhysics.lines(deck: deck, task: task, withBranches: false)
    .joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
defer { try? FileManager.default.removeItem(at: file) }

var ours: [Double] = []
var bare: [Double] = []
for _ in 0..<repetitions {
    ours.append(try trainingStep(deck, task))
    bare.append(try bareStep(file.path))
}
func microseconds(_ seconds: Double) -> String { String(format: "%.1f µs", seconds * 1e6) }
print("\(path): \(task.circuit.nodes.count) nodes, \(task.circuit.resistors.count) resistors")
print("a training step, 3 operating points (median of \(repetitions) × \(steps)):")
print("  spicelearn     \(microseconds(median(ours)))")
print("  bare C loop    \(microseconds(median(bare)))")
let ratios = zip(ours, bare).map { $0 / $1 }.sorted()
func quantile(_ part: Double) -> String {
    String(format: "%.3f", ratios[Int(part * Double(ratios.count - 1))])
}
print("  ratio          \(quantile(0.5))  (quartiles \(quantile(0.25)) and \(quantile(0.75)))")
