import ArgumentParser
import Figures
import Foundation
import LearningRules
import LearningTasks
import Studies

/// `spicelearn study`: the experiments of the theory, each as a table and a figure.
struct StudyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Repeat an experiment of the theory: its numbers, a CSV file and a figure.",
        discussion: """
            Every operating point is solved by ngspice. The figure is drawn by gnuplot, as .svg, .png \
            or .pdf; its numbers are in a CSV file of the same name beside it. The same seed gives \
            the same numbers. --full makes what the documentation shows, in minutes instead of \
            seconds.

              spicelearn study kite -o kite.svg
              spicelearn study convergence deck.cir -o convergence.png
            """,
        subcommands: [
            Convergence.self, Kite.self, Genericity.self, Conservation.self, Nudging.self,
        ])

    /// Where an experiment goes.
    struct Destination: ParsableArguments {
        @Option(
            name: .shortAndLong,
            help: ArgumentHelp(
                "The figure: .svg, .png or .pdf. (default: the study's name, .svg)",
                valueName: "figure"),
            completion: .file(extensions: Figure.Format.allCases.map(\.rawValue)))
        var out: String?

        @Flag(help: "As many networks and points as the documentation shows.")
        var full = false

        @Flag(help: "Print one JSON object.")
        var json = false

        @OptionGroup var simulator: NgspiceOptions

        func validate() throws {
            if let out, Figure.Format(path: out) == nil {
                throw ValidationError(
                    "-o \(out): the name of a figure ends in .svg, .png or .pdf")
            }
        }

        /// Runs the experiment and writes what it gives: the numbers first, so that they are there
        /// whatever becomes of the figure.
        func publish(
            _ name: String, _ experiment: (@escaping GoesOn) throws -> some StudyResult
        ) throws {
            try simulator.choose()
            let path = out ?? name + ".svg"
            let table = (path as NSString).deletingPathExtension + ".csv"
            let (figure, data) = (try OutputFile(path: path), try OutputFile(path: table))
            // A signal ends it at once: it has nothing to write before its end.
            let result: any StudyResult = try Waiting.during("study \(name)") {
                try experiment { true }
            }
            try data.write(Array(result.data.csv.utf8))
            if json { try printJSON(result) } else { print(Self.text(result)) }
            let format = Figure.Format(path: path) ?? .svg
            try figure.write(
                Figure.finished(Gnuplot.draw(result.figure, as: format), as: format))
            if !json { print("\nwrote \(path) and \(table)") }
        }

        private static func text(_ result: some StudyResult) -> String {
            let summary = result.summary
            var table = Table(header: summary.columns)
            for row in summary.rows {
                table.add(
                    cells: row.map { cell in
                        switch cell {
                        case .text(let text): text
                        case .number(let value): readable(value)
                        case .empty: "–"
                        }
                    })
            }
            return table.text + "\n\n" + result.findings.joined(separator: "\n")
        }
    }

    /// The circuit of an experiment that needs one.
    struct Subject: ParsableArguments {
        @Argument(
            help: "A learning deck, or - for standard input. (default: random networks)",
            completion: .deck)
        var netlist: String?

        @Option(help: "Seed of all that is random.")
        var seed: UInt64 = 1

        @OptionGroup(title: TrustOptions.title) var trust: TrustOptions

        func circuit() throws -> StudyCircuit? {
            guard let netlist else { return nil }
            let options = try LearningOptions.parse(trust.untrusted ? ["--untrusted"] : [])
            let deck = try LearningDeck(path: netlist, options: options)
            try deck.requireOutputs()
            let title = deck.task.circuit.title
            return StudyCircuit(
                name: title.isEmpty ? netlist : title, deck: deck.deck, task: deck.task)
        }
    }

    struct Convergence: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Loss against time and steps, beside the decay that is predicted.")

        @OptionGroup var subject: Subject
        @OptionGroup var destination: Destination

        @Option(help: "Random networks, with seeds from --seed on. (default: 1; 5 with --full)")
        var networks: Int?

        func validate() throws { try atLeastOne(networks, "--networks") }

        func run() throws {
            try destination.publish("convergence") { goesOn in
                let own = try subject.circuit()
                let count = networks ?? (destination.full ? 5 : 1)
                let circuits =
                    try own.map { [$0] }
                    ?? (0..<UInt64(count)).map { try .random(seed: subject.seed &+ $0) }
                return try ConvergenceStudy(circuits: circuits).run(goesOn: goesOn)
            }
        }
    }

    struct Kite: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The coercivity constant near degenerate targets, and learning at them.")

        @OptionGroup var destination: Destination

        @Option(help: ArgumentHelp("The largest distance from them, V.", valueName: "volt"))
        var largest: Double = 0.1

        @Option(help: "Distances, each half of the one before. (default: 4; 6 with --full)")
        var points: Int?

        func validate() throws {
            try atLeastOne(points, "--points")
            guard largest > 0, largest < 0.5 else {
                throw ValidationError(
                    "--largest must be above 0 and below 0.5, the targets' height")
            }
        }

        func run() throws {
            try destination.publish("kite") { goesOn in
                var study = KiteStudy()
                study.deltas = KiteStudy.halvings(
                    of: largest, count: points ?? (destination.full ? 6 : 4))
                return try study.run(goesOn: goesOn)
            }
        }
    }

    struct Genericity: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The distribution of coercivity constants over random targets.")

        @OptionGroup var destination: Destination

        @Option(help: "Random networks. (default: 5; 20 with --full)")
        var networks: Int?

        @Option(help: "Draws of conductances on each. (default: 100; 500 with --full)")
        var draws: Int?

        @Option(help: "Seed of all that is random.")
        var seed: UInt64 = 1

        func validate() throws {
            try atLeastOne(networks, "--networks")
            try atLeastOne(draws, "--draws")
        }

        func run() throws {
            try destination.publish("genericity") { goesOn in
                var study = GenericityStudy()
                study.networks = networks ?? (destination.full ? 20 : 5)
                study.draws = draws ?? (destination.full ? 500 : 100)
                study.seed = seed
                return try study.run(goesOn: goesOn)
            }
        }
    }

    struct Conservation: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "How well continuous and discrete learning keep the conserved quantity.")

        @OptionGroup var subject: Subject
        @OptionGroup var destination: Destination

        func run() throws {
            try destination.publish("conservation") { goesOn in
                var study = ConservationStudy(
                    circuit: try subject.circuit() ?? .random(seed: subject.seed))
                if destination.full { study.steps += [1.0 / 128, 1.0 / 256] }
                return try study.run(goesOn: goesOn)
            }
        }
    }

    struct Nudging: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The bias of the update against the strength of the nudge.")

        @OptionGroup var subject: Subject
        @OptionGroup var destination: Destination

        func run() throws {
            try destination.publish("nudging") { goesOn in
                let own = try subject.circuit()
                let circuits =
                    try own.map { [$0] } ?? [
                        .random(seed: subject.seed),
                        .randomWithDiodes(seed: subject.seed),
                    ]
                var study = NudgingStudy(circuits: circuits)
                if destination.full { study.pointsPerDecade = 4 }
                return try study.run(goesOn: goesOn)
            }
        }
    }
}

private func atLeastOne(_ value: Int?, _ flag: String) throws {
    if let value, value < 1 { throw ValidationError("\(flag) must be at least 1") }
}
