import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist

// What training costs in large lattices of two and three dimensions, by the sparse engine: seconds a step,
// how many of the steps were factored, and the memory that all of it took.
//
//     large-lattices DIMENSIONS SIDE STEPS
//
// One sample, two inputs at corners, one output in the middle, AL at the automatic rate.

struct Usage: Error {}

/// A lattice of nodes in two or three dimensions, each tied to its neighbours; the last is ground.
func lattice(dimensions: Int, side: Int) throws -> LearningTask {
    let count = (0..<dimensions).reduce(1) { product, _ in product * side }
    func name(_ node: Int) -> String { node == count - 1 ? "0" : "n\(node)" }
    var generator = SplitMix64(seed: 1)
    var lines = ["lattice", "V1 n0 0 1", "V2 n\(side - 1) 0 0.5"]
    for node in 0..<count {
        var stride = 1
        for _ in 0..<dimensions {
            if node / stride % side + 1 < side {
                let ohms = Double.random(in: 500...2000, using: &generator)
                lines.append("R\(lines.count) \(name(node)) \(name(node + stride)) \(ohms)")
            }
            stride *= side
        }
    }
    lines += ["*.learn output V(n\(count / 2 + side / 2))=0.3", ".end"]
    let deck = Deck.parse(
        path: "lattice", bytes: Array(lines.joined(separator: "\n").utf8), includes: .none)
    return try LearningTask(deck: deck)
}

/// Peak resident memory as the kernel tells it, with its unit.
func peakMemory() -> String {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.map { String($0.dropFirst(6)).trimmingCharacters(in: .whitespaces) } ?? "unknown"
}

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
guard numbers.count == 3, [2, 3].contains(numbers[0]) else {
    FileHandle.standardError.write(Data("usage: large-lattices 2|3 SIDE STEPS\n".utf8))
    exit(64)
}
let clock = ContinuousClock()
var task: LearningTask?
let reading = try clock.measure { task = try lattice(dimensions: numbers[0], side: numbers[1]) }
guard let task else { throw Usage() }
print("\(task.circuit.resistors.count) resistors, read in \(reading)")
var physics: SparsePhysics?
let analysis = try clock.measure { physics = try SparsePhysics(task: task) }
guard let physics else { throw Usage() }
print("analysed in \(analysis)")
var last = clock.now
var counts = physics.counts
let trainer = Trainer(
    task: task, optimizer: .plain, limits: Trainer.Limits(steps: numbers[2], tolerance: 1e-9))
let result = try trainer.run(in: physics) { step in
    let now = clock.now
    let done = physics.counts
    print(
        "step \(step.step): \(now - last), \(done.factorizations - counts.factorizations) factored,",
        "\(done.solutions - counts.solutions) solutions, loss \(step.states.loss)")
    (last, counts) = (now, done)
    return true
}
print("\(result.reason), peak memory \(peakMemory())")
