import Engines
import Foundation
import LearningRules
import LearningTasks
import Measuring
import Netlist
import NgspiceBridge

// What ngspice in processes of its own costs and gains: seconds a training step (AL, centered) in this
// process, in one worker, and divided among 2, 4, … workers.
//
//     worker-speed [WORKERS]
//     worker-speed train SIDE SAMPLES linear|nonlinear WORKERS STEPS     one training: its seconds a step
//
// Each number is the median of several runs in turn, each in a process of its own, as ngspice is slower in
// one that ever had a second thread; ratios are medians of those of neighbours. The limit is what the machine
// gains from as many trainings in this process, independent of one another, that run at the same time: less
// than their number where processors share something, or do something else meanwhile.

if CommandLine.arguments.dropFirst() == ["ngspice-worker"] { NgspiceWorker.serve() }
Ngspice.useMainThread()

let repetitions = 7
let program = WorkerProgram.own(arguments: ["ngspice-worker"])

/// A square lattice with inputs at two corners, ground at a third, and diodes from every other node to
/// ground if it is nonlinear.
func lattice(side: Int, samples: Int, isNonlinear: Bool) throws -> (Deck, LearningTask) {
    func name(_ row: Int, _ column: Int) -> String {
        (row, column) == (side - 1, side - 1) ? "0" : "n\(row)_\(column)"
    }
    var lines = ["lattice", "V1 n0_0 0 1", "V2 n0_\(side - 1) 0 0.5", ".model dm d(is=1n)"]
    var generator = SplitMix64(seed: 1)
    for row in 0..<side {
        for column in 0..<side {
            for (down, right) in [(0, 1), (1, 0)] where row + down < side && column + right < side {
                let ohms = Double.random(in: 500...2000, using: &generator)
                lines.append(
                    "R\(lines.count) \(name(row, column)) \(name(row + down, column + right)) \(ohms)"
                )
            }
            if isNonlinear, (row + column).isMultiple(of: 2), name(row, column) != "0" {
                lines.append("D\(lines.count) \(name(row, column)) 0 dm")
            }
        }
    }
    let output = "V(\(name(side / 2, side / 2)))"
    lines += ["*.learn input V1 V2", "*.learn output \(output)"]
    let rows = (0..<samples).map { _ in
        (0..<3).map { _ in "\(Double.random(in: -1...1, using: &generator))" }.joined(
            separator: ",")
    }
    let csv = (["V1,V2,\(output)"] + rows).joined(separator: "\n")
    let deck = Deck.parse(
        path: "lattice", bytes: Array((lines + [".end"]).joined(separator: "\n").utf8),
        includes: .none)
    let table = SampleTable.parse(SourceFile(path: "data.csv", bytes: Array(csv.utf8))).table
    return (deck, try LearningTask(deck: deck, data: table))
}

/// Seconds a step; `workers` 0 is ngspice in this process.
func stepCost(_ deck: Deck, _ task: LearningTask, workers: Int, steps: Int) throws -> Double {
    try Ngspice.withInstance { ngspice in
        let isolated: @Sendable () throws -> NgspicePhysics = {
            try NgspicePhysics(deck: deck, task: task, ngspice: IsolatedNgspice(program: program))
        }
        let physics: any Physics =
            switch workers {
            case 0: try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
            case 1: try isolated()
            default: try ParallelPhysics(engines: workers, make: isolated)
            }
        let trainer = Trainer(
            task: task, rate: .fixed(1e-12), limits: Trainer.Limits(steps: steps, tolerance: 0),
            superposes: false)
        // Not the first two steps, in which parts are not yet of a good size.
        var start = ContinuousClock.now
        _ = try trainer.run(in: physics) { step in
            if step.step == 2 { start = .now }
            return true
        }
        return (ContinuousClock.now - start) / .seconds(1) / Double(steps - 2)
    }
}

/// `stepCost`, in processes of their own: the mean of so many at once.
func measure(
    _ side: Int, _ samples: Int, _ kind: String, workers: Int, steps: Int, atOnce count: Int = 1
) throws -> Double {
    let costs = try numbers(
        CommandLine.arguments[0],
        ["train", "\(side)", "\(samples)", kind, "\(workers)", "\(steps)"], atOnce: count)
    return costs.reduce(0, +) / Double(count)
}

func printTable(mostWorkers: Int) throws {
    let workers = [0, 1] + sequence(first: 2) { $0 * 2 }.prefix { $0 <= mostWorkers }
    let heads = workers.map { $0 == 0 ? "in process" : $0 == 1 ? "1 worker" : "\($0) workers" }
    print("milliseconds a step".padding(toLength: 34, withPad: " ", startingAt: 0), terminator: "")
    for head in heads {
        print(String(repeating: " ", count: 14 - head.count) + head, terminator: "")
    }
    print("   1 worker/in process   \(mostWorkers) workers' gain   limit")
    for (side, samples, kind) in [
        (3, 1, "linear"), (8, 1, "linear"), (3, 1, "nonlinear"), (3, 4, "nonlinear"),
        (8, 1, "nonlinear"), (8, 1000, "linear"), (3, 1000, "nonlinear"), (8, 1000, "nonlinear"),
    ] {
        // About half a second.
        let trial = try measure(side, samples, kind, workers: 0, steps: 4)
        let steps = max(4, min(20_000, Int(0.5 / trial)))
        var costs = workers.map { _ in [Double]() }
        var limits: [Double] = []
        for _ in 0..<repetitions {
            for (place, count) in workers.enumerated() {
                costs[place].append(
                    try measure(side, samples, kind, workers: count, steps: steps))
            }
            let count = workers[workers.count - 1]
            let atOnce = try measure(
                side, samples, kind, workers: 0, steps: steps, atOnce: count)
            limits.append(Double(count) * costs[0][costs[0].count - 1] / atOnce)
        }
        let diodes = kind == "linear" ? "" : " and diodes"
        let name = "\(2 * side * (side - 1)) resistors\(diodes), \(samples) samples"
        print(name.padding(toLength: 34, withPad: " ", startingAt: 0), terminator: "")
        for cost in costs { print(String(format: "%14.4f", median(cost) * 1e3), terminator: "") }
        let overhead = median(zip(costs[1], costs[0]).map { $0 / $1 })
        let gain = median(zip(costs[0], costs[costs.count - 1]).map { $0 / $1 })
        print(String(format: "%22.3f %17.2f %7.2f", overhead, gain, median(limits)))
    }
}

let arguments = Array(CommandLine.arguments.dropFirst())
let given = arguments.compactMap { Int($0) }
if arguments.first == "train", arguments.count == 6, given.count == 4 {
    let (deck, task) = try lattice(
        side: given[0], samples: given[1], isNonlinear: arguments[3] == "nonlinear")
    print(try stepCost(deck, task, workers: given[2], steps: given[3]))
} else if given.count == arguments.count, given.count < 2 {
    try printTable(
        mostWorkers: given.first ?? ProcessInfo.processInfo.activeProcessorCount)
} else {
    print("usage: worker-speed [WORKERS]")
    exit(64)
}
