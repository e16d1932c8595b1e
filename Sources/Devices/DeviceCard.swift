/// A semiconductor device as a deck gives it. All names are in lower case.
public struct DeviceCard: Sendable, Hashable {
    /// The type of its model: `d`, `nmos`, `pmos`, `npn`, `pnp`, `njf` or `pjf`.
    public var type: String
    /// The parameters that its model's line gives, with their values in ngspice's units.
    public var model: [String: Double]
    /// The parameters that its own line gives. Flags such as `off` are there with the value 1.
    public var instance: [String: Double]
    /// How many nodes its own line gives.
    public var terminals: Int

    public init(
        type: String, model: [String: Double] = [:], instance: [String: Double] = [:],
        terminals: Int
    ) {
        self.type = type
        self.model = model
        self.instance = instance
        self.terminals = terminals
    }
}
