import Engines
import Foundation
import Generators
import LearningRules
import LearningTasks
import Netlist
import NgspiceBridge

/// A circuit with a task, on which an experiment is made.
public struct StudyCircuit: Sendable {
    /// What tables and legends call it.
    public let name: String
    public let deck: Deck
    public let task: LearningTask

    public init(name: String, deck: Deck, task: LearningTask) {
        (self.name, self.deck, self.task) = (name, deck, task)
    }

    /// - Parameter text: a deck that includes nothing.
    init(name: String, text: String) throws {
        let deck = Deck.parse(path: name, bytes: Array(text.utf8), includes: .none)
        self.init(name: name, deck: deck, task: try LearningTask(deck: deck))
    }

    /// The random networks of most experiments: conductances around 1 mS, two inputs of 0.2 V to 1 V,
    /// targets that a hidden network of the same shape meets.
    public static func random(
        seed: UInt64, nodes: Int = 12, edges: Int = 26, outputs: Int = 3
    ) throws -> StudyCircuit {
        let family = try RandomFamily(nodes: nodes, edges: edges, inputs: 2, outputs: outputs)
        return try StudyCircuit(
            name: "random network, seed \(seed)", text: GeneratedDeck.make(family, seed: seed).deck)
    }

    /// The same network with a diode to ground at every second node that no source holds, whose knee is
    /// at its voltages: 0.3 V drive 1 mA.
    public static func randomWithDiodes(seed: UInt64) throws -> StudyCircuit {
        let linear = try random(seed: seed)
        let circuit = linear.task.circuit
        let held = Set(circuit.sources.flatMap { [$0.positive, $0.negative] })
        let free = circuit.nodes.indices.filter { !held.contains($0) && $0 > 0 }
        let diodes = stride(from: 0, to: free.count, by: 2).map {
            "D\($0) \(circuit.nodes[free[$0]].name) 0 knee"
        }
        let text = String(decoding: linear.deck.file.bytes, as: UTF8.self).replacing(
            ".op\n", with: (diodes + [".model knee d is=1e-8", ".op", ""]).joined(separator: "\n"))
        return try StudyCircuit(name: "random network with diodes, seed \(seed)", text: text)
    }

    /// docs/theory.md (19).
    public static func kite(delta: Double) throws -> StudyCircuit {
        let made = try GeneratedDeck.make(KiteFamily(delta: delta), seed: 1)
        return try StudyCircuit(name: "kite, δ = \(delta) V", text: made.deck)
    }

    /// Runs code with ngspice loaded with this circuit.
    ///
    /// - Throws: `StudyError` for another loss than squared errors, which the theory is of.
    func withPhysics<Result: Sendable>(
        _ body: @escaping @Sendable (NgspicePhysics) throws -> Result
    ) throws -> Result {
        guard task.loss.isSquared else {
            throw StudyError(
                message:
                    "\(name): its loss is \(task.loss.name), and the theory is of squared errors"
            )
        }
        return try Ngspice.withInstance { [deck, task] ngspice in
            try body(NgspicePhysics(deck: deck, task: task, ngspice: ngspice))
        }
    }
}

/// A local rule, by the name that decks give it.
public struct StudyRule: RawRepresentable, Hashable, Sendable, CaseIterable, Encodable {
    public let rule: any LearningRule

    public static let allCases = Rules.local.map { StudyRule($0) }
    public static let ep = StudyRule(EquilibriumPropagation())
    public static let al = StudyRule(AdjointCoupledLearning())
    public static let cl = StudyRule(CoupledLearning())

    private init(_ rule: any LearningRule) { self.rule = rule }

    public init?(rawValue: String) {
        guard let rule = Rules.local.first(where: { $0.name == rawValue }) else { return nil }
        self.rule = rule
    }

    public var rawValue: String { rule.name }
    public static func == (a: Self, b: Self) -> Bool { a.rawValue == b.rawValue }
    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

    var name: String { type(of: rule).title }

    /// The unit of time and of a rate, where conductances are trained.
    var timeUnit: String { type(of: rule).strengthUnit == .siemens ? "S²/V²" : "S/V²" }

    /// Whether centered nudging needs negative conductances, which limits the nudge.
    var needsBranches: Bool { rule.nudgeKind == .branches }
}

/// Asked between runs, and from within long ones: false ends the experiment.
public typealias GoesOn = @Sendable () -> Bool

/// The experiment was ended from outside.
public struct StudyInterrupted: Error {
    public init() {}
}

/// A circuit that an experiment can't be made on.
public struct StudyError: Error, CustomStringConvertible {
    let message: String
    public var description: String { message }
}

/// Least squares: y ≈ slope · x + intercept.
func slope(_ points: [(x: Double, y: Double)]) -> Double {
    let n = Double(points.count)
    let mx = points.reduce(0) { $0 + $1.x } / n
    let my = points.reduce(0) { $0 + $1.y } / n
    let sxy = points.reduce(0) { $0 + ($1.x - mx) * ($1.y - my) }
    return sxy / points.reduce(0) { $0 + ($1.x - mx) * ($1.x - mx) }
}

/// The exponent p of y ∝ xᵖ, by least squares of the logarithms.
func exponent(_ points: [(x: Double, y: Double)]) -> Double {
    slope(points.map { (log($0.x), log($0.y)) })
}

/// The exponent, where there is a power law: at least two different x, all values above 0 and finite, and
/// no y off the fit by more than a factor of 2.
func powerLaw(_ points: [(x: Double, y: Double)]) -> Double? {
    guard Set(points.map(\.x)).count > 1,
        points.allSatisfy({ $0.x > 0 && $0.y > 0 && $0.x.isFinite && $0.y.isFinite })
    else { return nil }
    let p = exponent(points)
    let offsets = points.map { log($0.y) - p * log($0.x) }
    let mean = offsets.reduce(0, +) / Double(offsets.count)
    return offsets.allSatisfy { abs($0 - mean) <= log(2) } ? p : nil
}

func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

/// "A", "A and B", "A, B and 3 more".
func listed(_ names: [String]) -> String {
    switch names.count {
    case 0...1: names.first ?? ""
    case 2...3: names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
    default: names.prefix(2).joined(separator: ", ") + " and \(names.count - 2) more"
    }
}
