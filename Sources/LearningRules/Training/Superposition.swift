import Netlist

/// The states of a linear circuit as sums of a few, so that a step's cost does not grow with the number of
/// samples (theory: "Superposition").
///
/// With x_m the coordinates of sample m's free state, v_F = G x_m, and j_m the currents of its nudge,
/// v_N = G x_m + H j_m, where H holds the fields of unit currents at the outputs. The update of resistor i
/// is then, with drops of G and H over it,
///
///     k̇ᵢ = −1/(2 span) [ 2 Gᵢ C Hᵢᵀ + Hᵢ Q Hᵢᵀ ],  C = mean x (j − j′)ᵀ,  Q = mean (j jᵀ − j′ j′ᵀ)
///
/// j′ being the currents of the state compared with: those of the nudge −h, or none.
struct Superposition {
    private let task: LearningTask
    /// G: node voltages, V per unit of a coordinate.
    let basis: [[Double]]
    /// x_m of each sample.
    let coordinates: [[Double]]
    /// H: V/A.
    let outputFields: [[Double]]

    /// How many operating points a step takes: as many as the basis has, and one for each output.
    ///
    /// The basis are the free states of the samples themselves, or, where these are more, one state for
    /// each input and one for all other sources.
    static func operatingPoints(of task: LearningTask) -> Int {
        min(task.samples.count, task.inputs.count + 1) + task.outputs.count
    }

    /// - Parameter physics: holds the resistances; the circuit is linear.
    init(of task: LearningTask, in physics: any Physics) throws {
        self.task = task
        let samples = task.samples
        let count = task.inputs.count
        let rest = [Double](repeating: 0, count: count)
        // A unit of the inputs' own size, so that no digits are lost to that of the others.
        let scales = (0..<count).map { i in
            samples.reduce(0) { max($0, abs($1.inputs[i])) }
        }
        let usesSamples = samples.count <= count + 1
        var drives =
            usesSamples
            ? samples.map { Drive(inputs: $0.inputs) }
            : [Drive(inputs: rest)]
                + (0..<count).map { i in
                    var inputs = rest
                    inputs[i] = scales[i]
                    return Drive(inputs: inputs)
                }
        let states = drives.count
        let reference = drives.first?.inputs ?? rest
        drives += task.outputs.indices.map { o in
            Drive(
                inputs: reference,
                nudge: .currents(task.outputs.indices.map { $0 == o ? 1 : 0 }))
        }
        let points = try physics.operatingPoints(drives).map(\.voltages)
        func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
        outputFields = points[states...].map { difference($0, points[0]) }
        if usesSamples {
            basis = Array(points[..<states])
            coordinates = samples.indices.map { m in samples.indices.map { $0 == m ? 1 : 0 } }
        } else {
            basis = [points[0]] + points[1..<states].map { difference($0, points[0]) }
            coordinates = samples.map { sample in
                [1] + zip(sample.inputs, scales).map { $1 == 0 ? 0 : $0 / $1 }
            }
        }
    }

    /// - Throws: `FactorizationError` where a nudge has no solution.
    func states(by method: LearningMethod) throws(FactorizationError) -> LearningStates {
        let nudging = method.nudging
        let count = task.outputs.count
        let mean = 1 / Double(task.samples.count)
        let resistance = OutputResistance(of: task.outputs, fields: outputFields)
        let basisOutputs = basis.map { field in
            task.outputs.map { field[$0.positive] - field[$0.negative] }
        }
        var c = DenseMatrix(rows: count, columns: basis.count)
        var q = DenseMatrix(rows: count, columns: count)
        var outputs: [[Double]] = []
        var naturalLoss = 0.0
        for (sample, x) in zip(task.samples, coordinates) {
            var free = [Double](repeating: 0, count: count)
            for (weight, part) in zip(x, basisOutputs) where weight != 0 {
                for o in 0..<count { free[o] += weight * part[o] }
            }
            outputs.append(free)
            var currents: [[Double]] = []
            for h in nudging.strengths {
                let nudge = method.rule.nudge(strength: h, free: free, targets: sample.targets)
                currents.append(try resistance.currents(of: nudge, free: free))
            }
            let reference =
                currents.count > 1 ? currents[1] : [Double](repeating: 0, count: count)
            let change = zip(currents[0], reference).map { $0 - $1 }
            naturalLoss +=
                mean
                * method.rule.naturalLoss(
                    error: zip(free, sample.targets).map { $0 - $1 },
                    restoringCurrents: change.map { -$0 / nudging.span })
            for (i, weight) in x.enumerated() where weight != 0 {
                for o in 0..<count { c[o, i] += mean * weight * change[o] }
            }
            for o in 0..<count {
                for p in 0..<count {
                    q[p, o] +=
                        mean * (currents[0][p] * currents[0][o] - reference[p] * reference[o])
                }
            }
        }
        return LearningStates(
            outputs: outputs, targets: task.samples.map(\.targets), naturalLoss: naturalLoss,
            update: update(c: c, q: q, span: nudging.span))
    }

    /// What governs learning here to first order.
    ///
    /// - Throws: `FactorizationError` where a nudge has no solution.
    func learningOperator(
        of method: LearningMethod, at conductances: TrainedConductances
    ) throws(FactorizationError) -> LearningOperator {
        let resistance = OutputResistance(of: task.outputs, fields: outputFields)
        let none = task.outputs.map { _ in 0.0 }
        var nudge: [[Double]] = []
        for output in task.outputs.indices {
            // An error of 1 V at this output.
            let targets = task.outputs.indices.map { $0 == output ? -1.0 : 0 }
            var field = [Double](repeating: 0, count: task.circuit.nodes.count)
            for (h, sign) in zip(method.nudging.strengths, [1.0, -1]) {
                let currents = try resistance.currents(
                    of: method.rule.nudge(strength: h, free: none, targets: targets), free: none)
                for (current, unit) in zip(currents, outputFields) where current != 0 {
                    let weight = sign * current / method.nudging.span
                    for node in field.indices { field[node] += weight * unit[node] }
                }
            }
            nudge.append(field)
        }
        return LearningOperator(
            task: task, conductances: conductances, basis: basis, coordinates: coordinates,
            response: OutputResponse(adjoint: [outputFields], nudge: [nudge]))
    }

    /// - Complexity: O(resistors · outputs · (basis + outputs)).
    private func update(c: DenseMatrix, q: DenseMatrix, span: Double) -> [Double] {
        let count = task.outputs.count
        var ofBasis = [Double](repeating: 0, count: basis.count)
        var ofOutputs = [Double](repeating: 0, count: count)
        return task.circuit.resistors.map { resistor in
            let (a, b) = (resistor.positive, resistor.negative)
            for (i, field) in basis.enumerated() { ofBasis[i] = field[a] - field[b] }
            for (o, field) in outputFields.enumerated() { ofOutputs[o] = field[a] - field[b] }
            var sum = 0.0
            for o in 0..<count {
                var weight = 0.0
                for i in ofBasis.indices { weight += 2 * ofBasis[i] * c[o, i] }
                for p in 0..<count { weight += ofOutputs[p] * q[p, o] }
                sum += weight * ofOutputs[o]
            }
            return -sum / (2 * span)
        }
    }
}
