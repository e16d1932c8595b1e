import Devices
import Netlist
import NonlinearSolver

/// A number on a semiconductor's line or in its model that follows what is trained, and the devices on which it
/// acts.
package struct DevicePlace: Sendable {
    let place: Circuit.CardPlace
    /// As `Circuit.CardNumber.name`.
    package let number: String
    package let isModel: Bool
    /// Indices into `circuit.otherDevices`.
    package let devices: [Int]
    /// Indices into `OperatingPoint.deviceSlopes`: one for each terminal of each of the devices.
    package let slopes: Range<Int>

    /// Those on which the parameters act, in the order of `circuit.cardPlaces`.
    static func places(of parameters: [TrainableParameter], in circuit: Circuit) -> [DevicePlace] {
        let trained = Set(parameters.flatMap(\.cards))
        guard !trained.isEmpty else { return [] }
        var users: [Int: [Int]] = [:]
        for (index, device) in circuit.otherDevices.enumerated() {
            if let card = device.card { users[card.model, default: []].append(index) }
        }
        var count = 0
        return circuit.cardPlaces.filter(trained.contains).map { place in
            let devices: [Int]
            let isModel: Bool
            switch place.owner {
            case .device(let index): (devices, isModel) = ([index], false)
            case .model(let index): (devices, isModel) = (users[index] ?? [], true)
            }
            let terminals = devices.reduce(0) { $0 + circuit.otherDevices[$1].nodes.count }
            defer { count += terminals }
            return DevicePlace(
                place: place, number: circuit[place].name, isModel: isModel, devices: devices,
                slopes: count..<count + terminals)
        }
    }

    /// A small change of the value, for differences.
    func difference(at value: Double) -> Double { 2e-5 * (value == 0 ? 1 : abs(value)) }
}

extension Circuit {
    /// Why a number of a card can't be trained, as a clause; nil where its effect on the device's currents is known.
    func whyUntrainable(_ place: CardPlace) -> String? {
        guard let device = firstDevice(of: place) else { return "no device uses this model" }
        if device.letter == "d", self[place].name == "m" {
            return
                "ngspice multiplies the area on a diode's line by m once more in each analysis; train its area"
        }
        var isModel = false
        if case .model = place.owner { isModel = true }
        do throws(DeclinedDevice) {
            let made = try makeDevice(deviceCard(device))
            let voltages = [Double](repeating: 0, count: made.nodeCount)
            let name = self[place].name
            return made.sensitivity(of: name, isModel: isModel, at: voltages) == nil
                ? "as \(SpiceNumber.shortest(self[place].value)) it only switches something off; "
                    + "give it another value" : nil
        } catch {
            return "how \(device.name) follows it is not known: \(error.reason)"
        }
    }
}
