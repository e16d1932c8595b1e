import Foundation
import LearningTasks
import Netlist
import Testing

@testable import Figures
@testable import Studies

private let netlists = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "netlists")

/// `make test-slow`.
private let slowToo = ProcessInfo.processInfo.environment["SLOW_TESTS"] != nil

/// Every deck of netlists/, by name; those whose studies take longest in slow tests alone.
private let decks: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: netlists.path)) ?? [])
    .filter { $0.hasSuffix(".cir") }.map { String($0.dropLast(4)) }.sorted()
    .filter { slowToo || !["nmos", "random-64", "lattice-8x8"].contains($0) }

private func circuit(_ deck: String) throws -> StudyCircuit {
    let url = netlists.appending(path: deck + ".cir")
    let parsed = Deck.parse(path: url.path, bytes: Array(try Data(contentsOf: url)))
    let data = parsed.directives.data.map { netlists.appending(path: $0.value) }
    let table = try data.flatMap {
        SampleTable.parse(
            SourceFile(path: $0.path, bytes: Array(try Data(contentsOf: $0))),
            kind: LearningTask.columnKind(parsed.directives, parsed.elaborate().understood)
        ).table
    }
    return StudyCircuit(
        name: deck, deck: parsed, task: try LearningTask(deck: parsed, data: table))
}

/// What people and programs read of a result: every number finite, and none that is only a unit gone wrong.
private func expectSensible(_ result: some StudyResult) throws {
    for table in [result.summary, result.data] {
        #expect(!table.rows.isEmpty)
        for row in table.rows {
            #expect(row.count == table.columns.count)
            for case .number(let value) in row {
                #expect(value.isFinite && abs(value) < 1e12, "\(row)")
            }
        }
    }
    for sentence in result.findings {
        #expect(!sentence.isEmpty)
        for word in sentence.split(whereSeparator: { " :,()^".contains($0) }) {
            #expect(!["nan", "inf", "-nan", "-inf"].contains(word.lowercased()), "\(sentence)")
            if let number = Double(word) { #expect(abs(number) < 1e12, "\(sentence)") }
        }
    }
    let encoded = try JSONEncoder().encode(result)
    #expect(!encoded.isEmpty)
    let script = result.figure.gnuplotScript(.svg)
    for line in script.split(separator: "\n")
    where line.hasPrefix("set xrange") || line.hasPrefix("set yrange") {
        let ends = line.split(whereSeparator: { "[]:".contains($0) }).dropFirst().compactMap {
            Double($0)
        }
        #expect(ends.count == 2 && ends.allSatisfy { $0.isFinite && abs($0) < 1e12 }, "\(line)")
    }
}

/// The theory's claims, in the quick forms of the studies.
@Suite struct StudyTests {
    /// Within 1 % on five random networks for each rule; the full study has larger ones.
    @Test("measured rates are those predicted", arguments: 1...5 as ClosedRange<UInt64>)
    func convergence(seed: UInt64) throws {
        let circuit = try StudyCircuit.random(seed: seed, nodes: 8, edges: 14, outputs: 2)
        let result = try ConvergenceStudy(circuits: [circuit]).run()
        #expect(result.runs.map(\.rule) == StudyRule.allCases)
        for run in result.runs {
            #expect(run.remarks.isEmpty)
            let (ratio, stepRatio) = (run.ratio, run.stepRatio)
            #expect(abs(try #require(ratio) - 1) < 0.01)
            #expect(abs(try #require(stepRatio) - 1) < 0.01)
            #expect(try #require(run.lossRatioBelow) < 1)
            #expect(try #require(run.lossRatioAbove) > 1)
        }
    }

    /// At its solution the constant of netlists/kite.cir is 0, and what counts is that over reachable errors,
    /// 0.0807496 (AL) and 0.176452 (CL) there, as `study kite` has them at δ = 0.
    @Test func aConstantOfZero() throws {
        let result = try ConvergenceStudy(circuits: [circuit("kite")]).run()
        let expected: [StudyRule: Double] = [.ep: 0.161499, .al: 0.161499, .cl: 0.352904]
        #expect(result.runs.count == 3)
        for run in result.runs {
            let rate = try #require(expected[run.rule])
            #expect(abs(run.predictedRate / rate - 1) < 1e-5)
            let (ratio, stepRatio) = (run.ratio, run.stepRatio)
            #expect(abs(try #require(ratio) - 1) < 0.01)
            #expect(abs(try #require(stepRatio) - 1) < 0.01)
            #expect(run.remarks.count == 1 && run.remarks[0].hasPrefix("rank 2 of 3"))
        }
        try expectSensible(result)
    }

    /// A divider has one eigenvalue, λ = V² (k₁² + k₂²)/(k₁ + k₂)⁴ with Σ k² as at the start and the ratio of
    /// its target; for CL, times Λ = k₁ + k₂. The best step 1/λ has no decay to measure.
    @Test func oneOutput() throws {
        let result = try ConvergenceStudy(circuits: [circuit("divider")]).run()
        let (ratio, squares) = (3.3 / 5, 2e-6)
        let sum = (squares / (ratio * ratio + (1 - ratio) * (1 - ratio))).squareRoot()
        let eigenvalue = 25 * squares / (sum * sum * sum * sum)
        #expect(result.runs.map(\.rule) == StudyRule.allCases)
        for run in result.runs {
            let expected = 2 * eigenvalue * (run.rule == .cl ? sum : 1)
            #expect(abs(run.predictedRate / expected - 1) < 1e-4)
            let measured = run.ratio
            #expect(abs(try #require(measured) - 1) < 0.01)
            #expect(run.predictedStepRate == nil && run.measuredStepRate == nil)
            #expect(abs(run.bestStep * expected / 2 - 1) < 1e-4)
            #expect(try #require(run.lossRatioBelow) < 1)
            #expect(try #require(run.lossRatioAbove) > 1)
            #expect(run.remarks.count == 1 && run.remarks[0].hasPrefix("with one eigenvalue"))
        }
        try expectSensible(result)
    }

    /// Resistors that end at a bound: the line of the prediction ends at the losses that there are, and no
    /// steps are taken.
    @Test func aSolutionAtBounds() throws {
        let result = try ConvergenceStudy(circuits: [circuit("allostery")]).run()
        for run in result.runs {
            let ratio = run.ratio
            #expect(abs(try #require(ratio) - 1) < 0.01)
            #expect(run.lossRatioBelow == nil && run.remarks.contains { $0.contains("at a bound") })
        }
        for row in result.data.rows {
            if case .number(let predicted) = row[5] { #expect(predicted < 0.1) }
        }
        #expect(result.figure.panels.count == 1)
        try expectSensible(result)
    }

    private func message(_ text: String) throws -> String {
        let circuit = try StudyCircuit(name: "it", text: text)
        do {
            let result = try ConvergenceStudy(circuits: [circuit]).run()
            Issue.record("it has a rate: \(result.findings)")
            return ""
        } catch let error as StudyError {
            return "\(error)"
        }
    }

    @Test func circuitsWithoutARateAreSaidToBeSo() throws {
        // One ratio for two targets.
        let overdetermined = try message(
            "t\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\nR3 a c 1\nR4 c 0 1\nR5 b c 1u\n"
                + "*.learn trainable R1 R2\n*.learn output V(b)=0.3 V(c)=0.7\n.end\n")
        #expect(overdetermined.hasPrefix("EP, AL on it: no rate: learning comes to rest"))
        let amplifier = try message(
            "t\nV1 in 0 1\nR1 in m 10k\nR2 m out 47k\nE1 x 0 0 m 1e5\nR3 x out 75\nR4 out 0 2k\n"
                + "*.learn trainable R1 R2\n*.learn output V(out)=-10\n.end\n")
        #expect(amplifier.contains("signals pass one way through E1"))
        let deaf = try message(
            "t\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\nR3 a c 1\n*.learn trainable R3\n"
                + "*.learn output V(b)=0.3\n.end\n")
        #expect(deaf.contains("a rate of zero: no output answers to a trained resistor"))
    }

    @Test("every deck of netlists/: sensible numbers or a sentence", arguments: decks)
    func everyDeck(deck: String) throws {
        let circuit = try circuit(deck)
        func attempt(_ study: () throws -> any StudyResult) throws {
            do {
                try expectSensible(study())
            } catch let error as StudyError {
                let message = "\(error)"
                #expect(message.contains(deck) && message.count > deck.count + 20)
            }
        }
        try attempt { try ConvergenceStudy(circuits: [circuit]).run() }
        // A thousand steps of a hundred resistors show nothing that a dozen resistors do not.
        if circuit.task.parameters.count < 50 {
            try attempt { try ConservationStudy(circuit: circuit).run() }
        }
        try attempt { try NudgingStudy(circuits: [circuit]).run() }
    }

    /// Nearer to degenerate targets than rounding lets anyone see, and fewer draws than an exponent needs.
    @Test(.enabled(if: slowToo)) func littleToGoBy() throws {
        var kite = KiteStudy()
        kite.deltas = KiteStudy.halvings(of: 1e-7, count: 2)
        try expectSensible(kite.run())
        kite.deltas = [0.1]
        try expectSensible(kite.run())
        var genericity = GenericityStudy()
        for count in [1, 3] {
            (genericity.networks, genericity.draws) = (1, count)
            try expectSensible(genericity.run())
        }
    }

    /// A bound on the way is where K is no longer conserved.
    @Test func conservationEndsAtBounds() throws {
        let result = try ConservationStudy(circuit: circuit("unreachable")).run()
        #expect(result.continuous.allSatisfy { $0.meetsBounds })
        #expect(result.findings.contains { $0.contains("arrives at a bound") })
        try expectSensible(result)
    }

    @Test func powers() {
        #expect(powerLaw([(1, 2), (2, 8), (4, 32)]).map { abs($0 - 2) < 1e-12 } == true)
        #expect(powerLaw([(1, 1)]) == nil)
        #expect(powerLaw([(1, 1), (1, 2)]) == nil)
        #expect(powerLaw([(1, 1), (2, 0)]) == nil)
        #expect(powerLaw([(1, 1), (2, .nan)]) == nil)
        #expect(powerLaw([(1, 1), (2, 100), (3, 1)]) == nil)
    }

    @Test func kite() throws {
        var study = KiteStudy()
        study.deltas = [0.05, 0.025]
        let result = try study.run()
        for rule in [StudyRule.al, .cl] {
            let exponents = result.exponents(rule)
            #expect(abs(try #require(exponents.constant) / 2 - 1) < 0.01)
            #expect(abs(try #require(exponents.measured) / 2 - 1) < 0.01)
        }
        for run in result.runs {
            #expect(abs(try #require(run.measured) / run.constant - 1) < 0.01)
            // numpy, dense equations, LSODA to 1e-10 V.
            let expected: [StudyRule: [Double: Double]] = [
                .al: [0.05: 1.1617923e-4, 0.025: 2.9070684e-5],
                .cl: [0.05: 5.0104231e-4, 0.025: 1.2531285e-4],
            ]
            let constant = try #require(expected[run.rule]?[run.delta])
            #expect(abs(run.constant / constant - 1) < 1e-4)
        }
        for run in result.degenerate {
            #expect(run.rank == 2)
            #expect(abs(try #require(run.measured) / run.reachableConstant - 1) < 0.01)
            #expect(run.nullDirection.count == 3)
            for (a, b) in zip(run.nullDirection, run.expectedDirection) {
                #expect(abs(a - b) < 1e-9)
            }
            // Rounding of voltages around 1 V over the last errors of 1e-8 V.
            #expect(run.lostErrorShare < 1e-6)
        }
    }

    @Test func genericity() throws {
        var study = GenericityStudy()
        (study.networks, study.draws) = (2, 100)
        let result = try study.run()
        #expect(result.distributions.count == 4)
        for own in result.distributions {
            #expect(own.constants.count == 200)
            #expect(own.degenerate == 0)
            #expect(own.relativeConstants == own.relativeConstants.sorted())
            #expect(own.quantile(1) <= 1)
        }
        // A hypersurface of degenerate kites: constants a hundred times smaller are ten times rarer,
        // with 20 draws in the tenth that this is fitted to.
        for own in result.distributions where own.family == "kite" {
            #expect(abs(try #require(own.lowerExponent) - 0.5) < 0.25)
        }
        let again = try study.run()
        #expect(again.data.csv == result.data.csv)
        study.seed = 2
        #expect(try study.run().data.csv != result.data.csv)
    }

    @Test func conservation() throws {
        let circuit = try StudyCircuit.random(seed: 3, nodes: 8, edges: 14, outputs: 2)
        let result = try ConservationStudy(circuit: circuit).run()
        #expect(result.continuous.count == 3)
        for run in result.continuous {
            #expect(run.drift < 1e-8)
            #expect(run.change > 0.01)
            #expect(abs(try #require(result.exponent(run.rule)) - 1) < 0.1)
        }
        #expect(result.discrete.allSatisfy { $0.drift > 1e-7 })
    }

    /// Σ ln k is linear in ln k: steps of any size keep it.
    @Test func conservationOfLogarithms() throws {
        let linear = try StudyCircuit.random(seed: 3, nodes: 8, edges: 14, outputs: 2)
        let text = String(decoding: linear.deck.file.bytes, as: UTF8.self)
        let circuit = try StudyCircuit(
            name: "logarithms",
            text: text.replacing(".op\n", with: "*.learn trainable R* vary=log\n.op\n"))
        var study = ConservationStudy(circuit: circuit)
        study.rules = [.al, .cl]
        let result = try study.run()
        #expect(result.continuous.allSatisfy { $0.drift < 1e-8 && $0.conserved == "Σ ln g" })
        #expect(result.discrete.allSatisfy { abs($0.drift) < 1e-12 })
    }

    @Test func nudging() throws {
        let result = try NudgingStudy(circuits: [
            .random(seed: 1), .randomWithDiodes(seed: 1),
        ]).run()
        #expect(result.curves.count == 12)
        for curve in result.curves {
            if !curve.isCentered {
                #expect(abs(try #require(curve.exponent) - 1) < 0.02)
            } else if curve.isLinear, curve.rule != .ep {
                // No bias at any strength: rounding alone.
                #expect(curve.exponent == nil)
                #expect(curve.points[0].bias < 1e-12)
            } else {
                #expect(abs(try #require(curve.exponent) - 2) < 0.05)
            }
            // Cancellation wins in the end.
            #expect(try #require(curve.points.last).bias > 1e-6)
            #expect(try #require(curve.best).bias < 1e-6)
        }
    }

    @Test func anObserverEndsIt() throws {
        let circuit = try StudyCircuit.random(seed: 1, nodes: 8, edges: 14, outputs: 2)
        #expect(throws: StudyInterrupted.self) {
            _ = try ConvergenceStudy(circuits: [circuit]).run { false }
        }
        #expect(throws: StudyInterrupted.self) { _ = try KiteStudy().run { false } }
        #expect(throws: StudyInterrupted.self) { _ = try GenericityStudy().run { false } }
        #expect(throws: StudyInterrupted.self) {
            _ = try ConservationStudy(circuit: circuit).run { false }
        }
        #expect(throws: StudyInterrupted.self) {
            _ = try NudgingStudy(circuits: [circuit]).run { false }
        }
    }

    @Test func fixedResistorsConserveNothing() throws {
        let circuit = try StudyCircuit(
            name: "fixed",
            text: "t\nV1 a 0 1\nR1 a b 1\nR2 b 0 1\nR3 b 0 3\n*.learn trainable R1 R2\n"
                + "*.learn output V(b)=0.3\n.end\n")
        let error = #expect(throws: StudyError.self) {
            _ = try ConservationStudy(circuit: circuit).run()
        }
        #expect(error?.description.contains("resistors that are not trained (R3)") == true)
    }
}
