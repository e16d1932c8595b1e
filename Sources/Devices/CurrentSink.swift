/// What a device's equations take voltages from and give currents to.
///
/// Equations are written once, over any sink: one adds up currents, one currents and the Jacobian, one the
/// derivatives with respect to a parameter.
protocol CurrentSink {
    associatedtype Number: VoltageNumber

    /// The voltage between two nodes, on which currents may depend nonlinearly: the one with this number.
    mutating func control(_ number: Int, _ nodes: NodePair) -> Number

    /// Adds a current that flows through the device from the first node to the second.
    mutating func flow(_ current: Number, _ nodes: NodePair)

    /// Adds a conductance between two nodes.
    mutating func conduct(_ conductance: Number.Coefficient, _ nodes: NodePair)
}

/// Adds up the currents.
struct ValueSink: CurrentSink {
    private let voltages: UnsafePointer<Double>
    private let currents: UnsafeMutablePointer<Double>

    @inline(__always) init(
        _ voltages: UnsafeBufferPointer<Double>, _ currents: UnsafeMutableBufferPointer<Double>,
        nodes: Int
    ) {
        precondition(voltages.count >= nodes && currents.count >= nodes)
        self.voltages = voltages.baseAddress!
        self.currents = currents.baseAddress!
        self.currents.update(repeating: 0, count: nodes)
    }

    @inline(__always) private func voltage(_ node: Int) -> Double {
        node >= 0 ? voltages[node] : 0
    }

    @inline(__always) func control(_ number: Int, _ nodes: NodePair) -> Double {
        voltage(nodes.positive) - voltage(nodes.negative)
    }

    @inline(__always) func flow(_ current: Double, _ nodes: NodePair) {
        if nodes.positive >= 0 { currents[nodes.positive] += current }
        if nodes.negative >= 0 { currents[nodes.negative] -= current }
    }

    @inline(__always) func conduct(_ conductance: Double, _ nodes: NodePair) {
        flow(conductance * control(0, nodes), nodes)
    }
}

/// Adds up the currents and the Jacobian. There are up to four controlling voltages.
struct JacobianSink<Partials: SIMD>: CurrentSink
where Partials.Scalar == Double, Partials: Sendable {
    private let voltages: UnsafePointer<Double>
    private let currents: UnsafeMutablePointer<Double>
    private let jacobian: UnsafeMutablePointer<Double>
    private let nodes: Int
    private var positive = SIMD4<Int>(repeating: NodePair.ground)
    private var negative = SIMD4<Int>(repeating: NodePair.ground)

    @inline(__always) init(
        _ voltages: UnsafeBufferPointer<Double>, _ currents: UnsafeMutableBufferPointer<Double>,
        _ jacobian: UnsafeMutableBufferPointer<Double>, nodes: Int
    ) {
        precondition(
            voltages.count >= nodes && currents.count >= nodes && jacobian.count >= nodes * nodes)
        self.voltages = voltages.baseAddress!
        self.currents = currents.baseAddress!
        self.jacobian = jacobian.baseAddress!
        self.nodes = nodes
        self.currents.update(repeating: 0, count: nodes)
        self.jacobian.update(repeating: 0, count: nodes * nodes)
    }

    @inline(__always) private func voltage(_ node: Int) -> Double {
        node >= 0 ? voltages[node] : 0
    }

    @inline(__always) mutating func control(_ number: Int, _ nodes: NodePair) -> Dual<Partials> {
        positive[number] = nodes.positive
        negative[number] = nodes.negative
        return Dual(voltage(nodes.positive) - voltage(nodes.negative), number: number)
    }

    @inline(__always) func flow(_ current: Dual<Partials>, _ nodes: NodePair) {
        if nodes.positive >= 0 { add(current.value, current.partials, nodes.positive) }
        if nodes.negative >= 0 { add(-current.value, -current.partials, nodes.negative) }
    }

    @inline(__always) private func add(_ current: Double, _ partials: Partials, _ node: Int) {
        currents[node] += current
        let row = jacobian + node * nodes
        for number in 0..<Partials.scalarCount {
            if positive[number] >= 0 { row[positive[number]] += partials[number] }
            if negative[number] >= 0 { row[negative[number]] -= partials[number] }
        }
    }

    @inline(__always) func conduct(_ conductance: Double, _ pair: NodePair) {
        let (plus, minus) = (pair.positive, pair.negative)
        let current = conductance * (voltage(plus) - voltage(minus))
        if plus >= 0 {
            currents[plus] += current
            jacobian[plus * nodes + plus] += conductance
            if minus >= 0 { jacobian[plus * nodes + minus] -= conductance }
        }
        if minus >= 0 {
            currents[minus] -= current
            jacobian[minus * nodes + minus] += conductance
            if plus >= 0 { jacobian[minus * nodes + plus] -= conductance }
        }
    }
}

/// Adds up the derivatives of the currents with respect to one parameter.
struct TangentSink: CurrentSink {
    private let voltages: UnsafePointer<Double>
    private let slopes: UnsafeMutablePointer<Double>

    init(
        _ voltages: UnsafeBufferPointer<Double>, _ slopes: UnsafeMutableBufferPointer<Double>,
        nodes: Int
    ) {
        precondition(voltages.count >= nodes && slopes.count >= nodes)
        self.voltages = voltages.baseAddress!
        self.slopes = slopes.baseAddress!
        self.slopes.update(repeating: 0, count: nodes)
    }

    private func voltage(_ node: Int) -> Double { node >= 0 ? voltages[node] : 0 }

    func control(_ number: Int, _ nodes: NodePair) -> Tangent {
        Tangent(voltage(nodes.positive) - voltage(nodes.negative))
    }

    func flow(_ current: Tangent, _ nodes: NodePair) {
        if nodes.positive >= 0 { slopes[nodes.positive] += current.slope }
        if nodes.negative >= 0 { slopes[nodes.negative] -= current.slope }
    }

    func conduct(_ conductance: Tangent, _ nodes: NodePair) {
        flow(conductance * control(0, nodes), nodes)
    }
}
