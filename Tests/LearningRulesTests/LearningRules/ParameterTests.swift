import Foundation
import Netlist
import Testing

@testable import Engines
@testable import LearningTasks
@testable import Theory

@testable import LearningRules

/// Parameters of every kind and chart: their derivatives against differences of the loss itself, and what their
/// trainings leave behind in the text.
@Suite struct ParameterTests {
    private static let expressions = """
        expressions
        .param p=100 w=1.2 Rb=3k rpar='Rb*2.2k/(Rb+2.2k)' vb=1.5
        .func square(x) {x*x}
        V1 in 0 10
        V2 x 0 {2*vb}
        I1 0 b 1m
        R1 in a {p}
        R2 a 0 {p+50}
        R3 a b {1k*square(w)}
        R4 b 0 'rpar*2'
        R5 b x 1k
        R6 x 0 2k
        X1 a b pot k=0.3
        .subckt pot u v k=0.5
        R1 u m {k*10k}
        R2 m v {(1-k)*10k}
        R3 m 0 3k
        .ends
        *.learn trainable p w Rb X1.k CHART
        *.learn trainable vb I1
        *.learn trainable R6 vary=resistance
        *.learn trainable R5 vary=root
        *.learn output V(a)=5 V(b)=3.5
        .end
        """

    private static let channels = """
        channels whose gates sources hold
        V1 in 0 0.4
        VG1 g1 0 2.5
        VG2 g2 0 2
        VG3 0 g3 -3
        .model n nmos level=1 vto=.75 gamma=1.09 phi=.95 kp=6e-5 lambda=.2 rsh=73
        .model p pmos level=1 vto=-.5 kp=3e-5 lambda=.1
        .model j njf vto=-2 lambda=.01
        VG4 g4 0 -3
        VG5 g5 0 -0.3
        M1 in g1 a 0 n l=7.8u w=138u nrd=.3 nrs=1
        M2 0 g2 a 0 n l=7.8u w=138u nrd=.3 nrs=1 m=2
        M3 a g3 b 0 n l=7.8u w=138u nrd=.3 nrs=1
        M4 a g4 b in p l=5u w=50u
        J1 b g5 0 j
        R1 b 0 20k
        *.learn trainable VG* R1
        *.learn output V(b)=0.05 V(a)=0.2
        .end
        """

    /// Diodes and channels, where a nudge does not come back quite as the adjoint equation would have it.
    private static let devices = """
        numbers of semiconductors
        .param width=20u
        V1 in 0 1.5
        VG g 0 2.2
        R1 in a 1k
        R2 b 0 2k
        D1 a b da area=2
        D2 b 0 db area=3
        X1 a c pair
        X2 c b pair
        M1 a g c 0 mn w={width} l=2u
        M2 c g 0 0 mn w={2*width} l=1u
        J1 b 0 c jn area=1.5
        R3 c 0 3k
        .subckt pair u v
        Dp u v dp area=1.2
        .model dp d is=2e-12 n=1.5
        .ends
        .model da d is=1e-12 n=1.2 rs=50 xti=3
        .model db d is=1e-14
        .model mn nmos vto=0.6 kp=5e-5 lambda=0.03 rsh=40
        .model jn njf vto=-1.5 beta=3e-4 lambda=0.01
        *.learn trainable D1.area D2.area da.n D1.is D1.rs X1.Dp.area width mn.kp M2.l CHART
        *.learn trainable X1.dp.is jn.beta J1.area R1 VG mn.vto
        *.learn output V(b)=0.3 V(c)=0.2
        .temp 40
        .end
        """

    /// Numbers on semiconductors' lines and in their models, one text for two instances among them: the rule in the
    /// limit of small nudges and the exact gradient against the loss, by ngspice and by the native engine.
    @Test(arguments: ["", "vary=log"])
    func semiconductorsFollowTheGradient(chart: String) throws {
        let parsed = try ParsedDeck(
            Self.devices.replacingOccurrences(
                of: "CHART", with: chart))
        let task = parsed.task
        #expect(
            Set(task.parameters.map(\.name)) == [
                "D1.area", "D2.area", "da.n", "da.is", "da.rs", "X1.Dp.area", "width", "mn.vto",
                "mn.kp", "M2.l", "X1.dp.is", "jn.beta", "J1.area", "R1", "VG",
            ])
        @Sendable func slopes(_ physics: any Physics) throws -> ([Double], [Double]) {
            let values = TrainedValues(initial: task)
            let states = try LearningMethod(
                rule: AdjointCoupledLearning(), nudging: Nudging(strength: 1e-7, sides: .centered)
            ).states(of: task, at: values, in: physics)
            // Richardson's extrapolation leaves rounding.
            let fine = try differences(task, values, in: physics, step: 1e-4)
            let coarse = try differences(task, values, in: physics, step: 2e-4)
            return (
                values.velocity(update: states.update, of: task),
                zip(fine, coarse).map { (4 * $0 - $1) / 3 }
            )
        }
        let native = try NativePhysics(task: task)
        let (velocity, expected) = try slopes(native)
        let gradient = try ExactGradient(of: task, at: TrainedValues(initial: task), in: native)
        let exact = TrainedValues(initial: task).velocity(update: gradient.descent, of: task)
        #expect(expected.allSatisfy { $0 != 0 }, "\(expected)")
        #expect(largestDifference(exact, expected) < 1e-6, "\(exact) \(expected)")
        let (ofNgspice, byDifferences) = try parsed.withPhysics { try slopes($0) }
        // ngspice's states are as good as its tolerances.
        #expect(largestDifference(ofNgspice, velocity) < 1e-4, "\(ofNgspice) \(velocity)")
        #expect(largestDifference(byDifferences, expected) < 1e-3, "\(byDifferences) \(expected)")
    }

    /// Diodes alone are reciprocal: there the local rule is the gradient.
    @Test func diodesLearnByTheRule() throws {
        let parsed = try ParsedDeck(
            """
            numbers of diodes
            V1 in 0 1.5
            R1 in a 1k
            R2 b 0 2k
            D1 a b da area=2
            D2 b 0 db area=3
            D3 a 0 da
            .model da d is=1e-12 n=1.2 rs=50
            .model db d is=1e-14 rs=3
            *.learn trainable D1.area D2.area da.n D1.is db.rs R1 V1
            *.learn output V(b)=0.3
            .end
            """)
        let task = parsed.task
        let values = TrainedValues(initial: task)
        let native = try NativePhysics(task: task)
        let states = try LearningMethod(
            rule: AdjointCoupledLearning(), nudging: Nudging(strength: 1e-7, sides: .centered)
        ).states(of: task, at: values, in: native)
        let gradient = try ExactGradient(of: task, at: values, in: native)
        let velocity = values.velocity(update: states.update, of: task)
        let expected = values.velocity(update: gradient.descent, of: task)
        #expect(largestDifference(velocity, expected) < 1e-6, "\(velocity) \(expected)")
    }

    /// −∂loss/∂θ by centered differences of the loss, parameter by parameter.
    private func differences(
        _ task: LearningTask, _ values: TrainedValues, in physics: any Physics, step: Double
    ) throws -> [Double] {
        func loss(_ values: TrainedValues) throws -> Double {
            try physics.set(values, of: task)
            var errors = try physics.freeOutputs(of: task)
            errors.subtract(task.targets)
            return halfSquare(errors.values) / Double(task.samples.count)
        }
        let result = try task.parameters.indices.map { index in
            let chart = task.numbers.charts[index]
            let theta = chart.theta(values.values[index])
            let size = step * max(abs(theta), chart == .linear && theta == 0 ? 1 : 0)
            func moved(_ change: Double) -> TrainedValues {
                var moved = values.values
                moved[index] = chart.number(theta + change)
                return TrainedValues(values: moved)
            }
            return -(try loss(moved(size)) - loss(moved(-size))) / (2 * size)
        }
        try physics.set(values, of: task)
        return result
    }

    private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1) / max(abs($1.1), 1e-9)) }
    }

    /// The rule's velocity in the limit of small nudges and the exact gradient, each against the loss.
    @Test(arguments: ["", "vary=log"])
    func velocityIsTheSlopeOfTheLoss(chart: String) throws {
        let parsed = try ParsedDeck(
            Self.expressions.replacingOccurrences(of: "CHART", with: chart))
        let task = parsed.task
        #expect(
            Set(task.parameters.map(\.name)) == ["p", "w", "Rb", "vb", "I1", "X1.k", "R6", "R5"])
        let (velocity, exact, expected, columns) = try parsed.withPhysics { physics in
            let values = TrainedValues(initial: task)
            let states = try LearningMethod(
                rule: AdjointCoupledLearning(), nudging: Nudging(strength: 1e-4, sides: .centered)
            ).states(of: task, at: values, in: physics)
            let gradient = try ExactGradient(of: task, at: values, in: physics)
            let sensitivity = try Sensitivity(of: task, at: values, in: physics)
            return (
                values.velocity(update: states.update, of: task),
                values.velocity(update: gradient.descent, of: task),
                try self.differences(task, values, in: physics, step: 1e-5),
                task.parameters.indices.map { index in
                    -zip(sensitivity.column(index), sensitivity.errors).reduce(0) {
                        $0 + $1.0 * $1.1
                    }
                }
            )
        }
        #expect(largestDifference(velocity, expected) < 1e-6, "\(velocity) \(expected)")
        #expect(largestDifference(exact, expected) < 1e-6, "\(exact) \(expected)")
        #expect(largestDifference(columns, expected) < 1e-6, "\(columns) \(expected)")
    }

    /// The exact gradient by gate voltages, forwards and backwards, of both polarities; and the rule's, whose nudge
    /// comes back nearly as the adjoint equation would have it.
    @Test func gatesFollowTheGradient() throws {
        let parsed = try ParsedDeck(Self.channels)
        let task = parsed.task
        #expect(task.trainedSources == ["VG1", "VG2", "VG3", "VG4", "VG5"])
        let (velocity, exact, expected) = try parsed.withPhysics { physics in
            let values = TrainedValues(initial: task)
            let states = try LearningMethod(
                rule: AdjointCoupledLearning(), nudging: Nudging(strength: 1e-7, sides: .centered)
            ).states(of: task, at: values, in: physics)
            let gradient = try ExactGradient(of: task, at: values, in: physics)
            return (
                values.velocity(update: states.update, of: task),
                values.velocity(update: gradient.descent, of: task),
                try self.differences(task, values, in: physics, step: 1e-5)
            )
        }
        #expect(largestDifference(exact, expected) < 1e-5, "\(exact) \(expected)")
        let gates = 1..<6
        let cosine =
            dot(Array(velocity[gates]), Array(expected[gates]))
            / (dot(Array(velocity[gates]), Array(velocity[gates]))
            * dot(Array(expected[gates]), Array(expected[gates]))).squareRoot()
        #expect(cosine > 0.99, "\(velocity) \(expected)")
    }

    /// Where the channel's own current carries no signal back through the gate, the local term is exact: a
    /// channel alone, with a drop so small that it is a resistor.
    @Test func transconductancesAreThoseOfTheTerminals() throws {
        let parsed = try ParsedDeck(Self.channels)
        let task = parsed.task
        let (read, differences) = try parsed.withPhysics { physics in
            let values = TrainedValues(initial: task)
            try physics.set(values, of: task)
            let free = try physics.operatingPoints([Drive(inputs: [])])[0]
            return (free.transconductances, task.numbers.sourcePlaces.map(\.channels.count))
        }
        #expect(differences == [1, 1, 1, 1, 1])
        #expect(read.count == 5)
        #expect(read[0] > 0 && read[1] < 0 && read[2] > 0 && read[4] > 0, "\(read)")
    }

    /// With drops: −(1/(4h)) [(Δv₊)² − (Δv₋)²] of the channel.
    @Test func dropsAreTheTransistorEdgesOfHardware() throws {
        let parsed = try ParsedDeck(
            Self.channels.replacingOccurrences(
                of: "trainable VG* R1", with: "trainable VG1 local=drops"))
        let nudging = Nudging(strength: 1e-6, sides: .centered)
        let states = try parsed.states(AdjointCoupledLearning(), nudging)
        let nodes = parsed.task.circuit.nodes.map(\.name)
        let (d, s) = (
            try #require(nodes.firstIndex(of: "in")), try #require(nodes.firstIndex(of: "a"))
        )
        let nudged = states.nudged(0)
        func drop(_ point: OperatingPoint) -> Double { point.voltages[d] - point.voltages[s] }
        let (up, down) = (drop(nudged[0]), drop(nudged[1]))
        let expected = -(up * up - down * down) / (2 * nudging.span)
        let update = states.update[parsed.task.circuit.resistors.count]
        #expect(abs(update - expected) <= 1e-9 * abs(expected))
        #expect(expected != 0)
    }

    @Test(arguments: [Optimizer.auto, .adam, .momentum])
    func expressionsTrain(_ optimizer: Optimizer) throws {
        let parsed = try ParsedDeck(
            Self.expressions.replacingOccurrences(of: "CHART", with: ""))
        let result = try parsed.train(
            Trainer(
                task: parsed.task, optimizer: optimizer,
                limits: .init(steps: 3000, tolerance: optimizer == .auto ? 1e-9 : 1e-4)))
        #expect(result.converged, "\(optimizer) \(result.reason) \(result.states.largestError)")
        // What was solved is what the written deck says.
        let written = String(
            decoding: parsed.deck.rewriting(result.conductances.texts(of: parsed.task)),
            as: UTF8.self)
        let again = try ParsedDeck(written)
        let expected = result.conductances.resistances(of: parsed.task)
        #expect(
            relativeDifference(again.task.circuit.resistors.map(\.resistance), expected) < 1e-12)
        #expect(
            again.task.circuit.sources[1].dcValue
                == result.conductances.otherValues(of: parsed.task)[0])
    }

    @Test func gatesTrain() throws {
        let parsed = try ParsedDeck(
            Self.channels.replacingOccurrences(of: "VG* R1", with: "VG* min=-5 max=8"))
        let result = try parsed.train(
            Trainer(task: parsed.task, limits: .init(steps: 200, tolerance: 1e-8)))
        #expect(result.converged, "\(result.reason) \(result.states.largestError)")
        for (parameter, value) in zip(parsed.task.parameters, result.conductances.values) {
            #expect(parameter.bounds.contains(value))
        }
    }

    /// Bounds of a number are those given, and where resistances stay what a resistor may be.
    @Test func boundsFollowFromResistances() throws {
        let parsed = try ParsedDeck(
            """
            t
            .param k=0.3
            V1 in 0 10
            R1 in a {k*10k}
            R2 a 0 {(1-k)*10k}
            *.learn trainable R1 R2
            *.learn output V(a)=4
            .end
            """)
        #expect(parsed.task.parameters.map(\.name) == ["k"])
        let bounds = parsed.task.parameters[0].bounds
        #expect(abs(bounds.lowerBound - 1e-7) < 1e-15)
        #expect(abs(bounds.upperBound - (1 - 1e-7)) < 1e-11)
        let result = try parsed.train(Trainer(task: parsed.task))
        #expect(abs(result.conductances.values[0] - 0.6) < 1e-6)
    }

    /// Σ ∫ g/f dg is conserved in continuous time by centered AL and CL (arXiv:2606.15444).
    @Test(
        arguments: ["conductance", "log", "resistance", "root"],
        ["al", "cl"])
    func chartsConserveTheirQuantity(_ variable: String, _ rule: String) throws {
        let parsed = try ParsedDeck(
            referenceDeck.replacingOccurrences(
                of: "*.learn output", with: "*.learn trainable R* vary=\(variable)\n*.learn output")
        )
        let task = parsed.task
        let chosen: any LearningRule = rule == "al" ? AdjointCoupledLearning() : CoupledLearning()
        func quantity(_ values: TrainedValues) -> Double {
            values.values.reduce(0) { sum, g in
                switch variable {
                case "conductance": sum + g * g
                case "log": sum + log(g)
                case "resistance": sum + 1 / (g * g)
                default: sum + g
                }
            }
        }
        let result = try parsed.withPhysics { physics in
            try ContinuousTrainer(
                task: task, rule: chosen, limits: .init(duration: 1e4, tolerance: 1e-9),
                accuracy: .init(relative: 1e-12)
            ).run(in: physics)
        }
        #expect(result.converged)
        let start = TrainedValues(initial: task)
        #expect(result.conductances != start)
        let (before, after) = (quantity(start), quantity(result.conductances))
        #expect(abs(after - before) < 1e-9 * max(abs(before), 1), "\(after - before)")
    }
}
