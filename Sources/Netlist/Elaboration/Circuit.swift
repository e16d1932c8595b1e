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
        public internal(set) var positive: Int
        public internal(set) var negative: Int
        /// Ohm: the value as written, which is what ngspice's `@r1[resistance]` shows and `alter` sets.
        public let resistance: Double
        /// Conductance = `conductanceFactor` / resistance: multiplicity over scale and temperature factor.
        public let conductanceFactor: Double
        /// What its value depends on; `Circuit.origins(training:)` says where a new one is written.
        public let source: NumberSource
        /// The device's name in the deck, for diagnostics.
        public let range: SourceRange

        /// Siemens, between the two nodes.
        public var conductance: Double { conductanceFactor / resistance }

        public init(
            name: String, ngspiceName: String, positive: Int, negative: Int, resistance: Double,
            conductanceFactor: Double, source: NumberSource, range: SourceRange
        ) {
            self.name = name
            self.ngspiceName = ngspiceName
            self.positive = positive
            self.negative = negative
            self.resistance = resistance
            self.conductanceFactor = conductanceFactor
            self.source = source
            self.range = range
        }
    }

    /// An independent source.
    public struct Source: Sendable {
        public enum Kind: Sendable { case voltage, current }
        public let name: String
        public let ngspiceName: String
        public let kind: Kind
        public internal(set) var positive: Int
        public internal(set) var negative: Int
        /// V or A at DC (the value at time zero where the deck gives only a time function).
        public let dcValue: Double
        /// Whether `dcValue` is that of a time function at time zero.
        public let variesWithTime: Bool
        /// How many such sources are in parallel: a current source's current is this times its value.
        public let multiplicity: Double
        /// What `dcValue` comes from.
        public let source: NumberSource
        public let range: SourceRange

        /// Whether it stands in a subcircuit: its name then begins with that of the call, and not with its letter.
        public var isInSubcircuit: Bool { name.utf8.first.map { $0 | 0x20 } == UInt8(ascii: "x") }

        public init(
            name: String, ngspiceName: String, kind: Kind, positive: Int, negative: Int,
            dcValue: Double, variesWithTime: Bool = false, multiplicity: Double = 1,
            source: NumberSource = .unwritable(reason: "its value is no number in the deck"),
            range: SourceRange
        ) {
            self.name = name
            self.ngspiceName = ngspiceName
            self.kind = kind
            self.positive = positive
            self.negative = negative
            self.dcValue = dcValue
            self.variesWithTime = variesWithTime
            self.multiplicity = multiplicity
            self.source = source
            self.range = range
        }
    }

    /// Two nodes, as indices into `nodes`, between which there is a voltage.
    public struct NodePair: Sendable, Hashable {
        public let positive: Int
        public let negative: Int

        public init(_ positive: Int, _ negative: Int) {
            (self.positive, self.negative) = (positive, negative)
        }
    }

    /// Any other device, carried along for ngspice.
    public struct Device: Sendable {
        public let name: String
        public let ngspiceName: String
        /// The device letter, lower case.
        public let letter: Character
        public internal(set) var nodes: [Int]
        /// True where its DC behaviour is linear (R, L, C, and E F G H with constant gain).
        public let isLinear: Bool
        /// What a linear controlled source does; nil for any other device, and where the gain can't be
        /// known before the simulation.
        public internal(set) var transfer: Transfer?
        /// The type of an A device's model, in lower case: `potentiometer`; nil for any other device.
        public let codeModel: String?
        /// What its line and its model say, for diodes and transistors whose numbers can be read; nil for any
        /// other device.
        public let card: Card?
        /// The voltages that its value depends on, as pairs of indices into the circuit's nodes; nil where
        /// it may depend on others, or on currents.
        public internal(set) var controls: [NodePair]?
        /// What a behavioural source does; nil for any other device.
        public internal(set) var behaviour: Behaviour.Reading?
        /// Whether it fixes the voltage between its first two nodes by what it depends on: an E, an H, or a B
        /// source with `v=`.
        public internal(set) var givesVoltage: Bool
        public let range: SourceRange

        public init(
            name: String, ngspiceName: String, letter: Character, nodes: [Int], isLinear: Bool,
            transfer: Transfer? = nil, codeModel: String? = nil, card: Card? = nil,
            controls: [NodePair]? = nil, range: SourceRange
        ) {
            self.name = name
            self.ngspiceName = ngspiceName
            self.letter = letter
            self.nodes = nodes
            self.isLinear = isLinear
            self.transfer = transfer
            self.codeModel = codeModel
            self.card = card
            self.controls = controls
            behaviour = nil
            givesVoltage = letter == "e" || letter == "h"
            self.range = range
        }
    }

    /// A parameter whose value comes from numbers in the text: of `.param`, or of a subcircuit's instance.
    public struct Parameter: Sendable {
        /// What stands before its name: `X1.` for an instance's, as the user reads it.
        let prefix: String
        let ownName: String
        /// With the texts as they are.
        public let value: Double
        public let origin: ValueOrigin
        /// Where it is defined.
        public let range: SourceRange

        /// `rtop`, `X1.w`.
        public var name: String { prefix + ownName }
    }

    /// An option that changes the circuit's equations beyond what its devices say: `rshunt`, `rseries`, `scale`.
    public struct EquationOption: Sendable {
        /// Lower case.
        public let name: String
        /// What ngspice does then: "puts a resistor from every node to ground".
        public let effect: String
        /// What to write instead: "write these resistors as devices".
        public let wayOut: String
        public let range: SourceRange
    }

    public let title: String
    /// `nodes[0]` is ground.
    public let nodes: [Node]
    public let resistors: [Resistor]
    public let sources: [Source]
    public let otherDevices: [Device]
    /// Those that devices' cards name.
    public let models: [Model]
    public let conditions: Conditions
    /// What an engine that builds the equations from the devices alone would leave out.
    public let equationOptions: [EquationOption]
    /// Where the deck sets each of its options, by their names in lower case; the last place of each.
    public let optionPlaces: [String: SourceRange]
    /// What a simulator has to know of the circuit beside its lines.
    public let traits: CircuitTraits
    /// Those of `.param`, in the order of the alphabet, then those of instances, in the order of the deck.
    public let parameters: [Parameter]
    /// By which currents are read.
    public let ammeters: [Ammeter]
    /// How numbers follow from the text.
    let tape: ValueTape
    /// What else the numbers in the text set.
    let textUses: TextUses

    public init(
        title: String, nodes: [Node], resistors: [Resistor], sources: [Source],
        otherDevices: [Device]
    ) {
        self.init(
            title: title, nodes: nodes, resistors: resistors, sources: sources,
            otherDevices: otherDevices, models: [], conditions: Conditions(), equationOptions: [],
            optionPlaces: [:],
            traits: CircuitTraits(
                nodeCount: nodes.count, devices: otherDevices, options: SimulatorOptions()),
            parameters: [], tape: ValueTape(), textUses: TextUses())
    }

    init(
        title: String, nodes: [Node], resistors: [Resistor], sources: [Source],
        otherDevices: [Device], models: [Model], conditions: Conditions,
        equationOptions: [EquationOption], optionPlaces: [String: SourceRange],
        traits: CircuitTraits,
        parameters: [Parameter], tape: ValueTape, textUses: TextUses, ammeters: [Ammeter] = []
    ) {
        self.title = title
        self.nodes = nodes
        self.resistors = resistors
        self.sources = sources
        self.otherDevices = otherDevices
        self.models = models
        self.conditions = conditions
        self.equationOptions = equationOptions
        self.optionPlaces = optionPlaces
        self.traits = traits
        self.parameters = parameters
        self.tape = tape
        self.textUses = textUses
        self.ammeters = ammeters
    }

    /// Devices.
    public var size: Int { resistors.count + sources.count + otherDevices.count }

    /// True where an operating point is the solution of one linear system.
    public var isLinear: Bool { traits.isLinear }
}
