import Devices
import Netlist

/// The circuit's semiconductors and behavioural sources, each with the places of its nodes.
struct PlacedDevices {
    struct Placed {
        var device: any NonlinearDevice
        var limits: SteppingLimits
        /// Where its nodes start in `nodes` and in arrays of the same length.
        let start: Int
        let count: Int
        /// The first of these are the circuit's; the others are eliminated.
        let terminals: Int
        /// So many of the first nodes have currents, the other terminals only control.
        let rows: Int
        /// Where the equations of eliminated nodes start in `DeviceStamps.eliminated`.
        let firstEliminated: Int
        /// Where the slots of its terminals' Jacobian start.
        let firstSlot: Int
        /// Index into `circuit.otherDevices`.
        let index: Int
    }

    private(set) var all: [Placed] = []
    /// For each device its nodes: the circuit's, and after these the ones behind series resistances.
    private(set) var nodes: [Int32] = []
    /// How many nodes there are behind series resistances.
    private(set) var internalCount = 0
    /// Numbers in the equations of eliminated nodes.
    private(set) var eliminatedCount = 0
    /// The largest number of nodes of a device.
    private(set) var largest = 1

    /// - Throws: `DiagnosticsError` that names all devices without equations here.
    init(_ circuit: Circuit, _ branches: Branches) throws(DiagnosticsError) {
        var diagnostics: [Diagnostic] = []
        var known: [DeviceCard: any NonlinearDevice] = [:]
        var slots = 0
        for (index, device) in circuit.otherDevices.enumerated()
        where !device.isLinearAtDC && device.knownBehaviour == nil {
            do throws(DeclinedDevice) {
                let card = try circuit.deviceCard(device)
                let made: any NonlinearDevice
                if let same = known[card] {
                    made = same
                } else {
                    made = try circuit.makeDevice(card)
                }
                known[card] = made
                let first = circuit.nodes.count + internalCount
                places[index] = all.count
                let nodes =
                    device.nodes.map(Int32.init)
                    + (0..<made.internalNodeCount).map { Int32(first + $0) }
                all.append(
                    Placed(
                        device: made, limits: SteppingLimits(made), start: self.nodes.count,
                        count: nodes.count, terminals: device.nodes.count,
                        rows: device.nodes.count, firstEliminated: eliminatedCount,
                        firstSlot: slots, index: index))
                self.nodes += nodes
                slots += device.nodes.count * device.nodes.count
                eliminatedCount += made.internalNodeCount * (nodes.count + 1)
                internalCount += made.internalNodeCount
                largest = max(largest, nodes.count)
            } catch {
                diagnostics.append(Self.diagnostic(device, error))
            }
        }
        // Their currents are behind all nodes of a state.
        let firstBranch = circuit.nodes.count + internalCount
        for (index, device) in circuit.otherDevices.enumerated() {
            guard let behaviour = device.knownBehaviour else { continue }
            do throws(DeclinedDevice) {
                let own = branches.byName[device.ngspiceName].map { [firstBranch + $0] }
                let (made, nodes) = try BehaviouralSource.placed(
                    behaviour, equations: own ?? device.nodes,
                    branch: { branches.byName[$0].map { firstBranch + $0 } })
                all.append(
                    Placed(
                        device: made, limits: SteppingLimits(made), start: self.nodes.count,
                        count: nodes.count, terminals: nodes.count, rows: made.currentCount,
                        firstEliminated: eliminatedCount, firstSlot: slots, index: index))
                self.nodes += nodes.map(Int32.init)
                slots += made.currentCount * nodes.count
                largest = max(largest, nodes.count)
            } catch {
                diagnostics.append(Self.diagnostic(device, error))
            }
        }
        guard diagnostics.isEmpty else { throw DiagnosticsError(diagnostics) }
    }

    private static func diagnostic(
        _ device: Circuit.Device, _ error: DeclinedDevice
    ) -> Diagnostic {
        Diagnostic(
            "engine", "\(device.name) has no equations here: \(error.reason)", at: device.range)
    }

    /// The place among `all` of each of the circuit's devices that is there.
    private(set) var places: [Int: Int] = [:]

    mutating func replace(_ index: Int, by device: any NonlinearDevice) {
        all[index].device = device
        all[index].limits = SteppingLimits(device)
    }
}

extension Circuit.Device {
    /// Whether the linear part of the equations holds it, or it carries no current at DC.
    var isLinearAtDC: Bool {
        switch letter {
        case "c", "l", "k": isLinear
        case "e", "f", "g", "h": transfer != nil
        default: false
        }
    }

    /// nil where there is none, or none that is known here.
    var knownBehaviour: Behaviour? {
        guard case .known(let behaviour) = behaviour else { return nil }
        return behaviour
    }
}

extension Circuit {
    /// What a semiconductor's line and model say, as its equations take it.
    ///
    /// - Throws: `DeclinedDevice` for any other device.
    public func deviceCard(_ device: Device) throws(DeclinedDevice) -> DeviceCard {
        if case .declined(let reason) = device.behaviour {
            throw DeclinedDevice(device.name, reason)
        }
        guard let card = device.card else {
            throw DeclinedDevice(
                "\(device.letter)", "ngspice alone solves devices of this kind or with such a line")
        }
        func numbers(_ numbers: [CardNumber]) -> [String: Double] {
            Dictionary(numbers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        }
        let model = models[card.model]
        return DeviceCard(
            type: model.type, model: numbers(model.numbers), instance: numbers(card.numbers),
            terminals: device.nodes.count)
    }

    /// The reltol of trainings in ngspice, on which diodes' breakdown depends.
    private static let relativeTolerance = 1e-9

    /// The equations of a device under the circuit's conditions.
    public func makeDevice(_ card: DeviceCard) throws(DeclinedDevice) -> any NonlinearDevice {
        try Devices.makeDevice(
            card,
            DeviceConditions(
                temperature: conditions.temperature,
                nominalTemperature: conditions.nominalTemperature, gmin: conditions.gmin,
                relativeTolerance: Self.relativeTolerance))
    }
}
