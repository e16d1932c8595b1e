/// The equations of a device as ngspice has them, where they are known exactly.
///
/// Exactly means that the currents agree with ngspice 39.3's to rounding, and that versions up to 44.2
/// compute the same. What can't be said of a card's parameters declines it.
///
/// - Throws: what is not known, with a sentence that names the parameter.
public func makeDevice(
    _ card: DeviceCard, _ conditions: DeviceConditions = DeviceConditions()
) throws(DeclinedDevice) -> any NonlinearDevice {
    guard conditions.gmin.isFinite, conditions.gmin >= 0 else {
        throw DeclinedDevice("gmin", "gmin is below zero: \(conditions.gmin)")
    }
    switch card.type {
    case "d": return try Diode(card, conditions)
    case "nmos", "pmos": return try MOSFET(card, conditions)
    case "npn", "pnp": return try Bipolar(card, conditions)
    case "njf", "pjf": return try JFET(card, conditions)
    default:
        throw DeclinedDevice(card.type, "devices of type \(card.type) are not known here")
    }
}
