/// The language in which a deck is read: that of the ngspice that solves it.
///
/// Versions read the same text differently, so what is elaborated has to follow the ngspice that is
/// loaded. A deck keeps the dialect in which it was read, and elaboration asks that.
///
/// ```swift
/// let deck = Deck.parse(path: path, bytes: bytes, dialect: Dialect(version: NgspiceVersion(44)))
/// ```
public struct Dialect: Sendable, Hashable {
    /// The release of ngspice.
    public var version: NgspiceVersion

    /// As which simulators ngspice reads the deck; nil for what its own `*.learn compat` line says.
    public var compatibility: Compatibility?

    public init(
        version: NgspiceVersion = NgspiceVersion(39), compatibility: Compatibility? = nil
    ) {
        self.version = version
        self.compatibility = compatibility
    }

    private func isFrom(_ major: Int) -> Bool { version >= NgspiceVersion(major) }

    /// Whether the suffix `a` is 10⁻¹⁸; before version 40 it is a letter like any other.
    var hasAtto: Bool { isFrom(40) }

    /// Ohm: what a resistor without a value, or of less than this, has. Nil where ngspice leaves the
    /// resistor out.
    var missingResistance: Double? { isFrom(42) ? nil : 1e-3 }

    /// Ohm: smaller resistances are too small for ngspice, and so is 0 in every version.
    var smallestResistance: Double { isFrom(44) ? 1e-12 : 0 }

    /// Ohm: what ngspice takes for a resistance that is too small for it.
    var leastResistance: Double { isFrom(44) ? 1e-12 : 1e-3 }

    /// Whether some spellings of a VDMOS card never come to an end (`PowerModelCard`).
    var takesPowerModelsApart: Bool { !isFrom(42) }

    /// Whether lines that begin with `#` are comments; before, they are errors.
    var hasHashComments: Bool { isFrom(44) }

    /// Whether a file's name may begin with an environment variable: `.include $MODELS/diode.lib`.
    var expandsVariables: Bool { isFrom(44) }

    /// Whether cards in the first line, which is the title, have an effect: `.temp` sets the temperature,
    /// and `.param` ends ngspice. Files are included from there in every version.
    var readsCardsInTitle: Bool { !isFrom(41) }

    /// Whether `sffm` has its value at time zero; from version 43 on it is 0 there, as `am` always was.
    var hasFrequencyModulationAtZero: Bool { !isFrom(43) }

    /// Whether `vec` and `var` are functions in expressions, so that no parameter can have these names.
    var hasVectorFunctions: Bool { isFrom(46) }

    static let vectorFunctions: Set<String> = ["vec", "var"]

    /// Whether a negative number raised to an odd power is negative in expressions that the simulation
    /// evaluates; before version 47 it is positive.
    var powersKeepSign: Bool { isFrom(47) }
}
