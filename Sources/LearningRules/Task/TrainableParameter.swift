import Netlist

/// One trained number: the text in the deck that is rewritten, and every resistor that it feeds.
///
/// The trained variable is the conductance g of the first of these resistors, or ln g. The others
/// follow in proportion, kᵢ = cᵢ g, so that ġ = Σ cᵢ k̇ᵢ. Where one text feeds several devices of equal
/// value (a subcircuit used twice) every cᵢ is 1 and the updates are simply summed.
public struct TrainableParameter: Sendable {
    /// A resistor fed by the text.
    public struct Member: Sendable {
        /// Index into `circuit.resistors`.
        public let resistor: Int
        /// Resistance from the number in the text.
        public let relation: FractionalLinear
        /// cᵢ: this resistor's conductance over that of the first member.
        public let proportion: Double
    }

    public enum Variable: Sendable { case conductance, logConductance }

    public let text: NumberText
    public let members: [Member]
    public let variable: Variable
    /// Siemens: the values that g may take.
    public let bounds: ClosedRange<Double>
    /// g × resistance of the first member.
    let firstFactor: Double

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
                text = origin
                guard let relation else {
                    throw TaskError(
                        message: "\(name) can't be trained: its value can't be solved for the number "
                            + "on line \(origin.range.start.line); write a number for its value")
                }
                relations.append(relation)
            }
        }
        guard let text, let first = resistors.first.map({ circuit.resistors[$0] }) else {
            throw TaskError(message: "a trainable parameter needs a resistor")
        }
        if relations.count > 1 {
            let direct = relations.allSatisfy { $0.b == 0 && $0.c == 0 }
            let reciprocal = relations.allSatisfy { $0.a == 0 && $0.d == 0 }
            guard direct || reciprocal else {
                let names = resistors.map { circuit.resistors[$0].name }.joined(separator: ", ")
                throw TaskError(
                    message: """
                        \(names) can't be trained together: they share a parameter, but their \
                        conductances are not proportional to each other; give each a parameter of \
                        its own
                        """)
            }
        }
        self.text = text
        self.variable = variable
        firstFactor = first.conductanceFactor
        members = zip(resistors, relations).map { index, relation in
            Member(
                resistor: index, relation: relation,
                proportion: circuit.resistors[index].conductance / first.conductance)
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
    }

    /// g at the deck's own values, siemens.
    public func initialConductance(in circuit: Circuit) -> Double {
        circuit.resistors[members[0].resistor].conductance
    }

    /// The number to write for g, so that every member's resistance is exactly what its relation
    /// makes of it, as ngspice will read it.
    public func textValue(conductance g: Double) -> Double {
        members[0].relation.inverse(firstFactor / g)
    }
}
