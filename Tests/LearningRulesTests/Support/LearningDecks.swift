import Engines
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge
import Testing

/// The circuit of the reference table: V(in) = 1 V, outputs b and c with targets 0.2 and 0.3.
let referenceDeck = """
    two-output reference
    V1 in 0 1
    Ria in a 1
    Rab a b 2
    Rb0 b 0 1
    Rac a c 4
    Rc0 c 0 3
    Rbc b c 5
    *.learn output V(b)=0.2 V(c)=0.3
    .end
    """

/// 1 V over R1 and R2, 1 kΩ each, whose middle is node b, with these lines of learning.
func dividerDeck(_ learning: String) -> String {
    """
    divider
    V1 in 0 1
    R1 in b 1k
    R2 b 0 1k
    \(learning)
    .end
    """
}

/// No resistances meet these three samples of a `dividerDeck`: the best fit is their mean, 0.4 V, with a loss of
/// ½ · mean of (0.1², 0, 0.1²).
let threeWishes = "V1,V(b)\n1,0.3\n1,0.4\n1,0.5\n"

/// An amplifier of gain 2 behind a layer into which it feeds its output's current back, times −`feedback`.
///
/// At 0.5, the sign of Kendall et al., the layer gets a quarter of the gradient of the rules, at −0.5 a quarter of its
/// opposite.
func amplifierDeck(feedback: Double) -> String {
    """
    one layer before an amplifier
    V1 in 0 1
    R1 in p 1k
    R2 p 0 1k
    E1 q sense p 0 2
    Vsense sense 0 0
    F1 0 p Vsense \(feedback)
    R3 q y 100k
    R4 y 0 100k
    *.learn trainable R1 R2
    *.learn output V(y)=0.6
    .end
    """
}

/// A deck's text with its task.
struct ParsedDeck {
    let deck: Deck
    let task: LearningTask

    init(_ text: String, data: String? = nil) throws {
        deck = Deck.parse(path: "test.cir", bytes: Array(text.utf8), includes: .none)
        let table = try data.map { [deck] in
            try #require(
                SampleTable.parse(
                    SourceFile(path: "test.csv", bytes: Array($0.utf8)),
                    kind: LearningTask.columnKind(deck.directives, deck.elaborate().understood)
                ).table)
        }
        task = try LearningTask(deck: deck, data: table)
    }

    /// Runs code with ngspice loaded with this deck.
    func withPhysics<Result: Sendable>(
        _ body: @escaping @Sendable (NgspicePhysics) throws -> Result
    ) throws -> Result {
        try Ngspice.withInstance { [deck, task] ngspice in
            try body(NgspicePhysics(deck: deck, task: task, ngspice: ngspice))
        }
    }

    func states(_ rule: any LearningRule, _ nudging: Nudging) throws -> LearningStates {
        try withPhysics { physics in
            try LearningMethod(rule: rule, nudging: nudging).states(of: task, in: physics)
        }
    }

    func train(_ trainer: Trainer) throws -> TrainingResult {
        try withPhysics { try trainer.run(in: $0) }
    }
}

/// The largest relative difference, element by element.
func relativeDifference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { abs($0 - $1) / max(abs($0), abs($1), .leastNormalMagnitude) }.max() ?? 0
}

/// The largest difference over the largest element.
func differenceOverNorm(_ a: [Double], _ b: [Double]) -> Double {
    let scale = max(a.map(abs).max() ?? 0, .leastNormalMagnitude)
    return (zip(a, b).map { abs($0 - $1) }.max() ?? 0) / scale
}

/// The same states, solved in another way: their voltages, nudge currents, update and loss.
///
/// - Parameters:
///   - voltages: bound of the difference of each state over its norm.
///   - update: the same of the update.
func expect(
    _ found: LearningStates, areThoseOf expected: LearningStates, voltages: Double, update: Double,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found.points.count == expected.points.count, sourceLocation: sourceLocation)
    for (a, b) in zip(expected.points, found.points) {
        #expect(
            differenceOverNorm(a.voltages, b.voltages) < voltages, sourceLocation: sourceLocation)
        #expect(
            differenceOverNorm(a.nudgeCurrents, b.nudgeCurrents) < 1e-10,
            sourceLocation: sourceLocation)
    }
    #expect(
        differenceOverNorm(expected.update, found.update) < update, sourceLocation: sourceLocation)
    #expect(
        abs(found.naturalLoss / expected.naturalLoss - 1) < 1e-10, sourceLocation: sourceLocation)
}

/// A board that learns XOR: two hidden nodes between antiparallel diodes, two output nodes of which the
/// difference counts, sixteen resistors.
let xorBoard = """
    XOR board of two hidden nodes
    V1 x1 0 0
    V2 x2 0 0
    Vp vp 0 1
    Vm vm 0 -1
    R1 x1 h1 20k
    R2 x2 h1 30k
    R3 vp h1 40k
    R4 vm h1 25k
    R5 x1 h2 10k
    R6 x2 h2 15k
    R7 vp h2 60k
    R8 vm h2 50k
    D1 h1 0 dd
    D2 0 h1 dd
    D3 h2 0 dd
    D4 0 h2 dd
    R9 h1 yp 10k
    R10 h2 yp 20k
    R11 h1 ym 30k
    R12 h2 ym 15k
    R13 vp yp 50k
    R14 vm yp 40k
    R15 vp ym 35k
    R16 vm ym 45k
    .model dd D(IS=1e-7 N=1.1)
    *.learn trainable R* min=1.6k max=101k
    *.learn input V1 V2
    *.learn output V(yp,ym)
    .end
    """
let xorBoardData = """
    V1,V2,"V(yp,ym)"
    -1,-1,0
    -1,1,0.3
    1,-1,0.3
    1,1,0
    """

/// A bipolar stage of which the default leaves the start so far that its nudge is chosen again.
let stageFarOff = """
    a stage that starts far off
    VCC vcc 0 12
    R1 vcc b 56k
    R2 b 0 1.5k
    RC vcc c 18k
    RE e 0 820
    Q1 c b e qn
    .model qn NPN(IS=1e-14 BF=150 VAF=80)
    *.learn output V(c)=7 V(e)=1.2
    .end
    """
