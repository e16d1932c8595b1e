import ArgumentParser
import Figures
import Foundation
import LearningRules
import LearningTasks
import Reports

/// `spicelearn plot`: figures for papers.
struct PlotCommand: ParsableCommand, EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draw a figure of trainings or of a circuit, for a paper.",
        discussion: """
            Of histories (train --history, .csv or .jsonl): the loss, the largest error or the accuracy over \
            the steps. Histories whose names differ in digits alone are one training with several seeds: \
            their median is a line, and all that lies between the least and the largest is shaded; one \
            that has ended stays where it was.

              spicelearn plot al-1.csv al-2.csv al-3.csv ep-1.csv ep-2.csv -o loss.svg
              spicelearn plot run.csv --show accuracy -o accuracy.pdf

            Of a netlist with learning directives, or of what train --json printed: its outputs against \
            their targets; what it answers over two numbers of its data, as areas; its network, with \
            --before as it was and as it is.

              spicelearn plot trained.cir -o parity.svg
              spicelearn plot trained.cir --show regions -o regions.png
              spicelearn plot trained.cir --before deck.cir --show network -o network.pdf

            gnuplot draws; Graphviz lays networks out.
            """)

    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case loss, error, accuracy, parity, regions, network

        /// Whether histories tell it, and not a circuit.
        var isOfHistories: Bool { [.loss, .error, .accuracy].contains(self) }

        static func named(_ isOfHistories: Bool) -> String {
            allCases.filter { $0.isOfHistories == isOfHistories }.map(\.rawValue)
                .joined(separator: ", ")
        }
    }

    @Argument(help: "Histories, or one netlist or .json file.")
    var runs: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The figure: .svg, .png or .pdf.", valueName: "figure"))
    var out: String

    @Option(
        help: """
            loss, error or accuracy of histories; parity, regions or network of a circuit. (default: loss; \
            parity, or of classes network)
            """)
    var show: Subject?

    @Option(
        help: ArgumentHelp(
            "The netlist as it was before the training, for parity and network.", valueName: "deck")
    )
    var before: String?

    @Option(help: "Above the figure. (default: the netlist's title)")
    var title: String?

    @OptionGroup(title: LearningOptions.title) var learning: LearningOptions

    @OptionGroup(title: EngineOptions.title) var engine: EngineOptions

    private static let historyEndings: Set = ["csv", "jsonl", "ndjson"]
    /// Points along each axis of regions.
    private static let gridPoints = 101

    private var areHistories: Bool {
        runs.allSatisfy {
            Self.historyEndings.contains(($0 as NSString).pathExtension.lowercased())
        }
    }

    func validate() throws {
        guard Figure.Format(path: out) != nil else {
            throw ValidationError("-o \(out): the name of a figure ends in .svg, .png or .pdf")
        }
        guard areHistories || runs.count == 1 else {
            throw ValidationError(
                "a figure is of histories (.csv, .jsonl), or of one netlist: name the one or the other"
            )
        }
        if let show, show.isOfHistories != areHistories {
            throw ValidationError(
                areHistories
                    ? "--show \(show.rawValue) is of a circuit; of histories there are \(Subject.named(true))"
                    : "--show \(show.rawValue) is of histories; of a circuit there are \(Subject.named(false))"
            )
        }
        if before != nil, areHistories || show == .regions {
            throw ValidationError("--before is for the figures parity and network of a circuit")
        }
        if runs == ["-"], before == "-" {
            throw ValidationError("standard input is one netlist: name the file of the other")
        }
    }

    func run() throws {
        guard let format = Figure.Format(path: out) else { return }
        let (file, figure) = try areHistories ? ofHistories() : ofCircuit()
        try file.write(Figure.finished(Gnuplot.draw(figure, as: format), as: format))
        try printOutput("wrote \(out)")
    }

    private func ofHistories() throws -> (OutputFile, Figure) {
        var claims = FileClaims(refusesLinks: learning.trust.untrusted)
        for run in runs { claims.read(run, as: "a history") }
        try claims.write(out, as: "-o")
        let idle = learning.given.keys.sorted() + engine.given
        if !idle.isEmpty {
            warn(ofIdle: idle, "histories are drawn as they are: nothing is learned or solved")
        }
        let file = try OutputFile(path: out)
        let curves = try runs.enumerated().map { index, run in
            if let other = runs[..<index].first(where: { FileClaims.areSame($0, run) }) {
                throw Failure(
                    "\(run) is \(other): name each history once", status: ExitStatus.usage)
            }
            return (name: name(of: run), curve: try HistoryText.read(run, as: ""))
        }
        let figure = try figure {
            try Figure(
                of: RunGroup.groups(of: curves), column: (show ?? .loss).rawValue, title: title)
        }
        return (file, figure)
    }

    /// The file's without its ending; with its folder where files of several folders are drawn.
    private func name(of run: String) -> String {
        let folders = Set(runs.map { ($0 as NSString).deletingLastPathComponent })
        let path = (run as NSString).deletingPathExtension
        return folders.count > 1 ? path : (path as NSString).lastPathComponent
    }

    private func ofCircuit() throws -> (OutputFile, Figure) {
        let training = try TrainingRecord(path: runs[0], untrusted: learning.trust.untrusted)
        let netlist = training?.netlist ?? runs[0]
        let deck = try LearningDeck(path: netlist, options: learning)
        try deck.requireOutputs()
        deck.warnOfIdleFlags(
            Set(learning.given.keys), in: .freeStates("plot"), engine: engine.engine,
            workers: engine.workers)
        let earlier = try before.map {
            try LearningDeck(path: $0, options: learning, isSilent: true)
        }
        var claims = deck.claims
        claims.read(netlist, as: "the netlist")
        if netlist != runs[0] { claims.read(runs[0], as: "what the training printed") }
        if let before { claims.read(before, as: "the netlist before the training") }
        try claims.write(out, as: "-o")
        let file = try OutputFile(path: out)
        let own = deck.task.circuit.title
        let title = self.title ?? (own.isEmpty ? netlist : own)
        let figure =
            switch show ?? (deck.task.loss.isSquared ? .parity : .network) {
            case .regions: try regions(deck, title)
            case .network: try network(deck, earlier, title)
            default: try parity(deck, earlier, title)
            }
        return (file, figure)
    }

    private func outputs(_ deck: LearningDeck, _ task: LearningTask) throws -> OutputTable {
        let (outputs, warnings) = try deck.withEngine(
            engine.setup.for(task.samples.count > 16 ? .manyPoints : .fewPoints)
        ) { session in try session.physics.freeOutputs(of: task) }
        for warning in warnings { printError("spicelearn: warning: \(warning)") }
        return outputs
    }

    private func parity(
        _ deck: LearningDeck, _ earlier: LearningDeck?, _ title: String
    ) throws -> Figure {
        var parts = [
            SolvedOutputs(
                earlier == nil ? "samples" : "after", deck.task, try outputs(deck, deck.task))
        ]
        if let testing = deck.testing {
            parts.append(SolvedOutputs("not trained", testing, try outputs(deck, testing)))
        }
        if let earlier {
            try requireSameOutputs(deck, earlier)
            parts.append(
                SolvedOutputs("before", earlier.task, try outputs(earlier, earlier.task)))
        }
        return try figure { try Figure(parityOf: parts, title: title) }
    }

    private func regions(_ deck: LearningDeck, _ title: String) throws -> Figure {
        let grid: SampleGrid
        do {
            grid = try SampleGrid(of: deck.task, count: Self.gridPoints)
        } catch {
            throw Failure("\(runs[0]): \(error.message)", status: ExitStatus.badData)
        }
        let outputs = try outputs(deck, grid.task)
        return try figure {
            try Figure(regionsOf: deck.task, over: grid, outputs, title: title)
        }
    }

    private func network(
        _ deck: LearningDeck, _ earlier: LearningDeck?, _ title: String
    ) throws -> Figure {
        var changes = Changes(of: deck.task, at: TrainedValues(initial: deck.task), since: nil)
        if let earlier {
            let missing = changes.setBefore(
                Changes(of: earlier.task, at: TrainedValues(initial: earlier.task), since: nil))
            guard missing.isEmpty else {
                throw Failure(
                    "--before \(before ?? "") is of another circuit: it does not train \(missing.prefix(3).joined(separator: ", "))\(missing.count > 3 ? ", …" : "")",
                    status: ExitStatus.badData)
            }
        }
        var network = CircuitDrawing(of: deck.task, changes)
        if let fault = Graphviz.place(&network) { printError("spicelearn: warning: \(fault)") }
        return try figure { try Figure(of: network, changes, title: title) }
    }

    private func requireSameOutputs(
        _ deck: LearningDeck, _ earlier: LearningDeck
    ) throws(Failure) {
        guard
            deck.task.outputNames.map({ $0.lowercased() })
                == earlier.task.outputNames.map({ $0.lowercased() })
        else {
            throw Failure(
                "--before \(before ?? "") is of another circuit: it has other outputs",
                status: ExitStatus.badData)
        }
    }

    private func figure(_ make: () throws -> Figure) throws -> Figure {
        do {
            return try make()
        } catch let error as FigureError {
            throw Failure(error.description, status: ExitStatus.badData)
        }
    }
}

extension Figure.Format {
    /// By the ending of a file's name; nil for another one.
    init?(path: String) {
        self.init(rawValue: (path as NSString).pathExtension.lowercased())
    }
}
