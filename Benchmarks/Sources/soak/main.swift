import Foundation
import LearningRules
import Netlist
import NgspiceBridge

// Whether memory stays flat: trains each deck over a million operating points by each rule, and prints
// how much the resident memory grew after the first hundredth.
//
//     soak DECK...

/// Kilobytes, from the kernel's table of this process.
func residentMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
}

let points = 1_000_000
let rules: [(String, any LearningRule)] = [
    ("AL", AdjointCoupledLearning()), ("CL", CoupledLearning()), ("EP", EquilibriumPropagation()),
]
for path in CommandLine.arguments.dropFirst() {
    let deck = Deck.parse(path: path, bytes: Array(try Data(contentsOf: URL(filePath: path))))
    let task = try LearningTask(deck: deck)
    let steps = points / (3 * task.samples.count)
    for (name, rule) in rules {
        let growth = try Ngspice.withInstance { ngspice in
            let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
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
        print("\(path) \(name): \(growth) kB over \(points) operating points")
    }
}
