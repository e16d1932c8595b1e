import Foundation

/// Which function θ of a positive number u (a conductance, say) is the trained variable; of any number where
/// it is u itself.
///
/// A rule gives the descent −∂L/∂u; the variable moves by θ̇ = −∂L/∂θ = −∂L/∂u · du/dθ, so that
/// u̇ = (du/dθ)² · (−∂L/∂u): the mobility f = (du/dθ)². With every element trained and conductances as u,
/// Σ ∫ u/f du is conserved in continuous time (McGinnis, Kline & Mori, arXiv:2606.15444).
package enum Chart: UInt8, Sendable {
    /// θ = u, f = 1.
    case linear
    /// θ = ln u, f = u².
    case logarithm
    /// θ = 1/u, f = u⁴.
    case reciprocal
    /// θ = √u, f = 4 u.
    case root

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
