import Engines
import Foundation
import LearningTasks
import LinearAlgebra
import Netlist
import NgspiceBridge

// What a training step costs on square lattices, by engine and with or without superposition: all
// resistors changed, states of B samples solved, the update computed (AL, centered, 4 outputs, 2 inputs).
//
//     engine-steps [SIDE …]                             a table of milliseconds a step
//     engine-steps lattice SIDE SAMPLES DECK.cir        writes a deck and, beside it, DECK.csv
//     engine-steps time DECK.cir ENGINE on|off SECONDS [UPDATE]
//                                                       one deck, with superposition or without it: the
//                                                       seconds of each step, and the update to a file
//     engine-steps kernels                              what tells OpenBLAS which processor this is,
//                                                       VARIABLE=VALUE, or nothing

struct Usage: Error {}

func task(_ deck: Deck, data: SourceFile) throws -> LearningTask {
    try LearningTask(deck: deck, data: SampleTable.parse(data).table)
}

func printTable(sides: [Int]) throws {
    print("milliseconds a step: 10th percentile, median, 90th percentile")
    print("".padded(26) + ["B = 1", "B = 16", "B = 1000"].map { $0.padded(28) }.joined())
    for side in sides {
        for (engine, superposes) in [
            (StepTimes.Engine.ngspice, false), (.ngspice, true), (.sparse, false), (.sparse, true),
        ] {
            let edges = Lattice(side: side, samples: 1).edges
            let name = "E=\(edges) \(engine)\(superposes ? ", superposed" : "")"
            var line = name.padded(26)
            for samples in [1, 16, 1000] where samples < 1000 || superposes || edges <= 200 {
                let lattice = Lattice(side: side, samples: samples)
                let deck = Deck.parse(
                    path: "lattice", bytes: Array(lattice.deck(data: "data.csv").utf8),
                    includes: .none)
                let data = SourceFile(path: "data.csv", bytes: Array(lattice.data.utf8))
                let times = try StepTimes.measure(
                    deck, task(deck, data: data), engine: engine, superposes: superposes,
                    budget: 0.5)
                line += [0.1, 0.5, 0.9]
                    .map { String(format: "%9.4f", times.percentile($0) * 1e3) }
                    .joined().padded(28)
            }
            print(line)
        }
    }
}

func writeLattice(_ lattice: Lattice, to deck: URL) throws {
    let data = deck.deletingPathExtension().appendingPathExtension("csv")
    try lattice.deck(data: data.lastPathComponent)
        .write(to: deck, atomically: true, encoding: .utf8)
    try lattice.data.write(to: data, atomically: true, encoding: .utf8)
}

/// Prints the seconds of each step, a line each, below the number of factorizations.
///
/// - Parameter update: where to write dk/dt of every resistor at the deck's own conductances.
func printTimes(
    of file: URL, engine: StepTimes.Engine, superposes: Bool, budget: Double, update: URL?
) throws {
    let table = file.deletingPathExtension().appendingPathExtension("csv")
    let deck = Deck.parse(path: file.path, bytes: Array(try Data(contentsOf: file)))
    let task = try task(
        deck, data: SourceFile(path: table.path, bytes: Array(try Data(contentsOf: table))))
    let times = try StepTimes.measure(
        deck, task, engine: engine, superposes: superposes, budget: budget)
    if let factorizations = times.factorizations {
        print("# \(factorizations) factorizations in \(times.seconds.count) steps")
    }
    print(lines(times.seconds))
    try update.map {
        try lines(times.update).write(to: $0, atomically: true, encoding: .utf8)
    }
}

func lines(_ values: [Double]) -> String { values.map { "\($0)" }.joined(separator: "\n") }

extension String {
    func padded(_ width: Int) -> String {
        padding(toLength: width, withPad: " ", startingAt: 0)
    }
}

Ngspice.useMainThread()
let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "lattice":
    guard arguments.count == 4, let side = Int(arguments[1]), let samples = Int(arguments[2]) else {
        throw Usage()
    }
    try writeLattice(Lattice(side: side, samples: samples), to: URL(filePath: arguments[3]))
case "time":
    guard [5, 6].contains(arguments.count), let engine = StepTimes.Engine(rawValue: arguments[2]),
        let budget = Double(arguments[4])
    else { throw Usage() }
    try printTimes(
        of: URL(filePath: arguments[1]), engine: engine, superposes: arguments[3] == "on",
        budget: budget, update: arguments.count == 6 ? URL(filePath: arguments[5]) : nil)
case "kernels":
    if let core = BLAS.core { print("OPENBLAS_CORETYPE=\(core)") }
default:
    let sides = arguments.compactMap { Int($0) }
    try printTable(sides: sides.isEmpty ? [3, 8, 23, 71] : sides)
}
