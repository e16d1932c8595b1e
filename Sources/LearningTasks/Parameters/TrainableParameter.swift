import Netlist

/// One trained number: the text in the deck that is rewritten, and everything that depends on it.
///
/// What a training moves is u, of which the trained variable is a function (`variable`):
///
/// - `Quantity.conductance`: u is the conductance g of the first of the resistors that the text feeds. The
///   others follow in proportion, kᵢ = cᵢ g, so that ġ = Σ cᵢ k̇ᵢ. Where one text feeds several devices of
///   equal value (a subcircuit used twice) every cᵢ is 1 and the updates are simply summed.
/// - `Quantity.number`: u is the number in the text itself. Resistances and sources are functions pᵢ(u), as
///   the deck's expressions say, and u̇ = Σ ∂pᵢ/∂u · (local term of pᵢ).
public struct TrainableParameter: Sendable {
    /// A resistor that depends on the text.
    public struct Member: Sendable {
        /// Index into `circuit.resistors`.
        public let resistor: Int
        /// cᵢ: this resistor's conductance over that of the first member; of no meaning for a number.
        public let proportion: Double
        /// Resistance from the number in the text, where that is a closed form.
        let relation: FractionalLinear
    }

    public enum Quantity: Sendable { case conductance, number }

    /// The trained variable θ, a function of u.
    public struct Variable: Sendable, Hashable {
        public let quantity: Quantity
        public let chart: Chart

        public init(_ quantity: Quantity, _ chart: Chart) {
            (self.quantity, self.chart) = (quantity, chart)
        }

        /// g.
        public static let conductance = Variable(.conductance, .linear)
        /// ln g.
        public static let logConductance = Variable(.conductance, .logarithm)
        /// 1/g.
        public static let resistance = Variable(.conductance, .reciprocal)
        /// √g.
        public static let rootConductance = Variable(.conductance, .root)
        /// The number in the text.
        public static let value = Variable(.number, .linear)

        /// As users write it (`*.learn trainable … vary=log`).
        public var name: String { chart.names(of: quantity).first ?? title }
        /// As in: singular values of the outputs by each log-conductance.
        public var title: String { chart.title(of: quantity) }
    }

    /// How the value of a source learns from the states.
    public enum LocalTerm: Sendable, Hashable {
        /// From the drops and currents of the adjoint field and the transconductances at the free state: the
        /// gradient, in reciprocal circuits whose transistors' gates the source holds.
        case adjoint
        /// As a transistor edge in hardware: −(1/(2h)) [(Δv_N)² − (Δv_F)²] of its drain–source drop.
        case drops
    }

    /// As the user knows it: the first resistor's, a source's, a parameter's.
    public let name: String
    /// Of u where that is a number: Ω, V or A; empty for a parameter.
    public let unit: String
    public let text: NumberText
    public let quantity: Quantity
    public let members: [Member]
    /// Independent sources whose value depends on the text: indices into `circuit.sources`.
    public let sources: [Int]
    /// Numbers of semiconductors and their models that depend on the text.
    public let cards: [Circuit.CardPlace]
    public let variable: Variable
    public let localTerm: LocalTerm
    /// The values that u may take: siemens for a conductance.
    public let bounds: ClosedRange<Double>
    /// g × resistance of the first member; 1 for a number.
    let firstFactor: Double
    /// What optimizers take for one unit of u where it may be zero or negative; nil where they take ln u.
    let scale: Double?
    /// Between which values of u a random start is drawn, for a number.
    let startRange: ClosedRange<Double>

    /// Ohm: what a resistor may become where the task gives no bounds. Wide enough never to matter in
    /// a circuit one could build, and finite, so that a resistance driven towards a short or an open
    /// circuit ends there.
    public static let defaultResistances = 1e-3...1e12

    /// - Parameters:
    ///   - resistors: indices of resistors that one text feeds.
    ///   - resistances: for each of them, the values that it may take, ohm.
    /// - Throws: `TaskError` where no text feeds them all, where their conductances are not
    ///   proportional to each other, or where the bounds leave nothing.
    public init(
        resistors: [Int], in circuit: Circuit, resistances: [ClosedRange<Double>],
        variable: Variable = .conductance
    ) throws(TaskError) {
        let origins = circuit.origins(training: resistors)
        try self.init(
            resistors: resistors, origins: resistors.map { origins[$0] }, in: circuit,
            resistances: resistances, variable: variable)
    }

    /// - Parameter origins: of each of the resistors, with all that is trained in view.
    init(
        resistors: [Int], origins: [ResistanceOrigin?], in circuit: Circuit,
        resistances: [ClosedRange<Double>], variable: Variable
    ) throws(TaskError) {
        var text: NumberText?
        var relations: [FractionalLinear] = []
        for (index, origin) in zip(resistors, origins) {
            let name = circuit.resistors[index].name
            switch origin {
            case nil:
                throw TaskError(message: "\(name) is not among the trained resistors")
            case .unwritable(let reason):
                throw TaskError(message: "\(name) can't be trained: \(reason)")
            case .text(let origin, let relation):
                guard text == nil || text == origin else {
                    throw TaskError(
                        message: "\(name) takes its value from another text than its group")
                }
                guard let relation else {
                    throw TaskError(
                        message: """
                            \(name) can't be trained as a conductance: its value can't be solved for the \
                            number on line \(origin.range.start.line); train that number
                            """)
                }
                text = origin
                relations.append(relation)
            }
        }
        guard let text, let first = resistors.first.map({ circuit.resistors[$0] }) else {
            throw TaskError(message: "a trainable parameter needs a resistor")
        }
        guard Self.areProportional(relations) else {
            let names = resistors.map { circuit.resistors[$0].name }.joined(separator: ", ")
            throw TaskError(
                message: """
                    \(names) can't be trained together as conductances: they share a parameter, but their \
                    conductances are not proportional to each other; train the parameter
                    """)
        }
        name = first.name
        unit = "Ω"
        quantity = .conductance
        sources = []
        cards = []
        localTerm = .adjoint
        scale = nil
        self.text = text
        self.variable = variable
        firstFactor = first.conductanceFactor
        members = zip(resistors, relations).map { index, relation in
            Member(
                resistor: index,
                proportion: circuit.resistors[index].conductance / first.conductance,
                relation: relation)
        }
        var lower = 0.0
        var upper = Double.infinity
        for (member, range) in zip(members, resistances) {
            let factor = circuit.resistors[member.resistor].conductanceFactor / member.proportion
            lower = max(lower, factor / range.upperBound)
            upper = min(upper, factor / range.lowerBound)
        }
        guard lower <= upper else {
            throw TaskError(
                message: "the bounds of \(first.name) and its tied resistors exclude each other")
        }
        bounds = lower...upper
        startRange = bounds
    }

    /// Whether resistances with these relations to one number stay in proportion as it changes.
    static func areProportional(_ relations: [FractionalLinear]) -> Bool {
        relations.count < 2 || relations.allSatisfy { $0.b == 0 && $0.c == 0 }
            || relations.allSatisfy { $0.a == 0 && $0.d == 0 }
    }

    /// A number of the text that resistances, sources and semiconductors depend on.
    init(
        number text: NumberText, name: String, unit: String, resistors: [Int], sources: [Int],
        cards: [Circuit.CardPlace],
        bounds: ClosedRange<Double>, startRange: ClosedRange<Double>, scale: Double?,
        variable: Variable, localTerm: LocalTerm = .adjoint
    ) {
        self.text = text
        self.name = name
        self.unit = unit
        quantity = .number
        members = resistors.map { Member(resistor: $0, proportion: 1, relation: .identity) }
        self.sources = sources
        self.cards = cards
        self.variable = variable
        self.localTerm = localTerm
        self.bounds = bounds
        self.startRange = startRange
        self.scale = scale
        firstFactor = 1
    }

    /// Whether what is trained is a plain resistor's conductance, or that of several in proportion.
    public var isConductance: Bool { quantity == .conductance }

    /// u at the deck's own values.
    public func initialValue(in circuit: Circuit) -> Double {
        isConductance ? circuit.resistors[members[0].resistor].conductance : text.value
    }

    /// The number to write for u; of a conductance, so that every member's resistance is exactly what its
    /// relation makes of it, as ngspice will read it.
    public func textValue(_ u: Double) -> Double {
        isConductance ? members[0].relation.inverse(firstFactor / u) : u
    }
}
