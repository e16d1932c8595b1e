import Foundation

/// Numbers that a model's parameters may be: a plain number, or one that carries its derivative.
///
/// Comparisons are of `value`, so that a derivative is that of the branch which is taken.
protocol RealNumber: Sendable {
    init(_ constant: Double)

    var value: Double { get }

    static prefix func - (a: Self) -> Self
    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
    static func / (a: Self, b: Self) -> Self

    static func + (a: Self, b: Double) -> Self
    static func + (a: Double, b: Self) -> Self
    static func - (a: Self, b: Double) -> Self
    static func - (a: Double, b: Self) -> Self
    static func * (a: Double, b: Self) -> Self
    static func / (a: Self, b: Double) -> Self
    static func / (a: Double, b: Self) -> Self

    static func exp(_ x: Self) -> Self
    static func log(_ x: Self) -> Self
    static func sqrt(_ x: Self) -> Self
    static func tan(_ x: Self) -> Self
    /// A positive base.
    static func pow(_ base: Self, _ exponent: Self) -> Self
}

/// Numbers that parameters are read into: the one that is moved has the derivative 1.
protocol ParameterNumber: RealNumber {
    /// A parameter after which derivatives are taken.
    init(moved value: Double)

    /// Zero, and zero however the moved parameter moves.
    var isZero: Bool { get }
}

/// Numbers that voltages may be, together with the numbers of the parameters beside them.
///
/// With two kinds, the derivatives with respect to voltages cost nothing for what doesn't depend on
/// them: there, a parameter is a plain number.
protocol VoltageNumber: RealNumber {
    associatedtype Coefficient: ParameterNumber

    init(coefficient: Coefficient)

    static func + (a: Self, b: Coefficient) -> Self
    static func - (a: Self, b: Coefficient) -> Self
    static func - (a: Coefficient, b: Self) -> Self
    static func * (a: Coefficient, b: Self) -> Self
    static func / (a: Self, b: Coefficient) -> Self
    static func pow(_ base: Self, _ exponent: Coefficient) -> Self
}

extension Double: VoltageNumber, ParameterNumber {
    typealias Coefficient = Double

    @inline(__always) init(coefficient: Double) { self = coefficient }
    @inline(__always) init(moved value: Double) { self = value }
    @inline(__always) var value: Double { self }

    @inline(__always) static func exp(_ x: Double) -> Double { Foundation.exp(x) }
    @inline(__always) static func log(_ x: Double) -> Double { Foundation.log(x) }
    @inline(__always) static func sqrt(_ x: Double) -> Double { x.squareRoot() }
    @inline(__always) static func tan(_ x: Double) -> Double { Foundation.tan(x) }
    @inline(__always) static func pow(_ base: Double, _ exponent: Double) -> Double {
        Foundation.pow(base, exponent)
    }
}
