import Foundation
import LearningTasks
import LinearAlgebra

/// What the outputs were seen to do: a linear model J of how the errors answer to a change of the
/// conductances, from directions in which these have been moved.
///
/// Each parameter keeps its own part dᵢ of each direction; all that they share are a few numbers, sums over
/// parameters or over errors. J is the ridge regression of the responses rᵢ on the directions (Hoerl &
/// Kennard 1970, doi:10.1080/00401706.1970.10488634),
///
///     J = R (K + S)⁻¹ Dᵀ,   K = DᵀD,   S = diag(sᵢ²)
///
/// with D and R the directions and responses as columns, |dᵢ| = 1, and sᵢ how far rᵢ may be wrong,
/// relative to itself: nearly parallel directions whose responses disagree are averaged, not
/// extrapolated. With s = 0 it is the multisecant model of quasi-Newton methods (Fang & Saad 2009,
/// doi:10.1002/nla.617).
struct ResponseModel: Sendable, Codable {
    /// A direction of unit length, and what the errors do per unit of it, V.
    private struct Seen: Sendable, Codable {
        var direction: PackedDoubles
        var response: PackedDoubles
        /// s².
        var doubt: Double
    }

    private var seen: [Seen] = []

    /// Directions that are kept: of those that training has needed, the last.
    private var memory = leastMemory
    private static let leastMemory = 10
    /// Where answers stay true for longer, since the circuit is linear.
    private static let mostMemory = 20
    /// Parameters, each of which keeps its part, that are too many for that.
    private static let many = 100_000
    /// The least doubt: that of a difference of two states. With less, roundings would come out larger where
    /// directions are nearly parallel, and two engines would end further apart.
    private static let leastDoubt = 1e-4

    /// How many directions are worth remembering for a task.
    mutating func suit(_ task: LearningTask) {
        memory =
            task.circuit.isLinear && task.parameters.count < Self.many
            ? Self.mostMemory : Self.leastMemory
    }

    /// - Parameters:
    ///   - change: of each parameter.
    ///   - response: of each error to it, V.
    ///   - doubt: how far the response may be wrong, relative to itself.
    mutating func see(change: [Double], response: [Double], doubt: Double = 0) {
        let length = dot(change, change).squareRoot()
        guard length > 0, length.isFinite, response.allSatisfy(\.isFinite) else { return }
        let s = max(min(doubt, 1), Self.leastDoubt)
        seen.append(
            Seen(
                direction: PackedDoubles(wrappedValue: change.map { $0 / length }),
                response: PackedDoubles(wrappedValue: response.map { $0 / length }), doubt: s * s))
        if seen.count > memory { seen.removeFirst() }
    }

    /// Doubts all that was seen so far: the circuit has moved on, and answered otherwise than expected.
    ///
    /// - Parameter surprise: the part of a response that was not expected, relative to what was.
    mutating func doubt(_ surprise: Double) {
        let s = min(surprise, 1)
        for index in seen.indices { seen[index].doubt += s * s }
    }

    /// Keeps only the last direction.
    mutating func forgetAllButLast() { seen.removeFirst(max(seen.count - 1, 0)) }

    /// A change of the parameters, and what the errors are then expected to be, V.
    struct Step {
        var change: [Double]
        var expected: [Double]
    }

    /// The step that leaves the smallest errors by this model, among the sums of the directions seen of
    /// which no component is larger than `radius`: that of Levenberg and Marquardt, min |e + J δ|² + μ²|δ|²
    /// with the least μ that will do (Moré 1978, doi:10.1007/BFb0067700).
    ///
    /// - Parameter errors: e, V.
    /// - Returns: nil where nothing was seen.
    /// - Throws: `FactorizationError` for responses that are no numbers.
    func step(errors: [Double], within radius: Double) throws -> Step? {
        let directions = seen.map(\.direction.wrappedValue)
        let responses = seen.map(\.response.wrappedValue)
        let overlaps = gram(directions)
        var doubted = overlaps
        for index in seen.indices { doubted[index, index] += seen[index].doubt }
        guard !seen.isEmpty, let factor = choleskyFactor(doubted) else { return nil }
        // δ = D C x with an orthonormal basis D C; J δ = R X x.
        let spectrum = try SingularValues(overlaps)
        let largest = spectrum.values[0]
        let kept = spectrum.values.indices.filter { spectrum.values[$0] > 1e-8 * largest }
        let basis = kept.map { k in
            seen.indices.map { spectrum.left[$0, k] / spectrum.values[k].squareRoot() }
        }
        let images = basis.map { solve(factor, product(overlaps, $0)) }
        // Not by RᵀR, which would square the ratio of the largest to the smallest answer.
        var answers = DenseMatrix(rows: max(errors.count, kept.count), columns: kept.count)
        for column in kept.indices {
            let answer = combination(of: responses, images[column])
            for row in answer.indices { answers[row, column] = answer[row] }
        }
        let factors = try TallFactors(answers)
        let modes = try SingularValues(factors.r)
        guard modes.values[0] > 0 else { return nil }
        let components = kept.indices.map { column in
            errors.indices.reduce(0) { $0 + factors.q[$1, column] * errors[$1] }
        }
        let along = kept.indices.map { mode in
            kept.indices.reduce(0) { $0 + modes.left[$1, mode] * components[$1] }
        }

        func coordinates(_ damping: Double) -> [Double] {
            var x = [Double](repeating: 0, count: kept.count)
            for mode in kept.indices {
                let size = modes.values[mode]
                let amount = -along[mode] * size / (size * size + damping * damping)
                for index in x.indices { x[index] += amount * modes.right[mode, index] }
            }
            return x
        }
        func change(_ x: [Double]) -> [Double] {
            combination(of: directions, combination(of: basis, x))
        }

        var damping = 1e-6 * modes.values[0]
        var x = coordinates(damping)
        var result = change(x)
        if largestMagnitude(result) > radius {
            // The step shrinks as μ grows: halve log μ until it fits to a tenth.
            var (low, high) = (log(damping), log(damping) + 30)
            for _ in 0..<40 {
                let middle = (low + high) / 2
                damping = exp(middle)
                x = coordinates(damping)
                result = change(x)
                let size = largestMagnitude(result)
                if size > radius { low = middle } else { high = middle }
                if size <= radius, size > 0.9 * radius { break }
            }
            let size = largestMagnitude(result)
            if size > radius {
                x = x.map { $0 * radius / size }
                result = change(x)
            }
        }
        let answer = combination(of: responses, combination(of: images, x))
        return Step(change: result, expected: zip(errors, answer).map(+))
    }

    /// J times a change: what the errors are expected to do, V.
    func response(to change: [Double]) -> [Double] {
        let directions = seen.map(\.direction.wrappedValue)
        var doubted = gram(directions)
        for index in seen.indices { doubted[index, index] += seen[index].doubt }
        guard let factor = choleskyFactor(doubted) else {
            return [Double](repeating: 0, count: seen.first?.response.wrappedValue.count ?? 0)
        }
        return combination(
            of: seen.map(\.response.wrappedValue), solve(factor, directions.map { dot($0, change) })
        )
    }

    /// Whether these are finite numbers of the shape that the task asks for.
    func fits(_ task: LearningTask) -> Bool {
        let errors = task.samples.count * task.outputs.count
        return seen.count <= memory && (0...Self.mostMemory).contains(memory)
            && seen.allSatisfy { seen in
                seen.direction.wrappedValue.count == task.parameters.count
                    && seen.response.wrappedValue.count == errors
                    && seen.direction.wrappedValue.allSatisfy(\.isFinite)
                    && seen.response.wrappedValue.allSatisfy(\.isFinite)
                    && seen.doubt > 0 && seen.doubt.isFinite
            }
    }
}

// MARK: Small vectors and matrices

package func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
}

package func largestMagnitude(_ vector: [Double]) -> Double {
    vector.reduce(0) { max($0, abs($1)) }
}

/// AᵀA of the columns of A.
private func gram(_ columns: [[Double]]) -> DenseMatrix {
    var result = DenseMatrix(rows: columns.count, columns: columns.count)
    for row in columns.indices {
        for column in 0...row {
            let value = dot(columns[row], columns[column])
            (result[row, column], result[column, row]) = (value, value)
        }
    }
    return result
}

private func product(_ matrix: DenseMatrix, _ vector: [Double]) -> [Double] {
    (0..<matrix.rows).map { row in
        vector.indices.reduce(0) { $0 + matrix[row, $1] * vector[$1] }
    }
}

/// Σ xᵢ vᵢ.
private func combination(of vectors: [[Double]], _ x: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: vectors.first?.count ?? 0)
    for (vector, weight) in zip(vectors, x) where weight != 0 {
        for index in result.indices { result[index] += weight * vector[index] }
    }
    return result
}

/// (C Cᵀ)⁻¹ b.
private func solve(_ factor: DenseMatrix, _ b: [Double]) -> [Double] {
    var x = b
    for row in x.indices {
        for column in 0..<row { x[row] -= factor[row, column] * x[column] }
        x[row] /= factor[row, row]
    }
    for row in x.indices.reversed() {
        for column in row + 1..<x.count { x[row] -= factor[column, row] * x[column] }
        x[row] /= factor[row, row]
    }
    return x
}
