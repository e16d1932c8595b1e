import Engines
import LearningRules
import Netlist
import Testing

/// The sparse engine against ngspice.
@Suite struct SparsePhysicsTests {
    /// Sources that float, a chain of them, an inductor, current sources, multiplicity, a source across an
    /// output's neighbours, and an output between two nodes.
    static let mixed = """
        all that is linear at DC
        V1 in 0 1.5
        V2 f g 0.3
        V3 h g -0.2
        I1 0 a 2m m=2
        I2 b f 1m
        L1 c d 1u
        C1 a b 1n
        R1 in a 1k
        R2 a b 2k
        R3 b 0 1k m=3
        R4 a c 4k
        R5 d 0 3k
        R6 b f 5k
        R7 g 0 700
        R8 h d 1.2k
        R9 f h 10k
        R10 in h 2.2k
        *.learn input V1 I2 V2
        *.learn output V(b) V(d,f) V(a)
        *.learn data d.csv
        .end
        """
    static let data = """
        V1,I2,V2,V(b),"V(d,f)",V(a)
        1,1e-3,0.1,0.2,0.1,0.9
        -1,0,0.2,0.2,0.1,0.9
        0.5,2e-3,-0.1,0.1,-0.1,0.5
        """

    /// Data give the value of one source, and m says how many there are, as `ngspice -b` has it.
    @Test func inputsInParallel() throws {
        let parsed = try ParsedDeck(
            """
            two sources in parallel
            I1 0 b 1m m=2
            R1 b 0 1k
            R2 b c 1k
            R3 c 0 1k
            *.learn output V(b)
            .end
            """, data: "I1,V(b)\n1e-3,0.3\n")
        let drive = Drive(inputs: parsed.task.samples[0].inputs)
        let sparse = try SparsePhysics(task: parsed.task).operatingPoints([drive])
        let ngspice = try parsed.withPhysics { try $0.operatingPoints([drive]) }
        for point in sparse + ngspice {
            #expect(abs(point.voltage(parsed.task.outputs[0]) - 4.0 / 3) < 1e-12)
        }
    }

    /// Controlled sources of all four kinds, an amplifier that feeds its current back, a negative resistance.
    static let controlled = """
        controlled sources
        V1 in 0 1.5
        I2 b 0 1m
        R1 in a 1k
        E1 p 0 a 0 4
        R2 p q 2k
        V0 q r 0
        F1 a 0 V0 0.25
        R3 r b 1k
        R4 b 0 3k
        G1 d 0 b r 0.2m
        R5 d b 2k
        R6 d 0 -9k
        H1 h 0 V0 300
        R7 h d 5k
        *.learn input V1 I2
        *.learn output V(b) V(d,r)
        *.learn trainable R1 R2 R3 R4 R5 R7
        *.learn data d.csv
        .end
        """
    static let controlledData = """
        V1,I2,V(b),"V(d,r)"
        1,1e-3,0.2,0.1
        -1,0,0.2,0.1
        0.5,2e-3,0.1,-0.1
        """

    static let rules: [(any LearningRule, Double)] = [
        (AdjointCoupledLearning(), 1e-3), (CoupledLearning(), 0.5),
        (EquilibriumPropagation(), 1e-4),
    ]

    @Test(
        "states and updates are those of ngspice", arguments: 0..<3,
        [Nudging.Sides.centered, .oneSided])
    func agrees(rule: Int, sides: Nudging.Sides) throws {
        let random = try IdentityTests.random30()
        let controlled = try ParsedDeck(Self.controlled, data: Self.controlledData)
        for parsed in [try ParsedDeck(Self.mixed, data: Self.data), controlled, random] {
            let (rule, strength) = Self.rules[rule]
            let nudging = Nudging(strength: strength, sides: sides)
            let expected = try parsed.states(rule, nudging)
            let method = LearningMethod(rule: rule, nudging: nudging)
            let found = try method.states(of: parsed.task, in: SparsePhysics(task: parsed.task))
            // The update is a difference of nearly equal squares: the nudge is a fraction of the signal.
            expect(found, areThoseOf: expected, voltages: 1e-12, update: 1e-9)
        }
    }

    @Test func trainsAsNgspiceDoes() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let trainer = Trainer(
            task: parsed.task, rate: .fixed(1), limits: Trainer.Limits(steps: 50, tolerance: 1e-12))
        let expected = try parsed.train(trainer)
        let found = try trainer.run(in: SparsePhysics(task: parsed.task))
        #expect(found.steps == 50)
        #expect(relativeDifference(expected.conductances.values, found.conductances.values) < 1e-12)
    }

    /// At a solution the update is nothing but rounding, over which two engines need not agree; a wrong state
    /// is found there too.
    @Test func refereeAtASolution() throws {
        let parsed = try ParsedDeck(referenceDeck)
        let task = parsed.task
        let trainer = Trainer(
            task: task, optimizer: .plain, limits: Trainer.Limits(steps: 500, tolerance: 1e-13))
        let sparse = try SparsePhysics(task: task)
        let result = try trainer.run(in: sparse)
        #expect(result.converged)
        let method = LearningMethod(rule: trainer.rule, nudging: result.nudging)
        let conductances = result.conductances
        // As trained, then each resistor a little more off than the one before.
        for (error, agrees) in [(0, true), (1e-7, false)] {
            sparse.setResistances(
                conductances.resistances(of: task).enumerated().map {
                    $1 * (1 + error * Double($0))
                })
            let states = try method.states(of: task, in: sparse)
            let verdict = try parsed.withPhysics { physics in
                try Referee(states, at: conductances, of: task, by: method, ngspice: physics)
            }
            #expect(verdict.agrees == agrees, "\(verdict)")
        }
    }

    @Test func refusesWhatItCannotSolve() throws {
        let parsed = try ParsedDeck(
            "t\nV1 a 0 1\nR1 a b 1k\nD1 b 0 d\n.model d d\n*.learn output V(b)=0.4\n.end")
        #expect(throws: DiagnosticsError.self) { try SparsePhysics(task: parsed.task) }
    }
}
