import ArgumentParser
import Foundation
import LearningRules
import Netlist
import NgspiceBridge

/// `spicelearn train`: from a learning deck to a trained one.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a deck's resistors and write the trained deck.",
        discussion: """
            Only the values of trained resistors change; every other byte of the deck stays. A rate \
            need not be chosen: it comes from the spectrum of the task. Ctrl-C finishes the step and \
            writes what was reached.

              spicelearn train deck.cir -o trained.cir
              spicelearn train deck.cir -o trained.cir --rule ep --tolerance 1e-9
              spicelearn train deck.cir -o trained.cir --history run.csv --json

            Exit codes: 0 converged, 2 ended without reaching the tolerance (the deck is written all \
            the same), 130 or 143 interrupted.
            """)

    @Argument(help: "The netlist, or - for standard input.")
    var netlist: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where to write the trained netlist; - is standard output.", valueName: "trained"))
    var out: String

    @OptionGroup var learning: LearningOptions

    @Option(
        help: ArgumentHelp(
            "A row for each step: .csv, .jsonl, or .raw for ngspice's load and plot.",
            valueName: "file"))
    var history: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if json, out == "-" {
            throw ValidationError("--json and -o - would both write to standard output")
        }
    }

    func run() throws {
        let deck = try LearningDeck(path: netlist, options: learning)
        let task = deck.task
        try deck.requireOutputs()
        let output = try OutputFile(path: out)
        let trainer = try deck.trainer()
        let (result, warnings) = try train(deck, trainer)
        for warning in warnings { printError("spicelearn: warning: \(warning)") }
        try output.write(deck.deck.rewriting(result.conductances.texts(of: task)))
        if out != "-" { warnAboutFolder(of: deck) }
        let report = TrainReport(
            task: task, trainer: trainer, result: result, output: out, netlist: netlist)
        if json {
            try printJSON(report.json)
        } else if out != "-" {
            print(report.text)
        }
        if let status = Interruption.exitStatus { throw ExitCode(status) }
        if !result.converged {
            printError("spicelearn: \(report.whyNotConverged)")
            throw ExitCode(ExitStatus.notConverged)
        }
    }

    /// The result, and what ngspice had to give up on the way.
    private func train(
        _ deck: LearningDeck, _ trainer: Trainer
    ) throws -> (TrainingResult, warnings: [String]) {
        Interruption.install()
        return try deck.locating {
            try Ngspice.withInstance { [deck = deck.deck, history] ngspice in
                let log = TrainingLog(
                    history: try history.map { try History(path: $0, task: trainer.task) },
                    limits: trainer.limits)
                let physics = try NgspicePhysics(deck: deck, task: trainer.task, ngspice: ngspice)
                let result = try trainer.run(in: physics, observer: log.record)
                try log.finish()
                return (result, physics.warnings)
            }
        }
    }

    /// A deck that is written to another folder still names its files relative to its own.
    private func warnAboutFolder(of deck: LearningDeck) {
        func folder(_ path: String) -> String {
            URL(filePath: path).deletingLastPathComponent().standardizedFileURL.path
        }
        guard folder(netlist) != folder(out), netlist != "-" else { return }
        var names = deck.deck.files.dropFirst().map(\.path)
        if let data = deck.deck.directives.data { names.append(data.value) }
        names.removeAll { $0.hasPrefix("/") }
        guard !names.isEmpty else { return }
        printError(
            """
            spicelearn: warning: \(out) refers to files beside \(netlist) \
            (\(names.joined(separator: ", "))): copy them too, or write it there
            """)
    }
}
