import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge
import SelfLearning

// Whether memory stays flat on every path: trains each deck for many steps in each way in which it can be
// trained, and prints by how much the resident memory of this process and of its workers grew after the
// first hundredth.
//
//     soak [--steps 100000] DECK...
//
// Exits with 1 where anything grew by more than 1 MB in 100,000 steps.

if CommandLine.arguments.dropFirst() == ["ngspice-worker"] { NgspiceWorker.serve() }
Ngspice.useMainThread()

let (steps, decks) = {
    let words = Array(CommandLine.arguments.dropFirst())
    guard words.first == "--steps", words.count > 1, let number = Int(words[1]), number >= 100
    else { return (100_000, words) }
    return (number, Array(words.dropFirst(2)))
}()
let program = WorkerProgram.own(arguments: ["ngspice-worker"])

func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
}

/// Kilobytes, from the kernel's tables of this process and its children.
func residentMemory() -> Int {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    let children = threads.flatMap { thread in
        text("/proc/self/task/\(thread)/children").split(separator: " ").map(String.init)
    }
    return (["self"] + children).reduce(0) { sum, process in
        let line = text("/proc/\(process)/status").split(separator: "\n")
            .first { $0.hasPrefix("VmRSS:") }
        let words = line?.split(whereSeparator: \.isWhitespace) ?? []
        return sum + (words.count > 1 ? Int(words[1]) ?? 0 : 0)
    }
}

/// Kilobytes by which memory grew over the steps of a training, or of several in a row.
///
/// - Parameter train: calls what it is given at each step, and ends when that returns false.
func growth(_ train: (_ step: () -> Bool) throws -> Void) throws -> Int {
    var (count, before) = (0, 0)
    func step() -> Bool {
        count += 1
        if count == steps / 100 { before = residentMemory() }
        return count < steps
    }
    while count < steps { try train(step) }
    return residentMemory() - before
}

struct Soak {
    let deck: Deck
    let task: LearningTask

    init(_ path: String) throws {
        deck = Deck.parse(path: path, bytes: Array(try Data(contentsOf: URL(filePath: path))))
        var table: SampleTable?
        if let data = deck.directives.data?.value {
            let file = URL(filePath: path).deletingLastPathComponent().appending(path: data)
            table =
                SampleTable.parse(
                    SourceFile(path: file.path, bytes: Array(try Data(contentsOf: file)))
                ).table
        }
        task = try LearningTask(deck: deck, data: table)
    }

    /// So slow that it never ends by itself, and fast enough for every step to change something.
    func discrete(_ physics: any Physics, _ rule: any LearningRule) throws -> Int {
        let trainer = Trainer(
            task: task, rule: rule, rate: .fixed(1e-12),
            limits: Trainer.Limits(steps: steps, tolerance: 0))
        return try growth { step in _ = try trainer.run(in: physics) { _ in step() } }
    }

    func continuous(_ physics: any Physics) throws -> Int {
        let trainer = ContinuousTrainer(
            task: task, limits: ContinuousTrainer.Limits(duration: 1, tolerance: 0))
        return try growth { step in _ = try trainer.run(in: physics) { _ in step() } }
    }

    /// Some thousand steps for each training, of which ngspice keeps a few kilobytes: it loads two circuits
    /// for it.
    func transient(_ physics: NgspicePhysics) throws -> Int {
        let trainer = TransientTrainer(
            task: task, limits: ContinuousTrainer.Limits(duration: 1, tolerance: 0))
        let times = OutputTimes.even(2000, duration: 1)
        return try growth { step in _ = try trainer.run(in: physics, at: times) { _ in step() } }
    }

    func physics(_ ngspice: any Simulator, _ rule: (any LearningRule)? = nil) throws
        -> NgspicePhysics
    {
        try NgspicePhysics(deck: deck, task: task, ngspice: ngspice, nudges: rule?.nudgeKind)
    }

    func isolated() throws -> NgspicePhysics { try physics(IsolatedNgspice(program: program)) }
}

/// Whether memory stayed flat.
func report(_ path: String, _ way: String, _ measure: () throws -> Int) -> Bool {
    defer { fflush(nil) }
    do {
        let kilobytes = try measure()
        let isMore = Double(kilobytes) > 1024 * Double(steps) / 1e5
        print("\(path)  \(way): \(kilobytes) kB over \(steps) steps\(isMore ? "  GROWS" : "")")
        return !isMore
    } catch {
        print("\(path)  \(way): not possible (\(error))")
        return true
    }
}

let rules: [any LearningRule] = [
    AdjointCoupledLearning(), CoupledLearning(), EquilibriumPropagation(),
]
var outcomes: [Bool] = []
for path in decks {
    let soak = try Soak(path)
    for rule in rules {
        outcomes.append(
            report(path, "in this process, \(type(of: rule).title)") {
                try Ngspice.withInstance { try soak.discrete(soak.physics($0, rule), rule) }
            })
    }
    let rule = AdjointCoupledLearning()
    outcomes.append(report(path, "in a worker") { try soak.discrete(soak.isolated(), rule) })
    outcomes.append(
        report(path, "divided over two workers") {
            try soak.discrete(ParallelPhysics(engines: 2) { try soak.isolated() }, rule)
        })
    if soak.task.circuit.isLinear {
        outcomes.append(
            report(path, "sparse engine") {
                try soak.discrete(SparsePhysics(task: soak.task), rule)
            })
    }
    outcomes.append(
        report(path, "continuous time") {
            try Ngspice.withInstance { try soak.continuous(soak.physics($0)) }
        })
    outcomes.append(
        report(path, "transient analysis") {
            try Ngspice.withInstance { try soak.transient(soak.physics($0)) }
        })
}
exit(outcomes.contains(false) ? 1 : 0)
