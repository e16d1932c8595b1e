import Engines
import LearningTasks
import Netlist

extension LearningMethod {
    /// The same with a centered nudge so small that its bias does not show, for nonlinear circuits.
    ///
    /// What a nudge of one strength does to a junction depends on the error that it is given: a bias of
    /// O(h² e²), which 1e-3 of the output conductance leaves below 1e-6 where errors are some 0.1 V, and at
    /// 0.1 to 0.7 % where they are volts at a steep junction. So the bias is measured, by an update with half
    /// the strength u(h/2),
    ///
    ///     bias = 4/3 max |uᵢ(h) − uᵢ(h/2)|/max(|uᵢ|, 0.01 max |u|)
    ///
    /// over the trained resistors i, or by the limit itself where the engine has it, and h is lowered until
    /// bias ≤ 2e-6, or until it is rounding that is measured: then strengths between are tried, and that with the
    /// least is taken; where it was rounding from the start, stronger ones. As the errors fall in training, so does
    /// the bias.
    ///
    /// - Parameters:
    ///   - errors: at the physics' present resistances: of many samples, those with the largest are nudged.
    ///   - physics: of a nonlinear circuit.
    func settled(
        for task: LearningTask, errors: OutputTable, in physics: any Physics
    ) throws -> LearningMethod {
        let few = task.selecting(Self.largest(errors))
        let trained = Set(task.numbers.trainedPlaces)
        func update(_ h: Double, _ sides: Nudging.Sides) throws -> [Double] {
            let method = with(Nudging(strength: h, sides: sides))
            let update = try method.states(of: few, in: physics).update
            return trained.map { update[$0] }
        }
        // Any strength gives the limit, which loses fewest digits where outputs move by the size of their errors.
        let limit =
            physics.linearisesExactly ? try? update(1e3 * nudging.strength, .limit) : nil
        // A state that can't be found tells nothing of the others.
        func bias(_ h: Double) -> Double? {
            guard let whole = try? update(h, nudging.sides) else { return nil }
            if let limit { return Self.distance(whole, limit) }
            return (try? update(h / 2, nudging.sides)).map { 4 / 3 * Self.distance(whole, $0) }
        }
        var strength = nudging.strength
        var best = (strength: strength, bias: Double.infinity)
        // The nearest above or below the best at which more was measured.
        var worse: Double?
        for _ in 0..<Self.mostAttempts {
            if let bias = bias(strength) {
                if bias < best.bias {
                    best = (strength, bias)
                    strength *= max(0.7 * (Self.largestBias / bias).squareRoot(), 0.03)
                } else {
                    worse = strength
                }
                guard best.bias > Self.largestBias else { break }
                if let worse { strength = (best.strength * worse).squareRoot() }
                guard strength < 0.6 * best.strength else { break }
            } else {
                // With a weaker nudge there may be one.
                guard best.bias == .infinity else { break }
                strength *= 0.03
                best.strength = strength
            }
        }
        // It was rounding from the start, of outputs that trained resistors hardly feel.
        if best.strength == nudging.strength, best.bias.isFinite {
            var factor = Self.rise
            while best.bias > Self.largestBias, factor > 1.5 {
                let stronger = best.strength * factor
                if stronger <= Self.rise * Self.rise * nudging.strength,
                    let bias = bias(stronger), bias < best.bias
                {
                    best = (stronger, bias)
                } else {
                    factor = factor.squareRoot()
                }
            }
        }
        return LearningMethod(
            rule: rule, nudging: Nudging(strength: best.strength, sides: nudging.sides),
            nudgeError: best.bias)
    }

    /// Twice this is a third of the output conductance, beyond which centered branches are singular.
    private static let rise = 17.0
    private static let largestBias = 2e-6
    private static let mostAttempts = 8
    private static let mostSamples = 16

    /// The samples with the largest errors, in their order.
    private static func largest(_ errors: OutputTable) -> [Int] {
        let sizes = (0..<errors.samples).map { errors.row($0).reduce(0) { max($0, abs($1)) } }
        guard sizes.count > mostSamples else { return Array(sizes.indices) }
        return sizes.indices.sorted { sizes[$0] > sizes[$1] }.prefix(mostSamples).sorted()
    }

    private static func distance(_ update: [Double], _ reference: [Double]) -> Double {
        let largest = reference.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else { return 0 }
        let worst = zip(update, reference).reduce(0) { worst, pair in
            max(worst, abs(pair.0 - pair.1) / max(abs(pair.1), 0.01 * largest))
        }
        return worst.isFinite ? worst : .infinity
    }
}
