import Devices

/// Evaluates a circuit's semiconductors and behavioural sources, and adds their currents and Jacobian to the equations.
///
/// Nodes behind series resistances are eliminated device by device.
struct DeviceStamps {
    var devices: PlacedDevices
    /// Slots of the devices' Jacobians in the matrix.
    private let slots: [Int32]
    /// The voltages at which devices are evaluated, and were last.
    private var local: [Double]
    private var lastLocal: [Double]
    private var currents: [Double]
    private var jacobian: [Double]
    private var deviceCorrection: [Double]
    /// ∂I/∂V of the terminals of each device, S, where it was evaluated last: before the last step, and so to
    /// some 1e-8 those of the operating point.
    private(set) var terminalJacobians: [Double]
    /// For each eliminated node its equation, by the device's nodes, and what is to be made zero.
    private var eliminated: [Double]

    init(_ devices: PlacedDevices, slots: [Int32]) {
        self.devices = devices
        self.slots = slots
        local = [Double](repeating: 0, count: devices.nodes.count)
        lastLocal = local
        currents = [Double](repeating: 0, count: devices.largest)
        jacobian = [Double](repeating: 0, count: devices.largest * devices.largest)
        deviceCorrection = currents
        terminalJacobians = [Double](repeating: 0, count: slots.count)
        eliminated = [Double](repeating: 0, count: devices.eliminatedCount)
    }

    /// Begins as ngspice does: every junction at a voltage of its own.
    mutating func begin() {
        for placed in devices.all {
            placed.limits.starting(&local[placed.start..<placed.start + placed.count])
        }
        lastLocal = local
    }

    enum Evaluation {
        /// At the nodes' voltages.
        case free
        /// At voltages that move less far than the nodes'.
        case limited
        /// At the voltages from which devices start.
        case asStarted
    }

    /// Adds the devices' currents and Jacobian.
    ///
    /// - Parameters:
    ///   - values: of the matrix, by slot.
    ///   - residual: of the equations, by place of a state.
    /// - Returns: whether a device was evaluated elsewhere than at its nodes' voltages.
    mutating func stamp(
        _ state: [Double], _ values: UnsafeMutableBufferPointer<Double>,
        residual: inout [Double], mode: Evaluation
    ) -> Bool {
        var isElsewhere = mode == .asStarted
        if mode != .asStarted {
            for (index, node) in devices.nodes.enumerated() { local[index] = state[Int(node)] }
        }
        if mode == .limited {
            for placed in devices.all where !placed.limits.isEmpty {
                let range = placed.start..<placed.start + placed.count
                if placed.limits.limit(&local[range], after: lastLocal[range]) {
                    isElsewhere = true
                }
            }
        }
        swap(&local, &lastLocal)
        let (devices, slots) = (devices, slots)
        state.withUnsafeBufferPointer { state in
            lastLocal.withUnsafeBufferPointer { local in
                currents.withUnsafeMutableBufferPointer { currents in
                    jacobian.withUnsafeMutableBufferPointer { jacobian in
                        residual.withUnsafeMutableBufferPointer { residual in
                            eliminated.withUnsafeMutableBufferPointer { eliminated in
                                terminalJacobians.withUnsafeMutableBufferPointer { terminal in
                                    Workspace(
                                        state: state, local: local, currents: currents,
                                        jacobian: jacobian, residual: residual,
                                        eliminated: eliminated, terminalJacobians: terminal,
                                        values: values
                                    ).stamp(devices, slots: slots, isElsewhere: isElsewhere)
                                }
                            }
                        }
                    }
                }
            }
        }
        return isElsewhere
    }

    /// Corrects the voltages of eliminated nodes by those of the terminals.
    ///
    /// - Parameters:
    ///   - correction: of each unknown, V.
    ///   - unknowns: the unknown that each number of a state is; −1 for none.
    /// - Returns: the largest correction of an eliminated node, V.
    mutating func correctEliminated(
        _ state: inout [Double], _ correction: [Double], unknowns: [Int32]
    ) -> Double {
        var largest = 0.0
        for placed in devices.all where placed.terminals < placed.count {
            for column in 0..<placed.terminals {
                let unknown = unknowns[Int(devices.nodes[placed.start + column])]
                deviceCorrection[column] = unknown < 0 ? 0 : correction[Int(unknown)]
            }
            for pivot in placed.terminals..<placed.count {
                let place =
                    placed.firstEliminated + (pivot - placed.terminals) * (placed.count + 1)
                var step = eliminated[place + placed.count]
                for column in 0..<pivot {
                    step -= eliminated[place + column] * deviceCorrection[column]
                }
                deviceCorrection[pivot] = step
                state[Int(devices.nodes[placed.start + pivot])] -= step
                largest = step.isFinite ? max(largest, abs(step)) : .infinity
            }
        }
        return largest
    }
}

/// The arrays that a stamping works on.
private struct Workspace {
    let state: UnsafeBufferPointer<Double>
    let local: UnsafeBufferPointer<Double>
    let currents: UnsafeMutableBufferPointer<Double>
    let jacobian: UnsafeMutableBufferPointer<Double>
    let residual: UnsafeMutableBufferPointer<Double>
    let eliminated: UnsafeMutableBufferPointer<Double>
    let terminalJacobians: UnsafeMutableBufferPointer<Double>
    let values: UnsafeMutableBufferPointer<Double>

    func stamp(_ devices: PlacedDevices, slots: [Int32], isElsewhere: Bool) {
        devices.all.withUnsafeBufferPointer { all in
            devices.nodes.withUnsafeBufferPointer { nodes in
                slots.withUnsafeBufferPointer { slots in
                    for index in all.indices {
                        let (start, count) = (all[index].start, all[index].count)
                        let own = UnsafeBufferPointer(rebasing: local[start..<start + count])
                        all[index].device.evaluate(
                            own, currents: currents, jacobian: jacobian)
                        if isElsewhere {
                            for row in 0..<count {
                                for column in 0..<count {
                                    currents[row] +=
                                        jacobian[row * count + column]
                                        * (state[Int(nodes[start + column])] - own[column])
                                }
                            }
                        }
                        let terminals = all[index].terminals
                        if terminals < count {
                            eliminate(terminals, of: count, all[index].firstEliminated)
                        }
                        let firstSlot = all[index].firstSlot
                        for row in 0..<all[index].rows {
                            residual[Int(nodes[start + row])] += currents[row]
                            for column in 0..<terminals {
                                let place = firstSlot + row * terminals + column
                                let slope = jacobian[row * count + column]
                                terminalJacobians[place] = slope
                                let slot = slots[place]
                                if slot >= 0 { values[Int(slot)] += slope }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Eliminates a device's nodes behind series resistances from the equations of its terminals, and keeps their own.
    private func eliminate(_ terminals: Int, of count: Int, _ first: Int) {
        for pivot in (terminals..<count).reversed() {
            let scale = 1 / jacobian[pivot * count + pivot]
            for row in 0..<pivot {
                let factor = jacobian[row * count + pivot] * scale
                guard factor != 0 else { continue }
                for column in 0..<pivot {
                    jacobian[row * count + column] -=
                        factor * jacobian[pivot * count + column]
                }
                currents[row] -= factor * currents[pivot]
            }
            let place = first + (pivot - terminals) * (count + 1)
            for column in 0..<pivot {
                eliminated[place + column] = jacobian[pivot * count + column] * scale
            }
            eliminated[place + count] = currents[pivot] * scale
        }
    }
}
