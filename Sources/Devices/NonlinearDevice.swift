/// The equations of a device at DC.
///
/// Its nodes are numbered: first its terminals, in the order in which its line gives them, then the
/// internal nodes that its series resistances add. Voltages are against ground; a device may also carry
/// current to ground (a bipolar transistor's substrate, where its line doesn't give one).
///
/// Where a junction's voltage is so far forward that its exponential overflows, currents are infinite:
/// `junctionLimits` say how ngspice keeps Newton's method from getting there.
public protocol NonlinearDevice: Sendable {
    /// Nodes that its line gives.
    var terminalCount: Int { get }

    /// How many of its nodes currents flow into: the first ones. The others only control.
    var currentCount: Int { get }

    /// Nodes behind its series resistances.
    var internalNodeCount: Int { get }

    /// For each internal node the terminal on the other side of the resistance.
    var internalNodeTerminals: [Int] { get }

    /// The junctions whose voltage Newton's method must not raise too fast.
    var junctionLimits: [JunctionLimit] { get }

    /// The gates whose voltages Newton's method must not move too fast.
    var gateLimits: [GateLimit] { get }

    /// The voltages from which ngspice starts Newton's method.
    var startingVoltages: [StartingVoltage] { get }

    /// The currents into the device and their derivatives, without allocating.
    ///
    /// - Parameters:
    ///   - voltages: of each node, V; `nodeCount` of them.
    ///   - currents: receives the current into the device at each node, A.
    ///   - jacobian: receives ∂I/∂V, S: row i is the current's node, column j the voltage's, at
    ///     `i * nodeCount + j`.
    func evaluate(
        _ voltages: UnsafeBufferPointer<Double>, currents: UnsafeMutableBufferPointer<Double>,
        jacobian: UnsafeMutableBufferPointer<Double>)

    /// The currents alone.
    func evaluate(
        _ voltages: UnsafeBufferPointer<Double>, currents: UnsafeMutableBufferPointer<Double>)

    /// The derivatives of the currents with respect to a parameter, made once for any voltages.
    ///
    /// - Parameters:
    ///   - parameter: a name that the card gives, or another of ngspice's names for it.
    ///   - isModel: whether it is of the model or of the instance.
    /// - Returns: nil for a parameter that the card doesn't give, and for one that chooses between equations
    ///   or switches something off by its value (`level`, `off`, `rs=0`, `vaf=0`): there is no derivative
    ///   there. Zeros for a parameter that has no effect at DC.
    func sensitivity(of parameter: String, isModel: Bool) -> (any ParameterSensitivity)?
}

/// The derivatives of a device's currents with respect to one of its parameters.
public protocol ParameterSensitivity: Sendable {
    /// ∂I/∂p at each node, the voltages being held, without allocating.
    ///
    /// - Parameters:
    ///   - voltages: of each node, V.
    ///   - slopes: receives a number for each node, in A per ngspice's unit of the parameter.
    func evaluate(
        _ voltages: UnsafeBufferPointer<Double>, into slopes: UnsafeMutableBufferPointer<Double>)
}

extension NonlinearDevice {
    public var nodeCount: Int { terminalCount + internalNodeCount }

    public var currentCount: Int { nodeCount }

    /// As `evaluate(_:currents:jacobian:)`, for a few voltages.
    public func evaluate(_ voltages: [Double]) -> (currents: [Double], jacobian: [Double]) {
        precondition(voltages.count == nodeCount, "a voltage for each node")
        var currents = [Double](repeating: 0, count: nodeCount)
        var jacobian = [Double](repeating: 0, count: nodeCount * nodeCount)
        voltages.withUnsafeBufferPointer { voltages in
            currents.withUnsafeMutableBufferPointer { currents in
                jacobian.withUnsafeMutableBufferPointer { jacobian in
                    evaluate(voltages, currents: currents, jacobian: jacobian)
                }
            }
        }
        return (currents, jacobian)
    }

    /// As `sensitivity(of:isModel:)`, for a few voltages.
    public func sensitivity(
        of parameter: String, isModel: Bool, at voltages: [Double]
    ) -> [Double]? {
        guard let sensitivity = sensitivity(of: parameter, isModel: isModel) else { return nil }
        precondition(voltages.count == nodeCount, "a voltage for each node")
        var slopes = [Double](repeating: 0, count: nodeCount)
        voltages.withUnsafeBufferPointer { voltages in
            slopes.withUnsafeMutableBufferPointer { sensitivity.evaluate(voltages, into: $0) }
        }
        return slopes
    }
}

/// Two nodes of a device, between which a voltage is counted: the first one's against the second one's.
public struct NodePair: Sendable, Equatable {
    /// Stands for the circuit's ground in place of a node of the device.
    public static let ground = -1

    public var positive: Int
    public var negative: Int

    @inline(__always) init(_ positive: Int, _ negative: Int) {
        self.positive = positive
        self.negative = negative
    }

    /// The same pair for the complementary device, whose voltages and currents have the other sign.
    @inline(__always) func turned(_ isComplementary: Bool) -> NodePair {
        isComplementary ? NodePair(negative, positive) : self
    }
}

/// A junction, for the limit that ngspice's DEVpnjlim puts on a step of Newton's method.
public struct JunctionLimit: Sendable, Equatable {
    /// Anode and cathode.
    public var nodes: NodePair
    /// The voltage over which the limited current rises e-fold, V.
    public var thermalVoltage: Double
    /// The forward voltage above which a step is limited: thermalVoltage·ln(thermalVoltage/(√2·Is)), V.
    public var criticalVoltage: Double
    /// The reverse voltage at which a diode breaks down, and the voltage over which the current there
    /// rises e-fold, V: below −breakdown + 10·slope the same limit holds for −(v + breakdown).
    public var breakdown: Breakdown?

    public struct Breakdown: Sendable, Equatable {
        public var voltage: Double
        public var thermalVoltage: Double
    }
}

/// A field-effect transistor's gate, for the limits that ngspice's DEVfetlim and DEVlimvds put on a step.
public struct GateLimit: Sendable, Equatable {
    /// Gate against source, turned for p-channel devices.
    public var gateSource: NodePair
    /// Gate against drain, turned likewise.
    public var gateDrain: NodePair
    /// The threshold without a voltage on the bulk, V, in the turned voltages.
    public var threshold: Double
    /// Whether the drain-source voltage is limited too (MOSFETs).
    public var limitsDrain: Bool
}

/// A voltage from which to start.
public struct StartingVoltage: Sendable, Equatable {
    public var nodes: NodePair
    /// V.
    public var voltage: Double
}
