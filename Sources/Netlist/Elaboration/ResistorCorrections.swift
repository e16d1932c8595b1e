/// What scales a resistance beside its value: a resistor's line may say it, and so may its model. Nil stands
/// for what is left open.
struct ResistorCorrections {
    var scale: Double?
    /// Degrees Celsius, in place of the circuit's.
    var temperature: Double?
    /// Kelvin above the circuit's temperature.
    var temperatureDifference: Double?
    /// 1/K.
    var tc1: Double?
    /// 1/K².
    var tc2: Double?
    /// Per cent per kelvin; replaces the other two.
    var tce: Double?

    /// These, and where they leave something open, a model's.
    func completed(by model: Self) -> Self {
        Self(
            scale: scale ?? model.scale, temperature: temperature ?? model.temperature,
            temperatureDifference: temperatureDifference ?? model.temperatureDifference,
            tc1: tc1 ?? model.tc1, tc2: tc2 ?? model.tc2, tce: tce ?? model.tce)
    }
}
