import ArgumentParser
import LearningRules
import LearningTasks
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

            Without -o, a CSV goes to standard output: a column for each output and, of a deck with \
            classes, class and, with cross-entropy, p(NAME) for each of them. Where the data has \
            targets or classes, --json has the loss, the accuracy and who was taken for whom.
            """)

    @Argument(help: "The netlist, or - for standard input.", completion: .deck)
    var netlist: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where to write the outputs, a row for each of the data, as CSV.", valueName: "file"),
        completion: .table)
    var out: String?

    @OptionGroup(title: LearningOptions.title) var learning: LearningOptions

    @OptionGroup(title: EngineOptions.title) var engine: EngineOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    struct JSON: Encodable {
        struct Sample: Encodable {
            let outputs: [String: Double]
            /// Only of a deck with classes.
            let `class`: String?
            /// Of the classes; only with cross-entropy.
            let probabilities: [String: Double]?
        }

        let samples: [Sample]
        /// Only where the data has targets or classes.
        let loss: Double?
        let accuracy: Double?
        let confusion: [String: [String: Int]]?
    }

    func validate() throws {
        try requireOneUser(
            ofStandardOutput: [
                ("--json", json), ("-o \(out ?? "")", OutputPath.isStandardOutput(out ?? "")),
            ])
    }

    func run() throws {
        let deck = try LearningDeck(
            path: netlist, options: learning, isTrained: false, needsTargets: false)
        try deck.requireOutputs()
        var claims = deck.claims
        claims.read(netlist, as: "the netlist")
        if let out { try claims.write(out, as: "-o") }
        let file = try out.map { try OutputFile(path: $0) }
        let task = deck.task
        deck.warnOfIdleFlags(
            Set(learning.given.keys), in: .freeStates("predict"), engine: engine.engine,
            workers: engine.workers)
        let (outputs, warnings) = try deck.withEngine(
            engine.setup.for(task.samples.count > 16 ? .manyPoints : .fewPoints)
        ) { session in
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
        func quoted(_ text: String) -> String {
            text.contains { ",\"\n\r".contains($0) }
                ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
        }
        let probabilities = probabilities(task, outputs)
        let classes = task.classes ?? []
        let header =
            task.outputNames + (classes.isEmpty ? [] : ["class"])
            + (probabilities == nil ? [] : classes.map { "p(\($0))" })
        var bytes = Array((header.map(quoted).joined(separator: ",") + "\n").utf8)
        for m in task.samples.indices {
            var cells = outputs.row(m).prefix(task.namedOutputs.count).map { "\($0)" }
            if let name = task.answer(to: outputs.row(m)) { cells.append(quoted(name)) }
            cells += probabilities?[m].map { "\($0)" } ?? []
            bytes += (cells.joined(separator: ",") + "\n").utf8
        }
        return bytes
    }

    /// Of the classes, for each sample.
    private static func probabilities(
        _ task: LearningTask, _ outputs: OutputTable
    ) -> [[Double]]? {
        guard task.classes != nil else { return nil }
        let found = (0..<outputs.samples).compactMap { task.loss.probabilities(outputs.row($0)) }
        return found.count == outputs.samples ? found : nil
    }

    private static func json(_ task: LearningTask, _ outputs: OutputTable) -> JSON {
        let score = Score(outputs, of: task)
        let probabilities = probabilities(task, outputs)
        func named(_ names: [String], _ values: some Sequence<Double>) -> [String: Double] {
            Dictionary(zip(names, values).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
        }
        // What has no target is not a number.
        let isKnown = score.loss.isFinite
        return JSON(
            samples: task.samples.indices.map { m in
                JSON.Sample(
                    outputs: named(task.outputNames, outputs.row(m)),
                    class: task.answer(to: outputs.row(m)),
                    probabilities: probabilities.map { named(task.classes ?? [], $0[m]) })
            },
            loss: isKnown ? score.loss : nil, accuracy: isKnown ? score.accuracy : nil,
            confusion: isKnown ? ScoreReport(task: task, score: score).confusion : nil)
    }
}
