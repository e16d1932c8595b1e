import Engines
import LearningTasks
import LinearAlgebra
import Netlist

/// The states of a linear circuit as sums of a few, so that a step's cost does not grow with the number of
/// samples (docs/theory.md (22), (23)).
///
/// With x_m the coordinates of sample m's free state, v_F = G x_m, and e_m its pulls, the nudge ±h injects
/// the currents T± e_m, v_N = G x_m + H T± e_m, where H holds the fields of unit currents at the outputs.
/// Over all samples the update of resistor i is then, with drops of G and H over it,
///
///     k̇ᵢ = −1/(2 span) [ 2 Gᵢ C Hᵢᵀ + Hᵢ Q Hᵢᵀ ]
///     C = X (T₊ − T₋)ᵀ,  X = mean x eᵀ;   Q = T₊ S T₊ᵀ − T₋ S T₋ᵀ,  S = mean e eᵀ
///
/// One-sided, T₋ = 0: the state compared with is the free one.
final class Superposition {
    private let task: LearningTask
    private let method: LearningMethod
    private let targets: OutputTable
    private let responses: any LinearResponses
    /// Members of the basis G, the first columns of the responses; those of H follow.
    private let size: Int
    /// x_m, a column for each sample; nil where each sample's state is its own member of the basis.
    private let coordinates: [Double]?
    /// For +h and, centered, −h.
    private let nudges: [UnitNudges]
    /// T₋ = −T₊.
    private let areOpposite: Bool
    /// Where these are currents, which are the same in every circuit.
    private let currentsOfRule: NudgeCurrents?

    // Of the last solution; kept for their memory.
    /// Volt at each output in each of the responses: those to G, then P_Oᵀ R P_O.
    private var outputVoltages: [Double]
    private var free: OutputTable
    /// M X, a row for each output.
    private var inputErrors: [Double]
    /// M S.
    private var errorErrors: DenseMatrix
    /// H's partner in the update: 2 G C + H Q at every node, a column for each output.
    private var weighted: [Double]

    /// How many operating points a step takes: as many as the basis has, and one for each output.
    static func operatingPoints(of task: LearningTask) -> Int {
        InputBasis.size(of: task) + task.outputs.count
    }

    /// - Parameter physics: of a linear circuit.
    init(of task: LearningTask, by method: LearningMethod, in physics: any Physics) throws {
        self.task = task
        self.method = method
        targets = task.targets
        let outputs = task.outputs.count
        let basis = InputBasis(of: task)
        var excitations = basis.excitations
        coordinates = basis.coordinates
        size = excitations.count
        excitations += task.outputs.indices.map { .current(output: $0) }
        nudges = method.unitNudges(outputs: outputs)
        areOpposite = nudges.areOpposite
        let currents = nudges.compactMap(\.currents)
        currentsOfRule = currents.count == nudges.count ? NudgeCurrents(sides: currents) : nil
        responses = try physics.responses(to: excitations, of: task)
        outputVoltages = [Double](repeating: 0, count: outputs * excitations.count)
        free = OutputTable(samples: task.samples.count, outputs: outputs)
        inputErrors = [Double](repeating: 0, count: outputs * size)
        errorErrors = DenseMatrix(rows: outputs, columns: outputs)
        weighted = [Double](repeating: 0, count: task.circuit.nodes.count * outputs)
    }

    /// Solves the states at the physics' present resistances.
    ///
    /// - Throws: what the physics throws; `FactorizationError` where a nudge has no solution.
    func states() throws -> LearningStates {
        try responses.solve()
        let (count, samples) = (task.outputs.count, task.samples.count)
        let fields = responses.fields
        setOutputs(fields)
        let assessment = task.loss.assess(free, targets)
        let pulls = assessment.pulls.values
        if let coordinates {
            multiply(
                pulls, coordinates, transposed: true, rows: count, inner: samples,
                columns: size, into: &inputErrors)
        } else {
            inputErrors = pulls
        }
        multiply(
            pulls, pulls, transposed: true, rows: count, inner: samples,
            columns: count, into: &errorErrors.elements)
        let mean = 1 / Double(samples)
        let currents = try nudgeCurrents()
        return LearningStates(
            outputs: free, assessment,
            naturalLoss: naturalLoss(assessment.loss, currents.difference),
            update: update(currents, fields, scale: -mean / (2 * method.nudging.span)))
    }

    /// What governs learning to first order at the states that were solved last.
    ///
    /// - Parameter conductances: those of these states.
    /// - Throws: as `states`.
    func learningOperator(at conductances: TrainedValues) throws -> LearningOperator {
        let fields = responses.fields
        let count = task.outputs.count
        let change = try nudgeCurrents().difference
        let nudge = (0..<count).map { output in
            var field = [Double](repeating: 0, count: fields.nodes)
            for o in 0..<count where change[o, output] != 0 {
                let weight = change[o, output] / method.nudging.span
                for node in field.indices { field[node] += weight * fields[node, size + o] }
            }
            return field
        }
        return LearningOperator(
            task: task, conductances: conductances, basis: (0..<size).map(fields.column),
            coordinates: coordinates.map { x in
                task.samples.indices.map { Array(x[$0 * size..<($0 + 1) * size]) }
            },
            response: OutputResponse(
                adjoint: [(size..<size + count).map(fields.column)], nudge: [nudge]))
    }

    private func setOutputs(_ fields: Fields) {
        let ends = task.numbers.outputEnds
        let count = ends.count
        outputVoltages.withUnsafeMutableBufferPointer { voltages in
            for column in 0..<fields.columns {
                for (output, ends) in ends.enumerated() {
                    voltages[output + column * count] =
                        fields[Int(ends.positive), column] - fields[Int(ends.negative), column]
                }
            }
        }
        if let coordinates {
            multiply(
                outputVoltages, coordinates, rows: count, inner: size, columns: free.samples,
                into: &free.values)
        } else {
            free.values = Array(outputVoltages[..<(count * size)])
        }
    }

    /// The currents of the nudges, A per volt of error: a row for each output, a column for each error.
    private struct NudgeCurrents {
        /// T₊ and, centered, T₋.
        let sides: [DenseMatrix]
        /// T₊ − T₋.
        let difference: DenseMatrix

        init(sides: [DenseMatrix]) {
            self.sides = sides
            var difference = sides[0]
            for minus in sides.dropFirst() {
                for index in minus.elements.indices {
                    difference.elements[index] -= minus.elements[index]
                }
            }
            self.difference = difference
        }
    }

    private func nudgeCurrents() throws(FactorizationError) -> NudgeCurrents {
        if let currentsOfRule { return currentsOfRule }
        var matrix = DenseMatrix(rows: task.outputs.count, columns: task.outputs.count)
        matrix.elements = Array(outputVoltages[(task.outputs.count * size)...])
        let resistance = OutputResistance(matrix)
        return NudgeCurrents(
            sides: try nudges.map { nudge throws(FactorizationError) in
                try nudge.currents(through: resistance)
            })
    }

    /// The mean over samples of ½ eᵀ W e, with W from the currents that would push the outputs back, or the task's
    /// loss.
    private func naturalLoss(_ loss: Double, _ change: DenseMatrix) -> Double {
        guard method.rule.errorWeight == .outputConductance else { return loss }
        let count = task.outputs.count
        var sum = 0.0
        for column in 0..<count {
            for row in 0..<count {
                sum -=
                    change[row, column] / method.nudging.span
                    * errorErrors[row, column]
            }
        }
        return sum / 2 / Double(task.samples.count)
    }

    /// 2 M C, which multiplies G: a column for each output.
    private func basisCoefficients(_ currents: NudgeCurrents) -> [Double] {
        let count = task.outputs.count
        let change = currents.difference.elements
        var result = [Double](repeating: 0, count: size * count)
        for o in 0..<count {
            for p in 0..<count where change[o + p * count] != 0 {
                let factor = 2 * change[o + p * count]
                for i in 0..<size { result[i + o * size] += factor * inputErrors[p + i * count] }
            }
        }
        return result
    }

    /// M Q, which multiplies H; nil where the nudges ±h are opposite currents and it is 0.
    private func outputCoefficients(_ currents: NudgeCurrents) -> [Double]? {
        let count = task.outputs.count
        guard !areOpposite else { return nil }
        var result = [Double](repeating: 0, count: count * count)
        var (half, square) = (result, result)
        for (side, sign) in zip(currents.sides, [1.0, -1]) {
            multiply(
                side.elements, errorErrors.elements, rows: count, inner: count, columns: count,
                into: &half)
            multiply(
                half, side.elements, transposed: true, rows: count, inner: count, columns: count,
                into: &square)
            for index in result.indices { result[index] += sign * square[index] }
        }
        return result
    }

    /// - Complexity: O(nodes · outputs · (basis + outputs) + resistors · outputs).
    private func update(
        _ currents: NudgeCurrents, _ fields: Fields, scale: Double
    ) -> [Double] {
        let (nodes, count) = (fields.nodes, task.outputs.count)
        let ends = task.numbers.ends
        var update = [Double](repeating: 0, count: ends.count)
        fields.values.withUnsafeBufferPointer { values in
            guard let g = values.baseAddress else { return }
            let h = g + size * nodes
            multiply(
                g, basisCoefficients(currents), rows: nodes, inner: size, columns: count,
                into: &weighted)
            if let coefficients = outputCoefficients(currents) {
                multiply(
                    h, coefficients, rows: nodes, inner: count, columns: count, adding: true,
                    into: &weighted)
            }
            addProducts(
                h, weighted, rows: nodes, columns: count, scale: scale, ends, to: &update)
        }
        return update
    }
}
