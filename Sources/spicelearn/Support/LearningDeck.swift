import ArgumentParser
import Foundation
import LearningRules
import LearningTasks
import Netlist

/// A deck read from a path, elaborated, with the task that it and the command line describe.
struct LearningDeck: Sendable {
    let deck: Deck
    /// What was read, before a random start took the place of its values.
    let original: [UInt8]
    let directives: LearningDirectives
    let rule: any LearningRule
    let task: LearningTask
    /// The same with samples that are not trained; nil without.
    let testing: LearningTask?
    /// Of the training data; nil where there are none.
    let dataFingerprint: Fingerprint?
    /// The CSV files that its samples are from.
    private let dataPaths: [String]
    /// How the files that it includes are read.
    private let includes: IncludeReader
    /// Whether outputs may go through links, which a stranger can have laid.
    private let refusesLinks: Bool

    /// Reads and checks everything; all errors of the deck come at once.
    ///
    /// - Parameters:
    ///   - path: a file, or `-` for standard input.
    ///   - isSilent: whether warnings have been printed.
    ///   - isTrained: whether it is for training, which leaves out samples for testing; otherwise the samples are all
    ///     of the data.
    ///   - needsTargets: whether an output without a target is an error.
    /// - Throws: `Failure` 66 if there is no such input, `DiagnosticsError` for what is wrong in it.
    init(
        path: String, options: LearningOptions, isSilent: Bool = false, isTrained: Bool = true,
        needsTargets: Bool = true
    )
        throws
    {
        var dialect = Dialect.installed
        dialect.compatibility = try options.directives().compat?.value
        var deck = try Waiting.during("reading \(path)") {
            try options.trust.deck(path, dialect: dialect)
        }
        deck.compiledModels = try options.compiledModels.paths(
            untrusted: options.trust.untrusted)
        original = deck.file.bytes
        var directives = try options.merged(into: deck.directives)
        if !isTrained { (directives.test, directives.split) = (nil, nil) }
        let elaboration = Waiting.during("reading \(path)") {
            deck.elaborate(for: directives.outputs.isEmpty ? .operatingPoint : .learning)
        }
        var diagnostics = elaboration.diagnostics
        var data: SampleTable?
        let file = try directives.data.flatMap {
            try Self.dataFile($0, options.trust.includes(of: path), &diagnostics)
        }
        let kind = LearningTask.columnKind(directives, elaboration.understood)
        let unit = LearningTask.columnUnit(directives, elaboration.understood)
        if let file {
            let parsed = SampleTable.parse(file, kind: kind, unit: unit)
            diagnostics += parsed.diagnostics
            data = parsed.table
        }
        var test: SampleTable?
        let testFile = try directives.test.flatMap {
            try Self.dataFile(flag: "--test", $0, options.trust.includes(of: path), &diagnostics)
        }
        if let testFile {
            let parsed = SampleTable.parse(testFile, kind: kind, unit: unit)
            diagnostics += parsed.diagnostics
            test = parsed.table
        }
        if let file, let testFile, let said = directives.test, file.bytes == testFile.bytes {
            diagnostics.append(
                Diagnostic(
                    "same-test", .warning,
                    "the samples for testing are those that are trained: what the test says is nothing new",
                    at: said.range))
        }
        let rule = Result { () throws(DiagnosticsError) in try Rules.asked(for: directives) }
        if case .failure(let error) = rule { diagnostics += error.diagnostics }
        let clamping = (try? rule.get())?.clampingName
        let made = LearningTask.make(
            circuit: elaboration.understood, directives: directives, data: data, test: test,
            needsTargets: needsTargets, clamping: clamping)
        // Without its data, a task is wrong in ways that say nothing new.
        if directives.data == nil || data != nil, directives.test == nil || test != nil {
            diagnostics += made.diagnostics.filter {
                elaboration.circuit != nil || !Self.mayFollow($0, in: deck)
            }
        }
        if let rule = try? rule.get(), let nudge = directives.nudge,
            nudge.value > type(of: rule).largestStrength
        {
            diagnostics.append(
                Diagnostic(
                    "nudge-above-one", "the nudge of \(rule.strengthBound)", at: nudge.range))
        }
        if let nudge = deck.directives.nudge, directives.nudge == nil, let rule = directives.rule {
            let own = deck.directives.rule?.value ?? Rules.standard.name
            diagnostics.append(
                Diagnostic(
                    "foreign-nudge", .warning,
                    """
                    this nudge is of the rule \(own); \(rule.value) takes its own \
                    default: give --nudge for another
                    """, at: nudge.range))
        }
        var testing = made.test
        guard var task = made.task, !diagnostics.contains(where: { $0.severity == .error }) else {
            throw DiagnosticsError(diagnostics)
        }
        if !isSilent { printDiagnostics(diagnostics) }
        if directives.start?.value == .random {
            let start = TrainedValues(random: directives.seed?.value ?? 0, of: task)
            let models = deck.compiledModels
            deck = Deck.parse(
                path: deck.file.path, bytes: deck.rewriting(start.texts(of: task)),
                includes: options.trust.includes(of: path), dialect: deck.dialect)
            deck.compiledModels = models
            let elaboration = deck.elaborate(for: .learning)
            let made = LearningTask.make(
                circuit: elaboration.understood, directives: directives, data: data, test: test)
            guard let random = made.task else {
                throw DiagnosticsError(elaboration.diagnostics + made.diagnostics)
            }
            (task, testing) = (random, made.test)
        }
        if !task.settings.isEmpty {
            let (file, dialect) = (deck.file.path, deck.dialect)
            task = try task.withCorners(of: deck, directives) { bytes in
                Deck.parse(
                    path: file, bytes: bytes, includes: options.trust.includes(of: path),
                    dialect: dialect)
            }
            testing = testing?.inCorners(of: task)
        }
        self.deck = deck
        self.directives = directives
        self.rule = try rule.get()
        self.task = task
        self.testing = testing
        dataFingerprint = file.map { Fingerprint(of: $0.bytes) }
        dataPaths = [file, testFile].compactMap { $0?.path }
        includes = options.trust.includes(of: path)
        refusesLinks = options.trust.untrusted
    }

    /// Of the netlist and all that it includes, and of compiled models.
    var fingerprint: Fingerprint {
        var fingerprint = deck.files.reduce(into: Fingerprint()) { $0.append($1.bytes) }
        for path in deck.compiledModels {
            fingerprint.append([UInt8]((try? Data(contentsOf: URL(filePath: path))) ?? Data()))
        }
        return fingerprint
    }

    /// The deck with another text of its own file.
    func reading(_ text: [UInt8]) -> Deck {
        Deck.parse(
            path: deck.file.path, bytes: text, includes: includes, dialect: deck.dialect)
    }

    /// The files beside the netlist itself that it consists of.
    var claims: FileClaims {
        var claims = FileClaims(refusesLinks: refusesLinks)
        for file in deck.files.dropFirst() {
            claims.read(file.path, as: "a file that the netlist includes")
        }
        for path in dataPaths { claims.read(path, as: "the data") }
        return claims
    }

    /// Whether an error may come only from a device that could not be understood: it says that something
    /// is missing which the text does mention.
    private static func mayFollow(_ diagnostic: Diagnostic, in deck: Deck) -> Bool {
        guard let range = diagnostic.range, diagnostic.id.hasPrefix("unknown-") else {
            return diagnostic.id == "no-resistor"
        }
        let name = String(decoding: range.file.bytes[range.bytes], as: UTF8.self).lowercased()
        return deck.unreadWords.contains(name)
            || deck.statements.contains { statement in
                statement.tokens.contains { statement.text(of: $0).lowercased() == name }
            }
    }

    /// The data named by a deck lies beside it, that named on the command line where the user is.
    ///
    /// - Throws: `Failure` 66 where the command line names what can't be read; of what the deck names, it is
    ///   the deck that is wrong.
    private static func dataFile(
        flag: String = "--data", _ name: Located<String>, _ includes: IncludeReader,
        _ diagnostics: inout [Diagnostic]
    ) throws(Failure) -> SourceFile? {
        let owner = name.range.file.path
        guard owner != LearningOptions.sourceName else {
            do {
                return try InputFile.read(name.value)
            } catch {
                throw Failure("\(flag): \(error.message)", status: error.status)
            }
        }
        do {
            return try includes.file(name.value, namedIn: owner)
        } catch {
            diagnostics.append(
                Diagnostic(
                    "no-data", "can't read the data file: \(name.value) \(error.reason)",
                    at: name.range))
            return nil
        }
    }

    /// The trainer that the directives ask for.
    ///
    /// - Throws: `Failure` with exit code 64 for an optimizer whose rate comes from nudges, with a rule that
    ///   has none.
    func trainer(superposes: Bool = true) throws -> Trainer {
        var limits = Trainer.Limits()
        if let steps = directives.steps { limits.steps = steps.value }
        if let tolerance = directives.tolerance { limits.tolerance = tolerance.value }
        var rate = StepRate.automatic
        if case .fixed(let value) = directives.rate?.value { rate = .fixed(value) }
        let trainer = Trainer(
            task: task, rule: rule, nudge: nudgeRequest, optimizer: optimizer, rate: rate,
            limits: limits,
            superposes: superposes, plan: plan, schedule: schedule, goal: goal, testing: testing)
        try requireSuited(trainer)
        let needsNudges =
            trainer.optimizer == .momentum || trainer.optimizer == .plain && rate == .automatic
        guard type(of: rule).isLocal || !needsNudges else {
            throw Failure(
                """
                the rate of --optimizer \(trainer.optimizer.rawValue) comes from nudges, and --rule gradient \
                has none: take auto, adam, or plain with a --rate
                """, status: ExitStatus.usage)
        }
        return trainer
    }

    private var plan: BatchPlan {
        BatchPlan(
            size: directives.batch?.value, epochs: directives.epochs?.value,
            steps: directives.steps?.value,
            order: directives.order?.value == .given ? .given : .shuffled,
            seed: directives.seed?.value ?? 0, probability: directives.probability?.value ?? 1)
    }

    private var schedule: RateSchedule {
        directives.schedule.flatMap { RateSchedule(rawValue: $0.value.rawValue) } ?? .constant
    }

    private var goal: TrainingGoal {
        switch directives.until?.value ?? .tolerance {
        case .tolerance: .tolerance
        case .loss(let bound): .loss(bound)
        case .accuracy(let share): .accuracy(share)
        case .plateau: .plateau
        }
    }

    /// What does not go together is said before anything is solved.
    ///
    /// - Throws: `Failure` with exit code 64; `DiagnosticsError` for what the deck says.
    private func requireSuited(_ trainer: Trainer) throws {
        func refuse(_ message: String) throws(Failure) -> Never {
            throw Failure(message, status: ExitStatus.usage)
        }
        let optimizer = trainer.optimizer.rawValue
        if let reason = trainer.optimizer.unfit(
            for: task, trainer.plan, rate: trainer.rate)
        {
            try refuse(
                "--optimizer \(optimizer) \(reason): take adam, or plain with a --rate")
        }
        if case .accuracy = trainer.goal, task.classes == nil {
            try refuse(
                "--until accuracy needs classes: name the column of the data that has them, like --class 'species names=a,b,c'"
            )
        }
        if trainer.schedule != .constant {
            guard trainer.plan.epochs != nil || directives.steps != nil else {
                try refuse(
                    "--schedule \(trainer.schedule.rawValue) is over a training of known length: give --epochs, or --steps"
                )
            }
            guard [.adam, .plain].contains(trainer.optimizer) else {
                try refuse(
                    "--schedule is for optimizers with a rate, and \(optimizer) chooses its own: take adam, or plain with a --rate"
                )
            }
        }
        if testing == nil, let split = directives.split {
            guard split.range.file.path == LearningOptions.sourceName else {
                throw DiagnosticsError([
                    Diagnostic(
                        "no-data",
                        "split takes a part of the data: name it, like *.learn data train.csv",
                        at: split.range)
                ])
            }
            try refuse("--split takes a part of the data: name it with --data")
        }
    }

    /// Nil where nothing names one.
    private var optimizer: Optimizer? {
        directives.optimizer.map {
            switch $0.value {
            case .auto: .auto
            case .plain: .plain
            case .momentum: .momentum
            case .adam: .adam
            }
        }
    }

    /// The trainer in continuous time that the directives ask for.
    ///
    /// - Throws: `Failure` with exit code 64 where nothing says how long.
    func continuousTrainer(
        accuracy: ContinuousTrainer.Accuracy, superposes: Bool = true
    ) throws -> ContinuousTrainer {
        try requireOneCircuit(for: "continuous time")
        guard let duration = directives.duration else {
            throw Failure(
                """
                --time continuous needs an end: --duration T, or *.learn train duration=T in the \
                deck. Time is measured like a rate (S²/V² for al and ep, S/V² for cl); training \
                stops earlier where the tolerance is reached, so T may be generous
                """, status: ExitStatus.usage)
        }
        let discrete: [(String, SourceRange?)] = [
            ("batch", directives.batch?.range), ("epochs", directives.epochs?.range),
            ("schedule", directives.schedule?.range), ("until", directives.until?.range),
            ("probability", directives.probability?.range),
        ]
        let passedOver = discrete.filter { $0.1 != nil }
        if !passedOver.isEmpty {
            printDiagnostics([
                Diagnostic(
                    "only-discrete", .warning,
                    "continuous time takes no notice of \(passedOver.map(\.0).joined(separator: ", ")): "
                        + "it follows all samples until every error is within the tolerance",
                    at: passedOver[0].1)
            ])
        }
        var limits = ContinuousTrainer.Limits(duration: duration.value)
        if let tolerance = directives.tolerance { limits.tolerance = tolerance.value }
        return ContinuousTrainer(
            task: task, rule: rule, nudge: nudgeRequest, limits: limits, accuracy: accuracy,
            superposes: superposes)
    }

    /// - Parameter what: what has to be a local rule, as in `a circuit that trains itself`.
    /// - Throws: `Failure` with exit code 64 for the gradient.
    func requireLocalRule(for what: String) throws(Failure) {
        guard directives.nudging?.value != .limit else {
            throw Failure(
                "nudging=limit is no nudge, which \(what) needs: take centered or one-sided",
                status: ExitStatus.usage)
        }
        try requireOneCircuit(for: what)
        if let current = task.outputs[task.namedOutputs].first(where: { $0.source != nil }) {
            throw Failure(
                "\(what) learns voltages so far, and \(current.name) is a current",
                status: ExitStatus.usage)
        }
        guard !type(of: rule).isLocal else { return }
        throw Failure(
            "--rule gradient is no local rule, which \(what) needs: take ep, cl or al",
            status: ExitStatus.usage)
    }

    /// - Throws: `Failure` with exit code 64 where columns of the data make circuits of their own.
    func requireOneCircuit(for what: String) throws(Failure) {
        guard task.hasCorners else { return }
        throw Failure(
            "\(what) is of one circuit, and the data sets "
                + task.settings.map(\.name).joined(separator: ", ") + ": leave these columns out",
            status: ExitStatus.usage)
    }

    var nudgeRequest: NudgeRequest {
        NudgeRequest(
            strength: directives.nudge?.value,
            sides: {
                switch directives.nudging?.value {
                case .onesided: .oneSided
                case .limit: .limit
                case .centered, nil: .centered
                }
            }())
    }

    /// - Throws: `DiagnosticsError` for a rule that leads outputs to voltages, with a loss that has none.
    func requireGoals() throws {
        guard !task.loss.hasGoals, type(of: rule).needsGoals else { return }
        throw DiagnosticsError([
            Diagnostic(
                "no-goals",
                """
                \(rule.name) leads outputs to voltages, and \
                \(task.loss.name) has none: take the rule al
                """, at: directives.rule?.range ?? directives.loss?.name.range)
        ])
    }

    /// - Throws: `DiagnosticsError` where there is nothing to learn.
    func requireOutputs() throws {
        guard task.outputs.isEmpty else { return }
        throw DiagnosticsError([
            Diagnostic(
                "no-output",
                "there is nothing to learn: name outputs and targets, like *.learn output V(b)=0.2",
                at: SourceRange(file: deck.file, bytes: 0..<0))
        ])
    }

    /// Points an error that only the physics could find at the directive that asked for it.
    func locating<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SingularNudge {
            throw DiagnosticsError([
                Diagnostic("singular-nudge", error.description, at: directives.nudge?.range)
            ])
        }
    }
}
