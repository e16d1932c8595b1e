#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A function of one argument with its derivative, which parameters and behavioural sources have alike.
struct ElementaryFunction: Sendable {
    let value: @Sendable (Double) -> Double
    /// At x, where the function is y.
    let slope: @Sendable (_ x: Double, _ y: Double) -> Double

    init(
        _ value: @escaping @Sendable (Double) -> Double,
        _ slope: @escaping @Sendable (_ x: Double, _ y: Double) -> Double
    ) {
        (self.value, self.slope) = (value, slope)
    }

    /// By ngspice's names, in lower case.
    static let named: [String: ElementaryFunction] = [
        "sqr": Self({ $0 * $0 }, { x, _ in 2 * x }),
        "sqrt": Self({ $0.squareRoot() }, { 0.5 / $1 }),
        "exp": Self({ exp($0) }, { $1 }),
        "ln": Self({ log($0) }, { x, _ in 1 / x }),
        "log": Self({ log($0) }, { x, _ in 1 / x }),
        "log10": Self({ log10($0) }, { x, _ in 1 / (x * log(10)) }),
        "sin": Self({ sin($0) }, { x, _ in cos(x) }),
        "cos": Self({ cos($0) }, { x, _ in -sin(x) }),
        "tan": Self({ tan($0) }, { 1 + $1 * $1 }),
        "asin": Self({ asin($0) }, { x, _ in 1 / (1 - x * x).squareRoot() }),
        "acos": Self({ acos($0) }, { x, _ in -1 / (1 - x * x).squareRoot() }),
        "atan": Self({ atan($0) }, { x, _ in 1 / (1 + x * x) }),
        "arctan": Self({ atan($0) }, { x, _ in 1 / (1 + x * x) }),
        "sinh": Self({ sinh($0) }, { x, _ in cosh(x) }),
        "cosh": Self({ cosh($0) }, { x, _ in sinh(x) }),
        "tanh": Self({ tanh($0) }, { 1 - $1 * $1 }),
        "asinh": Self({ asinh($0) }, { x, _ in 1 / (1 + x * x).squareRoot() }),
        "acosh": Self({ acosh($0) }, { x, _ in 1 / (x * x - 1).squareRoot() }),
        "atanh": Self({ atanh($0) }, { x, _ in 1 / (1 - x * x) }),
        "abs": Self({ $0.magnitude }, { x, _ in x < 0 ? -1 : 1 }),
    ]
}
