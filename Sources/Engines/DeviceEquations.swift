import Devices
import LearningTasks
import Netlist
import NonlinearSolver

/// The equations of the semiconductors whose numbers are trained, at their present values.
///
/// How their currents follow these numbers is what a local rule has to know of them, and ngspice doesn't say it.
final class DeviceEquations {
    private let circuit: Circuit
    private let places: [DevicePlace]
    private var cards: [Int: DeviceCard] = [:]
    private var devices: [Int: any NonlinearDevice] = [:]

    /// - Throws: `DeclinedDevice`.
    init(_ task: LearningTask) throws {
        circuit = task.circuit
        places = task.numbers.devicePlaces
        for index in Set(places.flatMap(\.devices)) {
            let card = try circuit.deviceCard(circuit.otherDevices[index])
            cards[index] = card
            devices[index] = try circuit.makeDevice(card)
        }
    }

    /// - Parameter values: of `LearningTask.numbers.devicePlaces`.
    /// - Returns: the devices that changed, by index into `circuit.otherDevices`.
    /// - Throws: `UnphysicalDevice`.
    func set(_ values: ArraySlice<Double>) throws -> [(index: Int, device: any NonlinearDevice)] {
        var changed: Set<Int> = []
        for (place, value) in zip(places, values) {
            for index in place.devices {
                guard var card = cards[index] else { continue }
                let old = place.isModel ? card.model[place.number] : card.instance[place.number]
                guard old != value else { continue }
                if place.isModel {
                    card.model[place.number] = value
                } else {
                    card.instance[place.number] = value
                }
                cards[index] = card
                changed.insert(index)
            }
        }
        return try changed.sorted().compactMap { index in
            guard let card = cards[index] else { return nil }
            do throws(DeclinedDevice) {
                let device = try circuit.makeDevice(card)
                devices[index] = device
                return (index, device)
            } catch {
                throw UnphysicalDevice(
                    name: circuit.otherDevices[index].name, reason: error.reason)
            }
        }
    }

    /// ∂I/∂p, A per unit of the number: the current into each terminal of each device, the terminals' voltages
    /// held, in the order of `DevicePlace.slopes`.
    ///
    /// - Parameter voltages: of the circuit's nodes, V.
    func slopes(at voltages: [Double]) -> [Double] {
        places.flatMap { place in
            place.devices.flatMap { index -> [Double] in
                let nodes = circuit.otherDevices[index].nodes
                guard let device = devices[index] else { return nodes.map { _ in .nan } }
                let condensed = CondensedDevice(device)
                return condensed.voltages(terminals: nodes.map { voltages[$0] }).flatMap {
                    condensed.sensitivity(of: place.number, isModel: place.isModel, at: $0)
                } ?? nodes.map { _ in .nan }
            }
        }
    }
}

/// Numbers with which a device has no equations.
package struct UnphysicalDevice: Error, CustomStringConvertible {
    let name: String
    let reason: String
    package var description: String { "\(name) can't have these numbers: \(reason)" }
}
