import Foundation

/// What there is to tell of a circuit that learns: values alone, which `page` draws.
///
/// Everything that a page shows is in here, so that a script reads from `report --json` what a reader sees.
/// The objects that other commands print (`train`, `analyze`) are in it as these commands print them.
public struct Report: Encodable, Sendable {
    /// What made the report.
    public struct Origin: Encodable, Sendable {
        /// As typed, in the quotes of a shell.
        public let command: String
        /// The netlist's name, as typed.
        public let deck: String
        /// As `spicelearn --version` prints them, a program each.
        public let programs: [String]
        /// ISO 8601.
        public let written: String

        public init(command: [String], deck: String, programs: [String], date: Date = Date()) {
            self.command = command.map(Self.quoted).joined(separator: " ")
            self.deck = deck
            self.programs = programs
            written = date.formatted(.iso8601)
        }

        /// A word that a shell reads as this one.
        static func quoted(_ word: String) -> String {
            let isPlain = word.utf8.allSatisfy { byte in
                byte > 0x7f || "%+,-./:=@_".utf8.contains(byte)
                    || UnicodeScalar(byte).properties.isAlphabetic
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
            guard word.isEmpty || !isPlain else { return word }
            return "'" + word.replacing("'", with: "'\\''") + "'"
        }
    }

    /// The engine that solved, and what ngspice made of it.
    public struct Solver: Encodable, Sendable {
        public let engine: String
        /// States that ngspice solved again; nil where the engine is ngspice.
        public let confirmedStates: Int?
        /// Of any node's voltage, over the largest of its state.
        public let largestDifference: Double?
        /// One sentence on what `ngspice -b` makes of the trained deck, where that is a question.
        public let confirmation: String?

        public init(
            engine: String, confirmedStates: Int? = nil, largestDifference: Double? = nil,
            confirmation: String? = nil
        ) {
            self.engine = engine
            self.confirmedStates = confirmedStates
            self.largestDifference = largestDifference
            self.confirmation = confirmation
        }
    }

    /// Of the layout of this object.
    public let version = 1
    /// The netlist's.
    public let title: String
    public let origin: Origin
    public let solver: Solver
    /// What `train --json` prints; nil without a training.
    public var train: (any Encodable & Sendable)?
    /// What `analyze --json` prints at the values reported; nil where that says nothing, or takes long.
    public var analyze: (any Encodable & Sendable)?
    /// Why there is no `analyze`.
    public var analyzeMissing: String?
    /// How the training went.
    public var history: TrainingCurve?
    /// How fast the loss fell, and how fast the theory says it does.
    public var rate: DecayRate?
    public let states: States
    public let changes: Changes
    public let network: CircuitDrawing
    /// What the reader has to know beside the numbers.
    public var notes: [String]

    public init(
        title: String, origin: Origin, solver: Solver, states: States, changes: Changes,
        network: CircuitDrawing, notes: [String] = []
    ) {
        self.title = title
        self.origin = origin
        self.solver = solver
        self.states = states
        self.changes = changes
        self.network = network
        self.notes = notes
    }

    private enum Key: String, CodingKey {
        case version, title, origin, solver, train, analyze, analyzeMissing, history, rate, states
        case changes, network, notes
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(version, forKey: .version)
        try container.encode(title, forKey: .title)
        try container.encode(origin, forKey: .origin)
        try container.encode(solver, forKey: .solver)
        if let train { try container.encode(train, forKey: .train) }
        if let analyze { try container.encode(analyze, forKey: .analyze) }
        try container.encodeIfPresent(analyzeMissing, forKey: .analyzeMissing)
        try container.encodeIfPresent(history, forKey: .history)
        try container.encodeIfPresent(rate, forKey: .rate)
        try container.encode(states, forKey: .states)
        try container.encode(changes, forKey: .changes)
        try container.encode(network, forKey: .network)
        try container.encode(notes, forKey: .notes)
    }
}
