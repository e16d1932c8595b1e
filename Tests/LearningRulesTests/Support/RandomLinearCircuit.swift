import LearningTasks
import Netlist

/// A random circuit of all that is linear at DC, as the text of a deck: resistors, a few of them negative,
/// sources of voltage to ground, floating and in chains, sources of current, inductors, capacitors and the
/// four controlled sources.
struct RandomLinearCircuit {
    private(set) var lines: [String] = []
    private var random: SplitMix64
    private let nodes: Int
    /// Which nodes are held to which by what fixes a voltage: another such element would close a loop.
    private var roots: [Int]
    /// Sources of voltage, whose current may control others.
    private var sensors = ["V0"]

    /// - Parameter lines: further ones, for a second circuit that is otherwise the same.
    init(seed: UInt64, and others: [String] = []) {
        random = SplitMix64(seed: seed)
        nodes = Int.random(in: 3...25, using: &random)
        roots = Array(0...nodes)
        lines = ["random circuit \(seed)"]
        for node in 1...nodes {
            // A tree, so that every node has a path to ground.
            add("R", node, Int.random(in: 0..<node, using: &random), resistance())
        }
        for _ in 0..<nodes {
            let isNegative = Int.random(in: 0..<6, using: &random) == 0
            add("R", node(), node(), (isNegative ? -1 : 1) * resistance())
        }
        lines.append("V0 1 0 \(Double.random(in: -2...2, using: &random))")
        roots[1] = 0
        for _ in 0..<count(4) { addVoltage("V", value: .random(in: -2...2, using: &random)) }
        for _ in 0..<count(2) { addVoltage("L", value: 1e-6) }
        for _ in 0..<count(3) {
            addVoltage("E", controlledBy: controlNodes(), value: gain())
            addVoltage("H", controlledBy: sensor(), value: gain() * resistance())
            add("G", node(), node(), controlledBy: controlNodes(), gain() / resistance())
            add("F", node(), node(), controlledBy: sensor(), gain())
        }
        for _ in 0..<count(4) {
            add("I", node(), node(), .random(in: -2e-3...2e-3, using: &random))
            add("C", node(), node(), 1e-9)
        }
        lines += others + [".end"]
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func count(_ limit: Int) -> Int { .random(in: 0...limit, using: &random) }
    private mutating func node() -> Int { .random(in: 0...nodes, using: &random) }
    private mutating func gain() -> Double { .random(in: -2...2, using: &random) }
    private mutating func controlNodes() -> String { "\(node()) \(node())" }
    private mutating func sensor() -> String { sensors.randomElement(using: &random)! }

    /// Three decades.
    private mutating func resistance() -> Double {
        100 * Double.random(in: 1...10, using: &random) * [1, 10, 100].randomElement(
            using: &random)!
    }

    private mutating func add(
        _ letter: String, _ a: Int, _ b: Int, controlledBy control: String = "", _ value: Double
    ) {
        guard a != b else { return }
        lines.append("\(letter)\(lines.count) \(a) \(b) \(control) \(value)")
    }

    private mutating func addVoltage(
        _ letter: String, controlledBy control: String = "", value: Double
    ) {
        let (a, b) = (node(), node())
        guard roots[a] != roots[b] else { return }
        let (old, new) = (roots[b], roots[a])
        roots = roots.map { $0 == old ? new : $0 }
        let name = "\(letter)\(lines.count)"
        if letter != "L" { sensors.append(name) }
        lines.append("\(name) \(a) \(b) \(control) \(value)")
    }
}
