import CSUNDIALS

/// An integration that CVODE could not start or go on with.
///
/// Codes are those of the CVODE manual's appendix "Return values": −4 is `CV_CONV_FAILURE`, the
/// corrector that does not converge; −3 `CV_ERR_FAILURE`, a local error that no step size brings
/// within the tolerances.
public struct CVODEError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The C function that failed, `CVode`.
    public let function: String
    public let code: Int32
    /// The code's name, `CV_CONV_FAILURE`.
    public let name: String
    /// What CVODE said, in its own words; may be empty.
    public let message: String
    /// The time reached, in the problem's unit.
    public let time: Double

    /// No step is small enough: the right-hand side is not smooth on the scale of the tolerances.
    public var isStepTooSmall: Bool { code == CV_CONV_FAILURE || code == CV_ERR_FAILURE }

    public var description: String {
        "\(function) failed at time \(time): \(name) (\(code))"
            + (message.isEmpty ? "" : ", \(message)")
    }
}

/// A right-hand side or an event that is not a number.
public struct NotFinite: Error, Sendable, Equatable, CustomStringConvertible {
    /// Index of the component.
    public let component: Int
    public let time: Double

    public init(component: Int, time: Double) {
        (self.component, self.time) = (component, time)
    }

    public var description: String {
        "component \(component) of the differential equation is not finite at time \(time)"
    }
}
