import Foundation
import LearningRules
import Netlist
import NgspiceBridge

// What a training step costs on square lattices, by engine and with or without superposition: all
// resistors changed, states of B samples solved, the update computed (AL, centered, 4 outputs, 2 inputs).
//
//     engine-steps [SIDE …]
//
// Milliseconds a step, the median of several runs, each of as many steps as take a fifth of a second.

let sides = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let repetitions = 5

struct Cell {
    let engine: String
    let superposes: Bool
}

/// A lattice of `side` × `side` nodes with inputs at two corners and ground at a third.
func lattice(side: Int, samples: Int) throws -> (Deck, LearningTask) {
    func name(_ row: Int, _ column: Int) -> String {
        (row, column) == (side - 1, side - 1) ? "0" : "n\(row)_\(column)"
    }
    var lines = ["lattice", "V1 n0_0 0 1", "V2 n0_\(side - 1) 0 0.5"]
    var generator = SplitMix64(seed: 1)
    for row in 0..<side {
        for column in 0..<side {
            for (down, right) in [(0, 1), (1, 0)] where row + down < side && column + right < side {
                let ohms = Double.random(in: 500...2000, using: &generator)
                lines.append(
                    "R\(lines.count) \(name(row, column)) \(name(row + down, column + right)) \(ohms)"
                )
            }
        }
    }
    let middle = side / 2
    let outputs = [(middle, middle), (middle, 0), (0, middle), (side - 1, 0)]
        .map { "V(\(name($0.0, $0.1)))" }
    lines.append("*.learn input V1 V2")
    lines.append("*.learn output " + outputs.joined(separator: " "))
    let rows = (0..<samples).map { _ in
        (0..<6).map { _ in "\(Double.random(in: 0...1, using: &generator))" }
            .joined(separator: ",")
    }
    let csv = ([(["V1", "V2"] + outputs).joined(separator: ",")] + rows).joined(separator: "\n")
    let deck = Deck.parse(
        path: "lattice", bytes: Array((lines + [".end"]).joined(separator: "\n").utf8),
        includes: .none)
    let table = SampleTable.parse(SourceFile(path: "data.csv", bytes: Array(csv.utf8))).table
    return (deck, try LearningTask(deck: deck, data: table))
}

/// Seconds a step.
func stepCost(_ task: LearningTask, _ physics: any Physics, superposes: Bool) throws -> Double {
    var costs: [Double] = []
    var steps = 3
    while costs.count < repetitions {
        let trainer = Trainer(
            task: task, rate: .fixed(1e-12), limits: Trainer.Limits(steps: steps, tolerance: 0),
            superposes: superposes)
        var start = ContinuousClock.now
        var end = start
        _ = try trainer.run(in: physics) { step in
            if step.step == 0 { start = .now }
            end = .now
            return true
        }
        let elapsed = (end - start) / .seconds(1)
        if elapsed < 0.1, steps < 100_000 {
            steps = min(100_000, max(2 * steps, Int(0.2 / max(elapsed, 1e-9) * Double(steps))))
        } else {
            costs.append(elapsed / Double(steps))
        }
    }
    return costs.sorted()[repetitions / 2]
}

print("milliseconds a step        B = 1      B = 16    B = 1000")
for side in sides.isEmpty ? [3, 8, 23, 71] : sides {
    let edges = 2 * side * (side - 1)
    for (engine, superposes) in [
        ("ngspice", false), ("ngspice", true), ("sparse", false), ("sparse", true),
    ] {
        var cells: [String] = []
        for samples in [1, 16, 1000] {
            if samples == 1000, !superposes, edges > 200 {
                cells.append("         –")
                continue
            }
            let (deck, task) = try lattice(side: side, samples: samples)
            let cost = try Ngspice.withInstance { ngspice in
                let physics: any Physics =
                    engine == "sparse"
                    ? try SparsePhysics(task: task)
                    : try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
                return try stepCost(task, physics, superposes: superposes)
            }
            cells.append(String(format: "%10.4f", cost * 1e3))
        }
        let name = "E=\(edges) \(engine)\(superposes ? ", superposed" : "")"
        print(
            name.padding(toLength: 28, withPad: " ", startingAt: 0) + cells.joined(separator: "  "))
    }
}
