import ArgumentParser
import Engines
import Foundation
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge
import Reports

/// `spicelearn report`: one page that shows a circuit, what it has learned, and how.
struct ReportCommand: ParsableCommand, EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a page that shows a circuit and what it has learned.",
        discussion: """
            One HTML file that opens without a network: the network with its conductances, outputs and \
            errors with the worst first, who was taken for whom, singular values and rates, and what \
            changed. It is written beside a training by train --report; this command makes it of a \
            netlist, or of what train --json printed.

              spicelearn report deck.cir -o page.html
              spicelearn report trained.cir --before deck.cir --history run.csv -o page.html

              spicelearn train deck.cir -o trained.cir --history run.csv --json > run.json
              spicelearn report run.json --before deck.cir --history run.csv -o page.html

            On a deck without learning directives: the network and its operating point. Graphviz lays \
            the network out.
            """)

    @Argument(
        help: """
            A netlist, trained or not, or - for standard input; or a .json file with what train --json \
            printed, of which the trained netlist is taken that it names.
            """, completion: .deck(or: "json"))
    var source: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to write the page; - is standard output.", valueName: "page"),
        completion: .file(extensions: ["html"]))
    var out: String

    @Option(
        help: ArgumentHelp(
            "The netlist as it was before the training, to show what changed.", valueName: "deck"),
        completion: .deck)
    var before: String?

    @Option(
        help: ArgumentHelp(
            "What train --history wrote: .csv or .jsonl.", valueName: "file"),
        completion: .file(extensions: HistoryFormat.readableEndings))
    var history: String?

    @OptionGroup(title: LearningOptions.title) var learning: LearningOptions

    @OptionGroup(title: EngineOptions.title) var engine: EngineOptions

    @Flag(help: "Print one JSON object: the numbers of the page.")
    var json = false

    func validate() throws {
        try requireOneUser(
            ofStandardOutput: [
                ("--json", json), ("-o \(out)", OutputPath.isStandardOutput(out)),
            ])
        if source == "-", before == "-" {
            throw ValidationError("standard input is one netlist: name the file of the other")
        }
    }

    func run() throws {
        let training = try TrainingRecord(path: source, untrusted: learning.trust.untrusted)
        let netlist = training?.netlist ?? source
        let deck = try LearningDeck(path: netlist, options: learning)
        let earlier = try before.map {
            try LearningDeck(path: $0, options: learning, isSilent: true)
        }
        try checkFiles(of: deck, earlier, netlist)
        let output = try OutputFile(path: out)
        let curve = try history.map { try HistoryText.read($0) }
        var (material, solver, notes) = try gather(deck)
        if let earlier, let before {
            let missing = material.changes.setBefore(
                Changes(of: earlier.task, at: TrainedValues(initial: earlier.task), since: nil))
            guard missing.isEmpty else {
                throw Failure(
                    """
                    --before \(before) is of another circuit: it does not train \
                    \(missing.prefix(3).joined(separator: ", "))\(missing.count > 3 ? ", …" : "")
                    """, status: ExitStatus.badData)
            }
        }
        if let fault = training?.difference(from: material.changes) {
            printError("spicelearn: warning: \(fault)")
            notes.append(fault)
        }
        var report = material.report(
            title: deck.task.circuit.title,
            origin: Report.Origin(deck: netlist == "-" ? InputFile.standardInputName : netlist),
            solver: solver)
        report.train = training?.content
        report.notes += notes
        if let curve {
            report.history = curve
            report.rate = DecayRate(
                of: curve, predicted: material.decayRate,
                followsFlow: (training?.optimizer ?? deck.directives.optimizer?.value.rawValue)
                    == Optimizer.plain.rawValue)
        }
        try report.write(to: output)
        if json {
            try printJSON(report)
        } else if !OutputPath.isStandardOutput(out) {
            try printOutput("\(deck.task.circuit.title)\n\nwrote \(out)")
        }
    }

    private func checkFiles(
        of deck: LearningDeck, _ earlier: LearningDeck?, _ netlist: String
    ) throws(Failure) {
        var claims = deck.claims
        claims.read(netlist, as: "the netlist")
        if netlist != source { claims.read(source, as: "what the training printed") }
        if let before { claims.read(before, as: "the netlist before the training") }
        if let history { claims.read(history, as: "the history") }
        for file in earlier?.deck.files.dropFirst() ?? [] {
            claims.read(file.path, as: "a file that the netlist includes")
        }
        try claims.write(out, as: "-o")
    }

    /// What the engine says of the netlist.
    private func gather(
        _ deck: LearningDeck
    ) throws -> (ReportMaterial, Report.Solver, notes: [String]) {
        guard !deck.task.outputs.isEmpty else {
            let points = try operatingPoints(of: deck)
            return (
                ReportMaterial(of: deck.task, points: points),
                Report.Solver(engine: Engine.ngspice.rawValue), []
            )
        }
        let trainer = try deck.trainer()
        let ((material, solver), warnings) = try deck.withEngine(engine.setup) { session in
            if deck.task.loss.hasGoals || !type(of: trainer.rule).needsGoals {
                try session.confirmStart(of: trainer)
            }
            let material = try ReportMaterial(
                of: trainer, at: TrainedValues(initial: trainer.task), since: nil, in: session)
            return (material, Report.Solver(session.engine, session.confirmed))
        }
        for warning in warnings { printError("spicelearn: warning: \(warning)") }
        return (material, solver, warnings)
    }

    /// As `solve` finds them.
    private func operatingPoints(of deck: LearningDeck) throws -> [OperatingPoint] {
        guard !deck.task.inputs.isEmpty else {
            return [
                try Ngspice.withInstance {
                    [deck = deck.deck, task = deck.task, setup = engine.setup] ngspice in
                    try setup.isolates(task)
                        ? setup.isolatedNgspice().operatingPoint(of: deck, task.circuit)
                        : ngspice.operatingPoint(of: deck, task.circuit)
                }
            ]
        }
        return try deck.withEngine(engine.setup) { session in
            try session.physics.operatingPoints(
                deck.task.few(States.mostListed).samples.map { Drive(inputs: $0.inputs) })
        }.0
    }
}
