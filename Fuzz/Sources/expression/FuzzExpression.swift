import FuzzSupport
import Netlist

/// Expressions and numbers of any bytes.
@main enum FuzzExpression {
    static func main() { Fuzzing.run { Fuzzing.test($0, $1, FuzzExpression.test) } }

    static func test(_ bytes: [UInt8]) {
        testNumber(bytes)
        guard let expression = try? Expression(parsingUTF8: bytes) else { return }
        let first = evaluate(expression)
        require(first == evaluate(expression), "evaluating twice differs")
    }

    private static func testNumber(_ bytes: [UInt8]) {
        guard let number = SpiceNumber.parse(utf8: bytes) else { return }
        require(!number.value.isNaN, "a number is not one")
        let shortest = SpiceNumber.shortest(number.value)
        require(
            SpiceNumber.parse(shortest)?.value == number.value,
            "\(number.value) does not read back from \(shortest)")
    }

    /// The bits of the value, or what is wrong.
    private static func evaluate(_ expression: Expression) -> Result<UInt64, EvaluationError> {
        do throws(EvaluationError) {
            return .success(try expression.evaluate(in: Names()).number.bitPattern)
        } catch {
            return .failure(error)
        }
    }

    /// A few parameters, and functions that call each other and themselves.
    private struct Names: ExpressionEnvironment {
        static let functions: [String: ExpressionFunction] = [
            "f": function(["x"], "x + a"),
            "g": function(["x", "y"], "f(x) * f(y)"),
            "h": function(["x"], "g(h(x), x)"),
            "twice": function(["x"], "g(g(x, x), g(x, x))"),
        ]

        static func function(_ parameters: [String], _ body: String) -> ExpressionFunction {
            ExpressionFunction(parameters: parameters, body: try! Expression(parsing: body))
        }

        func parameter(named name: String) -> ParameterValue? {
            ["a": 1, "b": -2.5, "c": 1e300, "zero": 0][name].map { ParameterValue($0) }
        }

        func function(named name: String) -> ExpressionFunction? { Self.functions[name] }
    }
}
