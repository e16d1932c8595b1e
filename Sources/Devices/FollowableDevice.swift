/// What a device's equations need of its parameters.
protocol DeviceCoefficients<Number>: Sendable {
    associatedtype Number: ParameterNumber

    init(_ values: ParameterValues<Number>)
}

/// A device whose equations are written once: for currents, their Jacobian, and their derivatives by a parameter.
protocol FollowableDevice: NonlinearDevice {
    associatedtype Coefficients: DeviceCoefficients<Double>
    associatedtype TangentCoefficients: DeviceCoefficients<Tangent>

    /// Parameters that have no derivative where they are zero.
    static var modelSwitches: Set<String> { get }
    static var instanceSwitches: Set<String> { get }

    var parameters: DeviceParameters { get }
    var coefficients: Coefficients { get }
    /// Voltages on which currents depend nonlinearly, four at most.
    var controlCount: Int { get }

    func load(_ sink: inout ValueSink, _ coefficients: Coefficients)
    func load(_ sink: inout JacobianSink<SIMD2<Double>>, _ coefficients: Coefficients)
    func load(_ sink: inout JacobianSink<SIMD4<Double>>, _ coefficients: Coefficients)
    func load(_ sink: inout TangentSink, _ coefficients: TangentCoefficients)
}

extension FollowableDevice {
    static var instanceSwitches: Set<String> { [] }

    @inline(__always) func evaluate(
        _ voltages: UnsafeBufferPointer<Double>, currents: UnsafeMutableBufferPointer<Double>,
        jacobian: UnsafeMutableBufferPointer<Double>
    ) {
        if controlCount <= 2 {
            var sink = JacobianSink<SIMD2<Double>>(voltages, currents, jacobian, nodes: nodeCount)
            load(&sink, coefficients)
        } else {
            var sink = JacobianSink<SIMD4<Double>>(voltages, currents, jacobian, nodes: nodeCount)
            load(&sink, coefficients)
        }
    }

    @inline(__always) func evaluate(
        _ voltages: UnsafeBufferPointer<Double>, currents: UnsafeMutableBufferPointer<Double>
    ) {
        var sink = ValueSink(voltages, currents, nodes: nodeCount)
        load(&sink, coefficients)
    }

    func sensitivity(of parameter: String, isModel: Bool) -> (any ParameterSensitivity)? {
        switch parameters.moving(
            parameter, isModel: isModel,
            switches: isModel ? Self.modelSwitches : Self.instanceSwitches)
        {
        case .unknown: nil
        case .none: PreparedSensitivity(device: self, coefficients: nil)
        case .derivative(let values):
            PreparedSensitivity(device: self, coefficients: TangentCoefficients(values))
        }
    }
}

private struct PreparedSensitivity<Device: FollowableDevice>: ParameterSensitivity {
    let device: Device
    /// nil for a parameter without effect.
    let coefficients: Device.TangentCoefficients?

    func evaluate(
        _ voltages: UnsafeBufferPointer<Double>, into slopes: UnsafeMutableBufferPointer<Double>
    ) {
        var sink = TangentSink(voltages, slopes, nodes: device.nodeCount)
        if let coefficients { device.load(&sink, coefficients) }
    }
}
