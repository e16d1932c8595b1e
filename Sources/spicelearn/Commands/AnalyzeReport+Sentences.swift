import Theory

/// What the analysis means, in sentences.
extension AnalyzeReport {
    var verdict: String {
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

    var shortfallSentences: [String] {
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

    var degeneracySentences: [String] {
        if analysis.degeneracies.isEmpty, analysis.shortfalls.contains(.degenerate) {
            let moving = analysis.trainable - analysis.resting.count
            return [
                """
                degenerate: the \(counted(moving, "trained variable")) act on the \
                \(counted(analysis.rows, "output value")) in \(analysis.rank) independent ways only
                """
            ]
        }
        return analysis.degeneracies.prefix(Self.longestTable).flatMap { [cause($0), effect($0)] }
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

    var consequences: [String] {
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
            lines.append(
                sentences.map { $0.diagnosis.isStationary } ?? true
                    ? "no nudge reaches a trained resistor"
                    : "no nudge reaches a trained resistor: the rule has no rate here")
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
        if let angle = sentences?.angle { lines.append(angle) }
        if let sentences, sentences.states.largestError > 0 {
            let diagnosis = sentences.diagnosis
            if diagnosis.isStationary || diagnosis.updateIsZero
                || diagnosis.angle.degrees.map({ $0 > 89 }) ?? false
            {
                lines.append(sentences.whyNoFurther)
            }
        }
        if !analysis.resting.isEmpty {
            lines.append("at a bound, and pushed against it: \(list(restingNames))")
        }
        return lines
    }

    var obstacles: String {
        analysis.conserved.obstacles.map { obstacle in
            switch obstacle {
            case .fixedResistors(let indices):
                "not trained: \(list(indices.map { task.circuit.resistors[$0].name }))"
            case .scale(let names):
                "voltages depend on the scale of conductance through \(list(names))"
            case .bounds: "resistors rest at a bound"
            case .oneSidedNudging: "one-sided nudging shifts it"
            case .numbers(let names): "trained, but no conductances: \(list(names))"
            }
        }.joined(separator: "; ")
    }

    /// `0.816 V(m) − 0.408 V(b)`, without what is next to zero.
    private func formula(_ direction: [Double]) -> String {
        let terms = zip(direction, rowNames).filter { abs($0.0) > 1e-6 }
            .sorted { abs($0.0) > abs($1.0) * (1 + 1e-6) }
        var text = ""
        for (index, term) in terms.prefix(8).enumerated() {
            let (weight, name) = term
            if index == 0 {
                text += weight < 0 ? "−" : ""
            } else {
                text += weight < 0 ? " − " : " + "
            }
            let size = terms.count == 1 ? "" : readable(abs(weight), digits: 4) + " "
            text += "\(size)\(name)"
        }
        return terms.count > 8 ? text + " + … (\(terms.count) terms)" : text
    }

    func counted(_ count: Int, _ noun: String) -> String {
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
