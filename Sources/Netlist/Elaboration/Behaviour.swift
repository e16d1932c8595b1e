/// What a behavioural source does: a B source, or an E or G device with `value=`, `vol=` or `cur=`.
public struct Behaviour: Sendable {
    public enum Quantity: Sendable {
        /// V(n+) − V(n−) is the expression's value, V.
        case voltage
        /// The current from n+ through the device to n− is, A.
        case current
    }

    /// What the expression is taken of.
    public enum Variable: Sendable, Hashable {
        /// V(positive) − V(negative), by indices into the circuit's nodes.
        case voltage(positive: Int, negative: Int)
        /// A, through an independent voltage source from its positive node to its negative one, by ngspice's name
        /// of that source.
        case current(through: String)
    }

    /// What there is of a line: the equation, or why there is none.
    public enum Reading: Sendable {
        case known(Behaviour)
        /// A part of a sentence: "ddt(…) depends on the past".
        case declined(String)
    }

    public let quantity: Quantity
    public let variables: [Variable]
    let formula: BehaviourFormula

    /// The value at these variables, and its derivatives by them: forward mode, without allocating on the heap.
    ///
    /// - Parameters:
    ///   - variables: V or A, in the order of `variables`.
    ///   - slopes: receives a derivative for each of them.
    /// - Returns: V or A; not finite where the expression has no value.
    public func evaluate(
        _ variables: UnsafeBufferPointer<Double>, slopes: UnsafeMutableBufferPointer<Double>
    ) -> Double {
        formula.evaluate(variables, slopes: slopes)
    }

    /// As `evaluate(_:slopes:)`, for a few values.
    public func evaluate(_ variables: [Double]) -> (value: Double, slopes: [Double]) {
        var slopes = [Double](repeating: 0, count: variables.count)
        let value = variables.withUnsafeBufferPointer { variables in
            slopes.withUnsafeMutableBufferPointer { evaluate(variables, slopes: $0) }
        }
        return (value, slopes)
    }
}

/// An expression of a behavioural source in post-order, in the arithmetic that ngspice 39.3 has there
/// (its file ptfuncs.c).
struct BehaviourFormula: Sendable {
    enum Operation: Sendable {
        case number(Double)
        case variable(Int)
        case negate, add, subtract, multiply, divide
        /// |a|^b, which is the power wherever versions of ngspice agree.
        case power
        /// sgn(a) |a|^b: `pwr`.
        case signedPower
        case smaller, larger
        case function(ElementaryFunction)

        /// How many more values there are on the stack after it.
        var growth: Int {
            switch self {
            case .number, .variable: 1
            case .negate, .function: 0
            default: -1
            }
        }
    }

    private(set) var operations: [Operation] = []
    /// Values on the stack at most.
    private var depth = 0
    private var height = 0

    mutating func append(_ operation: Operation) {
        operations.append(operation)
        height += operation.growth
        depth = max(depth, height)
    }

    func evaluate(
        _ variables: UnsafeBufferPointer<Double>, slopes: UnsafeMutableBufferPointer<Double>
    ) -> Double {
        let count = variables.count
        let width = count + 1
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: depth * width) { stack in
            /// The place behind the last value; each is followed by its derivatives.
            var top = 0
            func unary(_ value: Double, _ slope: Double) {
                let place = top - width
                stack[place] = value
                for index in place + 1..<top where stack[index] != 0 { stack[index] *= slope }
            }
            func binary(_ value: Double, _ left: Double, _ right: Double) {
                top -= width
                let place = top - width
                stack[place] = value
                for index in place + 1..<top {
                    let (a, b) = (stack[index], stack[index + width])
                    // What is constant has no part, whatever its slope.
                    stack[index] = (a == 0 ? 0 : a * left) + (b == 0 ? 0 : b * right)
                }
            }
            for operation in operations {
                switch operation {
                case .number(let number):
                    stack[top] = number
                    for index in top + 1..<top + width { stack[index] = 0 }
                    top += width
                    continue
                case .variable(let variable):
                    stack[top] = variables[variable]
                    for index in top + 1..<top + width { stack[index] = 0 }
                    stack[top + 1 + variable] = 1
                    top += width
                    continue
                default: break
                }
                let last = stack[top - width]
                let first = operation.growth < 0 ? stack[top - 2 * width] : 0
                switch operation {
                case .number, .variable: break
                case .negate: unary(-last, -1)
                case .function(let function):
                    let value = function.value(last)
                    unary(value, function.slope(last, value))
                case .add: binary(first + last, 1, 1)
                case .subtract: binary(first - last, 1, -1)
                case .multiply: binary(first * last, last, first)
                case .divide:
                    let quotient = first / last
                    binary(quotient, 1 / last, -quotient / last)
                case .power:
                    let (slope, ofExponent) = PowerRule.magnitude.partials(first, last)
                    binary(PowerRule.magnitude(first, last), slope, ofExponent)
                case .signedPower:
                    let value = PowerRule.magnitude(first, last)
                    let (slope, ofExponent) = PowerRule.magnitude.partials(first, last)
                    first < 0
                        ? binary(-value, -slope, -ofExponent) : binary(value, slope, ofExponent)
                case .smaller:
                    first > last ? binary(last, 0, 1) : binary(first, 1, 0)
                case .larger:
                    first > last ? binary(first, 1, 0) : binary(last, 0, 1)
                }
            }
            for index in 0..<count { slopes[index] = stack[index + 1] }
            return stack[0]
        }
    }
}
