/// What a deck's `.options` and `.temp` say to all of its devices. The defaults are ngspice's.
///
/// `defad` and `defas` are not among them: ngspice 39.3 takes the one for the other.
public struct DeviceConditions: Sendable, Equatable {
    /// `temp`, °C.
    public var temperature: Double
    /// `tnom`, °C: where a model gives none of its own.
    public var nominalTemperature: Double
    /// The conductance over every junction, S.
    public var gmin: Double
    /// `reltol` as ngspice has it: how closely it fits the breakdown of a diode to `ibv`, which moves the
    /// breakdown itself.
    public var relativeTolerance: Double
    /// `defl` and `defw`, m.
    public var defaultLength: Double
    public var defaultWidth: Double

    public init(
        temperature: Double = 27, nominalTemperature: Double = 27, gmin: Double = 1e-12,
        relativeTolerance: Double = 1e-3, defaultLength: Double = 1e-4,
        defaultWidth: Double = 1e-4
    ) {
        self.temperature = temperature
        self.nominalTemperature = nominalTemperature
        self.gmin = gmin
        self.relativeTolerance = relativeTolerance
        self.defaultLength = defaultLength
        self.defaultWidth = defaultWidth
    }
}
