import Netlist
import NgspiceBridge

/// A device's value as elaborated, which ngspice can be asked for, too: what we read has to be what the
/// ngspice at hand reads.
package struct ElaboratedValue {
    /// By ngspice's name.
    package let device: String
    let parameter: String
    package let value: Double
    let name: String
    let unit: String
    let range: SourceRange

    /// ngspice's name of the value: `@r.x1.r1[resistance]`.
    var quantity: String { "@\(device)[\(parameter)]" }

    /// What is wrong where ngspice has another value; nil where it has the same.
    ///
    /// The values agree where |actual − elaborated| ≤ 10⁻¹² · |elaborated|: ngspice reads decimal fractions
    /// with a few roundings of its own.
    func mismatch(_ actual: Double) -> Diagnostic? {
        // The first is for infinite ones.
        guard actual != value, !(abs(actual - value) <= 1e-12 * abs(value)) else { return nil }
        return Diagnostic(
            "value-mismatch",
            "ngspice reads \(name) as \(actual) \(unit), not as \(value) \(unit); "
                + "write the value as a plain number",
            at: range)
    }
}

extension Netlist.Circuit {
    private static let gainUnits: [Character: String] = [
        "e": "V/V", "f": "A/A", "g": "S", "h": "Ω",
    ]

    /// The values of resistors, of sources without a time function and of constant gains.
    ///
    /// - Parameter external: sources whose values the host supplies, by ngspice's names.
    package func comparableValues(external: Set<String> = []) -> [ElaboratedValue] {
        var values: [ElaboratedValue] = []
        values.reserveCapacity(resistors.count + sources.count)
        for resistor in resistors {
            values.append(
                ElaboratedValue(
                    device: resistor.ngspiceName, parameter: "resistance",
                    value: resistor.resistance, name: resistor.name, unit: "Ω",
                    range: resistor.range))
        }
        for source in sources
        where !source.variesWithTime && !external.contains(source.ngspiceName) {
            values.append(
                ElaboratedValue(
                    device: source.ngspiceName, parameter: "dc", value: source.dcValue,
                    name: source.name, unit: source.kind == .voltage ? "V" : "A",
                    range: source.range))
        }
        for device in otherDevices {
            guard let transfer = device.transfer, let unit = Self.gainUnits[device.letter]
            else { continue }
            values.append(
                ElaboratedValue(
                    device: device.ngspiceName, parameter: "gain", value: transfer.gain,
                    name: "the gain of \(device.name)", unit: unit, range: device.range))
        }
        return values.filter { DeviceName.isOneWord($0.device) }
    }
}
