import LearningRules
import LearningTasks
import LinearAlgebra
import Netlist

/// Whether, and how fast, a circuit learns near where it is: the local convergence theory at given
/// conductances.
///
/// Learning moves errors by ė = −J Jᵀ W e/M, with J from `Sensitivity` and W = 1 for EP and AL, Λ for
/// CL. It is coercive if J has full row rank: then every small error decays (McGinnis, Li & Mori,
/// arXiv:2606.15443; docs/theory.md (17)).
///
///     let analysis = try Ngspice.withInstance { ngspice in
///         let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
///         return try Coercivity(
///             of: Sensitivity(of: task, at: TrainedValues(initial: task), in: physics))
///     }
///     print(analysis.spectrum(of: CoupledLearning())?.constant ?? 0)
public struct Coercivity: Sendable {
    /// The eigenvalues of J Jᵀ W/M that count.
    public struct Spectrum: Sendable, Equatable {
        /// The coercivity constant c: λ_min, exactly 0 where the rank is less than the rows.
        public let constant: Double
        /// The smallest eigenvalue on the range of J: c itself where c > 0.
        public let smallest: Double
        /// λ_max.
        public let largest: Double
        /// y of the slowest error, a unit vector over samples, then outputs: near a solution yᵀe falls as
        /// exp(−smallest · t), whatever the other errors do. Empty where nothing moves.
        public let slowest: [Double]

        /// The loss falls as exp(−decayRate · t) at rate 1, over the errors that learning reaches.
        public var decayRate: Double { 2 * smallest }
        /// Steps are stable for rates below 2/λ_max; nil where nothing moves.
        public var stepLimit: Double? { largest > 0 ? 2 / largest : nil }
        /// The rate of steps at which the slowest error decays fastest: 2/(λ_max + λ_min).
        public var bestStep: Double? { largest > 0 ? 2 / (largest + smallest) : nil }
    }

    /// Why the rank is less than the rows.
    public enum Shortfall: Sendable, Equatable {
        /// Outputs of a linear circuit are linear in its inputs: samples beyond the number of
        /// independent inputs repeat what the others said.
        case samples(independentInputs: Int)
        /// Fewer moving parameters than output values that could differ.
        case parameters(Int, outputValues: Int)
        /// Less rank than counting allows.
        case degenerate
    }

    public let outputs: Int
    public let samples: Int
    /// Trained variables; those at a bound included.
    public let trainable: Int
    /// Indices of parameters that rest: they are at a bound and pushed against it, and have no column.
    public let resting: [Int]
    /// σ of J in descending order, V per unit of θ: as many as rows or moving parameters, whichever is
    /// less. Not divided by the number of samples.
    public let singularValues: [Double]
    /// σ ≤ this counts as zero; see `relativeRankTolerance`.
    public let rankTolerance: Double
    public let rank: Int
    /// EP and AL.
    public let squaredError: Spectrum
    /// CL; nil where its clamps contradict each other, two outputs being the same voltage.
    public let coupled: Spectrum?
    public let shortfalls: [Shortfall]
    /// What makes a degenerate circuit so, a direction at a time.
    public let degeneracies: [Degeneracy]
    /// |N Nᵀ e|/|e| with N the null directions of Jᵀ: the part of the present error that no trained
    /// resistor reduces to first order. 0 where there is no error.
    public let lostErrorShare: Double
    public let conserved: ConservedQuantity
    /// Devices through which signals may pass one way. J is what nudges see, by reciprocity the outputs'
    /// sensitivities; where such devices lie between the resistors and the outputs the two differ.
    public let oneWayDevices: [String]

    public var rows: Int { outputs * samples }
    public var isCoercive: Bool { rank == rows }
    /// The dimension of the solution manifold {e = 0} at a solution.
    public var solutionDimension: Int { trainable - resting.count - rank }

    public func spectrum(of rule: some LearningRule) -> Spectrum? {
        switch type(of: rule).errorWeight {
        case .identity: squaredError
        case .outputConductance: coupled
        }
    }

    /// Relative tolerance on σ below which rank is lost.
    ///
    /// Linear circuits: max(rows, columns) · eps · 100; rounding in LAPACK is within the first two
    /// factors, the hundred is for that in the engine's solutions. Nonlinear: at least 1e-7, the accuracy
    /// of adjoint fields that are found from differences of two operating points. `rankTolerance` is
    /// never below 100 eps (1e-7) times the voltages and fields whose differences make up J, so that a J
    /// of nothing but rounding has rank 0.
    public static func relativeRankTolerance(rows: Int, columns: Int, isLinear: Bool) -> Double {
        let rounding = Double(max(rows, columns)) * Double.ulpOfOne * 100
        return isLinear ? rounding : max(rounding, 1e-7)
    }

    /// - Parameters:
    ///   - rule: decides which parameters a bound holds.
    ///   - sides: of the nudging; one-sided breaks the conserved quantity.
    ///   - rankTolerance: relative to σ_max; nil for `relativeRankTolerance`.
    /// - Complexity: with r = rows, or outputs × inputs where that is less in a linear circuit, and n the
    ///   lesser of r and the number of parameters, O(r · parameters · n) time and O(n²) memory beside the
    ///   fields.
    /// - Throws: `FactorizationError` where the fields are not finite.
    public init(
        of sensitivity: Sensitivity, rule: some LearningRule = AdjointCoupledLearning(),
        sides: Nudging.Sides = .centered, rankTolerance: Double? = nil
    ) throws {
        try self.init(
            of: sensitivity, rule: rule, sides: sides, rankTolerance: rankTolerance,
            largeSize: SensitivitySpectrum.largeSize)
    }

    /// - Parameter largeSize: rows from which `SensitivitySpectrum` leaves out what isn't needed.
    init(
        of sensitivity: Sensitivity, rule: some LearningRule = AdjointCoupledLearning(),
        sides: Nudging.Sides = .centered, rankTolerance: Double? = nil, largeSize: Int
    ) throws {
        let task = sensitivity.task
        let rows = sensitivity.rows
        let mean = 1 / Double(max(task.samples.count, 1))
        outputs = task.outputs.count
        samples = task.samples.count
        trainable = task.parameters.count
        let factors = sensitivity.adjoint.indices.map {
            choleskyFactor(sensitivity.outputResistance(state: $0))
        }
        // Of every state, or none: clamps that contradict each other weigh nothing.
        let weights = factors.contains { $0 == nil } ? [] : factors.compactMap(\.self)
        let errors =
            sensitivity.mixture?.reduced(sensitivity.errors, outputs: outputs)
            ?? sensitivity.errors
        var pull = errors
        if type(of: rule).errorWeight == .outputConductance {
            Self.applyOutputConductance(factors, to: &pull, outputs: outputs)
        }

        let resting = sensitivity.conductances.resting(
            velocity: task.parameters.indices.map { index in
                -zip(sensitivity.stateColumn(index), pull).reduce(0) { $0 + $1.0 * $1.1 }
            }, of: task
        ).sorted()
        let restingSet = Set(resting)
        let moving = task.parameters.indices.filter { !restingSet.contains($0) }
        let relative =
            rankTolerance
            ?? Self.relativeRankTolerance(
                rows: rows, columns: moving.count, isLinear: task.circuit.isLinear)
        let rounding = (task.circuit.isLinear ? 100 * Double.ulpOfOne : 1e-7) * sensitivity.scale()
        let decomposition = try SensitivitySpectrum(
            of: sensitivity, moving: moving, errors: errors, largeSize: largeSize,
            tolerance: { max(relative * $0, rounding) })
        let rank = decomposition.rank
        self.resting = resting
        // Rows that repeat what others say have singular values of 0.
        let missing = min(rows, moving.count) - decomposition.values.count
        singularValues = decomposition.values + [Double](repeating: 0, count: max(missing, 0))
        self.rankTolerance = max(relative * (decomposition.values.first ?? 0), rounding)
        self.rank = rank
        func spectrum(_ found: SensitivitySpectrum, slowest: [Double]) -> Spectrum {
            let (largest, smallest) =
                rank > 0 ? (found.value(0), found.value(rank - 1)) : (0, 0)
            return Spectrum(
                constant: rank == rows ? smallest * smallest * mean : 0,
                smallest: smallest * smallest * mean, largest: largest * largest * mean,
                slowest: sensitivity.mixture?.expanded(slowest, outputs: task.outputs.count)
                    ?? slowest)
        }
        squaredError = spectrum(
            decomposition, slowest: rank > 0 ? try decomposition.left(rank - 1) : [])
        if weights.isEmpty {
            coupled = nil
        } else {
            let weighted = try decomposition.weighted(
                by: weights, errors: errors, largeSize: largeSize)
            coupled = spectrum(
                weighted,
                slowest: rank > 0
                    ? Self.unweighted(try weighted.left(rank - 1), by: weights, outputs: outputs)
                    : [])
        }

        var shortfalls: [Shortfall] = []
        var most = rows
        if task.circuit.isLinear, rank < rows {
            let inputs = try task.independentInputs()
            if inputs < samples {
                shortfalls.append(.samples(independentInputs: inputs))
                most = outputs * inputs
            }
        }
        if moving.count < most {
            shortfalls.append(.parameters(moving.count, outputValues: most))
            most = moving.count
        }
        if rank < most {
            shortfalls.append(.degenerate)
            degeneracies = try Degeneracy.find(
                null: try decomposition.null(rank: rank), in: sensitivity, resting: restingSet,
                tolerance: max(1e-6, 100 * relative))
        } else {
            degeneracies = []
        }
        self.shortfalls = shortfalls
        lostErrorShare =
            rank == rows
            ? 0 : Self.lostShare(of: errors, beyond: decomposition, rank: rank, sensitivity)
        conserved = ConservedQuantity(
            task: task, conductances: sensitivity.conductances, sides: sides,
            resting: restingSet)
        oneWayDevices = task.oneWayDevices
    }

    /// The eigenvalues of Λ^½ J Jᵀ Λ^½ are the squares of the singular values of C⁻¹ J with C Cᵀ = Λ⁻¹.
    /// Left singular vectors q say how C⁻¹ e decays: y = C⁻ᵀ q.
    private static func unweighted(
        _ q: [Double], by factors: [DenseMatrix], outputs: Int
    ) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(q.count)
        for start in stride(from: 0, to: q.count, by: outputs) {
            var part = Array(q[start..<start + outputs])
            solveLowerTransposed(factors[min(start / outputs, factors.count - 1)], &part)
            result += part
        }
        let size = result.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for index in result.indices { result[index] /= size }
        return result
    }

    /// e ← Λ e, sample by sample.
    private static func applyOutputConductance(
        _ weights: [DenseMatrix?], to errors: inout [Double], outputs: Int
    ) {
        for start in stride(from: 0, to: errors.count, by: max(outputs, 1)) {
            guard let factor = weights[min(start / outputs, weights.count - 1)] else { continue }
            var part = Array(errors[start..<start + outputs])
            solveLower(factor, &part)
            solveLowerTransposed(factor, &part)
            for o in 0..<outputs { errors[start + o] = part[o] }
        }
    }

    /// - Parameter errors: for each state and output.
    private static func lostShare(
        of errors: [Double], beyond spectrum: SensitivitySpectrum, rank: Int,
        _ sensitivity: Sensitivity
    ) -> Double {
        let whole = sensitivity.errors
        let size = whole.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let scale = sensitivity.states.reduce(0.0) { $1.reduce($0) { max($0, abs($1)) } }
        // Errors of rounding have no direction.
        guard size > 1e-12 * scale else { return 0 }
        // What no sum of the states can follow.
        var beyond = 0.0
        if let mixture = sensitivity.mixture {
            let followed = mixture.expanded(errors, outputs: sensitivity.task.outputs.count)
            for (a, b) in zip(whole, followed) { beyond += (a - b) * (a - b) }
        }
        let lost = spectrum.lost(of: errors, rank: rank)
        return min((beyond + lost * lost).squareRoot() / size, 1)
    }
}

extension LearningTask {
    /// The rank of the samples' inputs; the sources that samples leave alone are one more input of value 1.
    func independentInputs() throws -> Int {
        let names = Set(inputs.map(\.ngspiceName))
        let hasConstant = circuit.sources.contains {
            $0.dcValue != 0 && !names.contains($0.ngspiceName)
        }
        var factor = WideFactor(rows: inputs.count + (hasConstant ? 1 : 0))
        for sample in samples { try factor.append(sample.inputs + (hasConstant ? [1] : [])) }
        let values = try SingularValues(factor.factor()).values
        let tolerance = Coercivity.relativeRankTolerance(
            rows: values.count, columns: samples.count, isLinear: true)
        return values.filter { $0 > tolerance * (values.first ?? 0) }.count
    }
}
