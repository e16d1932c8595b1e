import LearningRules
import Testing

/// The updates of the two-output reference circuit, by all three rules and both kinds of nudging:
/// against an independent dense solution at 1e-9 relative, and against the published table to its
/// last printed digit.
@Suite struct ReferenceTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rule: any LearningRule
        let nudging: Nudging
        let printed: [Double]
    }

    static let rows: [Row] = {
        let adjoint = [
            -0.000138646142, -0.006650518208, 0.003554962037, 0.011307529718, -0.007625163117,
            -0.001881090906,
        ]
        let coupled = [
            -0.001753807680, -0.011586899018, 0.007276749109, 0.012180218858, -0.006847695505,
            -0.002459907324,
        ]
        let (al, cl, ep) = (
            AdjointCoupledLearning(), CoupledLearning(), EquilibriumPropagation()
        )
        func centered(_ h: Double) -> Nudging { Nudging(strength: h, sides: .centered) }
        func oneSided(_ h: Double) -> Nudging { Nudging(strength: h, sides: .oneSided) }
        return [
            Row(
                testDescription: "AL centered 0.1", rule: al, nudging: centered(0.1),
                printed: adjoint),
            Row(
                testDescription: "AL centered 10", rule: al, nudging: centered(10), printed: adjoint
            ),
            Row(
                testDescription: "CL centered 0.1", rule: cl, nudging: centered(0.1),
                printed: coupled),
            Row(testDescription: "CL centered 1", rule: cl, nudging: centered(1), printed: coupled),
            Row(
                testDescription: "EP one-sided 0.1", rule: ep, nudging: oneSided(0.1),
                printed: [
                    -0.000245395296, -0.006329540770, 0.003448213881, 0.010147536442,
                    -0.006792152888, -0.001804155278,
                ]),
            Row(
                testDescription: "AL one-sided 0.1", rule: al, nudging: oneSided(0.1),
                printed: [
                    -0.000138655347, -0.006661665043, 0.003543165374, 0.011267920088,
                    -0.007663574341, -0.001973872224,
                ]),
            Row(
                testDescription: "CL one-sided 0.1", rule: cl, nudging: oneSided(0.1),
                printed: [
                    -0.001755280473, -0.011620734711, 0.007227322133, 0.012134259337,
                    -0.006878673176, -0.002618571347,
                ]),
            Row(
                testDescription: "CL one-sided 1", rule: cl, nudging: oneSided(1),
                printed: [
                    -0.001768535602, -0.011925255944, 0.006782479358, 0.011720623644,
                    -0.007157472207, -0.004046547549,
                ]),
        ]
    }()

    @Test("updates agree with a dense solution and with the printed table", arguments: rows)
    func update(row: Row) throws {
        let parsed = try ParsedDeck(referenceDeck)
        let states = try parsed.states(row.rule, row.nudging)
        let exact = denseUpdate(DenseCircuit(parsed.task), row.rule, row.nudging)
        #expect(relativeDifference(states.update, exact) < 1e-9)
        // Twelve printed decimals.
        for (value, printed) in zip(states.update, row.printed) {
            #expect(abs(value - printed) <= 0.51e-12)
        }
    }

    /// Centered EP has no row in the table: its bias is O(β²), and at β = 1e-4 below 1e-7.
    @Test func centeredEquilibriumPropagation() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let nudging = Nudging(strength: 0.1, sides: .centered)
        let rule = EquilibriumPropagation()
        let states = try parsed.states(rule, nudging)
        let dense = DenseCircuit(parsed.task)
        #expect(relativeDifference(states.update, denseUpdate(dense, rule, nudging)) < 1e-9)
        let small = try parsed.states(rule, Nudging(strength: 1e-4, sides: .centered))
        let gradient = dense.product(dense.field(currents: dense.error))
        #expect(relativeDifference(small.update, gradient) < 1e-6)
    }

    @Test func freeStateAndLosses() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let states = try parsed.states(
            CoupledLearning(), Nudging(strength: 0.1, sides: .centered))
        let dense = DenseCircuit(parsed.task)
        #expect(differenceOverNorm(states.free[0].voltages, dense.free) < 1e-14)
        #expect(abs(states.loss - 8.040464522e-4) < 0.51e-13)
        #expect(abs(states.naturalLoss - 1.213661884e-3) < 0.51e-12)
        #expect(abs(states.naturalLoss / dense.couplingLoss - 1) < 1e-12)
        let printed = ["a": 0.676855895197, "b": 0.231441048035, "c": 0.275109170306]
        for (node, voltage) in zip(parsed.task.circuit.nodes, states.free[0].voltages) {
            if let expected = printed[node.name] { #expect(abs(voltage - expected) < 0.51e-12) }
        }
    }

    struct Nudged: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rule: any LearningRule
        let printed: [String: Double]
    }

    @Test(
        "nudged states",
        arguments: [
            Nudged(
                testDescription: "EP", rule: EquilibriumPropagation(),
                printed: ["a": 0.676779964222, "b": 0.229946332737, "c": 0.277567084079]),
            Nudged(
                testDescription: "AL", rule: AdjointCoupledLearning(),
                printed: ["a": 0.676812989836, "b": 0.229905036136, "c": 0.277880856582]),
            Nudged(
                testDescription: "CL", rule: CoupledLearning(),
                printed: ["a": 0.676313162820, "b": 0.228296943231, "c": 0.277598253275]),
        ])
    func nudgedStates(row: Nudged) throws {
        let parsed = try ParsedDeck(referenceDeck)
        let states = try parsed.states(row.rule, Nudging(strength: 0.1, sides: .oneSided))
        for (node, voltage) in zip(parsed.task.circuit.nodes, states.nudged(0)[0].voltages) {
            if let expected = row.printed[node.name] {
                #expect(abs(voltage - expected) < 0.51e-12, "\(node.name)")
            }
        }
    }

    private func denseUpdate(_ dense: DenseCircuit, _ rule: any LearningRule, _ nudging: Nudging)
        -> [Double]
    {
        let outputs = dense.outputs(dense.free)
        func nudged(_ h: Double) -> [Double] {
            let nodes = dense.task.outputs.map(\.positive)
            func keyed<Value>(_ values: [Value]) -> [Int: Value] {
                Dictionary(uniqueKeysWithValues: zip(nodes, values))
            }
            let e = dense.error
            switch rule {
            case is EquilibriumPropagation:
                return dense.voltages(
                    branches: keyed(dense.task.samples[0].targets.map { (h, $0) }))
            case is CoupledLearning:
                return dense.voltages(clamps: keyed(zip(outputs, e).map { $0 - h * $1 }))
            default:
                return dense.voltages(currents: keyed(e.map { -h * $0 }))
            }
        }
        let h = nudging.strength
        return nudging.sides == .centered
            ? dense.update(nudged: nudged(h), reference: nudged(-h), span: 2 * h)
            : dense.update(nudged: nudged(h), reference: dense.free, span: h)
    }
}
