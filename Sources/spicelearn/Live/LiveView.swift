import Foundation
import LearningRules
import LearningTasks
import Reports

/// The page of a training while it goes on (`train --live`).
///
/// A report is made of what a step knows already, nothing is solved for it; only while a page is open, and so seldom
/// that it takes less than a fiftieth of the training's time.
///
/// Not for two threads at once: the one that trains shows steps, and the one that waited for it ends.
final class LiveView: @unchecked Sendable {
    private let server: LiveServer
    private let origin: Report.Origin
    private let solver: Report.Solver
    private let start: TrainedValues
    private let network: CircuitDrawing
    /// When the next report may be made.
    private var next = ContinuousClock.now

    /// Parts of the training's time, of which a report may take one.
    private static let share = 50
    /// Reports come no faster than they can be read.
    private static let shortest = Duration.seconds(1)
    /// Seconds for pages to read the last report, and for the browser to ask for the first one, at most.
    private static let patience = 3.0

    /// Begins to serve.
    ///
    /// - Parameters:
    ///   - trainer: of the task, at the values with which the training begins.
    ///   - port: where; 0 for any that is free.
    /// - Throws: `Failure`.
    init(
        of trainer: Trainer, origin: Report.Origin, solver: Report.Solver, port: UInt16
    ) throws {
        (self.origin, self.solver) = (origin, solver)
        let task = trainer.task
        start = TrainedValues(initial: task)
        let changes = Changes(of: task, at: start, since: start)
        var network = CircuitDrawing(of: task, changes)
        if let fault = Graphviz.place(&network) {
            printError("spicelearn: warning: \(fault)")
        }
        self.network = network
        let report = Report(
            title: task.circuit.title, origin: origin, solver: solver,
            states: States(of: task, training: nil),
            changes: changes, network: network, notes: ["The training has not begun."])
        server = try LiveServer(Self.content(report), port: port)
        printError("spicelearn: the training is shown at \(server.address)")
    }

    /// Opens the page in the browser, and waits a little until it asks for news.
    func open() {
        #if os(macOS)
            let name = "open"
        #else
            let name = "xdg-open"
        #endif
        let answer = ExternalProgram.find(name).flatMap {
            try? ExternalProgram(path: $0).run(
                [server.address], input: [], seconds: 1, goesOn: true)
        }
        // One that goes on waits for the browser.
        guard let answer, answer.succeeded || answer.isLate else {
            printError(
                "spicelearn: warning: no browser could be started with \(name): open the page by hand"
            )
            return
        }
        let end = ContinuousClock.now + .seconds(Self.patience)
        while !server.hasListeners, ContinuousClock.now < end { usleep(20_000) }
    }

    func show(_ step: TrainingStep, _ curve: TrainingCurve?) {
        show(
            step.task, step.conductances, step.states, step.score, curve,
            "The training goes on; this is step \(step.step).")
    }

    func show(_ moment: TrainingMoment, _ curve: TrainingCurve?) {
        show(
            moment.task, moment.conductances, moment.states, nil, curve,
            "The training goes on; this is time \(readable(moment.time)).")
    }

    private func show(
        _ task: LearningTask, _ values: TrainedValues, _ states: LearningStates,
        _ score: EpochScore?, _ curve: TrainingCurve?, _ note: String
    ) {
        let began = ContinuousClock.now
        guard began >= next, server.hasListeners else { return }
        let test = score?.test.map { (task, $0) }
        // Of a batch, the states are not those of all samples.
        let isWhole = states.outputs.samples == task.samples.count
        if !isWhole, score == nil { return }
        var report = Report(
            title: task.circuit.title, origin: origin, solver: solver,
            states: isWhole
                ? States(of: task, outputs: states.outputs, test: test)
                : States(of: task, training: score?.training, test: test),
            changes: Changes(of: task, at: values, since: start), network: network, notes: [note])
        report.history = curve
        // A number that is not finite has no place in JSON: the page waits for the next one.
        if let content = try? Self.content(report) { server.publish(content) }
        let now = ContinuousClock.now
        next = now + max(Self.shortest, (now - began) * Self.share)
    }

    /// Shows what the training has ended with, and ends.
    ///
    /// - Parameter report: nil where there is none.
    func end(with report: Report?) {
        if let content = report.flatMap({ try? Self.content($0) }) { server.publish(content) }
        server.end(within: Self.patience)
    }

    private static func content(_ report: Report) throws -> LiveServer.Content {
        LiveServer.Content(
            page: Data(try report.page(isLive: true)), json: Data(try report.json()))
    }
}
