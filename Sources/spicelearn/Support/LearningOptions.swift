import ArgumentParser
import LearningRules
import LearningTasks
import Netlist

/// The flags that say the same as the deck's directives, and win over them.
///
/// Each is read by the parser of the directives themselves, so that both mean the same and have the
/// same errors.
struct LearningOptions: ParsableArguments {
    /// The name under which diagnostics show what was typed.
    static let sourceName = "command line"

    /// Above these flags in the help.
    static let title = "Learning options, which win over the deck's *.learn lines"

    @Option(
        help: """
            Learning rule: ep, cl or al; or gradient, the exact gradient of the loss, which is no local \
            rule. (default: al)
            """, completion: .list(Rules.all.map(\.name)))
    var rule: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Nudging strength: siemens for ep and al, a fraction of the error for cl. (default: from \
            the circuit)
            """, valueName: "strength"))
    var nudge: String?

    @Option(
        help: ArgumentHelp(
            "centered, one-sided, or limit: that of small nudges. (default: centered)",
            valueName: "sides"), completion: .choices(of: LearningDirectives.Nudging.self))
    var nudging: String?

    @Option(
        help: ArgumentHelp(
            """
            What to train: names or globs of resistors, independent sources and parameters, like \
            'R1 X1.R* VG* rtop X1.w'. (default: every resistor)
            """, valueName: "names"))
    var trainable: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Least value of what is trained, ohm for resistors. (default: 1m)", valueName: "number")
    )
    var min: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Greatest value of what is trained, ohm for resistors. (default: 1T)",
            valueName: "number"))
    var max: String?

    @Option(
        help: ArgumentHelp(
            """
            The trained variable: conductance, log, resistance, root (of the conductance) or value. \
            (default: conductance for resistors, value for sources and parameters)
            """, valueName: "variable"), completion: .list(Chart.names))
    var vary: String?

    @Option(
        help: ArgumentHelp(
            """
            How a gate's voltage learns: adjoint, or drops, as a transistor edge in hardware. (default: adjoint)
            """, valueName: "term"), completion: .choices(of: LearningDirectives.LocalTerm.self))
    var local: String?

    @Option(
        help: ArgumentHelp(
            "Sources that the data sets. (default: those named by its columns)", valueName: "names")
    )
    var input: [String] = []

    @Option(
        help: ArgumentHelp(
            "What to train, and to what: 'V(b)=0.2', or 'V(a,c)' where the data has the target.",
            valueName: "V(node)=volt"))
    var output: [String] = []

    @Option(
        help: ArgumentHelp(
            "Samples: a CSV file with a column for each source or output.", valueName: "file"),
        completion: .table)
    var data: String?

    @Option(
        help: ArgumentHelp(
            """
            What is lowered: squared, the squared errors of voltages; cross-entropy, for classes, with a \
            temperature=20m; hinge, for classes, with a margin=20m. (default: squared)
            """, valueName: "name settings"), completion: .list(Losses.all.map { $0.name }))
    var loss: String?

    @Option(
        name: .customLong("class"),
        help: ArgumentHelp(
            """
            The column of the data that names the class of a sample, and the classes in the order of the \
            outputs: 'species names=setosa,versicolor,virginica'; for squared errors with low=0 high=1, \
            the volts of the outputs.
            """, valueName: "column names=…"))
    var classColumn: String?

    @Option(
        help: ArgumentHelp(
            """
            How a column of the data sets a source: 'x V1 from=0..16 to=0..1' scales, 'x V1 V2' gives the \
            second the negative, 'p* V*' pairs all of these names, 'color V1=red V2=blue' turns on one.
            """, valueName: "column sources"))
    var encode: [String] = []

    @Option(
        help: ArgumentHelp("Columns of the data to leave out: names or globs.", valueName: "names"))
    var ignore: [String] = []

    @Option(
        help: ArgumentHelp(
            "Samples that are not trained: a CSV file like --data.", valueName: "file"),
        completion: .table)
    var test: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The share of the data that is kept for testing, drawn by --seed.", valueName: "share"))
    var split: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Samples of each step. (default: all)", valueName: "count"))
    var batch: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How often to go through the data. (default: by --steps)", valueName: "count"))
    var epochs: String?

    @Option(
        help: ArgumentHelp(
            "Order of the samples in an epoch: given or shuffled, by --seed. (default: shuffled)",
            valueName: "order"), completion: .choices(of: LearningDirectives.OrderName.self))
    var order: String?

    @Option(
        help: ArgumentHelp(
            """
            How the rate falls during the epochs: constant, cosine (to 0), or step (to a tenth after half of \
            them, and again after three quarters). (default: constant)
            """, valueName: "name"), completion: .choices(of: LearningDirectives.ScheduleName.self))
    var schedule: String?

    @Option(
        help: ArgumentHelp(
            """
            What to reach: tolerance, 'loss<1e-4', 'accuracy>=0.95' (of the test data where there are some), \
            or plateau. (default: tolerance)
            """, valueName: "goal"))
    var until: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "With which each element takes part in a step. (default: 1)", valueName: "share"))
    var probability: String?

    @Option(
        help: ArgumentHelp(
            """
            auto: steps of the length that the circuit's own answers ask for, along the rule's update and \
            the steps before; plain: along the update at one rate; momentum: and a share of the step \
            before; adam: a rate of its own for each resistor. (default: auto; plain with a --rate)
            """, valueName: "name"),
        completion: .choices(of: LearningDirectives.OptimizerName.self))
    var optimizer: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Step size of plain, momentum and adam, or auto: from the spectrum of the task. For adam the \
            largest change of a conductance relative to itself. (default: auto; 0.1 for adam)
            """, valueName: "number"))
    var rate: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Steps at most. (default: 10000)", valueName: "count"))
    var steps: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Converged when every |error| is at most this. (default: 1e-6)", valueName: "volt"))
    var tolerance: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "End of a training in continuous time, in the unit of a rate.", valueName: "time"))
    var duration: String?

    @Option(
        help: ArgumentHelp(
            """
            Where to begin: at the deck's own values, or at random ones, log-uniform within --min and --max \
            (from a tenth to ten times the deck's value where these are not given). (default: deck)
            """, valueName: "deck|random"),
        completion: .choices(of: LearningDirectives.StartName.self))
    var start: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Which random start. (default: 0)", valueName: "number"))
    var seed: String?

    @OptionGroup var compiledModels: CompiledModelOptions
    @Option(
        help: ArgumentHelp(
            """
            As which simulator ngspice reads the netlist (its ngbehavior): ps for PSpice, lt for LTspice, \
            hs for HSPICE, spe, ki, eg; with a, as in lt,a, the whole netlist and not only its includes. \
            (default: ngspice's own language)
            """, valueName: "modes"), completion: .list(Compatibility.modeNames))
    var compat: String?

    @OptionGroup(title: TrustOptions.title) var trust: TrustOptions

    /// Errors here belong to the command line: they come with its usage.
    func validate() throws { _ = try directives() }

    /// What the flags say, as directives.
    ///
    /// - Throws: `ValidationError` that names the flag.
    func directives() throws -> LearningDirectives {
        var merged = LearningDirectives()
        func read(_ flag: String, _ value: String?, as directive: (String) -> String) throws {
            guard let value else { return }
            let file = SourceFile(path: Self.sourceName, bytes: Array(directive(value).utf8))
            let (said, diagnostics) = LearningDirectives.parse(file)
            if let error = diagnostics.first(where: { $0.severity == .error }) {
                throw ValidationError("--\(flag) \(value): \(error.message)")
            }
            let (trainable, inputs, outputs) = (merged.trainable, merged.inputs, merged.outputs)
            let (encodings, ignored) = (merged.encodings, merged.ignored)
            merged = merged.merging(said)
            merged.trainable = trainable + said.trainable
            merged.inputs = inputs + said.inputs
            merged.outputs = outputs + said.outputs
            merged.encodings = encodings + said.encodings
            merged.ignored = ignored + said.ignored
        }
        try read("rule", rule) { "rule \($0)" }
        do {
            _ = try Rules.asked(for: merged)
        } catch {
            throw ValidationError("--rule \(rule ?? ""): \(error.diagnostics[0].message)")
        }
        try read("nudge", nudge) { "rule nudge=\($0)" }
        try read("nudging", nudging) { "rule nudging=\($0)" }
        for names in trainable { try read("trainable", names) { "trainable \($0)" } }
        try read("min", min) { "trainable min=\($0)" }
        try read("max", max) { "trainable max=\($0)" }
        try read("vary", vary) { "trainable vary=\($0)" }
        if let vary, !Chart.names.contains(vary.lowercased()) {
            throw ValidationError(
                "--vary \(vary): it is one of \(Chart.names.joined(separator: ", "))")
        }
        try read("local", local) { "trainable local=\($0)" }
        for names in input { try read("input", names) { "input \($0)" } }
        for names in output { try read("output", names) { "output \($0)" } }
        try read("data", data) { "data \($0)" }
        try read("loss", loss) { "loss \($0)" }
        try read("class", classColumn) { "class \($0)" }
        for said in encode { try read("encode", said) { "encode \($0)" } }
        for names in ignore { try read("ignore", names) { "ignore \($0)" } }
        try read("test", test) { "test \($0)" }
        try read("split", split) { "test split=\($0)" }
        try read("batch", batch) { "train batch=\($0)" }
        try read("epochs", epochs) { "train epochs=\($0)" }
        try read("order", order) { "train order=\($0)" }
        try read("schedule", schedule) { "train schedule=\($0)" }
        try read("until", until) { "train until=\($0)" }
        try read("probability", probability) { "train probability=\($0)" }
        try read("optimizer", optimizer) { "train optimizer=\($0)" }
        try read("rate", rate) { "train rate=\($0)" }
        try read("steps", steps) { "train steps=\($0)" }
        try read("tolerance", tolerance) { "train tolerance=\($0)" }
        try read("duration", duration) { "train duration=\($0)" }
        try read("start", start) { "train start=\($0)" }
        try read("seed", seed) { "train seed=\($0)" }
        try read("compat", compat) { "compat \($0)" }
        return merged
    }

    // MARK: As plain values

    private typealias Flag<Value> = (name: String, path: WritableKeyPath<Self, Value>)

    private static var singles: [Flag<String?>] {
        [
            ("rule", \.rule), ("nudge", \.nudge), ("nudging", \.nudging), ("min", \.min),
            ("max", \.max), ("vary", \.vary), ("local", \.local), ("data", \.data),
            ("optimizer", \.optimizer),
            ("rate", \.rate), ("steps", \.steps), ("tolerance", \.tolerance),
            ("duration", \.duration), ("start", \.start), ("seed", \.seed),
            ("compat", \.compat), ("loss", \.loss), ("class", \.classColumn), ("test", \.test),
            ("split", \.split), ("batch", \.batch), ("epochs", \.epochs), ("order", \.order),
            ("schedule", \.schedule), ("until", \.until), ("probability", \.probability),
        ]
    }

    private static var lists: [Flag<[String]>] {
        [
            ("trainable", \.trainable), ("input", \.input), ("output", \.output),
            ("encode", \.encode), ("ignore", \.ignore),
        ]
    }

    /// When training stops changes nothing on the way there.
    private static let mayDiffer: Set = ["steps", "tolerance", "until"]

    /// The flags that were given, by name.
    var given: [String: [String]] {
        var flags: [String: [String]] = [:]
        for (name, path) in Self.singles { flags[name] = self[keyPath: path].map { [$0] } }
        for (name, path) in Self.lists where !self[keyPath: path].isEmpty {
            flags[name] = self[keyPath: path]
        }
        return flags
    }

    /// Takes over the flags of an earlier run where there are none now.
    ///
    /// - Throws: `ValidationError` for a flag that differs and would change the training.
    mutating func adopt(_ flags: [String: [String]]) throws {
        for (name, values) in given
        where flags[name] != values && !Self.mayDiffer.contains(name) {
            let then = flags[name].map { "with --\(name) \($0.joined(separator: " "))" }
            throw ValidationError(
                """
                --\(name) \(values.joined(separator: " ")): this training began \
                \(then ?? "without it"); leave the flag out, or train from the start without --resume
                """)
        }
        for (name, path) in Self.singles where self[keyPath: path] == nil {
            self[keyPath: path] = flags[name]?.first
        }
        for (name, path) in Self.lists where self[keyPath: path].isEmpty {
            self[keyPath: path] = flags[name] ?? []
        }
    }

    /// The deck's directives where the command line is silent, and what it says elsewhere.
    ///
    /// Bounds without `--trainable` are for the resistors that the deck names.
    func merged(into deck: LearningDirectives) throws -> LearningDirectives {
        let own = try directives()
        var result = deck.merging(own)
        guard !own.trainable.isEmpty, own.trainable.allSatisfy(\.patterns.isEmpty) else {
            return result
        }
        result.trainable = deck.trainable.isEmpty ? own.trainable : deck.trainable
        for clause in own.trainable {
            for index in result.trainable.indices {
                if let min = clause.min { result.trainable[index].min = min }
                if let max = clause.max { result.trainable[index].max = max }
                if let vary = clause.vary { result.trainable[index].vary = vary }
                if let local = clause.local { result.trainable[index].local = local }
            }
        }
        return result
    }
}
