import Netlist

/// Whether, and how fast, a circuit learns near where it is: the local convergence theory at given
/// conductances.
///
/// Learning moves errors by ė = −J Jᵀ W e/M, with J from `Sensitivity` and W = 1 for EP and AL, Λ for
/// CL. It is coercive if J has full row rank: then every small error decays (McGinnis, Li & Mori,
/// arXiv:2606.15443; theory: "Coercivity and local convergence").
///
///     let analysis = try Ngspice.withInstance { ngspice in
///         let physics = try NgspicePhysics(deck: deck, task: task, ngspice: ngspice)
///         return try Coercivity(
///             of: Sensitivity(of: task, at: TrainedConductances(initial: task), in: physics))
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
    /// - Complexity: O(parameters · rows²) time; O(rows²) memory beside the fields.
    /// - Throws: `FactorizationError` where the fields are not finite.
    public init(
        of sensitivity: Sensitivity, rule: some LearningRule = AdjointCoupledLearning(),
        sides: Nudging.Sides = .centered, rankTolerance: Double? = nil
    ) throws {
        let task = sensitivity.task
        let rows = sensitivity.rows
        let mean = 1 / Double(max(task.samples.count, 1))
        outputs = task.outputs.count
        samples = task.samples.count
        trainable = task.parameters.count
        let weights = sensitivity.adjoint.indices.map {
            choleskyFactor(sensitivity.outputResistance(sample: $0))
        }
        let errors = sensitivity.errors
        var pull = errors
        if type(of: rule).errorWeight == .outputConductance {
            Self.applyOutputConductance(weights, to: &pull, outputs: outputs)
        }

        var factor = WideFactor(rows: rows)
        var resting: [Int] = []
        for (index, parameter) in task.parameters.enumerated() {
            let column = sensitivity.column(index)
            let velocity = -zip(column, pull).reduce(0) { $0 + $1.0 * $1.1 }
            let g = sensitivity.conductances.values[index]
            if (g <= parameter.bounds.lowerBound && velocity <= 0)
                || (g >= parameter.bounds.upperBound && velocity >= 0)
            {
                resting.append(index)
            } else {
                try factor.append(column)
            }
        }
        let triangle = try factor.factor()
        let moving = trainable - resting.count
        let decomposition = try SingularValues(triangle)
        let largest = decomposition.values.first ?? 0
        let relative =
            rankTolerance
            ?? Self.relativeRankTolerance(
                rows: rows, columns: moving, isLinear: task.circuit.isLinear)
        let rounding = (task.circuit.isLinear ? 100 * Double.ulpOfOne : 1e-7) * sensitivity.scale()
        let tolerance = max(relative * largest, rounding)
        let rank = decomposition.values.prefix(moving).filter { $0 > tolerance }.count
        self.resting = resting
        singularValues = Array(decomposition.values.prefix(moving))
        self.rankTolerance = tolerance
        self.rank = rank
        squaredError = Self.spectrum(
            decomposition.values, slowest: rank > 0 ? decomposition.left.column(rank - 1) : [],
            rank: rank, mean: mean)
        coupled = try Self.coupled(
            triangle, weights: weights, outputs: outputs, rank: rank, mean: mean)

        var shortfalls: [Shortfall] = []
        var most = rows
        if task.circuit.isLinear, rank < rows {
            let inputs = try task.independentInputs()
            if inputs < samples {
                shortfalls.append(.samples(independentInputs: inputs))
                most = outputs * inputs
            }
        }
        if moving < most {
            shortfalls.append(.parameters(moving, outputValues: most))
            most = moving
        }
        let null = (rank..<rows).map { decomposition.left.column($0) }
        if rank < most {
            shortfalls.append(.degenerate)
            degeneracies = try Degeneracy.find(
                null: null, in: sensitivity, resting: Set(resting),
                tolerance: max(1e-6, 100 * relative))
        } else {
            degeneracies = []
        }
        self.shortfalls = shortfalls
        lostErrorShare = Self.share(of: null, in: errors, sensitivity)
        conserved = ConservedQuantity(
            task: task, conductances: sensitivity.conductances, sides: sides,
            resting: Set(resting))
        oneWayDevices = task.oneWayDevices
    }

    private static func spectrum(
        _ sigma: [Double], slowest: [Double], rank: Int, mean: Double
    ) -> Spectrum {
        let smallest = rank > 0 ? sigma[rank - 1] * sigma[rank - 1] * mean : 0
        let largest = rank > 0 ? sigma[0] * sigma[0] * mean : 0
        return Spectrum(
            constant: rank == sigma.count ? smallest : 0, smallest: smallest, largest: largest,
            slowest: slowest)
    }

    /// From the singular values of C⁻¹ J with C Cᵀ = Λ⁻¹, whose squares are the eigenvalues of
    /// Λ^½ J Jᵀ Λ^½. Its left singular vectors q say how C⁻¹ e decays: y = C⁻ᵀ q.
    private static func coupled(
        _ triangle: DenseMatrix, weights: [DenseMatrix?], outputs: Int, rank: Int, mean: Double
    ) throws -> Spectrum? {
        let factors = weights.compactMap(\.self)
        guard factors.count == weights.count, !factors.isEmpty else { return nil }
        func transform(
            _ vector: [Double], _ solve: (DenseMatrix, inout [Double]) -> Void
        ) -> [Double] {
            stride(from: 0, to: vector.count, by: outputs).flatMap { start in
                var part = Array(vector[start..<start + outputs])
                solve(factors[min(start / outputs, factors.count - 1)], &part)
                return part
            }
        }
        var result = triangle
        for column in 0..<triangle.columns {
            for (row, value) in transform(triangle.column(column), solveLower).enumerated() {
                result[row, column] = value
            }
        }
        let decomposition = try SingularValues(result)
        var slowest: [Double] = []
        if rank > 0 {
            slowest = transform(decomposition.left.column(rank - 1), solveLowerTransposed)
            let size = slowest.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for index in slowest.indices { slowest[index] /= size }
        }
        return spectrum(decomposition.values, slowest: slowest, rank: rank, mean: mean)
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

    private static func share(
        of null: [[Double]], in errors: [Double], _ sensitivity: Sensitivity
    ) -> Double {
        let size = errors.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let scale = sensitivity.free.reduce(0.0) { $1.voltages.reduce($0) { max($0, abs($1)) } }
        // Errors of rounding have no direction.
        guard size > 1e-12 * scale else { return 0 }
        let lost = null.reduce(0.0) { sum, w in
            let along = zip(w, errors).reduce(0) { $0 + $1.0 * $1.1 }
            return sum + along * along
        }
        return lost.squareRoot() / size
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
