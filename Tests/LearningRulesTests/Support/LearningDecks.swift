import LearningRules
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

/// A deck's text with its task.
struct ParsedDeck {
    let deck: Deck
    let task: LearningTask

    init(_ text: String, data: String? = nil) throws {
        deck = Deck.parse(path: "test.cir", bytes: Array(text.utf8), includes: .none)
        let table = try data.map {
            try #require(
                SampleTable.parse(SourceFile(path: "test.csv", bytes: Array($0.utf8))).table)
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
