import Engines
import Foundation
import LearningRules
import LearningTasks
import Reports

/// What a report says of a circuit at some values: gathered while an engine is loaded with it.
struct ReportMaterial: Sendable {
    var changes: Changes
    private(set) var network: CircuitDrawing
    private(set) var states: States
    private(set) var analysis: AnalyzeReport?
    /// Why there is no analysis.
    private(set) var analysisMissing: String?

    /// - Parameters:
    ///   - trainer: of the task, at the values with which it began.
    ///   - values: those reported.
    ///   - before: with which the training began; nil where that is not known.
    ///   - known: the states at `values`, where there are some already.
    ///   - test: the score on samples that are not trained.
    /// - Throws: what the engine throws.
    init(
        of trainer: Trainer, at values: TrainedValues, since before: TrainedValues?,
        known: LearningStates? = nil, test: Score? = nil, in session: EngineSession
    ) throws {
        let task = trainer.task
        changes = Changes(of: task, at: values, since: before)
        network = CircuitDrawing(of: task, changes)
        try session.physics.set(values, of: task)
        let outputs = try known?.outputs ?? session.physics.freeOutputs(of: task)
        var testScore = test
        if let testing = trainer.testing, test == nil {
            testScore = try Score(session.physics.freeOutputs(of: testing), of: testing)
        }
        states = States(
            of: task, outputs: outputs,
            test: trainer.testing.flatMap { testing in testScore.map { (testing, $0) } })
        let listed = states.samplesWithVoltages(nodes: network.nodes.count)
        let free = known?.free ?? []
        if !free.isEmpty {
            states.setVoltages(listed.map { free[$0] }, at: network)
        } else if !task.hasCorners {
            states.setVoltages(
                try session.physics.operatingPoints(
                    listed.map { Drive(inputs: task.samples[$0].inputs) }), at: network)
        }
        guard !task.hasCorners else {
            analysisMissing =
                "The theory of convergence is of one circuit, and the data sets numbers of this one."
            return
        }
        guard task.loss.isSquared else {
            analysisMissing =
                "The theory of convergence is that of squared errors; the loss here is \(states.lossName)."
            return
        }
        guard Self.isQuick(task) else {
            analysisMissing = """
                The singular values of a task of this size take long: spicelearn analyze tells them.
                """
            return
        }
        do {
            analysis = try AnalyzeReport(of: trainer, at: values, in: session)
        } catch {
            analysisMissing = "There is no analysis: \(error)."
        }
    }

    /// Of a circuit that has nothing to learn.
    init(of task: LearningTask, points: [OperatingPoint]) {
        changes = Changes(of: task, at: TrainedValues(initial: task), since: nil)
        network = CircuitDrawing(of: task, changes)
        states = States(of: task, points: points, at: network)
    }

    /// Multiplications that a page is worth: a second or two.
    private static let mostWork = 2e9
    /// Operating points of a nonlinear circuit times its devices.
    private static let mostPoints = 1e6

    /// Whether the analysis takes no longer than a reader of the page would wait.
    private static func isQuick(_ task: LearningTask) -> Bool {
        let outputs = Double(task.outputs.count), samples = Double(task.samples.count)
        let parameters = Double(task.parameters.count)
        guard task.circuit.isLinear, !task.trainsValues else {
            let points = samples * (1 + 2 * outputs) + 2 * samples * parameters
            return points * Double(task.circuit.size) <= mostPoints
        }
        let rows = outputs * min(samples, Double(task.inputs.count + 1))
        return rows * parameters * min(rows, parameters) <= mostWork
    }

    /// The report; its network is laid out here.
    func report(title: String, origin: Report.Origin, solver: Report.Solver) -> Report {
        var network = network
        let fault = Graphviz.place(&network)
        if let fault { printError("spicelearn: warning: \(fault)") }
        var report = Report(
            title: title, origin: origin, solver: solver, states: states, changes: changes,
            network: network, notes: fault.map { [$0] } ?? [])
        report.analyze = analysis?.json
        report.analyzeMissing = analysisMissing
        return report
    }

    /// 2c of the rule; nil without an analysis.
    var decayRate: Double? { analysis?.json.decayRate }
}

extension Report.Origin {
    /// Of this process.
    init(deck: String) {
        let words = CommandLine.words
        self.init(
            command: ["spicelearn"] + words, deck: deck,
            programs: VersionText.text(words).split(separator: "\n").map(String.init))
    }
}

extension Report.Solver {
    init(_ engine: Engine, _ confirmed: ConfirmedStates, confirmation: String? = nil) {
        self.init(
            engine: engine.rawValue, confirmedStates: engine == .ngspice ? nil : confirmed.count,
            largestDifference: engine == .ngspice ? nil : confirmed.largestDifference,
            confirmation: confirmation)
    }
}

extension Report {
    /// Writes the page.
    ///
    /// - Throws: `Failure`: 70 for a number that is not finite, 74 where the disk refuses.
    func write(to output: OutputFile) throws {
        let page: [UInt8]
        do {
            page = try self.page()
        } catch is EncodingError {
            throw Failure(
                "the report has a number that is not finite", status: ExitStatus.software)
        }
        try output.write(page)
    }
}
