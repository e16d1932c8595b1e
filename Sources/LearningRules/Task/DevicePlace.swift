import Devices
import Netlist
import NonlinearSolver

/// A number on a semiconductor's line or in its model that follows what is trained, and the devices on which it
/// acts.
struct DevicePlace: Sendable {
    let place: Circuit.CardPlace
    /// As `Circuit.CardNumber.name`.
    let number: String
    let isModel: Bool
    /// Indices into `circuit.otherDevices`.
    let devices: [Int]
    /// Indices into `OperatingPoint.deviceSlopes`: one for each terminal of each of the devices.
    let slopes: Range<Int>

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
struct UnphysicalDevice: Error, CustomStringConvertible {
    let name: String
    let reason: String
    var description: String { "\(name) can't have these numbers: \(reason)" }
}

extension LearningTask {
    /// Adds to an update what two states say of the trained numbers of semiconductors.
    ///
    /// With a = −(v_N − v_F)/h the field of the errors at the outputs (−(v₊ − v₋)/(2h) centered), a number p of a
    /// device has ṗ = Σ (∂I/∂p) a over its terminals, I being the current into the device there.
    ///
    /// - Parameters:
    ///   - free: where the slopes are known.
    ///   - span: as of `accumulateUpdate`.
    func accumulateDevices(
        nudged: OperatingPoint, reference: OperatingPoint, free: OperatingPoint, span: Double,
        scale: Double, into update: inout [Double]
    ) {
        let first = numbers.ends.count + numbers.sourcePlaces.count
        for (number, place) in numbers.devicePlaces.enumerated() {
            var term = 0.0
            var index = place.slopes.lowerBound
            for device in place.devices {
                for node in circuit.otherDevices[device].nodes {
                    let change = nudged.voltages[node] - reference.voltages[node]
                    term -= free.deviceSlopes[index] * change / span
                    index += 1
                }
            }
            update[first + number] += scale * term
        }
    }
}
