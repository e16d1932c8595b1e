/// ℓ + λ P: another loss, and the power P that the sources deliver to the circuit, which in a network of resistors
/// is what they turn into heat, Σ k Δv² (Stern, Dillavou, Jayaraman, Durian & Liu, *Training self-learning circuits
/// for power-efficient solutions*, APL Mach. Learn. 2, 016114, 2024, doi:10.1063/5.0181382).
///
/// P = Σ c x over the independent sources, with x the current through a source of voltage, of which c is the
/// negative of its value, or the voltage against a source of current, of which c is the value. These x are outputs
/// behind those of the other loss, and c stands in the place of their targets. So the pull on each is λ c, and a
/// nudge by it comes back to every resistor as the adjoint equation has it: in a network of resistors between
/// sources of voltage, as −λ Δv², which a resistor knows from its own drop in the free state.
public struct PowerTerm: Loss {
    /// λ, as in `*.learn loss squared power=0.1`.
    static let setting = LossSetting(name: "power", unit: "1/W", standard: 0)

    let base: any Loss
    /// λ, in the unit of the other loss per watt.
    public let weight: Double
    /// How many outputs are the other loss's.
    let named: Int

    public var name: String { "\(base.name) with power" }
    public var unit: String { base.unit }
    public var errorUnit: String { base.errorUnit }
    public var hasGoals: Bool { base.hasGoals }
    public var pullScale: Double { base.pullScale }

    public func value(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> Double {
        base.value(outputs.prefix(named), targets.prefix(named))
            + weight * power(outputs, targets)
    }

    /// P, W.
    package func power(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> Double {
        zip(outputs.dropFirst(named), targets.dropFirst(named)).reduce(0) { $0 + $1.0 * $1.1 }
    }

    public func pull(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> [Double] {
        base.pull(outputs.prefix(named), targets.prefix(named))
            + targets.dropFirst(named).map { weight * $0 }
    }

    /// Those of the other loss: no power is asked for that an output could miss.
    public func errors(_ outputs: ArraySlice<Double>, _ targets: ArraySlice<Double>) -> [Double] {
        base.errors(outputs.prefix(named), targets.prefix(named))
            + targets.dropFirst(named).map { _ in 0 }
    }

    public func probabilities(_ outputs: ArraySlice<Double>) -> [Double]? {
        base.probabilities(outputs.prefix(named))
    }
}
