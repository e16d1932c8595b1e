import Netlist

/// The states of a linear circuit as sums of a few, so that a step's cost does not grow with the number of
/// samples (theory: "Superposition").
///
/// With x_m the coordinates of sample m's free state, v_F = G x_m, and e_m its errors, the nudge ±h injects
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

    // Of the last solution; kept for their memory.
    private var outputsOfBasis: [Double]
    private var free: OutputTable
    /// M X, a row for each output.
    private var inputErrors: [Double]
    /// M S.
    private var errorErrors: DenseMatrix
    /// H's partner in the update: 2 G C + H Q at every node, a column for each output.
    private var weighted: [Double]

    /// How many operating points a step takes: as many as the basis has, and one for each output.
    ///
    /// The basis are the free states of the samples themselves, or, where these are more, one state for
    /// each input and one for all other sources.
    static func operatingPoints(of task: LearningTask) -> Int {
        min(task.samples.count, task.inputs.count + 1) + task.outputs.count
    }

    /// - Parameter physics: of a linear circuit.
    init(of task: LearningTask, by method: LearningMethod, in physics: any Physics) throws {
        self.task = task
        self.method = method
        targets = task.targets
        let (samples, inputs, outputs) = (task.samples, task.inputs.indices, task.outputs.count)
        var excitations: [Excitation]
        if samples.count <= inputs.count + 1 {
            excitations = samples.map { .state(inputs: $0.inputs) }
            coordinates = nil
        } else {
            // A unit of the inputs' own size, so that no digits are lost to that of the others.
            let scales = inputs.map { i in samples.reduce(0) { max($0, abs($1.inputs[i])) } }
            excitations =
                [.state(inputs: inputs.map { _ in 0 })]
                + inputs.map { .input($0, value: scales[$0]) }
            coordinates = samples.flatMap { sample in
                [1] + zip(sample.inputs, scales).map { $1 == 0 ? 0 : $0 / $1 }
            }
        }
        size = excitations.count
        excitations += task.outputs.indices.map { .current(output: $0) }
        nudges = method.nudging.strengths.map {
            UnitNudges(of: method.rule, strength: $0, outputs: outputs)
        }
        responses = try physics.responses(to: excitations, of: task)
        outputsOfBasis = [Double](repeating: 0, count: outputs * size)
        free = OutputTable(samples: samples.count, outputs: outputs)
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
        setFreeOutputs()
        var errors = free
        errors.subtract(targets)
        if let coordinates {
            multiply(
                errors.values, coordinates, transposed: true, rows: count, inner: samples,
                columns: size, into: &inputErrors)
        } else {
            inputErrors = errors.values
        }
        multiply(
            errors.values, errors.values, transposed: true, rows: count, inner: samples,
            columns: count, into: &errorErrors.elements)
        let mean = 1 / Double(samples)
        let currents = try nudgeCurrents()
        return LearningStates(
            outputs: free, errors: errors,
            naturalLoss: mean * naturalLoss(currents.difference),
            update: update(coefficients(currents), scale: -mean / (2 * method.nudging.span)))
    }

    /// What governs learning to first order at the states that were solved last.
    ///
    /// - Parameter conductances: those of these states.
    /// - Throws: as `states`.
    func learningOperator(at conductances: TrainedConductances) throws -> LearningOperator {
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

    private func setFreeOutputs() {
        let count = task.outputs.count
        for member in 0..<size {
            for (o, output) in task.outputs.enumerated() {
                outputsOfBasis[o + member * count] = responses.fields.voltage(output, member)
            }
        }
        if let coordinates {
            multiply(
                outputsOfBasis, coordinates, rows: count, inner: size, columns: free.samples,
                into: &free.values)
        } else {
            free.values = outputsOfBasis
        }
    }

    /// The currents of the nudges, A per volt of error: a row for each output, a column for each error.
    private struct NudgeCurrents {
        /// T₊ and, centered, T₋.
        let sides: [DenseMatrix]
        /// T₊ − T₋.
        let difference: DenseMatrix
    }

    private func nudgeCurrents() throws(FactorizationError) -> NudgeCurrents {
        let resistance = OutputResistance(of: task.outputs, in: responses.fields, from: size)
        let sides = try nudges.map { nudge throws(FactorizationError) in
            try nudge.currents(through: resistance)
        }
        var difference = sides[0]
        if sides.count > 1 {
            for index in difference.elements.indices {
                difference.elements[index] -= sides[1].elements[index]
            }
        }
        return NudgeCurrents(sides: sides, difference: difference)
    }

    /// Σ over samples of ½ eᵀ W e, with W from the currents that would push the outputs back.
    private func naturalLoss(_ change: DenseMatrix) -> Double {
        let count = task.outputs.count
        var sum = 0.0
        switch method.rule.errorWeight {
        case .identity:
            for o in 0..<count { sum += errorErrors[o, o] }
        case .outputConductance:
            for column in 0..<count {
                for row in 0..<count {
                    sum -=
                        change[row, column] / method.nudging.span
                        * errorErrors[row, column]
                }
            }
        }
        return sum / 2
    }

    /// 2 M C and M Q, one below the other: what multiplies G and H; a column for each output.
    private func coefficients(_ currents: NudgeCurrents) -> [Double] {
        let count = task.outputs.count
        let rows = size + count
        var result = [Double](repeating: 0, count: rows * count)
        for o in 0..<count {
            for p in 0..<count where currents.difference[o, p] != 0 {
                let change = 2 * currents.difference[o, p]
                for i in 0..<size {
                    result[i + o * rows] += change * inputErrors[p + i * count]
                }
            }
        }
        var (half, square) = (errorErrors.elements, errorErrors.elements)
        for (side, sign) in zip(currents.sides, [1.0, -1]) {
            multiply(
                side.elements, errorErrors.elements, rows: count, inner: count, columns: count,
                into: &half)
            multiply(
                half, side.elements, transposed: true, rows: count, inner: count, columns: count,
                into: &square)
            for o in 0..<count {
                for p in 0..<count { result[size + p + o * rows] += sign * square[p + o * count] }
            }
        }
        return result
    }

    /// - Complexity: O(nodes · outputs · (basis + outputs) + resistors · outputs).
    private func update(_ coefficients: [Double], scale: Double) -> [Double] {
        let fields = responses.fields
        let count = task.outputs.count
        multiply(
            fields.values, coefficients, rows: fields.nodes, inner: size + count, columns: count,
            into: &weighted)
        return fields.values.withUnsafeBufferPointer { values in
            weighted.withUnsafeBufferPointer { weighted in
                task.numbers.ends.map { ends in
                    var sum = 0.0
                    for o in 0..<count {
                        let (h, w) = ((size + o) * fields.nodes, o * fields.nodes)
                        sum +=
                            (values[h + ends.positive] - values[h + ends.negative])
                            * (weighted[w + ends.positive] - weighted[w + ends.negative])
                    }
                    return scale * sum
                }
            }
        }
    }
}
