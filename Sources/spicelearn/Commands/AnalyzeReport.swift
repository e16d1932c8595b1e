import Foundation
import LearningRules
import Netlist

/// What `analyze` prints, for people and for scripts.
struct AnalyzeReport {
    let task: LearningTask
    let rule: any LearningRule
    let analysis: Coercivity

    struct JSON: Encodable {
        struct Degenerate: Encodable {
            let nullDirection: [String: Double]
            let nodes: [String]
            let resistors: [String]
            let felt: Bool
        }

        let rule: String
        let outputs: Int
        let samples: Int
        let trainable: Int
        let atBound: [String]
        let singularValues: [Double]
        let rank: Int
        let rankTolerance: Double
        let coercive: Bool
        let coercivity: Double?
        let coercivityByRule: [String: Double]
        let decayRate: Double?
        let stepLimit: Double?
        let bestStep: Double?
        let solutionDimension: Int
        /// The value of the conserved quantity; null where nothing is conserved.
        let conserved: Double?
        let conservedQuantity: String
        let conservedReason: String?
        let reason: String?
        let lostErrorShare: Double
        let oneWayDevices: [String]
        /// The first of `degeneracies`.
        let nullDirection: [String: Double]?
        let nodes: [String]?
        let resistors: [String]?
        let degeneracies: [Degenerate]?

        private enum Key: String, CodingKey {
            case rule, outputs, samples, trainable, atBound, singularValues, rank, rankTolerance
            case coercive, coercivity, coercivityByRule, decayRate, stepLimit, bestStep
            case solutionDimension, conserved, conservedQuantity, conservedReason, reason
            case lostErrorShare, oneWayDevices, nullDirection, nodes, resistors, degeneracies
        }

        /// A key that every deck has is there even when its value is null.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(rule, forKey: .rule)
            try container.encode(outputs, forKey: .outputs)
            try container.encode(samples, forKey: .samples)
            try container.encode(trainable, forKey: .trainable)
            try container.encode(atBound, forKey: .atBound)
            try container.encode(singularValues, forKey: .singularValues)
            try container.encode(rank, forKey: .rank)
            try container.encode(rankTolerance, forKey: .rankTolerance)
            try container.encode(coercive, forKey: .coercive)
            try container.encode(coercivity, forKey: .coercivity)
            try container.encode(coercivityByRule, forKey: .coercivityByRule)
            try container.encode(decayRate, forKey: .decayRate)
            try container.encode(stepLimit, forKey: .stepLimit)
            try container.encode(bestStep, forKey: .bestStep)
            try container.encode(solutionDimension, forKey: .solutionDimension)
            try container.encode(conserved, forKey: .conserved)
            try container.encode(conservedQuantity, forKey: .conservedQuantity)
            try container.encode(conservedReason, forKey: .conservedReason)
            try container.encode(reason, forKey: .reason)
            try container.encode(lostErrorShare, forKey: .lostErrorShare)
            try container.encode(oneWayDevices, forKey: .oneWayDevices)
            try container.encodeIfPresent(nullDirection, forKey: .nullDirection)
            try container.encodeIfPresent(nodes, forKey: .nodes)
            try container.encodeIfPresent(resistors, forKey: .resistors)
            try container.encodeIfPresent(degeneracies, forKey: .degeneracies)
        }
    }

    private var ruleName: String { type(of: rule).abbreviation.lowercased() }

    private var spectrum: Coercivity.Spectrum? { analysis.spectrum(of: rule) }

    var json: JSON {
        let degeneracies = analysis.degeneracies.map { degeneracy in
            JSON.Degenerate(
                nullDirection: Dictionary(
                    zip(rowNames, degeneracy.direction), uniquingKeysWith: { first, _ in first }),
                nodes: degeneracy.nodes.map { task.circuit.nodes[$0].name },
                resistors: degeneracy.resistors.map { task.circuit.resistors[$0].name },
                felt: !degeneracy.isUnfelt)
        }
        var byRule = [
            "ep": analysis.squaredError.constant, "al": analysis.squaredError.constant,
        ]
        byRule["cl"] = analysis.coupled?.constant
        let reasons = shortfallSentences + degeneracySentences
        return JSON(
            rule: ruleName, outputs: analysis.outputs, samples: analysis.samples,
            trainable: analysis.trainable, atBound: restingNames,
            singularValues: analysis.singularValues, rank: analysis.rank,
            rankTolerance: analysis.rankTolerance, coercive: analysis.isCoercive,
            coercivity: spectrum?.constant, coercivityByRule: byRule,
            decayRate: spectrum?.decayRate, stepLimit: spectrum?.stepLimit,
            bestStep: spectrum?.bestStep, solutionDimension: analysis.solutionDimension,
            conserved: analysis.conserved.isConserved ? analysis.conserved.value : nil,
            conservedQuantity: analysis.conserved.name,
            conservedReason: analysis.conserved.isConserved ? nil : obstacles,
            reason: reasons.isEmpty ? nil : reasons.joined(separator: "\n"),
            lostErrorShare: analysis.lostErrorShare, oneWayDevices: analysis.oneWayDevices,
            nullDirection: degeneracies.first?.nullDirection, nodes: degeneracies.first?.nodes,
            resistors: degeneracies.first?.resistors,
            degeneracies: degeneracies.isEmpty ? nil : degeneracies)
    }

    /// `V(b)`, or `V(b) sample 2` where there are several samples.
    private var rowNames: [String] {
        task.samples.indices.flatMap { m in
            task.outputs.map { task.samples.count > 1 ? "\($0.name) sample \(m + 1)" : $0.name }
        }
    }

    private var restingNames: [String] {
        analysis.resting.flatMap { task.parameters[$0].members }.map {
            task.circuit.resistors[$0.resistor].name
        }
    }

    /// More rows than a screen holds are summed up: the whole is in --json.
    private static let longestTable = 40

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
        let logarithmic = task.parameters.filter { $0.variable == .logConductance }.count
        return switch logarithmic {
        case 0: "conductance"
        case task.parameters.count: "log-conductance"
        default: "variable"
        }
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

    private var verdict: String {
        let rank = """
            rank \(analysis.rank) of \(analysis.rows) (σ above \
            \(readable(analysis.rankTolerance, digits: 2)) counts)
            """
        guard analysis.isCoercive else { return "not coercive: \(rank)" }
        if let first = analysis.singularValues.first, let last = analysis.singularValues.last,
            last < 1e-4 * first
        {
            return """
                barely coercive: \(rank), but the smallest singular value is \
                \(readable(last / first, digits: 2)) of the largest; \
                --rank-tolerance \(readable(10 * last / first, digits: 1)) shows what it comes from
                """
        }
        return "coercive: \(rank); every small error decays"
    }

    private var shortfallSentences: [String] {
        analysis.shortfalls.compactMap { shortfall in
            switch shortfall {
            case .samples(let inputs):
                """
                too many samples: the \(analysis.samples) samples have \
                \(counted(inputs, "independent input")), and outputs of a linear circuit are linear \
                in its inputs, so at most \(inputs * analysis.outputs) of the \(analysis.rows) output \
                values can be chosen; targets that do not follow the same law are met only in the \
                least-squares sense
                """
            case .parameters(let count, let values):
                """
                too few trained resistors: \(counted(count, "variable")) can't set \
                \(counted(values, "output value"))
                """
            case .degenerate: nil
            }
        }
    }

    private var degeneracySentences: [String] {
        analysis.degeneracies.prefix(Self.longestTable).flatMap { [cause($0), effect($0)] }
    }

    private func cause(_ degeneracy: Degeneracy) -> String {
        let nodes = list(degeneracy.nodes.map { task.circuit.nodes[$0].name })
        let resistors = list(degeneracy.resistors.map { task.circuit.resistors[$0].name })
        let direction = formula(degeneracy.direction)
        if degeneracy.nodes.isEmpty {
            return "degenerate: outputs measure the same voltage, so \(direction) can't change"
        }
        if degeneracy.resistors.isEmpty {
            return "degenerate: no trained resistor acts on \(direction)"
        }
        if degeneracy.liesAtOnePotential {
            let lies = degeneracy.nodes.count == 1 ? "lies" : "lie"
            let carries =
                degeneracy.resistors.count == 1
                ? "carries no voltage and changing it" : "carry no voltage and changing them"
            return """
                degenerate: \(nodes) \(lies) at one potential with all neighbours, so \(resistors) \
                \(carries) does nothing; \(direction) can't change
                """
        }
        return """
            degenerate: the effects of the trained resistors on \(direction) cancel, in this state \
            of the circuit
            """
    }

    private func effect(_ degeneracy: Degeneracy) -> String {
        let share = analysis.lostErrorShare
        if share > 1e-6 {
            return """
                  \(readable(100 * share, digits: 3)) % of the present error lies where no trained \
                resistor reduces it to first order; it decays only if the circuit moves away from \
                this state
                """
        }
        if degeneracy.isUnfelt {
            return """
                  learning does not feel it: by Kirchhoff's law no error near such a solution lies in \
                that direction, and the loss falls at the rate of the other singular values
                """
        }
        return """
              the present error has no part in that direction; another error may, and would not be \
            corrected
            """
    }

    private var consequences: [String] {
        var lines: [String] = []
        if let spectrum, spectrum.largest > 0 {
            let unit =
                analysis.isCoercive ? "the loss" : "the loss over the errors that are reached"
            lines.append(
                """
                near a solution \(unit) falls as exp(−\(readable(spectrum.decayRate)) t) at rate 1 \
                (\(ruleName.uppercased()))
                """)
        } else {
            lines.append("no trained resistor changes any output")
        }
        lines.append(
            "solutions, where there are any, form a manifold of dimension \(analysis.solutionDimension) among "
                + counted(analysis.trainable, "trained variable"))
        let quantity =
            "\(analysis.conserved.name) = \(readable(analysis.conserved.value, digits: 10))"
        lines.append(
            analysis.conserved.isConserved
                ? "\(quantity) is conserved in continuous time"
                : "\(quantity) is not conserved: \(obstacles)")
        if !analysis.oneWayDevices.isEmpty {
            lines.append(
                """
                these figures hold for what nudges see, which differs from how the outputs answer \
                where signals pass one way: \(list(analysis.oneWayDevices))
                """)
        }
        if !analysis.resting.isEmpty {
            lines.append("at a bound, and pushed against it: \(list(restingNames))")
        }
        return lines
    }

    private var obstacles: String {
        analysis.conserved.obstacles.map { obstacle in
            switch obstacle {
            case .fixedResistors(let indices):
                "not trained: \(list(indices.map { task.circuit.resistors[$0].name }))"
            case .scale(let names):
                "voltages depend on the scale of conductance through \(list(names))"
            case .bounds: "resistors rest at a bound"
            case .oneSidedNudging: "one-sided nudging shifts it"
            }
        }.joined(separator: "; ")
    }

    /// `0.816 V(m) − 0.408 V(b)`, without what is next to zero.
    private func formula(_ direction: [Double]) -> String {
        let terms = zip(direction, rowNames).filter { abs($0.0) > 1e-6 }
            .sorted { abs($0.0) > abs($1.0) * (1 + 1e-6) }
        var text = ""
        for (index, term) in terms.prefix(8).enumerated() {
            let sign = term.0 < 0 ? (index == 0 ? "−" : " − ") : (index == 0 ? "" : " + ")
            let size = terms.count == 1 ? "" : readable(abs(term.0), digits: 4) + " "
            text += sign + size + term.1
        }
        return terms.count > 8 ? text + " + … (\(terms.count) terms)" : text
    }

    private func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    private func list(_ names: [String]) -> String {
        if names.count > 8 {
            return names.prefix(8).joined(separator: ", ") + " and \(names.count - 8) more"
        }
        guard names.count > 1, let last = names.last else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
