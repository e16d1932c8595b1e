import ArgumentParser
import Foundation
import LearningRules
import Netlist
import Reports
import SelfLearning
import Theory

/// `spicelearn train`: from a learning deck to a trained one.
struct TrainCommand: ParsableCommand, EngineCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a deck's resistors and write the trained deck.",
        discussion: """
            Only the values of trained resistors change; every other byte of the deck stays, but for an \
            .options line that --set-options asks for, and a * before cards at which ngspice would stop. \
            A rate need not be chosen: it comes from the spectrum of the task. Ctrl-C finishes the step \
            and writes what was reached.

              spicelearn train deck.cir -o trained.cir
              spicelearn train deck.cir -o trained.cir --optimizer momentum
              spicelearn train deck.cir -o trained.cir --rule ep --tolerance 1e-9
              spicelearn train deck.cir -o trained.cir --history run.csv --json

            --time continuous follows the rule's differential equation dk/dt instead of steps, with \
            an implicit solver of adaptive step (CVODE), and stops the moment the tolerance is \
            reached. Time is measured like a rate, and the loss falls as exp(-2 c t).

              spicelearn train deck.cir -o trained.cir --time continuous --duration 1000

            --physics transient leaves that equation to the circuit: capacitors hold the \
            conductances, behavioural sources charge them by the rule, and ngspice's transient \
            analysis is the training (spicelearn export writes such a deck). Both reach the same \
            conductances.

            -o may name the netlist itself: it is replaced in one move at the end.

            --report writes a page to look at, with the network, the curves and the errors, when the \
            training ends, converged, interrupted or neither.

              spicelearn train deck.cir -o trained.cir --report page.html

            --live serves this page while the training goes on, on this machine alone.

            --checkpoint keeps a training that --resume goes on with, to the same bits as one that was \
            never interrupted: the same netlist, history and, but for the seconds, JSON.

              spicelearn train deck.cir -o trained.cir --checkpoint run.ckpt --every 5m
              spicelearn train deck.cir --resume run.ckpt

            Exit codes: 0 converged, 2 ended without reaching the tolerance, 129, 130 and 143 \
            interrupted (SIGHUP, SIGINT, SIGTERM), in all these cases after writing the deck; 64 to 74 as elsewhere: usage, \
            netlist or data, no such input, ngspice, output.
            """)

    @Argument(help: "The netlist, or - for standard input.", completion: .deck)
    var netlist: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where to write the trained netlist; - is standard output.", valueName: "trained"),
        completion: .deck)
    var out: String?

    @OptionGroup(title: LearningOptions.title) var learning: LearningOptions

    enum Time: String, ExpressibleByArgument, CaseIterable { case discrete, continuous }
    enum Spacing: String, ExpressibleByArgument, CaseIterable { case even, log }
    enum Superposition: String, ExpressibleByArgument, CaseIterable { case on, off }

    enum ContinuousPhysics: String, ExpressibleByArgument, CaseIterable {
        case operatingPoints = "operating-points"
        case transient
    }

    @Option(help: "discrete: steps of a rate; continuous: the differential equation itself.")
    var time = Time.discrete

    @Option(
        help: """
            With --time continuous: operating-points, which CVODE asks for, or transient: the circuit \
            trains itself. (default: operating-points)
            """)
    var physics: ContinuousPhysics?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            With --time continuous: error of a step relative to each conductance. (default: 1e-8; \
            1e-6 with --physics transient)
            """, valueName: "number"))
    var rtol: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            With --time continuous: error of a step beside the relative one, siemens. (default: \
            1e-3 × rtol of each conductance at the start)
            """, valueName: "number"))
    var atol: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            With --time continuous: rows of the history, at times from 0 to the duration. (default: \
            a row wherever the solver steps)
            """, valueName: "count"))
    var points: Int?

    @Option(
        help: """
            Distances of --points; log is over the last six decades of the duration. (default: even)
            """)
    var spacing: Spacing?

    @Option(
        help: ArgumentHelp(
            """
            A row for each step, or each of the --points: .csv, .jsonl, or .raw for ngspice's load and \
            plot; - is CSV on standard output.
            """,
            valueName: "file"), completion: .file(extensions: HistoryFormat.endings))
    var history: String?

    @Option(
        help: ArgumentHelp(
            """
            One page that shows the circuit, what it has learned and how, as spicelearn report makes it; \
            written at the end, also of an interrupted training.
            """, valueName: "page"), completion: .file(extensions: ["html"]))
    var report: String?

    @OptionGroup(title: LiveOptions.title) var live: LiveOptions

    @Option(
        help: ArgumentHelp(
            """
            Train from the random start of each of these seeds, as 0..19, say how many arrive, and write \
            what the best reached.
            """, valueName: "first..last"))
    var seeds: SeedRange?

    @OptionGroup(title: CheckpointOptions.title) var checkpoints: CheckpointOptions

    @OptionGroup(title: EngineOptions.title) var engine: EngineOptions

    @Option(
        help: """
            In linear circuits: on sums up the states of all samples from one solution for each \
            input and output, or mirrors those of one nudge for the other, where that saves; off \
            solves each state.
            """)
    var superposition = Superposition.on

    @Flag(
        help: """
            Where ngspice -b, at the deck's own tolerances, would not confirm what a nonlinear circuit has \
            learned: write the .options line into the trained deck with which it does.
            """)
    var setOptions = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if out == nil, checkpoints.resume == nil {
            throw ValidationError("-o says where to write the trained netlist: name that file")
        }
        try requireOneOutput()
        if seeds != nil {
            let alone = [
                "history": history != nil, "checkpoint": checkpoints.checkpoint != nil,
                "resume": checkpoints.resume != nil, "seed": learning.seed != nil,
                "start": learning.start != nil && learning.start != "random", "live": live.live,
            ]
            if let flag = alone.filter(\.value).keys.min() {
                throw ValidationError("--\(flag) is of one training, and --seeds asks for several")
            }
            if netlist == "-" {
                throw ValidationError("--seeds reads the netlist once for each: name a file")
            }
        }
        let onlyContinuous = [
            "duration": learning.duration != nil, "rtol": rtol != nil, "atol": atol != nil,
            "points": points != nil, "spacing": spacing != nil, "physics": physics != nil,
        ]
        let onlyDiscrete = [
            "optimizer": learning.optimizer != nil, "rate": learning.rate != nil,
            "batch": learning.batch != nil, "epochs": learning.epochs != nil,
            "order": learning.order != nil, "schedule": learning.schedule != nil,
            "until": learning.until != nil, "probability": learning.probability != nil,
            "steps": learning.steps != nil, "checkpoint": checkpoints.checkpoint != nil,
            "resume": checkpoints.resume != nil,
        ]
        let misplaced = time == .continuous ? onlyDiscrete : onlyContinuous
        let other = time == .continuous ? Time.discrete : .continuous
        if let flag = misplaced.filter(\.value).keys.min() {
            throw ValidationError("--\(flag) belongs to --time \(other.rawValue)")
        }
        if ![.auto, .ngspice].contains(engine.engine), physics == .transient {
            throw ValidationError("--physics transient is ngspice's: leave --engine out")
        }
        if engine.workers > 1 || engine.isolation == .on, physics == .transient {
            throw ValidationError(
                "--workers and --isolation solve operating points: --physics transient has none")
        }
        if atol != nil, physics == .transient {
            throw ValidationError("--atol belongs to --physics operating-points")
        }
        if let rtol, !(rtol >= 1e-14 && rtol < 1) {
            throw ValidationError("--rtol \(rtol): from 1e-14, a few roundings, to below 1")
        }
        if let atol, !(atol > 0 && atol.isFinite) {
            throw ValidationError("--atol \(atol): a positive conductance")
        }
        if let points, points < 2 {
            throw ValidationError("--points \(points): at least 2, the start and the end")
        }
        if points != nil, history == nil {
            throw ValidationError("--points says where --history has rows: name that file too")
        }
        if spacing != nil, points == nil {
            throw ValidationError("--spacing says how --points lie: give their number too")
        }
    }

    func requireOneOutput() throws {
        try requireOneUser(
            ofStandardOutput: [
                ("--json", json), ("-o \(out ?? "")", OutputPath.isStandardOutput(out ?? "")),
                ("--history \(history ?? "")", OutputPath.isStandardOutput(history ?? "")),
                ("--report \(report ?? "")", OutputPath.isStandardOutput(report ?? "")),
            ])
    }

    func run() throws {
        var command = self
        var checkpoint: Checkpoint?
        if let path = checkpoints.resume {
            let found = try CheckpointFile.read(path)
            try command.adopt(found)
            checkpoint = found
        }
        try command.train(from: checkpoint)
    }

    private func train(from checkpoint: Checkpoint?) throws {
        guard let out else { return }
        var deck = try LearningDeck(path: netlist, options: learning)
        try deck.requireOutputs()
        try deck.requireGoals()
        if let checkpoint, let path = checkpoints.resume {
            try checkpoint.requireSame(deck, path: path)
        }
        try checkFiles(of: deck, out)
        // What it was resumed with was told of then.
        if checkpoint == nil {
            var flags = Set(learning.given.keys)
            // Each of several has its own.
            if seeds != nil { flags.remove("seed") }
            deck.warnOfIdleFlags(
                flags, in: time == .continuous ? .time : .steps, engine: engine.engine,
                workers: engine.workers)
            if setOptions, deck.task.circuit.isLinear {
                printError(
                    "spicelearn: warning: --set-options: a linear circuit is solved alike at any tolerance, "
                        + "and needs none")
            }
        }
        var output = try OutputFile(path: out)
        let page = try self.report.map { path throws(Failure) in try OutputFile(path: path) }
        let isInPlace = netlist != "-" && FileClaims.areSame(netlist, out)
        if isInPlace, let path = checkpoints.checkpoint {
            printError(
                """
                spicelearn: warning: an interrupted training writes over \(netlist), and \(path) goes on only \
                with the netlist as it is now: keep a copy, or name another file with -o
                """)
        }
        var training = try training(of: deck)
        let run: Run
        var all: SeededRuns?
        if let seeds {
            let found = try runSeeds(seeds.seeds)
            (deck, training, run, all) = (found.deck, found.training, found.run, found.all)
        } else {
            run = try self.run(training, of: deck, from: checkpoint)
        }
        let result = run.result
        var failure = run.failure
        for warning in run.warnings { printError("spicelearn: warning: \(warning)") }
        // Interrupted while it caught up with the checkpoint: nothing is newer than what is there.
        if !run.isNew, result.reason == .interrupted { try Interruption.check() }
        if isInPlace, let edited = try edited(output, deck) {
            (output, failure) = (edited.place, edited.failure)
        }
        let written = output.path.name
        try write(run.text, to: output)
        if output.path.kind == .file { warnAboutFolder(of: deck, written) }
        var report = TrainReport(
            task: deck.task, rule: training.rule, optimizer: training.optimizer,
            tolerance: training.tolerance, result: result, sentences: run.sentences,
            confirmation: run.confirmation, scores: run.scores, trainer: training.discrete,
            engine: run.engine, confirmed: run.confirmed, isDoubted: run.isDoubted,
            seconds: run.seconds, output: written,
            behaviour: deck.deck.compatibility.ngbehavior, seeded: all,
            start: deck.directives.start?.value == .random ? deck.directives.seed?.value ?? 0 : nil)
        if page != nil || run.live != nil {
            do {
                let shown = try shown(report, of: run, training)
                run.live?.end(with: shown)
                if let page {
                    try shown.write(to: page)
                    report.page = page.path.name
                }
            } catch {
                run.live?.end(with: nil)
                // The training is not to blame, and told of first.
                failure = failure ?? error as? Failure
                guard error is Failure else { throw error }
            }
        }
        do {
            if json {
                try printJSON(report.json)
            } else if ![out, history, self.report].contains(where: {
                OutputPath.isStandardOutput($0 ?? "")
            }) {
                try printOutput(report.text)
            }
        } catch {
            // The terminal may be gone, of which the signal told.
            try Interruption.check()
            throw error
        }
        if let failure { throw failure }
        try Interruption.check()
        if !result.converged {
            printError("spicelearn: \(report.whyNotConverged)")
            throw ExitCode(ExitStatus.notConverged)
        }
    }

    /// Training in place is fine: the netlist is read by then, and replaced in one move.
    private func checkFiles(of deck: LearningDeck, _ out: String) throws {
        var claims = deck.claims
        try claims.write(out, as: "-o")
        claims.read(netlist, as: "the netlist")
        if let history { try claims.write(history, as: "--history") }
        if let report { try claims.write(report, as: "--report") }
        if let path = checkpoints.checkpoint { try claims.write(path, as: "--checkpoint") }
    }

    /// Where the netlist was edited while it was trained in place: another place for the trained one, and what to
    /// say.
    private func edited(
        _ output: OutputFile, _ deck: LearningDeck
    ) throws(Failure) -> (place: OutputFile, failure: Failure)? {
        let path = output.path.resolved
        guard access(path, F_OK) == 0, try InputFile.read(path).bytes != deck.original else {
            return nil
        }
        let ending = path.dropFirst(path.withoutEnding.count)
        let names = (1...).lazy.map { number -> String in
            "\(path.withoutEnding).trained\(number == 1 ? "" : "-\(number)")\(ending)"
        }
        let free = names.first { name in access(name, F_OK) != 0 }
        let place = try OutputFile(path: free ?? path + ".trained")
        return (
            place,
            Failure(
                """
                \(output.path.name) was edited while it was trained, and is left as it is; what was \
                trained from its earlier text is in \(place.path.name)
                """, status: ExitStatus.cannotCreate)
        )
    }

    private func write(_ bytes: [UInt8], to output: OutputFile) throws {
        do throws(Failure) {
            try output.write(bytes)
        } catch {
            guard let path = checkpoints.checkpoint else { throw error }
            throw Failure(
                "\(error.message); the training is kept: go on with --resume \(path)",
                status: error.status, cause: error.cause)
        }
    }

    func training(of deck: LearningDeck) throws -> Training {
        let superposes = superposition == .on
        guard time == .continuous else {
            return .discrete(try deck.trainer(superposes: superposes))
        }
        var accuracy = ContinuousTrainer.Accuracy(absolute: atol)
        if let rtol { accuracy.relative = rtol }
        let trainer = try deck.continuousTrainer(
            accuracy: accuracy, superposes: superposes)
        let duration = trainer.limits.duration
        let times: OutputTimes =
            switch (points, spacing ?? .even) {
            case (nil, _): .steps
            case (let points?, .even): .even(points, duration: duration)
            case (let points?, .log): .logarithmic(points, duration: duration)
            }
        guard physics == .transient else { return .continuous(trainer, times) }
        try deck.requireLocalRule(for: "a circuit that trains itself")
        return .transient(
            TransientTrainer(
                task: trainer.task, rule: trainer.rule, nudge: trainer.nudge,
                limits: trainer.limits,
                relativeTolerance: rtol ?? TransientTrainer.defaultRelativeTolerance), times)
    }

    func run(
        _ training: Training, of deck: LearningDeck, from checkpoint: Checkpoint?
    ) throws -> Run {
        var setup = engine.setup.for(.training)
        if physics == .transient { (setup.engine, setup.isIsolated) = (.ngspice, false) }
        // The first step is then taken, and kept, before a signal ends the training.
        if checkpoints.checkpoint != nil { Interruption.keepWhatIsReached() }
        if let checkpoint { setup.matrixSolver = checkpoint.matrixSolver }
        let (run, warnings) = try deck.withEngine(setup) {
            [self, task = deck.task] session in
            func makeLog(_ rows: History.Rows, _ progress: Progress) throws -> TrainingLog {
                TrainingLog(
                    history: try history.map {
                        try History(
                            path: $0, task: task, of: rows,
                            after: historyPosition($0, in: checkpoint))
                    },
                    reported: report == nil && live == nil
                        ? nil
                        : ReportedCurve(
                            rows, task: task, hasTest: training.discrete?.testing != nil),
                    checkpoints: try checkpointFile(
                        of: deck, session.engine, session.matrixSolver),
                    progress: progress, live: live)
            }
            let method = try session.confirmStart(of: training.trainer)
            let live = try self.live.view(
                of: training.trainer, origin: self.origin,
                solver: Report.Solver(session.engine, session.confirmed))
            let began = ContinuousClock.now
            let log: TrainingLog
            let result: TrainingResult
            switch training {
            case .discrete(let trainer):
                log = try makeLog(
                    .of(trainer), Progress(task: task, limits: trainer.limits, trainer.steps))
                result = try trainer.run(
                    in: session.physics, from: checkpoint?.progress,
                    observer: { log.record($0) && session.confirms($0, by: method) })
            case .continuous(let trainer, let times):
                log = try makeLog(.times, Progress(task: task, limits: trainer.limits))
                result = try trainer.run(in: session.physics, at: times, observer: log.record)
            case .transient(let trainer, let times):
                log = try makeLog(.times, Progress(task: task, limits: trainer.limits))
                result = try trainer.run(
                    in: session.localNgspice(), at: times, observer: log.record)
            }
            log.finish()
            let doubt =
                try session.disagreement.map { Failure("\($0)", status: ExitStatus.software) }
                ?? (result.failure == nil
                    ? session.doubt(of: result, rule: training.rule) : nil)
            let failure =
                result.failure.map {
                    Failure(
                        "step \(result.steps + 1) failed, and the best point before it is written: \($0)",
                        status: ExitStatus.software)
                } ?? log.failure
                ?? doubt
            let reportBegan = ContinuousClock.now
            var shown: ReportedRun?
            if report != nil || live != nil {
                shown = ReportedRun(result, training, log.curve, in: session)
            }
            let reportTime = ContinuousClock.now - reportBegan
            let trained = try Waiting.during("confirming the result by ngspice") {
                try TrainConfirmation.of(
                    result, text: deck.deck.rewriting(result.conductances.texts(of: deck.task)),
                    tolerance: training.tolerance, setsOptions: setOptions, deck: deck, in: session)
            }
            var sentences: DescentSentences?
            let hasUpdate = !result.states.update.isEmpty && task.loss.isSquared
            if hasUpdate, !result.converged, ![.interrupted, .failed].contains(result.reason) {
                let diagnosis = try? DescentDiagnosis.make(
                    of: task, at: result.conductances, result.states, in: session.physics)
                sentences = diagnosis.map {
                    DescentSentences(
                        task: task, rule: training.rule, conductances: result.conductances,
                        states: result.states, diagnosis: $0)
                }
            }
            var scores: EpochScore?
            if let trainer = training.discrete, task.classes != nil || trainer.testing != nil {
                scores = try trainer.score(result, in: session.physics)
            }
            return (
                result: result, scores: scores,
                seconds: (ContinuousClock.now - began - reportTime).seconds,
                sentences: sentences, isNew: checkpoint == nil || log.sawNewSteps,
                failure: failure, isDoubted: doubt != nil,
                trained: trained, engine: session.engine, confirmed: session.confirmed,
                shown: shown, live: live
            )
        }
        return Run(
            result: run.result, scores: run.scores, seconds: run.seconds, sentences: run.sentences,
            isNew: run.isNew,
            warnings: warnings + retreats(run.result), failure: run.failure,
            confirmation: run.trained.confirmation, engine: run.engine, confirmed: run.confirmed,
            isDoubted: run.isDoubted, text: run.trained.text, reported: run.shown, live: run.live)
    }

    /// A deck that is written to another folder still names its files relative to its own.
    private func warnAboutFolder(of deck: LearningDeck, _ out: String) {
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
