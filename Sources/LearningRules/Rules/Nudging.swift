/// How strongly a rule nudges, and whether from one side or from both.
public struct Nudging: Sendable, Equatable, Codable {
    public enum Sides: String, Sendable, Codable {
        case oneSided, centered
        /// The limit of small nudges: the nudged states are those of the circuit linearised at the free one.
        case limit

        /// As users write it.
        public var name: String {
            switch self {
            case .oneSided: "one-sided"
            case .centered: "centered"
            case .limit: "limit"
            }
        }
    }

    /// h: siemens for EP and AL, dimensionless for CL.
    public let strength: Double
    public let sides: Sides

    public init(strength: Double, sides: Sides) {
        (self.strength, self.sides) = (strength, sides)
    }

    /// The strengths of the nudged states, in the order in which they are solved.
    package var strengths: [Double] { sides == .oneSided ? [strength] : [strength, -strength] }

    /// The distance in h between the two states that are compared.
    package var span: Double { sides == .oneSided ? strength : 2 * strength }
}
