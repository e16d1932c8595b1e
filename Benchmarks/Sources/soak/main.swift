import Foundation
import LearningRules
import Netlist
import NgspiceBridge

// Whether memory stays flat: trains each deck for a million steps by each rule, with ngspice and with the
// sparse engine, and prints how much the resident memory grew after the first hundredth.
//
//     soak DECK...

/// Kilobytes, from the kernel's table of this process.
func residentMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
}

let steps = 1_000_000
let rules: [any LearningRule] = [
    AdjointCoupledLearning(), CoupledLearning(), EquilibriumPropagation(),
]

/// Kilobytes by which the memory of this process grew.
func growth(of task: LearningTask, _ rule: any LearningRule, in physics: any Physics) throws -> Int
{
    // So slow that it never ends by itself, and fast enough for every step to change something.
    let trainer = Trainer(
        task: task, rule: rule, rate: .fixed(1e-12),
        limits: Trainer.Limits(steps: steps, tolerance: 0))
    var before = 0
    let result = try trainer.run(in: physics) { step in
        if step.step == steps / 100 { before = residentMemory() }
        return true
    }
    guard result.steps == steps else {
        throw TaskError(message: "ended after \(result.steps) of \(steps) steps")
    }
    return residentMemory() - before
}

Ngspice.useMainThread()
for path in CommandLine.arguments.dropFirst() {
    let deck = Deck.parse(path: path, bytes: Array(try Data(contentsOf: URL(filePath: path))))
    let task = try LearningTask(deck: deck)
    for rule in rules {
        let sparse = try growth(of: task, rule, in: SparsePhysics(task: task))
        let ngspice = try Ngspice.withInstance { ngspice in
            try growth(
                of: task, rule, in: NgspicePhysics(deck: deck, task: task, ngspice: ngspice))
        }
        print(
            "\(path) \(type(of: rule).abbreviation): \(ngspice) kB with ngspice, \(sparse) kB with",
            "the sparse engine, over \(steps) steps")
        fflush(nil)
    }
}
