/// Kirchhoff's laws leave a voltage open.
public struct SingularCircuit: Error, Sendable, CustomStringConvertible {
    public let node: String
    public var description: String {
        "the circuit has no unique solution, or hardly one; look at \(node)"
    }
}
