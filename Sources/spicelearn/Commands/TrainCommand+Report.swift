import LearningRules
import LearningTasks
import Reports

/// What `--report` shows of a training.
struct ReportedRun: Sendable {
    /// Nil where the engine can no longer be asked.
    let material: ReportMaterial?
    let curve: TrainingCurve?
    /// Why there is no material.
    var fault: String?

    /// - Parameter session: with the engine that trained.
    init(
        _ result: TrainingResult, _ training: TrainCommand.Training, _ curve: TrainingCurve?,
        in session: EngineSession
    ) {
        self.curve = curve
        let trainer = training.trainer
        do {
            material = try ReportMaterial(
                of: trainer, at: result.conductances,
                since: TrainedValues(initial: trainer.task), known: result.states, in: session)
        } catch {
            material = nil
            fault = "\(error)"
        }
    }
}

extension TrainCommand {
    /// Of this process.
    var origin: Report.Origin {
        Report.Origin(deck: netlist == "-" ? InputFile.standardInputName : netlist)
    }

    /// What a page says of the training.
    ///
    /// - Throws: `Failure` where there is nothing to say.
    func shown(
        _ report: TrainReport, of run: Run, _ training: Training
    ) throws(Failure) -> Report {
        guard let reported = run.reported, let material = reported.material else {
            throw Failure(
                "there is no report of this training: \(run.reported?.fault ?? "it did not begin")",
                status: ExitStatus.software)
        }
        var shown = material.report(
            title: report.task.circuit.title,
            origin: origin,
            solver: Report.Solver(
                run.engine, run.confirmed, confirmation: run.confirmation?.sentence))
        shown.train = report.json
        shown.history = reported.curve
        if let curve = reported.curve {
            let isPlain = training.discrete.map {
                $0.optimizer == .plain && !$0.plan.isStochastic
            }
            shown.rate = DecayRate(
                of: curve, predicted: material.decayRate, followsFlow: isPlain ?? true)
        }
        shown.notes += run.warnings
        if !run.result.converged { shown.notes.append(report.whyNotConverged) }
        return shown
    }
}
