import ArgumentParser
import LearningRules
import LearningTasks
import Netlist

/// `spicelearn check`: whether every output of every sample is where it should be, for CI.
struct CheckCommand: ParsableCommand, EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Compare every output of every sample with its target.",
        discussion: """
            Solves the free states only. An output passes where it is within the tolerance of its \
            target (the deck's, or --tolerance). Targets are the deck's or the data's.

              spicelearn check trained.cir
              spicelearn check trained.cir --data test.csv --tolerance 1m --junit report.xml

            Exit codes: 0 all outputs pass, 1 one does not, 64 to 74 as elsewhere.
            """)

    @Argument(help: "The netlist, or - for standard input.", completion: .deck)
    var netlist: String

    @OptionGroup(title: LearningOptions.title) var learning: LearningOptions

    @OptionGroup(title: EngineOptions.title) var engine: EngineOptions

    @Option(
        help: ArgumentHelp(
            "Also write the outcome as JUnit's XML, a test case for each output of each sample.",
            valueName: "file"), completion: .file(extensions: ["xml"]))
    var junit: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        try requireOneUser(
            ofStandardOutput: [
                ("--json", json),
                ("--junit \(junit ?? "")", OutputPath.isStandardOutput(junit ?? "")),
            ])
    }

    func run() throws {
        let deck = try LearningDeck(path: netlist, options: learning, isTrained: false)
        try deck.requireOutputs()
        var claims = deck.claims
        claims.read(netlist, as: "the netlist")
        if let junit { try claims.write(junit, as: "--junit") }
        let file = try junit.map { try OutputFile(path: $0) }
        deck.warnOfIdleFlags(
            Set(learning.given.keys), in: .freeStates("check"), engine: engine.engine,
            workers: engine.workers)
        let (outputs, warnings) = try deck.withEngine(engine.setup) { [task = deck.task] session in
            try session.physics.freeOutputs(of: task)
        }
        for warning in warnings { printError("spicelearn: warning: \(warning)") }
        let report = CheckReport(
            task: deck.task, outputs: outputs, netlist: netlist,
            tolerance: deck.directives.tolerance?.value ?? Trainer.Limits().tolerance)
        try file?.write(Array(report.junit.utf8))
        if json {
            try printJSON(report.json)
        } else if !OutputPath.isStandardOutput(junit ?? "") {
            try printOutput(report.text)
        }
        if !report.passed { throw ExitCode(ExitStatus.difference) }
    }
}

/// What `check` prints, for people, for scripts and for CI servers.
struct CheckReport {
    let task: LearningTask
    let outputs: OutputTable
    let netlist: String
    /// V.
    let tolerance: Double

    struct JSON: Encodable {
        struct Output: Encodable {
            let value: Double
            let target: Double
            let error: Double
            let passed: Bool
        }

        struct Sample: Encodable {
            let outputs: [String: Output]
        }

        let passed: Bool
        let tolerance: Double
        let samples: [Sample]
    }

    private func target(_ m: Int, _ o: Int) -> Double { task.samples[m].targets[o] }

    /// With classes, that of the loss.
    private func error(_ m: Int, _ o: Int) -> Double {
        task.loss.errors(outputs.row(m), task.samples[m].targets[...])[o]
    }

    /// With classes, whether the sample is taken for what it is. Written so that what is not a number fails.
    private func passes(_ m: Int, _ o: Int) -> Bool {
        if task.loss.hasGoals { return abs(error(m, o)) <= tolerance }
        return outputs.row(m).allSatisfy(\.isFinite)
            && task.answer(to: outputs.row(m)) == task.answer(to: task.samples[m].targets[...])
    }

    private var failures: [(sample: Int, output: Int)] {
        task.samples.indices.flatMap { m in
            task.namedOutputs.filter { !passes(m, $0) }.map { (m, $0) }
        }
    }

    var passed: Bool { failures.isEmpty }

    var json: JSON {
        JSON(
            passed: passed, tolerance: tolerance,
            samples: task.samples.indices.map { m in
                JSON.Sample(
                    outputs: Dictionary(
                        task.namedOutputs.map { o in
                            (
                                task.outputs[o].name,
                                JSON.Output(
                                    value: outputs[m, o], target: target(m, o),
                                    error: error(m, o), passed: passes(m, o))
                            )
                        }, uniquingKeysWith: { first, _ in first }))
            })
    }

    /// Rows that people read: of more, those that fail.
    private static let longestTable = 40

    var text: String {
        let all = task.samples.indices.flatMap { m in task.namedOutputs.map { (m, $0) } }
        let isWhole = all.count <= Self.longestTable
        var table = Table(header: ["sample"] + task.outputHeads + [""])
        for (m, o) in (isWhole ? all : failures.map { ($0.sample, $0.output) })
            .prefix(Self.longestTable)
        {
            table.add(
                "\(m + 1)", task.outputs[o].name, readable(outputs[m, o], digits: 10),
                readable(target(m, o), digits: 10), readable(error(m, o), digits: 3),
                passes(m, o) ? "ok" : "OFF")
        }
        let wrong = failures.count
        let left = isWhole ? 0 : max(wrong - Self.longestTable, 0)
        let samples = task.samples.count, wrongSamples = Set(failures.map(\.sample)).count
        let summary =
            !task.loss.hasGoals
            ? wrong == 0
                ? "all \(samples) samples are taken for what they are"
                : "\(wrongSamples) of \(samples) samples are taken for another class"
            : wrong == 0
                ? "all \(all.count) outputs within \(readable(tolerance))\(task.errorUnit) of their targets"
                : "\(wrong) of \(all.count) outputs are more than \(readable(tolerance))\(task.errorUnit) off"
        return [
            task.circuit.title, table.isEmpty ? nil : table.text,
            left > 0 ? "  … and \(left) more" : nil, summary,
        ].compactMap(\.self).joined(separator: "\n\n")
    }

    /// JUnit's XML, as CI servers read it: a suite, and a case for each output of each sample.
    var junit: String {
        func escaped(_ text: String) -> String {
            text.map { character in
                switch character {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                case "\"": "&quot;"
                default: String(character)
                }
            }.joined()
        }
        let suite = escaped(netlist)
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<testsuite name=\"\(suite)\" tests=\"\(task.samples.count * task.namedOutputs.count)\" failures=\"\(failures.count)\" errors=\"0\">",
        ]
        for m in task.samples.indices {
            for o in task.namedOutputs {
                let name = escaped("sample \(m + 1), \(task.outputs[o].name)")
                let open = "  <testcase classname=\"\(suite)\" name=\"\(name)\""
                guard !passes(m, o) else {
                    lines.append(open + "/>")
                    continue
                }
                let message =
                    task.loss.hasGoals
                    ? "\(outputs[m, o]) \(task.outputs[o].unit), target \(target(m, o)) \(task.outputs[o].unit), tolerance \(tolerance) \(task.outputs[o].unit)"
                    : "taken for \(task.answer(to: outputs.row(m)) ?? "nothing")"
                lines += [
                    open + ">", "    <failure message=\"\(escaped(message))\"/>", "  </testcase>",
                ]
            }
        }
        return lines.joined(separator: "\n") + "\n</testsuite>\n"
    }
}
