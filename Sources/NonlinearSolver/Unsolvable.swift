/// A circuit whose equations were not solved.
public struct UnsolvedCircuit: Error, Sendable, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        /// The equations depend on one another at this node or device, as the user spells it.
        case singular(String)
        /// Newton's method found no operating point.
        case noConvergence
    }

    public let reason: Reason

    public var description: String {
        switch reason {
        case .singular(let name): "the circuit's equations leave \(name) undetermined"
        case .noConvergence: "Newton's method finds no operating point"
        }
    }
}
