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

    private var outputsOfBasis: [Double]
    private var free: OutputTable
    private var inputErrors: [Double]
    private var errorErrors: [Double]
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
        responses = try physics.responses(to: excitations, of: task)
        outputsOfBasis = [Double](repeating: 0, count: outputs * size)
        free = OutputTable(samples: samples.count, outputs: outputs)
        inputErrors = [Double](repeating: 0, count: outputs * size)
        errorErrors = [Double](repeating: 0, count: outputs * outputs)
        weighted = [Double](repeating: 0, count: task.circuit.nodes.count * outputs)
    }

    /// Solves the states at the physics' present resistances.
    ///
    /// - Throws: what the physics throws; `FactorizationError` where a nudge has no solution.
    func states() throws -> LearningStates {
        try responses.solve()
        let (count, samples) = (task.outputs.count, task.samples.count)
        setFreeOutputs()
        let errors = zip(free.values, targets.values).map { $0 - $1 }
        if let coordinates {
            multiply(
                errors, coordinates, transposed: true, rows: count, inner: samples, columns: size,
                into: &inputErrors)
        } else {
            inputErrors = errors
        }
        multiply(
            errors, errors, transposed: true, rows: count, inner: samples, columns: count,
            into: &errorErrors)
        let mean = 1 / Double(samples)
        let nudges = try nudgeCurrents()
        return LearningStates(
            outputs: free, targets: targets, naturalLoss: mean * naturalLoss(nudges.difference),
            update: update(
                coefficients(nudges), scale: -mean / (2 * method.nudging.span)))
    }

    /// What governs learning here to first order.
    ///
    /// - Throws: as `states`.
    func learningOperator(at conductances: TrainedConductances) throws -> LearningOperator {
        try responses.solve()
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

    /// T₊, T₋ and T₊ − T₋: amperes into an output (row) per volt of error at another (column).
    private func nudgeCurrents() throws(FactorizationError) -> (
        plus: DenseMatrix, minus: DenseMatrix, difference: DenseMatrix
    ) {
        let resistance = OutputResistance(of: task.outputs, in: responses.fields, from: size)
        let count = task.outputs.count
        func currents(_ strength: Double) throws(FactorizationError) -> DenseMatrix {
            let none = [Double](repeating: 0, count: count)
            var matrix = DenseMatrix(rows: count, columns: count)
            for column in 0..<count {
                var targets = none
                targets[column] = -1
                let nudge = method.rule.nudge(strength: strength, free: none, targets: targets)
                for (row, current) in try resistance.currents(of: nudge, free: none).enumerated() {
                    matrix[row, column] = current
                }
            }
            return matrix
        }
        let strengths = method.nudging.strengths
        let plus = try currents(strengths[0])
        let minus =
            try strengths.count > 1
            ? currents(strengths[1]) : DenseMatrix(rows: count, columns: count)
        var difference = plus
        for index in difference.elements.indices {
            difference.elements[index] -= minus.elements[index]
        }
        return (plus, minus, difference)
    }

    /// Σ over samples of ½ eᵀ W e, with W from the currents that would push the outputs back.
    private func naturalLoss(_ change: DenseMatrix) -> Double {
        let count = task.outputs.count
        var sum = 0.0
        switch method.rule.errorWeight {
        case .identity:
            for o in 0..<count { sum += errorErrors[o + o * count] }
        case .outputConductance:
            for column in 0..<count {
                for row in 0..<count {
                    sum -=
                        change[row, column] / method.nudging.span
                        * errorErrors[row + column * count]
                }
            }
        }
        return sum / 2
    }

    /// 2 C and Q, one below the other: what multiplies G and H; a column for each output.
    private func coefficients(
        _ nudges: (plus: DenseMatrix, minus: DenseMatrix, difference: DenseMatrix)
    ) -> [Double] {
        let count = task.outputs.count
        var result = [Double](repeating: 0, count: (size + count) * count)
        for o in 0..<count {
            let start = o * (size + count)
            for p in 0..<count {
                let change = 2 * nudges.difference[o, p]
                if change != 0 {
                    for i in 0..<size { result[start + i] += change * inputErrors[p + i * count] }
                }
                for q in 0..<count {
                    // (S T₊ᵀ)_{q o}, and the same for T₋.
                    let product = errorErrors[q + p * count]
                    let (plus, minus) = (
                        nudges.plus[o, p] * product, nudges.minus[o, p] * product
                    )
                    for r in 0..<count {
                        result[start + size + r] +=
                            nudges.plus[r, q] * plus - nudges.minus[r, q] * minus
                    }
                }
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
                task.circuit.resistors.map { resistor in
                    var sum = 0.0
                    for o in 0..<count {
                        let (h, w) = ((size + o) * fields.nodes, o * fields.nodes)
                        sum +=
                            (values[h + resistor.positive] - values[h + resistor.negative])
                            * (weighted[w + resistor.positive] - weighted[w + resistor.negative])
                    }
                    return scale * sum
                }
            }
        }
    }
}
