import LearningTasks

/// Decks made at random from most of what elaboration has to understand: parameters with expressions,
/// functions, nested subcircuits with parameters, conditions, models, every spelling of a value, and odd
/// spacing. Every node has a path to ground, so that each deck has one solution.
struct RandomDeck {
    private var random: SplitMix64
    private var lines: [String] = []
    private var deviceCount = 0
    /// Names of the top level's parameters, in the order of their definition.
    private var parameters: [String] = []
    /// Name and number of ports of the subcircuits so far.
    private var subcircuits: [(name: String, ports: Int)] = []

    static func text(seed: UInt64) -> String {
        var deck = RandomDeck(random: SplitMix64(seed: seed))
        return deck.make()
    }

    private init(random: SplitMix64) { self.random = random }

    private mutating func make() -> String {
        for index in 0..<Int.random(in: 0...4, using: &random) {
            let name = ["a", "rx", "_k", "Width"].randomElement(using: &random)! + "\(index)"
            lines.append(".param \(name)=\(quoted(expression(parameters, depth: 2)))")
            parameters.append(name)
        }
        lines.append(".func half(x, y) {(x + y)/2}")
        for index in 0..<Int.random(in: 0...3, using: &random) { addSubcircuit("s\(index)") }
        let names = ["in", "out", "a", "n1", "2", "3", "vdd!", "net_1", "y+", "z[0]"]
        let nodes = Array(
            names.shuffled(using: &random).prefix(Int.random(in: 2...6, using: &random)))
        let source = ["5", "dc 2", "DC=3 ac 1", "pulse(1 2 0 1n 1n 1u 2u)", "sin(1 1 1k)", "{2+1}"]
        lines.append("V1 \(nodes[0]) 0 \(source.randomElement(using: &random)!)")
        for (node, next) in zip(nodes, nodes.dropFirst() + ["0"]) {
            addResistor(node, next, parameters)
        }
        for _ in 0..<Int.random(in: 1...6, using: &random) { addDevice(nodes + ["0"], parameters) }
        for (index, (name, ports)) in subcircuits.enumerated() where chance(0.8) {
            addCall("X\(index)", name, ports, nodes + ["0"])
        }
        if let parameter = parameters.first { addCondition(parameter, nodes[0]) }
        lines += [".model dm d(is=1e-14 n=1.2)", ".model rm r(rsh=10 l=3u w=2u tc1=1m)"]
        if chance(0.3) { lines.append(".temp 50") }
        return "a random deck\n" + lines.map { disfigured($0) }.joined() + ".end\n"
    }

    // MARK: Devices

    private mutating func newName(_ letter: String) -> String {
        deviceCount += 1
        return "\(letter)q\(deviceCount)"
    }

    private mutating func addResistor(_ a: String, _ b: String, _ names: [String]) {
        let prefix = ["", "", "r=", "R = "].randomElement(using: &random)!
        let suffix = ["", "", "", " m=2", " tc1=1m", " scale=1.5", " dtemp=7", " m={1+1}"]
            .randomElement(using: &random)!
        lines.append("\(newName("R")) \(a) \(b) \(prefix)\(value(names))\(suffix)")
    }

    private mutating func addDevice(_ nodes: [String], _ names: [String]) {
        let picked = nodes.shuffled(using: &random)
        let (a, b) = (picked[0], picked[1])
        switch Int.random(in: 0...7, using: &random) {
        case 0: lines.append("\(newName("C")) \(a) \(b) 1p")
        case 1: lines.append("\(newName("I")) \(a) \(b) dc {1m*\(number())}")
        case 2: lines.append("\(newName("G")) \(a) \(b) \(b) \(a) 2e-6")
        case 3: lines.append("\(newName("D")) \(a) \(b) dm area=2")
        case 4: lines.append("\(newName("B")) \(a) \(b) i=1u*v(\(a),\(b))")
        case 5: lines.append("\(newName("R")) \(a) \(b) rm l=10u w=1u")
        default: addResistor(a, b, names)
        }
    }

    private mutating func addCall(_ name: String, _ called: String, _ ports: Int, _ nodes: [String])
    {
        let ends = nodes.shuffled(using: &random).prefix(ports)
        let given = ["", " r=2k", " params: r=\(quoted("1k+abs(\(number()))"))"]
            .randomElement(using: &random)!
        lines.append("\(name) \(ends.joined(separator: " ")) \(called)\(given)")
    }

    private mutating func addSubcircuit(_ name: String) {
        lines.append(".subckt \(name) p q r=\(number())k g={\(expression(["r"], depth: 1))}")
        let nodes = ["p", "q", "m", "0"]
        addResistor("p", "m", ["r", "g"])
        addResistor("m", "q", ["r", "g"])
        addResistor("q", "0", ["r"])
        for _ in 0..<Int.random(in: 0...3, using: &random) { addDevice(nodes, ["r", "g"]) }
        if let inner = subcircuits.last, chance(0.5) {
            addCall("Xi", inner.name, inner.ports, nodes)
        }
        addCondition("g", "m")
        lines.append(chance(0.5) ? ".ends" : ".ends \(name)")
        subcircuits.append((name, 2))
    }

    private mutating func addCondition(_ parameter: String, _ node: String) {
        lines.append(".if (\(parameter) > \(number()))")
        addResistor(node, "0", [])
        lines.append(".else")
        addResistor(node, "0", [])
        lines.append(".endif")
    }

    // MARK: Values

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func number() -> String {
        "\(Double(Int.random(in: 100...9999, using: &random)) / 1000)"
    }

    private mutating func value(_ names: [String]) -> String {
        let unit = ["k", "K", "e3", "kohm", "00", "e-3meg"].randomElement(using: &random)!
        return chance(0.5)
            ? number() + unit : quoted("10+abs(\(expression(names, depth: 3)))")
    }

    private mutating func quoted(_ text: String) -> String {
        chance(0.5) ? "{\(text)}" : "'\(text)'"
    }

    private mutating func expression(_ names: [String], depth: Int) -> String {
        guard depth > 0, chance(0.8) else {
            if let name = names.randomElement(using: &random), chance(0.6) { return name }
            return number() + (["", "k", "m"].randomElement(using: &random)!)
        }
        let a = expression(names, depth: depth - 1)
        let b = expression(names, depth: depth - 1)
        switch Int.random(in: 0...9, using: &random) {
        case 0: return "\(a) + \(b)"
        case 1: return "\(a)-(\(b))"
        case 2: return "(\(a))*(\(b))"
        case 3: return "(\(a))/(1+abs(\(b)))"
        case 4: return "(\(a))**2"
        case 5: return "sqrt(abs(\(a)))"
        case 6: return "max(\(a), \(b))"
        case 7: return "half(\(a),\(b))"
        case 8: return "((\(a)) < 2 ? (\(b)) : \(number()))"
        default: return "floor(\(a)) + atan(\(b))"
        }
    }

    // MARK: Spelling

    /// The line with a comment, a continuation, other case or more space now and then.
    private mutating func disfigured(_ line: String) -> String {
        switch Int.random(in: 0...19, using: &random) {
        case 0: return line.uppercased() + "\n"
        case 1: return "  " + line + "  \n"
        case 2: return line + " ; comment\n"
        case 3: return line + "\t$ comment\n"
        case 4: return "* comment\n" + line + "\n\n"
        case 5: return line.replacing(" ", with: "\n+ ", maxReplacements: 1) + "\n"
        case 6: return line + "\r\n"
        default: return line + "\n"
        }
    }
}
