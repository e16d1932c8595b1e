import LinearAlgebra
import Netlist

/// A direction of errors that no trained resistor reduces to first order, and what makes it so.
///
/// For a null vector w of Jᵀ let a_w = Σ w_o a_o be the field of currents w at the outputs. Each trained
/// resistor then has Δv Δa_w = 0. In the generic case a group of connected nodes, an output among them,
/// lies with all its neighbours at one potential: a_w is zero outside the group, and the trained
/// resistors over which it drops carry nothing in the free state (docs/theory.md (19)).
public struct Degeneracy: Sendable {
    /// Unit vector over samples, then outputs; its largest component is positive.
    public let direction: [Double]
    /// Where the field of the direction is: the group. Empty where outputs are one and the same voltage.
    public let nodes: [Int]
    /// Trained resistors on which the field drops: those that would have to act.
    public let resistors: [Int]
    /// None of `resistors` has a drop in the free state (of the samples that the direction involves): the
    /// group lies at one potential. Otherwise their effects cancel: several samples, or tied resistors. Where
    /// samples are known by their mixtures, of all samples.
    public let liesAtOnePotential: Bool
    /// No error near a solution lies in this direction, so that learning does not feel it: one state, a
    /// group at one potential, every resistor trained and nothing else connected but ideal voltage
    /// sources. Kirchhoff's law in the group makes e · w = 0.
    public let isUnfelt: Bool

    /// - Parameters:
    ///   - null: orthonormal null vectors of Jᵀ, over states, then outputs.
    ///   - tolerance: relative size below which a field or a drop counts as zero.
    /// - Complexity: O(nodes · states · outputs · null vectors), once more for each group.
    static func find(
        null: [[Double]], in sensitivity: Sensitivity, resting: Set<Int>, tolerance: Double
    ) throws -> [Degeneracy] {
        let directions = try separate(null, sensitivity, tolerance) ?? null
        return directions.map {
            Degeneracy($0, sensitivity, resting: resting, tolerance: tolerance)
        }
    }

    private init(
        _ direction: [Double], _ sensitivity: Sensitivity, resting: Set<Int>, tolerance: Double
    ) {
        let task = sensitivity.task
        let outputs = task.outputs.count
        var nodes: Set<Int> = []
        var resistors: Set<Int> = []
        var atOnePotential = true
        let moving = task.parameters.indices.filter { !resting.contains($0) }
        let strongest = sensitivity.adjoint.reduce(0.0) {
            $1.reduce($0) { $1.reduce($0) { max($0, abs($1)) } }
        }
        let fields = sensitivity.states.indices.map { m in
            combine(direction[m * outputs..<(m + 1) * outputs], sensitivity.adjoint(state: m))
        }
        let peak = fields.reduce(0.0) { $1.reduce($0) { max($0, abs($1)) } }
        if peak > tolerance * strongest {
            for (m, field) in fields.enumerated() {
                for node in field.indices where abs(field[node]) > tolerance * peak {
                    nodes.insert(node)
                }
                let v = sensitivity.states[m]
                let scale = v.reduce(0) { max($0, abs($1)) }
                for parameter in moving {
                    for member in task.parameters[parameter].members {
                        let r = task.circuit.resistors[member.resistor]
                        let drop = abs(field[r.positive] - field[r.negative])
                        guard drop > tolerance * peak else { continue }
                        resistors.insert(member.resistor)
                        if abs(v[r.positive] - v[r.negative]) > tolerance * scale {
                            atOnePotential = false
                        }
                    }
                }
            }
        }
        let overSamples = sensitivity.mixture?.expanded(direction, outputs: outputs) ?? direction
        // Rounding must not decide between components of equal size.
        let size = overSamples.reduce(0) { max($0, abs($1)) }
        let sign = (overSamples.first { abs($0) > size * (1 - 1e-6) } ?? 1) < 0 ? -1.0 : 1.0
        self.direction = overSamples.map { $0 * sign }
        self.nodes = nodes.sorted()
        self.resistors = resistors.sorted()
        if sensitivity.mixture != nil {
            // One mixture says nothing of a sample; what holds in all of them holds in every sample.
            atOnePotential = sensitivity.states.allSatisfy { v in
                let scale = v.reduce(0) { max($0, abs($1)) }
                return resistors.allSatisfy { index in
                    let r = task.circuit.resistors[index]
                    return abs(v[r.positive] - v[r.negative]) <= tolerance * scale
                }
            }
        }
        liesAtOnePotential = atOnePotential && !nodes.isEmpty
        let trained = task.parameters.reduce(0) { $0 + $1.members.count }
        let passive = task.circuit.otherDevices.allSatisfy { ["c", "l", "k"].contains($0.letter) }
        isUnfelt =
            liesAtOnePotential && sensitivity.states.count == 1 && resting.isEmpty && passive
            && task.circuit.equationOptions.isEmpty
            && trained == task.circuit.resistors.count
    }

    /// Null vectors that belong to one group of nodes each; nil where they can't be told apart.
    ///
    /// Groups are connected parts of the nodes that any null field reaches, in each sample. Those null
    /// vectors belong to a group whose fields vanish outside it.
    private static func separate(
        _ null: [[Double]], _ sensitivity: Sensitivity, _ tolerance: Double
    ) throws -> [[Double]]? {
        guard null.count > 1 else { return nil }
        let task = sensitivity.task
        let outputs = task.outputs.count
        let count = task.circuit.nodes.count
        var strength = [Double](repeating: 0, count: count * sensitivity.states.count)
        // Field of every null vector at a node in a sample.
        func fields(_ place: Int) -> [Double] {
            let (m, node) = place.quotientAndRemainder(dividingBy: count)
            let adjoint = sensitivity.adjoint(state: m)
            return null.map { w in
                (0..<outputs).reduce(0) { $0 + w[m * outputs + $1] * adjoint[$1][node] }
            }
        }
        for place in strength.indices {
            strength[place] = fields(place).reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        let peak = strength.max() ?? 0
        var group = strength.map { $0 > tolerance * peak ? -1 : -2 }
        var neighbours = [[Int]](repeating: [], count: count)
        func connect(_ nodes: [Int]) {
            for (a, b) in zip(nodes, nodes.dropFirst()) {
                neighbours[a].append(b)
                neighbours[b].append(a)
            }
        }
        for r in task.circuit.resistors { connect([r.positive, r.negative]) }
        for device in task.circuit.otherDevices { connect(device.nodes) }
        var groups = 0
        for start in group.indices where group[start] == -1 {
            let offset = start / count * count
            var open = [start]
            group[start] = groups
            while let place = open.popLast() {
                for next in neighbours[place - offset] where group[offset + next] == -1 {
                    group[offset + next] = groups
                    open.append(offset + next)
                }
            }
            groups += 1
        }
        guard groups > 1, groups <= null.count else { return nil }
        var result: [[Double]] = []
        for index in 0..<groups {
            var outside = WideFactor(rows: null.count)
            for place in group.indices where group[place] >= 0 && group[place] != index {
                try outside.append(fields(place))
            }
            let found = try SingularValues(outside.factor())
            for (k, value) in found.values.enumerated() where value <= tolerance * peak {
                let z = found.left.column(k)
                result.append(
                    null[0].indices.map { row in
                        zip(z, null).reduce(0) { $0 + $1.0 * $1.1[row] }
                    })
            }
        }
        return result.count == null.count ? result : nil
    }
}

/// Σ wᵢ fᵢ.
private func combine(_ weights: ArraySlice<Double>, _ fields: [[Double]]) -> [Double] {
    var sum = [Double](repeating: 0, count: fields.first?.count ?? 0)
    for (weight, field) in zip(weights, fields) where weight != 0 {
        for node in sum.indices { sum[node] += weight * field[node] }
    }
    return sum
}
