/// A number with its derivatives with respect to several voltages: forward-mode differentiation.
///
/// Parameters beside it are plain numbers.
struct Dual<Partials: SIMD>: VoltageNumber where Partials.Scalar == Double, Partials: Sendable {
    var value: Double
    var partials: Partials

    @inline(__always) init(_ value: Double, _ partials: Partials) {
        self.value = value
        self.partials = partials
    }

    @inline(__always) init(_ constant: Double) { self.init(constant, .zero) }
    @inline(__always) init(coefficient: Double) { self.init(coefficient, .zero) }

    /// A voltage, the one with this number.
    @inline(__always) init(_ value: Double, number: Int) {
        var partials = Partials.zero
        partials[number] = 1
        self.init(value, partials)
    }

    /// f(self), f having this value and slope.
    @inline(__always) private func chain(_ value: Double, slope: Double) -> Self {
        Self(value, partials * slope)
    }

    @inline(__always) static prefix func - (a: Self) -> Self { Self(-a.value, -a.partials) }
    @inline(__always) static func + (a: Self, b: Self) -> Self {
        Self(a.value + b.value, a.partials + b.partials)
    }
    @inline(__always) static func - (a: Self, b: Self) -> Self {
        Self(a.value - b.value, a.partials - b.partials)
    }
    @inline(__always) static func * (a: Self, b: Self) -> Self {
        Self(a.value * b.value, a.partials * b.value + b.partials * a.value)
    }
    @inline(__always) static func / (a: Self, b: Self) -> Self {
        let quotient = a.value / b.value
        return Self(quotient, (a.partials - b.partials * quotient) * (1 / b.value))
    }

    @inline(__always) static func + (a: Self, b: Double) -> Self { Self(a.value + b, a.partials) }
    @inline(__always) static func + (a: Double, b: Self) -> Self { Self(a + b.value, b.partials) }
    @inline(__always) static func - (a: Self, b: Double) -> Self { Self(a.value - b, a.partials) }
    @inline(__always) static func - (a: Double, b: Self) -> Self { Self(a - b.value, -b.partials) }
    @inline(__always) static func * (a: Double, b: Self) -> Self { b.chain(a * b.value, slope: a) }
    @inline(__always) static func / (a: Self, b: Double) -> Self {
        a.chain(a.value / b, slope: 1 / b)
    }
    @inline(__always) static func / (a: Double, b: Self) -> Self {
        let quotient = a / b.value
        return b.chain(quotient, slope: -quotient / b.value)
    }

    @inline(__always) static func exp(_ x: Self) -> Self {
        let value = Double.exp(x.value)
        return x.chain(value, slope: value)
    }
    @inline(__always) static func log(_ x: Self) -> Self {
        x.chain(.log(x.value), slope: 1 / x.value)
    }
    @inline(__always) static func sqrt(_ x: Self) -> Self {
        let value = x.value.squareRoot()
        return x.chain(value, slope: 0.5 / value)
    }
    @inline(__always) static func tan(_ x: Self) -> Self {
        let value = Double.tan(x.value)
        return x.chain(value, slope: 1 + value * value)
    }
    @inline(__always) static func pow(_ base: Self, _ exponent: Double) -> Self {
        let value = Double.pow(base.value, exponent)
        return base.chain(value, slope: exponent * value / base.value)
    }
    @inline(__always) static func pow(_ base: Self, _ exponent: Self) -> Self {
        exp(exponent * log(base))
    }
}
