/// A device whose equations can be followed along a parameter.
protocol FollowableDevice: NonlinearDevice {
    /// What its equations need of its parameters.
    associatedtype TangentCoefficients: Sendable

    func load(_ sink: inout TangentSink, _ coefficients: TangentCoefficients)
}

extension FollowableDevice {
    func sensitivity(
        _ effect: DeviceParameters.Effect,
        _ coefficients: (ParameterValues<Tangent>) -> TangentCoefficients
    ) -> (any ParameterSensitivity)? {
        switch effect {
        case .unknown: nil
        case .none: PreparedSensitivity(device: self, coefficients: nil)
        case .derivative(let values):
            PreparedSensitivity(device: self, coefficients: coefficients(values))
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
