import LearningRules

/// What scripts get.
extension AnalyzeReport {
    struct JSON: Encodable, Sendable {
        struct Degenerate: Encodable, Sendable {
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
        /// Degrees between the rule's update and the exact gradient of the loss; null where one is zero.
        let gradientAngle: Double?
        let gradientDiffers: [String]
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
            case gradientAngle, gradientDiffers
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
            try container.encode(gradientAngle, forKey: .gradientAngle)
            try container.encode(gradientDiffers, forKey: .gradientDiffers)
            try container.encodeIfPresent(nullDirection, forKey: .nullDirection)
            try container.encodeIfPresent(nodes, forKey: .nodes)
            try container.encodeIfPresent(resistors, forKey: .resistors)
            try container.encodeIfPresent(degeneracies, forKey: .degeneracies)
        }
    }

    var json: JSON {
        let rows = analysis.degeneracies.isEmpty ? [] : rowNames
        let degeneracies = analysis.degeneracies.map { degeneracy in
            JSON.Degenerate(
                nullDirection: Dictionary(
                    zip(rows, degeneracy.direction), uniquingKeysWith: { first, _ in first }),
                nodes: degeneracy.nodes.map { task.circuit.nodes[$0].name },
                resistors: degeneracy.resistors.map { task.circuit.resistors[$0].name },
                felt: !degeneracy.isUnfelt)
        }
        var byRule: [String: Double] = [:]
        for rule in Rules.local { byRule[rule.name] = analysis.spectrum(of: rule)?.constant }
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
            gradientAngle: sentences?.diagnosis.angle.degrees,
            gradientDiffers: sentences?.diagnosis.angle.differingMost.map {
                task.parameters[$0].name
            } ?? [],
            nullDirection: degeneracies.first?.nullDirection, nodes: degeneracies.first?.nodes,
            resistors: degeneracies.first?.resistors,
            degeneracies: degeneracies.isEmpty ? nil : degeneracies)
    }
}
