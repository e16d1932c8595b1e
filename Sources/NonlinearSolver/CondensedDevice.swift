import Devices

/// A device seen from its terminals, the nodes behind its series resistances being solved for.
public struct CondensedDevice {
    private let device: any NonlinearDevice
    private let limits: SteppingLimits

    public init(_ device: any NonlinearDevice) {
        self.device = device
        limits = SteppingLimits(device)
    }

    /// The voltages of all nodes, V, for those of the terminals; nil where none are found.
    public func voltages(terminals: [Double]) -> [Double]? {
        let inner = device.terminalCount..<device.nodeCount
        var voltages = terminals + device.internalNodeTerminals.map { terminals[$0] }
        guard !inner.isEmpty else { return voltages }
        var last = ArraySlice(voltages)
        limits.starting(&last)
        for iteration in 0..<200 {
            var local = ArraySlice(voltages)
            var isLimited = true
            if iteration == 0 {
                local = last
            } else {
                isLimited = limits.limit(&local, after: last)
            }
            last = local
            var (currents, jacobian) = device.evaluate(Array(local))
            for row in inner {
                for column in 0..<device.nodeCount {
                    currents[row] +=
                        jacobian[row * device.nodeCount + column]
                        * (voltages[column] - local[column])
                }
            }
            let steps = Self.solve(&jacobian, &currents, device.nodeCount, inner)
            var largest = 0.0
            for (row, step) in zip(inner, steps) {
                voltages[row] -= step
                largest = max(largest, abs(step))
            }
            guard largest.isFinite else { return nil }
            if !isLimited, largest < 3e-10 * (terminals.map(abs).max() ?? 0) + 3e-10 {
                return voltages
            }
        }
        return nil
    }

    /// The solution of the inner nodes' equations, the others' voltages being held.
    private static func solve(
        _ matrix: inout [Double], _ sides: inout [Double], _ size: Int, _ inner: Range<Int>
    ) -> [Double] {
        for pivot in inner {
            for row in inner where row > pivot {
                let factor = matrix[row * size + pivot] / matrix[pivot * size + pivot]
                for column in pivot..<size {
                    matrix[row * size + column] -= factor * matrix[pivot * size + column]
                }
                sides[row] -= factor * sides[pivot]
            }
        }
        for pivot in inner.reversed() {
            var sum = sides[pivot]
            for column in (pivot + 1)..<max(size, pivot + 1) {
                sum -= matrix[pivot * size + column] * sides[column]
            }
            sides[pivot] = sum / matrix[pivot * size + pivot]
        }
        return Array(sides[inner])
    }

    /// ∂I/∂V, S: the current into each terminal by each terminal's voltage, a row for each current.
    ///
    /// - Parameter voltages: of all the device's nodes.
    public func jacobian(at voltages: [Double]) -> [Double] {
        var (_, jacobian) = device.evaluate(voltages)
        var nothing = [Double](repeating: 0, count: device.nodeCount)
        eliminate(&jacobian, &nothing)
        let (count, size) = (device.terminalCount, device.nodeCount)
        return (0..<count).flatMap { Array(jacobian[$0 * size..<$0 * size + count]) }
    }

    /// ∂I/∂p, A per unit of the parameter: the current into each terminal, the terminals' voltages held.
    ///
    /// - Returns: nil where the device has no derivative with respect to it (`NonlinearDevice.sensitivity`).
    public func sensitivity(
        of parameter: String, isModel: Bool, at voltages: [Double]
    ) -> [Double]? {
        guard var slopes = device.sensitivity(of: parameter, isModel: isModel, at: voltages) else {
            return nil
        }
        if device.internalNodeCount > 0 {
            var (_, jacobian) = device.evaluate(voltages)
            eliminate(&jacobian, &slopes)
        }
        return Array(slopes[..<device.terminalCount])
    }

    /// Eliminates the inner nodes from the terminals' equations.
    private func eliminate(_ matrix: inout [Double], _ sides: inout [Double]) {
        let size = device.nodeCount
        for pivot in (device.terminalCount..<size).reversed() {
            for row in 0..<pivot {
                let factor = matrix[row * size + pivot] / matrix[pivot * size + pivot]
                for column in 0..<size {
                    matrix[row * size + column] -= factor * matrix[pivot * size + column]
                }
                sides[row] -= factor * sides[pivot]
            }
        }
    }
}
