/// What devices have in common. The constants are ngspice's, those of CODATA 2014: with later ones a forward
/// current would be off by 10⁻⁵.
enum Semiconductor {
    /// J/K.
    static let boltzmann = 1.38064852e-23
    /// A·s.
    static let charge = 1.6021766208e-19
    /// V/K.
    static let voltsPerKelvin = boltzmann / charge
    /// K.
    static let zeroCelsius = 273.15
    /// At which the gap is taken to be 1.1150877 V, K.
    static let referenceTemperature = 300.15
    /// F/m.
    static let vacuumPermittivity = 8.854214871e-12

    /// Silicon's band gap, V.
    static func gap<Number: RealNumber>(_ temperature: Number) -> Number {
        1.16 - 7.02e-4 * temperature * temperature / (temperature + 1108)
    }

    /// What junction potentials lose from the reference temperature to this one, V.
    private static func potentialDrop<Number: RealNumber>(_ temperature: Number) -> Number {
        let thermal = voltsPerKelvin * temperature
        let gaps =
            1.1150877 / (boltzmann * (2 * referenceTemperature))
            - gap(temperature) / (2 * boltzmann * temperature)
        let logarithm = 1.5 * Number.log(temperature / referenceTemperature)
        return -2 * thermal * (logarithm + charge * gaps)
    }

    /// A junction's potential at a temperature, V, where it is `potential` at the nominal one.
    static func potential<Number: RealNumber>(
        _ potential: Number, at temperature: Number, nominal: Number
    ) -> Number {
        let ratio = nominal / referenceTemperature
        let atReference = (potential - potentialDrop(nominal)) / ratio
        return temperature / referenceTemperature * atReference + potentialDrop(temperature)
    }

    /// The current of a junction without its gmin, A.
    ///
    /// Is (e^{v/s} − 1) for v ≥ −3 s, s being the thermal voltage times the emission coefficient. Below,
    /// −Is (1 + (3 s/(v e))³), which has the same value and slope at −3 s and tends to −Is more slowly.
    @inline(__always) static func junction<Number: VoltageNumber>(
        _ voltage: Number, saturation: Number.Coefficient, scale: Number.Coefficient
    ) -> Number {
        if voltage.value >= -3 * scale.value {
            return saturation * (Number.exp(voltage / scale) - 1)
        }
        let ratio = 3 * scale * (1 / (2.718281828459045 * voltage))
        return -(saturation * (1 + ratio * ratio * ratio))
    }

    /// Where ngspice begins to limit a junction's voltage, V.
    static func criticalVoltage(_ thermalVoltage: Double, saturation: Double) -> Double {
        thermalVoltage * .log(thermalVoltage / (2.0.squareRoot() * saturation))
    }
}
