#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A function that numparam of ngspice 39 has (`fmathS` and `mathfunction` in its `xpressn.c`).
///
/// `log` is the natural logarithm. There is no `trunc`, `atan2`, `if` or `defined`, and `limit` is
/// random: its first argument plus or minus its second.
struct BuiltInFunction: Sendable {
    enum Value: Sendable {
        case of1(@Sendable (Double) -> Double)
        case of2(@Sendable (Double, Double) -> Double)
        /// `ternary_fcn(c, a, b)`, which is `c ? a : b`.
        case conditional
        /// Drawn anew by ngspice each time it reads the deck.
        case random
    }

    let argumentCount: Int
    let value: Value

    /// Whether ngspice reads a call with one argument as one whose first argument is 1.
    var mayBeShort: Bool { if case .of2 = value { true } else { false } }

    private static func of1(_ f: @escaping @Sendable (Double) -> Double) -> Self {
        Self(argumentCount: 1, value: .of1(f))
    }

    private static func of2(_ f: @escaping @Sendable (Double, Double) -> Double) -> Self {
        Self(argumentCount: 2, value: .of2(f))
    }

    private static func random(_ argumentCount: Int) -> Self {
        Self(argumentCount: argumentCount, value: .random)
    }

    static let named: [String: BuiltInFunction] = ElementaryFunction.named.mapValues {
        of1($0.value)
    }.merging(others) { $1 }

    private static let others: [String: BuiltInFunction] = [
        "sgn": of1 { $0 > 0 ? 1 : $0 == 0 ? 0 : -1 },
        "int": of1 { $0.rounded(.towardZero) },
        "nint": of1 { $0.rounded(.toNearestOrEven) },
        "ceil": of1 { $0.rounded(.up) },
        "floor": of1 { $0.rounded(.down) },
        "pow": of2 { pow($0, $1) },
        "pwr": of2 { pow($0.magnitude, $1) },
        "max": of2 { $1 > $0 ? $1 : $0 },
        "min": of2 { $1 < $0 ? $1 : $0 },
        "ternary_fcn": Self(argumentCount: 3, value: .conditional),
        "agauss": random(3),
        "gauss": random(3),
        "unif": random(2),
        "aunif": random(2),
        "limit": random(2),
    ]

    /// In the order of the alphabet: a function's number is its place.
    static let names = named.keys.sorted()
    static let numbered = names.compactMap { named[$0] }
    static let numbers = Dictionary(
        names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
}

/// How a number is raised to a power in an expression.
public enum PowerRule: Sendable {
    /// ngspice's own: the base's magnitude.
    case magnitude
    /// Of a negative base only whole powers, of others 0.
    case ltspice
    /// Of a negative base the nearest whole power.
    case hspice

    func callAsFunction(_ base: Double, _ exponent: Double) -> Double {
        switch self {
        case .magnitude: return pow(base.magnitude, exponent)
        case .ltspice:
            guard base < 0 else { return pow(base, exponent) }
            let whole = exponent.rounded(.toNearestOrEven)
            return (whole - exponent).magnitude <= 10 * exponent.ulp ? pow(base, whole) : 0
        case .hspice:
            if base == 0 { return 0 }
            return pow(base, base < 0 ? exponent.rounded(.toNearestOrAwayFromZero) : exponent)
        }
    }
}

extension Expression.BinaryOperator {
    /// As numparam's `operate` has it.
    func callAsFunction(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .remainder: a - b * (a / b).rounded(.towardZero)
        case .wholeQuotient: (a / b).magnitude.rounded(.towardZero)
        case .power: pow(a.magnitude, b)
        case .equal: a == b ? 1 : 0
        case .notEqual: a != b ? 1 : 0
        case .less: a < b ? 1 : 0
        case .lessOrEqual: a <= b ? 1 : 0
        case .greater: a > b ? 1 : 0
        case .greaterOrEqual: a >= b ? 1 : 0
        case .and: a != 0 && b != 0 ? 1 : 0
        case .or: a != 0 || b != 0 ? 1 : 0
        }
    }
}
