import Foundation
import Testing

@testable import Netlist

@Suite struct ExpressionTests {
    // MARK: Values

    /// With b = 3, `a[1]` = 7, x = 100, y = 7 and the functions of `cards`.
    static let values: [(String, Double)] = [
        // Powers go from left to right and take the magnitude of their base.
        ("2^3^2", 64), ("2**3**2", 64), ("2^-1", 0.5), ("(-2)^3", 8), ("0^0", 1), ("2^0.5^2", 2),
        // A sign at the start is that of the term, a minus behind an operator that of the number.
        ("-2^2 + 100", 96), ("2*-3^2", 18), ("--3", 3), ("+3", 3), ("+-3", -3), ("10 - -3", 13),
        ("-b^2+100", 91),
        ("2*(-b) + 100", 94), ("exp(--1)", 2.718281828459045), ("-7%3+50", 49), ("- 3 + 5", 2),
        ("-sqrt(4)+10", 8), ("max(-1, -b)+10", 9),
        ("!3 + 7", 7), ("!!3", 1), ("!0", 1), ("2 - !0", 1), ("!0^2*5", 5), ("-!0+3", 2),
        ("7%3", 1), ("7.5%2", 1.5), ("7\\3", 2), ("7\\-3", 2), ("(-7)\\3", 2), ("-7\\2", -3),
        ("-3*7\\2", -10), ("7-3-2", 2),
        ("64/4/2", 8), ("2+3*4^2", 50), ("1==1", 1), ("1=1", 1), ("1<>2", 1), ("1!=2", 1),
        ("1<2", 1), ("3>=3", 1), ("3<=3", 1), ("1<2<3", 1), ("10+(3>2>1)", 10), ("1+2==3", 1),
        ("1&&0||1", 1), ("1||0&&0", 1), ("1||1==0", 1), ("5+(2&&3)", 6),
        ("1?2:3", 2), ("0?2:3", 3), ("1?2:0?3:4", 2), ("0?2:1?3:4", 3), ("0?2:0?3:4", 4),
        ("(1?0:1)?2:3", 3), ("1?-2:3", -2), ("0 ? 2 : -3", -3), ("1>0?2+1:3*9", 3),
        ("1 ? (0 ? 2 : 3) : 4", 3),
        ("log(100)", 4.605170185988092), ("ln(100)", 4.605170185988092), ("log10(100)", 2),
        ("sqr(3)", 9), ("sqrt(9)", 3), ("pow(2,3)", 8), ("pow(-2,3)", -8), ("pwr(-2,3)", 8),
        ("max(3,2)", 3), ("max(2,3)", 3), ("min(3,2)", 2), ("min(2,3)", 2), ("int(2.7)", 2),
        ("int(-2.7)+10", 8), ("floor(-2.5)+10", 7), ("ceil(2.1)", 3), ("nint(2.5)", 2),
        ("nint(3.5)", 4), ("sgn(-3)+5", 4), ("sgn(0)+5", 5), ("abs(-3)", 3),
        ("arctan(1)", 0.7853981633974483), ("atan(1)", 0.7853981633974483),
        ("asin(1)", 1.5707963267948966), ("acos(0.5)", 1.0471975511965979),
        ("asinh(1)", 0.881373587019543), ("acosh(2)", 1.3169578969248166),
        ("atanh(.5)", 0.5493061443340549), ("tan(1)", 1.5574077246549023),
        ("sinh(1)", 1.1752011936438014), ("cosh(1)", 1.543080634815244),
        ("tanh(1)", 0.7615941559557649), ("exp(1)", 2.718281828459045),
        ("sin (1)", 0.8414709848078965), ("cos(1)", 0.5403023058681398),
        ("ternary_fcn(1,2,3)", 2), ("ternary_fcn(0,2,3)", 3), ("SQRT(4)", 2), ("B * 2", 6),
        ("a[1]", 7), ("1kohm*2", 2000), ("1meg", 1e6), ("1MEGohm", 1e6), ("1M", 1e-3),
        ("1mil", 1e-3),
        ("1µ", 1e-6), (".5k", 500), ("5.", 5), ("1e3k", 1e6), ("00012", 12), ("((((b))))", 3),
        ("2 * ( b+1 )", 8), ("1e-3*1e6", 1000), ("4.7k", 4700),
        // Functions are replaced as text: a body sees its caller's arguments.
        ("f(1)", 4), ("g(10)", 30), ("h(2)", 200), ("k(5)", 15), ("max2(1,2)", 1002),
        ("two()*3", 6),
        ("m(3)", 41), ("m(-3)", 41), ("m(1+1)", 46), ("trunc(2.5)", 2), ("F(1)", 4), ("f (1)", 4),
        ("f(f(1))", 7), ("q(1)", 8), ("2*f(1)^2", 32),
    ]

    static let functions: [(name: String, parameters: [String], body: String)] = [
        ("f", ["x"], "x+b"), ("g", ["b"], "f(2*b)"), ("h", ["y"], "x*y"), ("k", ["x"], "h(2)+x"),
        ("max2", ["a", "c"], "a*1000+c"), ("two", [], "2"), ("m", ["x"], "-x^2+50"),
        ("trunc", ["x"], "int(x)"), ("q", ["x"], "y+x"),
    ]

    static let parameters: [(String, Double)] = [
        ("b", 3), ("a[1]", 7), ("x", 100), ("y", 7), ("hertz", 5),
    ]

    static func environment() throws -> TestEnvironment {
        var environment = TestEnvironment()
        for (name, value) in parameters { environment.parameters[name] = ParameterValue(value) }
        for (name, parameters, body) in functions {
            environment.functions[name] = ExpressionFunction(
                parameters: parameters, body: try Expression(parsing: body))
        }
        return environment
    }

    @Test(arguments: values) func evaluates(_ text: String, _ value: Double) throws {
        let result = try Expression(parsing: text).evaluate(in: Self.environment())
        #expect(abs(result.number - value) <= 4e-16 * abs(value))
        #expect(result.origin == .constant)
    }

    /// numparam multiplies the number by its suffix, with a rounding of its own that floor shows: what
    /// ngspice 39.3 prints, to the last bit.
    @Test(arguments: [
        ("floor(8.184k*7.286k)", 59_628_623.0), ("8.184k-8184", -9.094947017729282e-13),
        ("7.286k-7286", 0), ("1.1k-1100", 0), ("8.184e3-8184", 0),
    ])
    func roundsSuffixesAsNumparam(_ text: String, _ value: Double) throws {
        #expect(try Expression(parsing: text).evaluate(in: Self.environment()).number == value)
    }

    @Test func agreesWithNgspice() throws {
        let cards =
            Self.parameters.map { ".param \($0)={\($1)}" }
            + Self.functions.map {
                ".func \($0.name)(\($0.parameters.joined(separator: ","))) {\($0.body)}"
            }
        let environment = try Self.environment()
        var texts = Self.values.map(\.0)
        var random = RandomExpressions(seed: 4)
        while texts.count < Self.values.count + 300 {
            let (text, value) = random.chain(depth: 2)
            // Zero becomes 1 mΩ, and huge and infinite ones have no place on a line.
            if value.magnitude > 1e-9, value.magnitude < 1e9 { texts.append(text) }
        }
        let resistances = try NgspiceProcess.resistances(texts.map { "{\($0)}" }, after: cards)
        for (text, resistance) in zip(texts, resistances) {
            let value = try Expression(parsing: text).evaluate(in: environment).number
            #expect(abs(value - resistance) <= 4e-15 * abs(value), "\(text)")
        }
    }

    @Test func agreesWithDirectEvaluation() throws {
        var random = RandomExpressions(seed: 5)
        for _ in 0..<2000 {
            let (text, value) = random.chain(depth: 3)
            let result = try Expression(parsing: text).evaluate(in: TestEnvironment()).number
            #expect(result == value || (result.isNaN && value.isNaN), "\(text)")
        }
    }

    @Test func namesWhatItMentions() throws {
        let expression = try Expression(parsing: "2*Rx + max(rx, f(ry^2, -w)) ? sqrt(z) : v(out)")
        #expect(expression.identifiers == ["rx", "ry", "w", "z"])
        #expect(expression.functionNames == ["max", "f", "sqrt"])
    }

    // MARK: Errors

    /// The mark ▸ stands before the offset of the error.
    @Test(
        arguments: [
            ("▸", "the expression is empty"),
            ("1+▸", "a value is missing at the end"),
            ("▸*3", "* can't stand here"),
            ("10-▸+3", "+ can't stand here"),
            ("2*▸-b+100", "ngspice misplaces a minus behind an operator: write a*(-b)"),
            ("1?▸-b:3", "ngspice misplaces a minus behind an operator: write a*(-b)"),
            ("2-▸--3", "ngspice misplaces a minus behind an operator: write a*(-b)"),
            ("-▸-b", "ngspice misplaces a minus behind an operator: write a*(-b)"),
            ("!▸-3", "- can't stand here"),
            ("1?0▸?2:3:4", "ngspice misreads a ? between ? and :, write a ? (b ? c : d) : e"),
            ("1▸?2", "the ? has no :"),
            ("1▸:2", ": can't stand here"),
            ("(1▸,2)", "a comma outside a function's arguments"),
            ("3*▸(2+1", "this parenthesis is not closed"),
            ("sqrt▸(2+1", "this parenthesis is not closed"),
            ("v▸(1", "this parenthesis is not closed"),
            ("3▸)", "a closing parenthesis too many"),
            ("(▸)", "a closing parenthesis too many"),
            ("max(1,▸)", "a closing parenthesis too many"),
            ("▸max+1", "max is a function and needs its arguments: max(…)"),
            ("2▸(3)", "an operator is missing here"),
            ("2 ▸3", "an operator is missing here"),
            ("(2)▸(3)", "an operator is missing here"),
            ("1▸&1", "& can't stand here"),
            ("2* ▸* 3", "* can't stand here"),
            ("2*▸{b}", "braces inside an expression: write parentheses"),
            ("1k▸5", "digits behind the letters of a number: write 1.5k"),
            ("1d▸3", "digits behind the letters of a number: write 1e3"),
            ("1.2▸.3", "digits behind the letters of a number: write 1.23"),
            (
                "1e3▸.5",
                "digits behind the letters of a number: write it in full, such as 4.7k or 1e3"
            ),
            ("1▸,5k", "a decimal fraction has a point, and no comma: write 1.5k"),
            (
                "2*1▸,000",
                "a decimal fraction has a point, and no comma: write 1.000, or 1000 for thousands"
            ),
            ("5▸%", "this % begins a remainder: write a percentage as a number, 0.05"),
            ("1k ▸5%", "ngspice has no tolerances: leave 5% out"),
            ("▸1e+", "an exponent without digits"),
            ("▸0x10", "hexadecimal numbers are not supported"),
            ("1+▸.", "a point without digits"),
            ("!!!!!!!!!▸!0", "more than nine ! in a row"),
        ])
    func explainsErrors(_ marked: String, _ message: String) throws {
        let text = marked.filter { $0 != "▸" }
        let offset = marked.utf8.count - marked.drop { $0 != "▸" }.utf8.count
        let error = #expect(throws: ExpressionError.self) { try Expression(parsing: text) }
        #expect(error == ExpressionError(offset: offset, message: message))
    }

    @Test(
        arguments: [
            ("2 + nope", 4, EvaluationError.Kind.unknownParameter("nope")),
            ("1 ? 2 : nope", 8, .unknownParameter("nope")),
            ("2*atan2(1,1)", 2, .unknownFunction("atan2")),
            ("if(1,2,3)", 0, .unknownFunction("if")),
            ("5 + v(out)", 4, .dependsOnSimulation),
            ("i(vm)*2", 0, .dependsOnSimulation),
            ("2*temper", 2, .dependsOnSimulation),
            ("time", 0, .dependsOnSimulation),
            ("time*2", 0, .dependsOnSimulation),
            ("@m1[gm]", 0, .dependsOnSimulation),
            ("b*agauss(1,2,3)", 2, .random),
            ("limit(5,1)", 0, .random),
            ("max(1,2,3)", 0, .other),
            ("1+sqrt(4,9)", 2, .other),
            ("1+sqrt()", 2, .other),
            ("f(1,2)", 0, .other),
            ("two(1)", 0, .other),
        ])
    func explainsWhyThereIsNoValue(_ text: String, _ offset: Int, _ kind: EvaluationError.Kind)
        throws
    {
        let expression = try Expression(parsing: text)
        let environment = try Self.environment()
        let error = #expect(throws: EvaluationError.self) {
            try expression.evaluate(in: environment)
        }
        #expect(error?.offset == offset)
        #expect(error?.kind == kind)
    }

    @Test func blamesTheCallForAnErrorInABody() throws {
        var environment = TestEnvironment()
        environment.functions["f"] = ExpressionFunction(
            parameters: ["x"], body: try Expression(parsing: "x + nope"))
        let error = #expect(throws: EvaluationError.self) {
            try Expression(parsing: "1 + f(2)").evaluate(in: environment)
        }
        #expect(error?.offset == 4)
        #expect(error?.unknownName == "nope")
        #expect(error?.message == "in f: the parameter nope is not defined")
    }

    // MARK: Sources

    /// A written number, its value, and whether it can be inverted.
    @Test(
        arguments: [
            ("3k", ["3k": true]),
            ("-3k", ["-3k": true]),
            ("-2^2", ["2": false]),
            ("--3", ["-3": true]),
            ("2*3", ["2": true, "3": true]),
            ("1/(2+3)", ["1": true, "2": true, "3": true]),
            ("7-3*(2/5+4)", ["7": true, "3": true, "2": true, "5": true, "4": true]),
            ("1/(1.5/2+1.25/3)", ["1": true, "1.5": true, "2": true, "1.25": true, "3": true]),
            ("2*-3", ["2": true, "-3": true]),
            ("10-3", ["10": true, "3": true]),
            ("sqrt(4)+5", ["4": false, "5": true]),
            ("2^3", ["2": false, "3": false]),
            ("7%4", ["7": false, "4": false]),
            ("0*5", ["0": true, "5": false]),
            ("1 ? 2 : 3", ["1": false, "2": true, "3": false]),
            ("ternary_fcn(0, 2, 3)+7", ["0": false, "2": false, "3": true, "7": true]),
            ("(2>1)*5", ["2": false, "1": false, "5": true]),
            ("inverse(4)", ["4": true]),
            ("twice(4)", ["4": true]),
            ("inverse(inverse(4)+3)", ["4": true, "3": true]),
        ] as [(String, [String: Bool])])
    func relatesValuesToNumbers(_ text: String, _ numbers: [String: Bool]) throws {
        var environment = TestEnvironment(recorder: ValueRecorder())
        environment.functions["inverse"] = ExpressionFunction(
            parameters: ["g"], body: try Expression(parsing: "1/g"))
        environment.functions["twice"] = ExpressionFunction(
            parameters: ["g"], body: try Expression(parsing: "g+g"))

        let bytes = Array("* title\n.param p={\(text)}\n".utf8)
        let start = "* title\n.param p={".utf8.count
        let file = SourceFile(path: "deck", bytes: bytes)
        let range = SourceRange(file: file, bytes: start..<start + text.utf8.count)
        let result = try Expression(parsing: range).evaluate(in: environment)

        var found: [String: Bool] = [:]
        for number in environment.texts(of: result) {
            let relation = environment.relation(of: result, to: number)
            let written = String(decoding: bytes[number.range.bytes], as: UTF8.self)
            found[written] = relation != nil
            #expect(number.value == SpiceNumber.parse(written)?.value)
            guard let relation else { continue }
            #expect(close(relation(number.value), result.number))
            #expect(close(relation.inverse(result.number), number.value))

            // Another number in its place does what the relation says, a negative one too.
            for other in [number.value * 1.5 + 0.25, -number.value - 0.125] {
                var edited = bytes
                edited.replaceSubrange(number.range.bytes, with: SpiceNumber.shortest(other).utf8)
                let end = range.bytes.upperBound + edited.count - bytes.count
                let editedText = String(decoding: edited[start..<end], as: UTF8.self)
                let value = try Expression(parsing: editedText).evaluate(in: environment).number
                #expect(close(relation(other), value), "\(editedText)")
            }
        }
        #expect(found == numbers)
    }

    @Test func passesTheSourcesOfParametersOn() throws {
        let file = SourceFile(path: "deck", bytes: Array("50 20".utf8))
        let rx = NumberText(range: SourceRange(file: file, bytes: 0..<2), value: 50)
        let ry = NumberText(range: SourceRange(file: file, bytes: 3..<5), value: 20)
        var environment = TestEnvironment(recorder: ValueRecorder())
        environment.parameters = ["rx": ParameterValue(rx), "ry": ParameterValue(ry)]
        // Two parameters from one text.
        environment.parameters["half"] = try Expression(parsing: "rx/2").evaluate(in: environment)

        let parallel = try Expression(parsing: "1/(1/rx+1/ry)").evaluate(in: environment)
        #expect(environment.texts(of: parallel) == [rx, ry])
        let relation = try #require(environment.relation(of: parallel, to: rx))
        #expect(close(relation(30), 12))
        #expect(close(relation.inverse(12), 30))

        let both = try Expression(parsing: "half + rx + ry").evaluate(in: environment)
        #expect(both.number == 95)
        #expect(
            environment.relation(of: both, to: rx) == FractionalLinear(a: 1.5, b: 20, c: 0, d: 1))
        #expect(
            environment.relation(of: both, to: ry) == FractionalLinear(a: 1, b: 75, c: 0, d: 1))
        let square = try Expression(parsing: "rx*rx").evaluate(in: environment)
        #expect(environment.relation(of: square, to: rx) == nil)

        #expect(try Expression(parsing: "3*4").evaluate(in: environment).origin == .constant)
    }

    @Test func composesLongChains() throws {
        let file = SourceFile(path: "deck", bytes: Array("2".utf8))
        let text = NumberText(range: SourceRange(file: file, bytes: 0..<1), value: 2)
        var environment = TestEnvironment(recorder: ValueRecorder())
        environment.parameters["x"] = ParameterValue(text)
        let sum = try Expression(parsing: "x" + String(repeating: "+1", count: 10_000))
            .evaluate(in: environment)
        #expect(sum.number == 10_002)
        #expect(close(try #require(environment.relation(of: sum, to: text)).inverse(10_007), 7))

        // The coefficients would overflow if no common factor were taken out.
        let nested =
            String(repeating: "1e200/(", count: 40) + "x" + String(repeating: ")", count: 40)
        let quotient = try Expression(parsing: nested).evaluate(in: environment)
        #expect(close(quotient.number, 2))
        #expect(close(try #require(environment.relation(of: quotient, to: text)).inverse(5), 5))
    }

    // MARK: Hostile input

    @Test(
        arguments: [
            String(repeating: "(", count: 100_000), String(repeating: "sqrt(", count: 100_000),
            String(repeating: "-", count: 100_000), String(repeating: "!", count: 100_000),
            String(repeating: "1?", count: 100_000),
            String(repeating: "((", count: 50_000) + String(repeating: "))", count: 50_000),
            String(repeating: "@", count: 100_000), String(repeating: "\u{0}", count: 100_000),
            String(repeating: "1^", count: 100_000), String(repeating: "v(", count: 100_000),
        ])
    func survivesNesting(_ text: String) {
        #expect(throws: ExpressionError.self) { try Expression(parsing: text) }
    }

    @Test func takesLongExpressions() throws {
        let digits = String(repeating: "7", count: 1_000_000)
        #expect(
            try Expression(parsing: "0.\(digits)").evaluate(in: TestEnvironment()).number == 7.0 / 9
        )
        let terms = String(repeating: "1+", count: 100_000) + "1"
        #expect(
            try Expression(parsing: terms).evaluate(in: TestEnvironment()).number == 100_001)
        let steps = String(repeating: "0?2:", count: 100_000) + "3"
        #expect(try Expression(parsing: steps).evaluate(in: TestEnvironment()).number == 3)
        let nested = String(repeating: "(", count: 99) + "1" + String(repeating: ")", count: 99)
        #expect(try Expression(parsing: nested).evaluate(in: TestEnvironment()).number == 1)
    }

    @Test func boundsTheWorkOfFunctions() throws {
        var environment = TestEnvironment()
        environment.functions["f0"] = ExpressionFunction(
            parameters: ["x"], body: try Expression(parsing: "x+1"))
        for level in 1...40 {
            environment.functions["f\(level)"] = ExpressionFunction(
                parameters: ["x"], body: try Expression(parsing: "f\(level - 1)(f\(level - 1)(x))"))
        }
        #expect(try Expression(parsing: "f10(0)").evaluate(in: environment).number == 1024)
        let bomb = #expect(throws: EvaluationError.self) {
            try Expression(parsing: "f40(0)").evaluate(in: environment)
        }
        #expect(bomb?.message.contains("operations") == true)

        environment.functions["loop"] = ExpressionFunction(
            parameters: ["x"], body: try Expression(parsing: "loop(x+1)"))
        let recursion = #expect(throws: EvaluationError.self) {
            try Expression(parsing: "loop(0)").evaluate(in: environment)
        }
        #expect(recursion?.kind == .other)
    }

    @Test func survivesRandomBytes() {
        var generator = SplitMix(state: 6)
        let alphabet = Array("0123456789..eEkKmdabvi()()()+-*/%\\^!<>=&|?:,, @[]_xµ\t'{}".utf8)
        var parsed = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...12, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            guard let expression = try? Expression(parsingUTF8: bytes) else { continue }
            parsed += 1
            _ = try? expression.evaluate(in: TestEnvironment())
        }
        #expect(parsed > 1000)
    }
}

private func close(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) <= 1e-12 * max(abs(a), abs(b))
}

struct TestEnvironment: ExpressionEnvironment {
    var parameters: [String: ParameterValue] = [:]
    var functions: [String: ExpressionFunction] = [:]
    var recorder: ValueRecorder?

    func parameter(named name: String) -> ParameterValue? { parameters[name] }
    func function(named name: String) -> ExpressionFunction? { functions[name] }

    func texts(of value: ParameterValue) -> [NumberText] { recorder?.texts(of: value) ?? [] }

    func relation(of value: ParameterValue, to text: NumberText) -> FractionalLinear? {
        switch value.origin {
        case .constant: nil
        case .text(let own): own == text ? .identity : nil
        case .node(let node): recorder?.tape.relation(of: node, to: text)
        }
    }
}

/// Chains of operands and operators with their values, reduced level by level without a tree.
private struct RandomExpressions {
    private var generator: SplitMix

    init(seed: UInt64) { generator = SplitMix(state: seed) }

    private static let levels: [[(String, @Sendable (Double, Double) -> Double)]] = [
        [("^", { pow($0.magnitude, $1) }), ("**", { pow($0.magnitude, $1) })],
        [
            ("*", { $0 * $1 }), ("/", { $0 / $1 }),
            ("%", { $0 - $1 * ($0 / $1).rounded(.towardZero) }),
            ("\\", { ($0 / $1).magnitude.rounded(.towardZero) }),
        ],
        [("+", { $0 + $1 }), ("-", { $0 - $1 })],
        [
            ("==", { $0 == $1 ? 1 : 0 }), ("!=", { $0 != $1 ? 1 : 0 }), ("<", { $0 < $1 ? 1 : 0 }),
            (">=", { $0 >= $1 ? 1 : 0 }),
        ],
        [("&&", { $0 != 0 && $1 != 0 ? 1 : 0 })],
        [("||", { $0 != 0 || $1 != 0 ? 1 : 0 })],
    ]

    mutating func chain(depth: Int) -> (text: String, value: Double) {
        var (text, first) = operand(depth: depth, mayBeNegative: false)
        var operands = [first]
        var operators: [(level: Int, function: (Double, Double) -> Double)] = []
        for _ in 0..<Int.random(in: 0...5, using: &generator) {
            // Sums and products more often than the rest.
            let level = [0, 1, 1, 1, 2, 2, 2, 3, 4, 5].randomElement(using: &generator) ?? 1
            guard let (symbol, function) = Self.levels[level].randomElement(using: &generator)
            else { continue }
            let (next, value) = operand(depth: depth, mayBeNegative: true)
            text += [" \(symbol) ", symbol].randomElement(using: &generator) ?? symbol
            text += next
            operands.append(value)
            operators.append((level, function))
        }
        for level in Self.levels.indices {
            var index = 0
            while index < operators.count {
                guard operators[index].level == level else {
                    index += 1
                    continue
                }
                operands[index] = operators[index].function(operands[index], operands[index + 1])
                operands.remove(at: index + 1)
                operators.remove(at: index)
            }
        }
        first = operands[0]
        return (text, first)
    }

    private mutating func operand(
        depth: Int, mayBeNegative: Bool
    ) -> (text: String, value: Double) {
        switch depth > 0 ? Int.random(in: 0...6, using: &generator) : 6 {
        case 0, 1:
            let (text, value) = chain(depth: depth - 1)
            return ("(\(text))", value)
        case 2:
            let (text, value) = chain(depth: depth - 1)
            return ("(-(\(text)))", 0 - value)
        case 3:
            let (text, value) = chain(depth: depth - 1)
            return ("sqr(\(text))", value * value)
        case 4:
            let (condition, chosen) = chain(depth: depth - 1)
            let (first, a) = chain(depth: depth - 1)
            let (second, b) = chain(depth: depth - 1)
            return ("(\(condition) ? \(first) : \(second))", chosen != 0 ? a : b)
        default:
            let value = Double(Int.random(in: 0...40, using: &generator)) / 4
            let isNegative = mayBeNegative && Int.random(in: 0...4, using: &generator) == 0
            let signed = isNegative ? -value : value
            return ((isNegative ? "-" : "") + SpiceNumber.shortest(value), signed)
        }
    }
}

extension ExpressionTests {

    /// ngspice draws these when it reads the deck.
    @Test(arguments: [
        "B1 b 0 i=agauss(1u,1u,1)*v(b)", "B1 b 0 i={aunif(1u,1u)}*v(b)", "G1 b 0 cur={q*v(b)}",
        "B1 b 0 i=f(1u)*v(b)", "E1 c b value={limit(1,1)*v(b)}\nR3 c 0 1k",
    ])
    func randomExpressionsAreWarnedOf(lines: String) {
        let text = "t\n.param q={gauss(1m,0.1,1)}\n.func f(x)={unif(x,1)}\nV1 a 0 1\n"
        let deck = Deck.of(text + "R1 a b 1k\nR2 b 0 1k\n\(lines)\n")
        #expect(deck.elaborate().diagnostics.map(\.id) == ["random-value"])
    }

    @Test func limitOfThreeIsNotRandom() {
        let deck = Deck.of("t\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\nB1 b 0 i=limit(v(b),0,1)\n")
        #expect(deck.elaborate().diagnostics.isEmpty)
    }

    @Test func decimalCommasOfOptionsAreWarnedOf() {
        func warnings(_ line: String) -> [String] {
            Deck.of("t\nV1 a 0 1\nR1 a 0 1k\n\(line)\n").elaborate().warnings.map(\.message)
        }
        #expect(
            warnings(".options reltol=1,5e-4 gmin=1e-12") == [
                "ngspice takes 1 for this option: for a decimal comma write 1.5e-4"
            ])
        #expect(warnings(".options reltol=1e-4, gmin=1e-12") == [])
        #expect(warnings(".temp 27,5").first?.hasSuffix(".temp 27.5") == true)
    }

    /// ngspice's own variables go before parameters wherever the simulation evaluates.
    @Test(arguments: ["R2 b 0 {1k+hertz}", "B1 b 0 i=hertz*v(b)\nR2 b 0 1k"])
    func parametersBehindVariablesAreWarnedOf(lines: String) {
        let deck = Deck.of("t\n.param hertz=50\nV1 a 0 1\nR1 a b 1k\n\(lines)\n")
        #expect(deck.elaborate().diagnostics.map(\.id) == ["hidden-parameter"])
    }

    @Test func dBeginsNoExponentInExpressions() {
        let elaboration = Deck.of("t\nV1 a 0 {1d-3+5}\nR1 a 0 1k\n").elaborate()
        #expect(elaboration.circuit?.sources.first?.dcValue == 3)
        #expect(elaboration.warningIDs == ["suspicious-number"])
    }

    /// Of several parameters on a line, each value ends at its first blank.
    @Test(arguments: [
        ".param x=1 y=8 \\ 3 z=2", ".param y = 8 - 3 z = 2", ".param y=8 -3 z=2",
        ".param y={8 - 3} + 1 z=2", ".param z=2 y=8 3", ".param y=8 + (3 - 1) z=2",
        ".param y= 8 *3 z =2",
        ".param z=2 y=8 - 1",
    ])
    func valuesWithBlanks(card: String) throws {
        let elaboration = Deck.of("t\nV1 a 0 1\nR1 a 0 {y}\nR2 a 0 {z}\n\(card)\n").elaborate()
        #expect(elaboration.errors.isEmpty)
        #expect(elaboration.warningIDs == ["cut-expression"])
        let resistances = try NgspiceProcess.resistances(["{y}", "{z}"], after: [card])
        #expect(elaboration.understood.resistors.map(\.resistance) == resistances)
    }

    @Test func whatIsNoRestOfAValue() {
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\n.param «2 x=1 y=3\n", ["unexpected-text"])
        expectErrors("t\nV1 a 0 1\nR1 a 0 1\n.param x=1«, y=3\n", ["unexpected-text"])
    }

    @Test func aCardWithoutParameters() throws {
        let elaboration = Deck.of("t\nV1 a 0 1\nR1 a 0 {x}\n.param\n.param x=3\n").elaborate()
        #expect(elaboration.errors.isEmpty)
        #expect(elaboration.warningIDs == ["missing-value"])
        // ngspice's own 3 is off by a bit.
        let resistances = try NgspiceProcess.resistances(["{x}"], after: [".param", ".param x=3"])
        expectClose(resistances.first, 3)
    }
}
