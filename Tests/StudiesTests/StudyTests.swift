import Foundation
import LearningRules
import Testing

@testable import Studies

/// The theory's claims, in the quick forms of the studies.
@Suite struct StudyTests {
    /// Within 1 % on five random networks for each rule; the full study has larger ones.
    @Test("measured rates are those predicted", arguments: 1...5 as ClosedRange<UInt64>)
    func convergence(seed: UInt64) throws {
        let circuit = try StudyCircuit.random(seed: seed, nodes: 8, edges: 14, outputs: 2)
        let result = try ConvergenceStudy(circuits: [circuit]).run()
        #expect(result.runs.map(\.rule) == StudyRule.allCases)
        for run in result.runs {
            #expect(run.converged)
            let (ratio, stepRatio) = (run.ratio, run.stepRatio)
            #expect(abs(try #require(ratio) - 1) < 0.01)
            #expect(abs(try #require(stepRatio) - 1) < 0.01)
            #expect(run.lossRatioBelow < 1)
            #expect(run.lossRatioAbove > 1)
        }
    }

    @Test func kite() throws {
        var study = KiteStudy()
        study.deltas = [0.05, 0.025]
        let result = try study.run()
        for rule in [StudyRule.al, .cl] {
            let exponents = result.exponents(rule)
            #expect(abs(exponents.constant / 2 - 1) < 0.01)
            #expect(abs(exponents.measured / 2 - 1) < 0.01)
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
            #expect(abs(own.lowerExponent - 0.5) < 0.25)
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
            #expect(abs(result.exponent(run.rule) - 1) < 0.1)
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
        #expect(throws: StudyError.self) { _ = try ConservationStudy(circuit: circuit).run() }
    }
}
