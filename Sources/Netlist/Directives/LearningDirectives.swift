/// A value and the text that gave it.
public struct Located<Value: Sendable>: Sendable {
    public let value: Value
    public let range: SourceRange

    public init(_ value: Value, at range: SourceRange) {
        self.value = value
        self.range = range
    }
}

/// What a deck's `*.learn` lines say, before any name is looked up in the circuit.
///
/// The same type carries what the command line says: `merging(_:)` lets it win.
public struct LearningDirectives: Sendable {
    public enum Nudging: String, Sendable, CaseIterable {
        case onesided = "one-sided"
        case centered
        case limit
    }
    /// How the value of a source learns from the states.
    public enum LocalTerm: String, Sendable, CaseIterable { case adjoint, drops }
    public enum OptimizerName: String, Sendable, CaseIterable { case auto, plain, momentum, adam }
    /// Where training begins: at the deck's own values, or drawn at random.
    public enum StartName: String, Sendable, CaseIterable { case deck, random }
    public enum Rate: Sendable, Equatable {
        case automatic
        case fixed(Double)
    }

    /// One `trainable` line: what, between which bounds.
    public struct Trainable: Sendable {
        /// Names or globs (`*`, `?`), as written.
        public var patterns: [Located<String>]
        /// Bounds, in the unit of what is trained: ohm for resistors.
        public var min: Located<Double>?
        public var max: Located<Double>?
        /// What of a trained value moves, in lower case: a name that learning tasks know.
        public var vary: Located<String>?
        public var local: Located<LocalTerm>?

        public init(
            patterns: [Located<String>], min: Located<Double>? = nil, max: Located<Double>? = nil,
            vary: Located<String>? = nil, local: Located<LocalTerm>? = nil
        ) {
            self.patterns = patterns
            self.min = min
            self.max = max
            self.vary = vary
            self.local = local
        }
    }

    /// One `V(node)`, `V(node,node)` or `I(source)`, with its target where the deck gives one.
    public struct Output: Sendable {
        public enum Quantity: Sendable {
            /// Between a node and another, or ground.
            case voltage(Located<String>, Located<String>?)
            /// Through a source, from its positive node to its negative one.
            case current(Located<String>)

            /// Of a voltage.
            public var nodes: [String] {
                switch self {
                case .voltage(let first, let second): [first, second].compactMap { $0?.value }
                case .current: []
                }
            }
        }

        /// As written: `V(a,c)`.
        public var name: Located<String>
        public var quantity: Quantity
        /// Volt or ampere.
        public var target: Located<Double>?

        public init(
            name: Located<String>, quantity: Quantity, target: Located<Double>? = nil
        ) {
            self.name = name
            self.quantity = quantity
            self.target = target
        }
    }

    /// A loss and its settings, as `cross-entropy temperature=20m`: names that the learning rules know.
    public struct Loss: Sendable {
        public var name: Located<String>
        public var settings: [(name: Located<String>, value: Located<Double>)]
    }

    /// The column of the data that says the class of a sample, and the classes in the order of the outputs.
    public struct ClassColumn: Sendable {
        public var column: Located<String>
        public var names: [Located<String>]
        /// What the output of the sample's class should be, and what the others, V, for squared errors.
        public var high: Located<Double>?
        public var low: Located<Double>?
    }

    /// How a column of the data becomes the value of sources.
    public struct Encoding: Sendable {
        /// As in `2..7`.
        public struct Interval: Sendable, Equatable {
            public var from: Double
            public var to: Double
        }

        /// The name of a column, or a glob with one `*`, whose text takes the place of that in the sources' names.
        public var column: Located<String>
        /// The first gets the value, a second its negative; or each a name, at which it is on.
        public var sources: [(name: Located<String>, value: Located<String>?)]
        /// Of the data.
        public var from: Located<Interval>?
        /// V or A.
        public var to: Located<Interval>?
    }

    /// In which order an epoch goes through the samples.
    public enum OrderName: String, Sendable, CaseIterable { case given, shuffled }
    /// How the rate falls during a training.
    public enum ScheduleName: String, Sendable, CaseIterable { case constant, cosine, step }
    /// What a training is to reach.
    public enum Goal: Sendable, Equatable {
        case tolerance
        case loss(Double)
        case accuracy(Double)
        case plateau
    }

    /// What a deck that names no rule means.
    public static let standardRule = "al"

    /// In lower case: a name that the learning rules know.
    public var rule: Located<String>?
    public var nudge: Located<Double>?
    public var nudging: Located<Nudging>?
    public var trainable: [Trainable] = []
    public var inputs: [Located<String>] = []
    public var outputs: [Output] = []
    public var data: Located<String>?
    public var loss: Loss?
    public var classColumn: ClassColumn?
    public var encodings: [Encoding] = []
    /// Columns of the data that are not read.
    public var ignored: [Located<String>] = []
    /// A CSV file of samples that are not trained.
    public var test: Located<String>?
    /// The share of the data that is kept for testing.
    public var split: Located<Double>?
    public var batch: Located<Int>?
    public var epochs: Located<Int>?
    public var order: Located<OrderName>?
    public var schedule: Located<ScheduleName>?
    public var until: Located<Goal>?
    /// With which an element takes part in a step.
    public var probability: Located<Double>?
    public var optimizer: Located<OptimizerName>?
    public var rate: Located<Rate>?
    public var steps: Located<Int>?
    public var tolerance: Located<Double>?
    public var start: Located<StartName>?
    public var seed: Located<UInt64>?
    public var duration: Located<Double>?
    /// As which simulators ngspice reads the deck.
    public var compat: Located<Compatibility>?

    public init() {}
}
