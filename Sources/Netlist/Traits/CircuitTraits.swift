/// What a simulator has to know of a circuit beside its lines.
///
/// Elaboration alone decides it (``Circuit/traits``), and it travels with the lines to ngspice, wherever
/// that runs: a second opinion, read from the text of the lines, would sooner or later be another one.
public struct CircuitTraits: Sendable, Hashable {
    /// True where an operating point is the solution of one linear system, so that points can be solved one
    /// from the other and superposed.
    public var isLinear: Bool
    /// What an operating point depends on beside its own values.
    public var memory: DeviceMemory
    /// True where there are code models by themselves (A devices): logic with events, and analog ones
    /// with a memory of their own.
    public var hasCodeModels: Bool
    /// True where ngspice may need its code models, for A devices or for polynomials and tables.
    public var needsCodeModels: Bool
    /// Ground among them.
    public var nodeCount: Int
    public var options: SimulatorOptions
    /// Paths of the compiled Verilog-A models (OSDI) that N devices need.
    public var compiledModels: [String]

    public init(
        isLinear: Bool, memory: DeviceMemory, hasCodeModels: Bool, needsCodeModels: Bool,
        nodeCount: Int, options: SimulatorOptions, compiledModels: [String] = []
    ) {
        self.isLinear = isLinear
        self.memory = isLinear ? .none : memory
        self.hasCodeModels = hasCodeModels
        self.needsCodeModels = needsCodeModels
        self.nodeCount = nodeCount
        self.options = options
        self.compiledModels = compiledModels
    }

    /// The same circuit with linear controlled sources added to it.
    public var withControlledSources: CircuitTraits {
        var traits = self
        if !isLinear { traits.memory = max(memory, .rounding) }
        return traits
    }
}

extension CircuitTraits {
    /// - Parameter isTranslated: whether ngspice translates the deck from another simulator's dialect:
    ///   it makes code models of some diodes and switches then.
    init(
        nodeCount: Int, devices: [Circuit.Device], options: SimulatorOptions,
        compiledModels: [String] = [], isTranslated: Bool = false
    ) {
        self.init(
            isLinear: devices.allSatisfy(\.isLinear),
            memory: isTranslated ? .state : devices.lazy.map(\.memory).max() ?? .none,
            hasCodeModels: devices.contains { $0.letter == "a" },
            needsCodeModels: isTranslated || devices.contains(where: \.needsCodeModels),
            nodeCount: nodeCount, options: options, compiledModels: compiledModels)
    }

    /// The traits of lines that were not made from a deck, such as those of a program that writes netlists:
    /// elaborated as a deck is.
    ///
    /// Independent sources may be declared `external`. Where elaboration finds errors, the circuit is taken
    /// for one that depends on everything, which is right for any, and slow.
    ///
    /// - Parameter lines: a title and the lines after it; they may not name files.
    public init(ofLines lines: [String]) {
        let text = lines.map(Self.withoutExternal).joined(separator: "\n") + "\n"
        let nothing = IncludeReader { _, _ in throw IncludeReader.Failure("is not read here") }
        let elaboration = Deck.parse(path: "lines", bytes: Array(text.utf8), includes: nothing)
            .elaborate(for: .operatingPoint)
        self = elaboration.understood.traits
        guard elaboration.circuit == nil else { return }
        (isLinear, memory, needsCodeModels) = (false, .state, true)
    }

    /// `V1 in 0 external` as a source of 0.
    private static func withoutExternal(_ line: String) -> String {
        guard let first = line.utf8.first(where: { !$0.isBlank }), "vViI".utf8.contains(first),
            let last = line.split(whereSeparator: \.isWhitespace).last,
            String(last).lowercasedASCII == "external"
        else { return line }
        return line.prefix(upTo: last.startIndex) + "0"
    }
}
