import Devices
import Netlist

/// The adjoint equations at an operating point.
extension NonlinearCircuit {
    /// The solutions λ of Jᵀ λ = P for each output, J being the equations' Jacobian at this operating point: a current
    /// into a node changes the output by λ of that node, V/A. In the form of a state; 0 where sources give the voltage, and of nodes within devices.
    ///
    /// - Throws: `UnsolvedCircuit`.
    public func transposedFields(_ state: [Double]) throws -> [[Double]] {
        try factor(at: state)
        return try outputs.map { output in
            var field = [Double](repeating: 0, count: stateSize)
            field[output.positive] += 1
            field[output.negative] -= 1
            try solveTransposed(&field)
            return field
        }
    }

    /// How an output follows the value of a source, V/V or V/A.
    ///
    /// - Parameter field: λ of the output, of `transposedFields`.
    public func slope(ofSource index: Int, _ field: [Double], at state: [Double]) -> Double {
        let source = circuit.sources[index]
        if source.kind == .current {
            return source.multiplicity * (field[source.negative] - field[source.positive])
        }
        let branch = branches.ofSources[index]
        if branch >= 0 { return field[firstBranch + branch] }
        // All nodes beyond the source move with it.
        var moves = [Double](repeating: 0, count: stateSize)
        for tie in branches.ties.ties {
            moves[tie.node] = tie.source == index ? tie.sign : moves[tie.parent]
        }
        var slope = 0.0
        for (resistor, conductance) in zip(circuit.resistors, conductances) {
            let change = moves[resistor.positive] - moves[resistor.negative]
            guard change != 0 else { continue }
            slope -= conductance * change * (field[resistor.positive] - field[resistor.negative])
        }
        for placed in devices.all {
            let all = devices.nodes[placed.start..<placed.start + placed.count].map(Int.init)
            let nodes = all[..<placed.terminals]
            guard nodes.contains(where: { moves[$0] != 0 }) else { continue }
            let jacobian = CondensedDevice(placed.device).jacobian(at: all.map { state[$0] })
            for (row, node) in nodes.prefix(placed.rows).enumerated() {
                for (column, other) in nodes.enumerated() {
                    slope -= field[node] * jacobian[row * nodes.count + column] * moves[other]
                }
            }
        }
        for (branch, nodes) in branches.nodes.enumerated() {
            slope -= field[firstBranch + branch] * (moves[nodes.positive] - moves[nodes.negative])
        }
        for device in circuit.otherDevices {
            guard let transfer = device.transfer,
                case .voltage(let positive, let negative) = transfer.control
            else { continue }
            let change = transfer.gain * (moves[positive] - moves[negative])
            guard change != 0 else { continue }
            if let branch = branches.byName[device.ngspiceName], device.letter == "e" {
                slope += field[firstBranch + branch] * change
            } else {
                slope -= change * (field[device.nodes[0]] - field[device.nodes[1]])
            }
        }
        return slope
    }
}
