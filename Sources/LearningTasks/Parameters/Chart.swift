import Foundation

/// Which function θ of a positive number u (a conductance, say) is the trained variable; of any number where
/// it is u itself.
///
/// A rule gives the descent −∂L/∂u; the variable moves by θ̇ = −∂L/∂θ = −∂L/∂u · du/dθ, so that
/// u̇ = (du/dθ)² · (−∂L/∂u): the mobility f = (du/dθ)². With every element trained and conductances as u,
/// Σ ∫ u/f du is conserved in continuous time (McGinnis, Kline & Mori, arXiv:2606.15444).
public enum Chart: UInt8, Sendable, CaseIterable {
    /// θ = u, f = 1.
    case linear
    /// θ = ln u, f = u².
    case logarithm
    /// θ = 1/u, f = u⁴.
    case reciprocal
    /// θ = √u, f = 4 u.
    case root

    /// As users write it (`*.learn trainable … vary=log`), the first of them as it is printed; none where a number
    /// of this kind has no such variable.
    func names(of quantity: TrainableParameter.Quantity) -> [String] {
        switch (self, quantity) {
        case (.linear, .conductance): ["conductance"]
        case (.linear, .number): ["value"]
        case (.logarithm, _): ["log"]
        case (.reciprocal, .conductance): ["resistance", "value"]
        case (.root, .conductance): ["root"]
        case (.reciprocal, .number), (.root, .number): []
        }
    }

    /// As in: singular values of the outputs by each log-conductance.
    func title(of quantity: TrainableParameter.Quantity) -> String {
        guard quantity == .conductance else { return "value" }
        return switch self {
        case .linear: "conductance"
        case .logarithm: "log-conductance"
        case .reciprocal: "resistance"
        case .root: "root of a conductance"
        }
    }

    /// Whether u must be above 0.
    var isOfPositive: Bool { self != .linear }

    /// Whether θ falls as u rises.
    var isFalling: Bool { self == .reciprocal }

    /// Whether u may pass 0 or ∞ in a step of θ, where it has no end.
    var mayPassTheEnd: Bool { self == .reciprocal }

    package func theta(_ u: Double) -> Double {
        switch self {
        case .linear: u
        case .logarithm: log(u)
        case .reciprocal: 1 / u
        case .root: u.squareRoot()
        }
    }

    /// u, for a θ that it can have: a step past the end of the scale gives 0 or ∞.
    package func number(_ theta: Double) -> Double {
        switch self {
        case .linear: theta
        case .logarithm: exp(theta)
        case .reciprocal: theta > 0 ? 1 / theta : .infinity
        case .root: theta > 0 ? theta * theta : 0
        }
    }

    /// u after a change of θ.
    func moved(_ u: Double, by change: Double) -> Double {
        switch self {
        case .linear: u + change
        case .logarithm: u * exp(change)
        case .reciprocal, .root: number(theta(u) + change)
        }
    }

    /// du/dθ.
    package func slope(_ u: Double) -> Double {
        switch self {
        case .linear: 1
        case .logarithm: u
        case .reciprocal: -u * u
        case .root: 2 * u.squareRoot()
        }
    }

    /// θ(a) − θ(b), without the rounding of two logarithms.
    func difference(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .linear: a - b
        case .logarithm: log(a / b)
        case .reciprocal, .root: theta(a) - theta(b)
        }
    }

    /// ∫ u/f du: what is conserved, summed over elements.
    package func potential(_ u: Double) -> Double {
        switch self {
        case .linear: 0.5 * u * u
        case .logarithm: log(u)
        case .reciprocal: -0.5 / (u * u)
        case .root: 0.25 * u
        }
    }
}

extension Chart {
    /// All names of `vary=`.
    public static var names: [String] {
        allCases.flatMap { $0.names(of: .conductance) + $0.names(of: .number) }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    static func named(_ name: String, of quantity: TrainableParameter.Quantity) -> Chart? {
        allCases.first { $0.names(of: quantity).contains(name) }
    }
}
