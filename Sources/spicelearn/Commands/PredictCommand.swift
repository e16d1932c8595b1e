import ArgumentParser
import LearningRules
import Netlist

/// `spicelearn predict`: what the circuit answers to rows of inputs.
struct PredictCommand: ParsableCommand, EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Solve the outputs of a deck for each row of inputs.",
        discussion: """
            Free states only; targets are not needed. The outputs are those of the deck's *.learn \
            output lines, or --output; the columns of the data are named by source.

              spicelearn predict trained.cir --data new.csv -o answers.csv
              spicelearn predict trained.cir --data new.csv --json

            Without -o, a CSV goes to standard output. Where every output has a target, --json has \
            the loss, the mean over rows of half the squared error.
            """)

    @Argument(help: "The netlist, or - for standard input.")
    var netlist: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where to write the outputs, a row for each of the data, as CSV.", valueName: "file"))
    var out: String?

    @OptionGroup(title: LearningOptions.title) var learning: LearningOptions

    @OptionGroup(title: EngineOptions.title) var engine: EngineOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    struct JSON: Encodable {
        struct Sample: Encodable {
            let outputs: [String: Double]
        }

        let samples: [Sample]
        /// V²; only where every output has a target.
        let loss: Double?
    }

    func validate() throws {
        try requireOneUser(
            ofStandardOutput: [
                ("--json", json), ("-o \(out ?? "")", OutputPath.isStandardOutput(out ?? "")),
            ])
    }

    func run() throws {
        let deck = try LearningDeck(path: netlist, options: learning, needsTargets: false)
        try deck.requireOutputs()
        var claims = deck.claims
        claims.read(netlist, as: "the netlist")
        if let out { try claims.write(out, as: "-o") }
        let file = try out.map { try OutputFile(path: $0) }
        let task = deck.task
        let (outputs, warnings) = try deck.withEngine(engine.setup) { session in
            try session.physics.freeOutputs(of: task)
        }
        for warning in warnings { printError("spicelearn: warning: \(warning)") }
        let csv = Self.csv(task, outputs)
        try file?.write(csv)
        if json {
            try printJSON(Self.json(task, outputs))
        } else if file == nil {
            try StandardStreams.writeToOutput(csv)
        }
    }

    private static func csv(_ task: LearningTask, _ outputs: OutputTable) -> [UInt8] {
        var bytes = Array(
            (task.outputs.map { $0.name.contains(",") ? "\"\($0.name)\"" : $0.name }
                .joined(separator: ",") + "\n").utf8)
        for m in task.samples.indices {
            bytes += (outputs.row(m).map { "\($0)" }.joined(separator: ",") + "\n").utf8
        }
        return bytes
    }

    private static func json(_ task: LearningTask, _ outputs: OutputTable) -> JSON {
        let targets = task.samples.flatMap(\.targets)
        let squares = zip(outputs.values, targets).map { ($0 - $1) * ($0 - $1) }
        let loss = squares.reduce(0, +) / 2 / Double(max(task.samples.count, 1))
        return JSON(
            samples: task.samples.indices.map { m in
                JSON.Sample(
                    outputs: Dictionary(
                        zip(task.outputs.map(\.name), outputs.row(m)).map { ($0, $1) },
                        uniquingKeysWith: { first, _ in first }))
            },
            // What has no target is not a number.
            loss: loss.isFinite ? loss : nil)
    }
}
