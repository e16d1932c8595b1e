import Foundation
import LearningRules
import LearningTasks
import Netlist
import Theory

/// What `analyze` prints, for people and for scripts.
struct AnalyzeReport: Sendable {
    let task: LearningTask
    let rule: any LearningRule
    let analysis: Coercivity
    /// Nil where it would take too long.
    let sentences: DescentSentences?

    init(
        task: LearningTask, rule: any LearningRule, analysis: Coercivity,
        sentences: DescentSentences?
    ) {
        (self.task, self.rule) = (task, rule)
        (self.analysis, self.sentences) = (analysis, sentences)
    }

    /// Solves what it takes.
    ///
    /// - Parameter values: at which the circuit is looked at.
    init(
        of trainer: Trainer, at values: TrainedValues, rankTolerance: Double? = nil,
        in session: EngineSession
    ) throws {
        let task = trainer.task
        let analysis = try Coercivity(
            of: Sensitivity(of: task, at: values, in: session.physics),
            rule: trainer.rule, sides: trainer.nudge.sides, rankTolerance: rankTolerance)
        let method = try trainer.resolveMethod(in: session.physics)
        let states = try method.states(of: task, at: values, in: session.physics)
        let diagnosis = try DescentDiagnosis.make(
            of: task, at: values, states, in: session.physics)
        self.init(
            task: task, rule: trainer.rule, analysis: analysis,
            sentences: diagnosis.map {
                DescentSentences(
                    task: task, rule: trainer.rule, conductances: values, states: states,
                    diagnosis: $0)
            })
    }

    var ruleName: String { rule.name }

    var spectrum: Coercivity.Spectrum? { analysis.spectrum(of: rule) }

    /// `V(b)`, or `V(b) sample 2` where there are several samples.
    var rowNames: [String] {
        task.samples.indices.flatMap { m in
            task.outputs.map { task.samples.count > 1 ? "\($0.name) sample \(m + 1)" : $0.name }
        }
    }

    var restingNames: [String] {
        analysis.resting.flatMap { index in
            let parameter = task.parameters[index]
            return parameter.isConductance
                ? parameter.members.map { task.circuit.resistors[$0.resistor].name }
                : [parameter.name]
        }
    }

    /// More rows than a screen holds are summed up: the whole is in --json.
    static let longestTable = 40

    var text: String {
        var parts = [task.circuit.title]
        parts.append(
            """
            \(counted(analysis.outputs, "output")) × \(counted(analysis.samples, "sample")), \
            \(counted(analysis.trainable, "trained \(variableName)"))
            """)
        parts.append(singularValueTable)
        parts.append(ruleTable)
        parts.append(([verdict] + shortfallSentences + degeneracySentences).joined(separator: "\n"))
        parts.append(consequences.joined(separator: "\n"))
        return parts.joined(separator: "\n\n")
    }

    private var variableName: String {
        let variables = Set(task.parameters.map(\.variable))
        guard variables.count == 1 else { return variables.isEmpty ? "conductance" : "variable" }
        return variables.first?.title ?? "conductance"
    }

    private var singularValueTable: String {
        let values = analysis.singularValues
        guard values.count <= Self.longestTable else {
            return """
                \(values.count) singular values of J, from \(readable(values.first ?? 0)) to \
                \(readable(values.last ?? 0))
                """
        }
        var table = Table("J", "singular value")
        for (index, value) in values.enumerated() {
            table.add("σ\(index + 1)", readable(value, digits: 10))
        }
        return table.text
    }

    private var ruleTable: String {
        var table = Table(
            "rule", "coercivity c", "decay of loss", "steps below", "best step", "best step reaches"
        )
        func add(_ name: String, _ spectrum: Coercivity.Spectrum) {
            let contraction =
                (spectrum.largest - spectrum.smallest) / (spectrum.largest + spectrum.smallest)
            table.add(
                name, readable(spectrum.constant, digits: 8), readable(spectrum.decayRate),
                spectrum.stepLimit.map(readable) ?? "–", spectrum.bestStep.map(readable) ?? "–",
                spectrum.largest > 0 ? "× \(readable(contraction, digits: 4)) a step" : "–")
        }
        add("EP, AL", analysis.squaredError)
        if let coupled = analysis.coupled { add("CL", coupled) }
        return table.text
    }
}
