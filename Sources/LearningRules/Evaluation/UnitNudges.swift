import Engines
import LinearAlgebra

/// What the nudge of one strength is for a pull of one at each output in turn: all that a linear
/// circuit has to know of a rule, since its nudges are linear in the pulls.
struct UnitNudges {
    /// Ohm in series with each voltage; nil where the nudge is a current.
    private let series: Double?
    /// V or A at the outputs; a column for each output with an error.
    private let values: DenseMatrix

    /// - Parameter isLimit: whether the nudges are those of the limit.
    init(of rule: any LearningRule, strength: Double, outputs: Int, isLimit: Bool = false) {
        let none = [Double](repeating: 0, count: outputs)
        var series: Double?
        var values = DenseMatrix(rows: outputs, columns: outputs)
        for column in 0..<outputs {
            var pull = none
            pull[column] = 1
            var nudges = none
            let nudge =
                isLimit
                ? rule.limitNudge(strength: strength, free: none, pull: pull)
                : rule.nudge(strength: strength, free: none, pull: pull)
            switch nudge {
            case .none: break
            case .currents(let currents): nudges = currents
            case .clamps(let voltages): (nudges, series) = (voltages, 0)
            case .branches(let conductance, let voltages):
                (nudges, series) = (voltages, 1 / conductance)
            }
            for (row, value) in nudges.enumerated() { values[row, column] = value }
        }
        (self.series, self.values) = (series, values)
    }

    /// The currents that they inject into any circuit, as `currents(through:)`; nil where these depend on it.
    var currents: DenseMatrix? { series == nil ? values : nil }

    fileprivate func areOpposite(to others: UnitNudges) -> Bool {
        (series ?? 0) == 0 && series == others.series
            && zip(values.elements, others.values.elements).allSatisfy { $0 == -$1 }
    }

    /// The currents that they inject, A: a row for each output, a column for each output with an error.
    ///
    /// - Throws: `FactorizationError` where clamps contradict each other or a branch makes the circuit
    ///   singular.
    func currents(through resistance: OutputResistance) throws(FactorizationError) -> DenseMatrix {
        guard let series else { return values }
        return try resistance.currents(to: values, through: series)
    }
}

extension [UnitNudges] {
    /// Whether there are two, and a linear circuit answers to one with the opposite of what it answers to the
    /// other: currents of the other sign, or clamps as far away on the other side.
    var areOpposite: Bool { count == 2 && self[0].areOpposite(to: self[1]) }
}
