/// A number with its derivative with respect to one parameter.
///
/// Here a parameter may have a derivative, and a voltage beside it has that of what it is multiplied by.
struct Tangent: VoltageNumber, ParameterNumber {
    typealias Coefficient = Tangent

    var value: Double
    var slope: Double

    @inline(__always) init(_ value: Double, slope: Double) {
        self.value = value
        self.slope = slope
    }

    @inline(__always) init(_ constant: Double) { self.init(constant, slope: 0) }
    @inline(__always) init(moved value: Double) { self.init(value, slope: 1) }
    @inline(__always) init(coefficient: Tangent) { self = coefficient }

    var isZero: Bool { value == 0 && slope == 0 }

    static prefix func - (a: Self) -> Self { Self(-a.value, slope: -a.slope) }
    static func + (a: Self, b: Self) -> Self { Self(a.value + b.value, slope: a.slope + b.slope) }
    static func - (a: Self, b: Self) -> Self { Self(a.value - b.value, slope: a.slope - b.slope) }
    static func * (a: Self, b: Self) -> Self {
        Self(a.value * b.value, slope: a.slope * b.value + b.slope * a.value)
    }
    static func / (a: Self, b: Self) -> Self {
        let quotient = a.value / b.value
        return Self(quotient, slope: (a.slope - b.slope * quotient) / b.value)
    }

    static func + (a: Self, b: Double) -> Self { Self(a.value + b, slope: a.slope) }
    static func + (a: Double, b: Self) -> Self { Self(a + b.value, slope: b.slope) }
    static func - (a: Self, b: Double) -> Self { Self(a.value - b, slope: a.slope) }
    static func - (a: Double, b: Self) -> Self { Self(a - b.value, slope: -b.slope) }
    static func * (a: Double, b: Self) -> Self { Self(a * b.value, slope: a * b.slope) }
    static func / (a: Self, b: Double) -> Self { Self(a.value / b, slope: a.slope / b) }
    static func / (a: Double, b: Self) -> Self {
        let quotient = a / b.value
        return Self(quotient, slope: -quotient / b.value * b.slope)
    }

    static func exp(_ x: Self) -> Self {
        let value = Double.exp(x.value)
        return Self(value, slope: value * x.slope)
    }
    static func log(_ x: Self) -> Self { Self(.log(x.value), slope: x.slope / x.value) }
    static func sqrt(_ x: Self) -> Self {
        let value = x.value.squareRoot()
        // At zero, a number that does not move has no slope, where the formula has 0/0.
        return Self(value, slope: x.slope == 0 ? 0 : 0.5 * x.slope / value)
    }
    static func tan(_ x: Self) -> Self {
        let value = Double.tan(x.value)
        return Self(value, slope: (1 + value * value) * x.slope)
    }
    static func pow(_ base: Self, _ exponent: Self) -> Self {
        let value = Double.pow(base.value, exponent.value)
        return Self(
            value,
            slope: value
                * (exponent.value / base.value * base.slope + .log(base.value) * exponent.slope))
    }
}
