/// A deck's circuit, flat: subcircuits expanded, parameters evaluated, every node and device by the
/// name a user reads (`X1.R3`, `X1.mid`) and by the one ngspice uses (`r.x1.r3`, `x1.mid`).
public struct Circuit: Sendable {
    public struct Node: Sendable, Hashable {
        /// As first spelled in the deck, flattened with dots.
        public let name: String
        /// Lower case, as in ngspice's vectors; `0` for ground.
        public let ngspiceName: String

        public init(name: String, ngspiceName: String) {
            self.name = name
            self.ngspiceName = ngspiceName
        }
    }

    /// A resistor whose value is a number once parameters are known.
    public struct Resistor: Sendable {
        public let name: String
        public let ngspiceName: String
        /// Indices into `nodes`, in the order of the deck.
        public let positive: Int
        public let negative: Int
        /// Ohm: the value as written, which is what ngspice's `@r1[resistance]` shows and `alter` sets.
        public let resistance: Double
        /// Conductance = `conductanceFactor` / resistance: multiplicity over scale and temperature factor.
        public let conductanceFactor: Double
        /// Where a new resistance can be written, or why it can't.
        public let origin: ResistanceOrigin
        /// The device's name in the deck, for diagnostics.
        public let range: SourceRange

        /// Siemens, between the two nodes.
        public var conductance: Double { conductanceFactor / resistance }

        public init(
            name: String, ngspiceName: String, positive: Int, negative: Int, resistance: Double,
            conductanceFactor: Double, origin: ResistanceOrigin, range: SourceRange
        ) {
            self.name = name
            self.ngspiceName = ngspiceName
            self.positive = positive
            self.negative = negative
            self.resistance = resistance
            self.conductanceFactor = conductanceFactor
            self.origin = origin
            self.range = range
        }
    }

    /// An independent source.
    public struct Source: Sendable {
        public enum Kind: Sendable { case voltage, current }
        public let name: String
        public let ngspiceName: String
        public let kind: Kind
        public let positive: Int
        public let negative: Int
        /// V or A at DC (the value at time zero where the deck gives only a time function).
        public let dcValue: Double
        /// How many such sources are in parallel: a current source's current is this times its value.
        public let multiplicity: Double
        public let range: SourceRange

        public init(
            name: String, ngspiceName: String, kind: Kind, positive: Int, negative: Int,
            dcValue: Double, multiplicity: Double = 1, range: SourceRange
        ) {
            self.name = name
            self.ngspiceName = ngspiceName
            self.kind = kind
            self.positive = positive
            self.negative = negative
            self.dcValue = dcValue
            self.multiplicity = multiplicity
            self.range = range
        }
    }

    /// Any other device, carried along for ngspice.
    public struct Device: Sendable {
        public let name: String
        public let ngspiceName: String
        /// The device letter, lower case.
        public let letter: Character
        public let nodes: [Int]
        /// True where its DC behaviour is linear (R, L, C, and E F G H with constant gain).
        public let isLinear: Bool
        public let range: SourceRange

        public init(
            name: String, ngspiceName: String, letter: Character, nodes: [Int], isLinear: Bool,
            range: SourceRange
        ) {
            self.name = name
            self.ngspiceName = ngspiceName
            self.letter = letter
            self.nodes = nodes
            self.isLinear = isLinear
            self.range = range
        }
    }

    public let title: String
    /// `nodes[0]` is ground.
    public let nodes: [Node]
    public let resistors: [Resistor]
    public let sources: [Source]
    public let otherDevices: [Device]

    public init(
        title: String, nodes: [Node], resistors: [Resistor], sources: [Source],
        otherDevices: [Device]
    ) {
        self.title = title
        self.nodes = nodes
        self.resistors = resistors
        self.sources = sources
        self.otherDevices = otherDevices
    }

    /// True where an operating point is the solution of one linear system.
    public var isLinear: Bool { otherDevices.allSatisfy(\.isLinear) }
}

/// The number in a deck's text from which a resistance comes.
public struct NumberText: Sendable, Hashable {
    /// The token that a rewrite replaces.
    public let range: SourceRange
    /// Its value as read.
    public let value: Double

    public init(range: SourceRange, value: Double) {
        self.range = range
        self.value = value
    }
}

/// resistance = (a·x + b) / (c·x + d), with x the number in the text.
///
/// Sums, products and quotients with constants keep this form, and so every expression that uses its
/// parameter once can be inverted without iteration: `{2*rx}`, `{1/gx}`, `{rx + 50}`.
public struct FractionalLinear: Sendable, Hashable {
    public let a, b, c, d: Double

    public init(a: Double, b: Double, c: Double, d: Double) {
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    public static let identity = FractionalLinear(a: 1, b: 0, c: 0, d: 1)

    public func callAsFunction(_ x: Double) -> Double { (a * x + b) / (c * x + d) }

    /// The x for which this gives `y`.
    public func inverse(_ y: Double) -> Double { (d * y - b) / (a - c * y) }
}

/// Where a resistor's value can be written back.
public enum ResistanceOrigin: Sendable {
    /// Through this text; other resistors may come from the same one and are then tied to it.
    case text(NumberText, FractionalLinear)
    /// Nowhere: the reason, with the way out, as a clause that follows "R1 can't be trained: ".
    case unwritable(reason: String)
}
