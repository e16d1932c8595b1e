import Devices
import Netlist

/// A behavioural source as a device of the equations.
///
/// Its "nodes" are places of a state: where its equation or current stands (a branch for a source of voltage, two
/// nodes for one of current), and after these what its expression is taken of.
struct BehaviouralSource: NonlinearDevice {
    private let behaviour: Behaviour
    /// Of each variable: its place among the nodes, and for a voltage that of the other node; −1 for ground.
    private let variables: [(positive: Int, negative: Int)]

    let terminalCount: Int
    let currentCount: Int
    let internalNodeCount = 0
    let internalNodeTerminals: [Int] = []
    let junctionLimits: [JunctionLimit] = []
    let gateLimits: [GateLimit] = []
    let startingVoltages: [StartingVoltage] = []

    /// - Parameters:
    ///   - equations: the places of the branch or the two nodes.
    ///   - branch: the place of the current through a source of this name.
    /// - Returns: the device and the places of all its nodes.
    static func placed(
        _ behaviour: Behaviour, equations: [Int], branch: (String) -> Int?
    ) throws(DeclinedDevice) -> (device: BehaviouralSource, places: [Int]) {
        var places = equations
        func place(_ state: Int) -> Int {
            guard state > 0 else { return -1 }
            if let known = places.firstIndex(of: state) { return known }
            places.append(state)
            return places.count - 1
        }
        var variables: [(positive: Int, negative: Int)] = []
        for variable in behaviour.variables {
            switch variable {
            case .voltage(let positive, let negative):
                variables.append((place(positive), place(negative)))
            case .current(let source):
                guard let current = branch(source) else {
                    throw DeclinedDevice(source, "\(source) has no current of its own")
                }
                variables.append((place(current), -1))
            }
        }
        return (
            BehaviouralSource(
                behaviour: behaviour, variables: variables, terminalCount: places.count,
                currentCount: equations.count), places
        )
    }

    private init(
        behaviour: Behaviour, variables: [(positive: Int, negative: Int)], terminalCount: Int,
        currentCount: Int
    ) {
        self.behaviour = behaviour
        self.variables = variables
        self.terminalCount = terminalCount
        self.currentCount = currentCount
    }

    /// A source of voltage has v₊ − v₋ − f = 0, of which −f stands here; one of current draws f from its n+.
    func evaluate(
        _ voltages: UnsafeBufferPointer<Double>, currents: UnsafeMutableBufferPointer<Double>,
        jacobian: UnsafeMutableBufferPointer<Double>
    ) {
        for index in 0..<nodeCount { currents[index] = 0 }
        for index in 0..<nodeCount * nodeCount { jacobian[index] = 0 }
        let sign = currentCount == 1 ? -1.0 : 1
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * variables.count) { numbers in
            let values = UnsafeMutableBufferPointer(rebasing: numbers[..<variables.count])
            let slopes = UnsafeMutableBufferPointer(rebasing: numbers[variables.count...])
            for (index, variable) in variables.enumerated() {
                values[index] =
                    (variable.positive < 0 ? 0 : voltages[variable.positive])
                    - (variable.negative < 0 ? 0 : voltages[variable.negative])
            }
            let value = behaviour.evaluate(UnsafeBufferPointer(values), slopes: slopes)
            for row in 0..<currentCount {
                let sign = row == 0 ? sign : -sign
                currents[row] = sign * value
                for (index, variable) in variables.enumerated() {
                    let slope = sign * slopes[index]
                    if variable.positive >= 0 {
                        jacobian[row * nodeCount + variable.positive] += slope
                    }
                    if variable.negative >= 0 {
                        jacobian[row * nodeCount + variable.negative] -= slope
                    }
                }
            }
        }
    }

    func evaluate(
        _ voltages: UnsafeBufferPointer<Double>, currents: UnsafeMutableBufferPointer<Double>
    ) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: nodeCount * nodeCount) {
            evaluate(voltages, currents: currents, jacobian: $0)
        }
    }

    func sensitivity(of parameter: String, isModel: Bool) -> (any ParameterSensitivity)? { nil }
}
