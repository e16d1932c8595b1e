/// Why a device has no equations here: ngspice solves it in another way, or its way isn't known exactly.
public struct DeclinedDevice: Error, Equatable, CustomStringConvertible {
    /// The parameter or the type for which it was declined.
    public let name: String
    /// A sentence that names it.
    public let reason: String

    public var description: String { reason }

    public init(_ name: String, _ reason: String) {
        self.name = name
        self.reason = reason
    }
}
