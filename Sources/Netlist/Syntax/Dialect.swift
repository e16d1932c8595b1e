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

    /// Ohm: what a resistor without a value and a model has. Nil where ngspice leaves the resistor out.
    var missingResistance: Double? { isFrom(42) ? nil : 1e-3 }

    /// Ohm: what a resistor has whose model gives it no resistance, in every version.
    static let missingModelResistance = 1e-3

    /// Whether ngspice takes a model's `r`, in ohm, which it otherwise ignores.
    func takesModelResistance(_ value: Double) -> Bool { isFrom(42) ? value > 0 : value >= 1e-3 }

    /// Ohm: what ngspice takes for a resistance that is written for a device.
    ///
    /// Up to version 43 that is 1 mΩ for zero; later it has the sign of `value` and at least 10⁻¹² Ω.
    func resistance(_ value: Double) -> Double {
        guard isFrom(44) else { return value == 0 ? 1e-3 : value }
        guard value.magnitude < 1e-12 else { return value }
        return value < 0 ? -1e-12 : 1e-12
    }

    /// Whether controlled sources may be given by a table of their response, with `FREQ`.
    var hasFrequencyTables: Bool { isFrom(42) }

    /// Whether what stands in double quotes on the lines of X devices and `.subckt` is a text; before version
    /// 44 the quotes are dropped.
    var passesTexts: Bool { isFrom(44) }

    /// Whether a voltage source may play a sound file, `file sweep.wav snd(…)`.
    var playsSounds: Bool { isFrom(47) }

    /// Whether some spellings of a VDMOS card never come to an end (`PowerModelCard`).
    var takesPowerModelsApart: Bool { !isFrom(42) }

    /// Whether lines that begin with `#` are comments; before, they are errors.
    var hasHashComments: Bool { isFrom(44) }

    /// Whether a file's name may begin with an environment variable: `.include $MODELS/diode.lib`.
    var expandsVariables: Bool { isFrom(44) }

    /// Whether cards in the first line, which is the title, have an effect: `.temp` sets the temperature,
    /// and `.param` ends ngspice. Files are included from there in every version.
    var readsCardsInTitle: Bool { !isFrom(41) }

    /// How a source of frequency modulation, `sffm`, begins.
    enum FrequencyModulation {
        /// With the sine of the carrier's phase and of the signal's, the index as it is given.
        case plain
        /// With the index between 0 and the ratio of the carrier's frequency to the signal's.
        case limited(carrier: Int, signal: Int)
        /// With 0, as `am` always does.
        case none
    }

    func frequencyModulation(of kind: Circuit.Source.Kind) -> FrequencyModulation {
        guard isFrom(43) else { return .plain }
        guard kind == .current, !isFrom(47) else { return .none }
        return isFrom(46) ? .limited(carrier: 2, signal: 4) : .limited(carrier: 4, signal: 2)
    }

    /// Whether `vec` and `var` are functions in expressions, so that no parameter can have these names.
    var hasVectorFunctions: Bool { isFrom(46) }

    static let vectorFunctions: Set<String> = ["vec", "var"]

    /// Whether a negative number raised to an odd power is negative in expressions that the simulation
    /// evaluates; before version 47 it is positive.
    var powersKeepSign: Bool { isFrom(47) }

    /// Whether a `$` on this line may begin a file's name, and no comment.
    func mayNameVariable(_ line: ArraySlice<UInt8>) -> Bool {
        guard expandsVariables else { return false }
        let text = line.drop { $0.isBlank }
        return [".inc", ".lib"].contains { text.hasPrefixCaseInsensitively($0) }
    }
}
