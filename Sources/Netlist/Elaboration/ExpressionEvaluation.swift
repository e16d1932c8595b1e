/// A parameter's or expression's number, and which numbers in the deck's text it comes from.
public struct ParameterValue: Sendable, Hashable {
    public var number: Double
    /// What it comes from; a constant where no tape was recorded.
    public var origin: ValueOrigin

    /// A constant, unless there is another origin.
    public init(_ number: Double, origin: ValueOrigin = .constant) {
        self.number = number
        self.origin = origin
    }

    /// The number written at `text`.
    public init(_ text: NumberText) {
        self.init(text.value, origin: .text(text))
    }
}

/// What the names in an expression mean. Names are asked for in lower case.
public protocol ExpressionEnvironment {
    /// The parameter's value; nil if there is no such parameter. Of an error thrown, kind and message
    /// are passed on with the offset of the name.
    func parameter(named name: String) throws(EvaluationError) -> ParameterValue?
    var powers: PowerRule { get }
    /// The `.func` definition; nil if there is none.
    func function(named name: String) -> ExpressionFunction?
    /// Where to record how values depend on texts; nil if nobody wants to know.
    var recorder: ValueRecorder? { get }
}

extension ExpressionEnvironment {
    public var recorder: ValueRecorder? { nil }
    public var powers: PowerRule { .magnitude }
}

/// A function defined by `.func`.
public struct ExpressionFunction: Sendable {
    /// In lower case.
    public let parameters: [String]
    public let body: Expression
    /// The body as it is written.
    let text: [UInt8]

    public init(parameters: [String], body: Expression) {
        self.init(parameters: parameters, body: body, text: [])
    }

    init(parameters: [String], body: Expression, text: [UInt8]) {
        self.parameters = parameters
        self.body = body
        self.text = text
    }
}

/// Why an expression has no value before the simulation.
public struct EvaluationError: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case unknownParameter(String)
        case unknownFunction(String)
        /// The value is known to the simulation only: a voltage, the temperature.
        case dependsOnSimulation
        /// ngspice draws the value at random when it reads the deck.
        case random
        /// The value is a text.
        case text
        /// A wrong count of arguments, recursion, or more work than any real deck needs.
        case other
    }

    public let kind: Kind
    /// In bytes from the start of the expression that was to be evaluated.
    public let offset: Int
    public let message: String

    public init(_ kind: Kind, offset: Int, message: String) {
        self.kind = kind
        self.offset = offset
        self.message = message
    }

    /// The parameter or function that nothing defines.
    public var unknownName: String? {
        switch kind {
        case .unknownParameter(let name), .unknownFunction(let name): name
        case .dependsOnSimulation, .random, .text, .other: nil
        }
    }

    /// True where the value has to be taken from ngspice.
    public var dependsOnSimulation: Bool {
        switch kind {
        case .dependsOnSimulation, .random, .text: true
        case .unknownParameter, .unknownFunction, .other: false
        }
    }

    static func simulation(_ name: String, at offset: Int = 0) -> Self {
        Self(
            .dependsOnSimulation, offset: offset,
            message: "\(name) is known only to the simulation")
    }

    static func text(_ name: String) -> Self {
        Self(.text, offset: 0, message: "\(name) is a text")
    }

    static func random(_ name: String, at offset: Int = 0) -> Self {
        Self(.random, offset: offset, message: "\(name) is drawn at random by ngspice")
    }
}

extension Expression {
    /// The value in numparam's arithmetic.
    ///
    /// As in ngspice, nothing is short-circuited: an unknown name is an error in a branch not taken,
    /// too. The result may be infinite or a NaN, which ngspice can't put on a device line. When it
    /// puts a finite one there, it prints 16 digits and reads them back, so a device's value differs
    /// by some 1e-16 of itself.
    ///
    /// The body of a `.func` sees, like the text that ngspice makes of it, the arguments of the
    /// functions it is called from.
    ///
    /// - Complexity: linear in the sizes of the expression and of the bodies called, each as often as
    ///   it is called, and in the number of sources met; an error beyond 2²⁰ steps.
    public func evaluate(in environment: some ExpressionEnvironment) throws(EvaluationError)
        -> ParameterValue
    {
        var evaluation = Evaluation(environment: environment)
        return try evaluation.value(of: self)
    }
}

private struct Evaluation<Environment: ExpressionEnvironment> {
    let environment: Environment
    /// The arguments of the functions under way, innermost last.
    private var frames: [[String: ParameterValue]] = []
    private var steps = 0
    private var isBlamed = false

    private static var stepLimit: Int { 1 << 20 }
    private static var recursionLimit: Int { 50 }

    init(environment: Environment) { self.environment = environment }

    mutating func value(of expression: Expression) throws(EvaluationError) -> ParameterValue {
        let nodes = expression.nodes
        var values = [Double](repeating: 0, count: nodes.count)
        // Of most expressions no node depends on a text.
        var origins: [ValueOrigin] = []
        try spend(nodes.count)

        func set(_ origin: ValueOrigin, at index: Int) {
            guard origin != .constant else { return }
            if origins.isEmpty {
                origins = [ValueOrigin](repeating: .constant, count: nodes.count)
            }
            origins[index] = origin
        }
        func operand(_ index: Int) -> (value: Double, origin: ValueOrigin) {
            (values[index], origins.isEmpty ? .constant : origins[index])
        }
        func record(_ operation: ValueTape.Operation, _ operands: [Int], at index: Int) {
            guard !origins.isEmpty, let recorder = environment.recorder else { return }
            set(
                recorder.record(operation, operands.map(operand), value: values[index]), at: index)
        }
        func choose(_ condition: Int, _ first: Int, _ second: Int, at index: Int) {
            let chosen = values[condition] != 0 ? first : second
            values[index] = values[chosen]
            guard !origins.isEmpty else { return }
            if origins[condition] == .constant {
                set(origins[chosen], at: index)
            } else {
                record(.conditional, [condition, first, second], at: index)
            }
        }

        for (index, node) in nodes.enumerated() {
            switch node.kind {
            case .number(let literal):
                let literal = expression.literals[literal]
                values[index] = literal.value
                if let text = literal.text { set(.text(text), at: index) }
            case .name(let name):
                let value = try parameter(expression.names[name], at: node.offset)
                values[index] = value.number
                set(value.origin, at: index)
            case .negate:
                values[index] = 0 - values[index - 1]
                record(.negate, [index - 1], at: index)
            case .not:
                values[index] = values[index - 1] == 0 ? 1 : 0
                record(.not, [index - 1], at: index)
            case .binary(let operation):
                let right = index - 1
                let left = nodes[right].first - 1
                values[index] =
                    operation == .power
                    ? environment.powers(values[left], values[right])
                    : operation(values[left], values[right])
                record(
                    operation == .power ? .power(environment.powers) : .binary(operation),
                    [left, right], at: index)
            case .conditional:
                let (condition, first, second) = expression.threeOperands(of: index)
                choose(condition, first, second, at: index)
            case .simulation(let quantity):
                throw EvaluationError.simulation(expression.names[quantity], at: node.offset)
            case .call(let name, let count):
                let name = expression.names[name]
                let operands = expression.operands(of: index, count: count)
                if let function = environment.function(named: name) {
                    let value = try call(
                        function, name, at: node.offset,
                        arguments: operands.map { operand in
                            ParameterValue(
                                values[operand],
                                origin: origins.isEmpty ? .constant : origins[operand])
                        })
                    values[index] = value.number
                    set(value.origin, at: index)
                } else {
                    values[index] = try builtIn(
                        name, operands.map { values[$0] }, at: node.offset)
                    if name == "ternary_fcn" {
                        choose(operands[0], operands[1], operands[2], at: index)
                    } else if let number = BuiltInFunction.numbers[name], !origins.isEmpty,
                        let recorder = environment.recorder
                    {
                        // A first argument that is left out is 1 to ngspice.
                        let isShort = BuiltInFunction.numbered[number].mayBeShort && count == 1
                        let arguments =
                            (isShort ? [(value: 1.0, origin: ValueOrigin.constant)] : [])
                            + operands.map(operand)
                        set(
                            recorder.record(.function(number), arguments, value: values[index]),
                            at: index)
                    }
                }
            }
        }
        let root = nodes.count - 1
        return ParameterValue(
            values[root], origin: origins.isEmpty ? .constant : origins[root])
    }

    private func parameter(_ name: String, at offset: Int) throws(EvaluationError) -> ParameterValue
    {
        for frame in frames.reversed() {
            if let value = frame[name] { return value }
        }
        // A parameter of that name doesn't reach a device's value, in ngspice.
        if name == "temper" { throw EvaluationError.simulation(name, at: offset) }
        do throws(EvaluationError) {
            if let value = try environment.parameter(named: name) { return value }
        } catch {
            // Its offset counts in the parameter's own expression.
            throw EvaluationError(error.kind, offset: offset, message: error.message)
        }
        if name == "time" || name == "hertz" {
            throw EvaluationError.simulation(name, at: offset)
        }
        throw EvaluationError(
            .unknownParameter(name), offset: offset, message: "the parameter \(name) is not defined"
        )
    }

    private func builtIn(
        _ name: String, _ arguments: [Double], at offset: Int
    ) throws(EvaluationError) -> Double {
        guard let function = BuiltInFunction.named[name] else {
            throw EvaluationError(
                .unknownFunction(name), offset: offset,
                message: "the function \(name) is not defined")
        }
        // A first argument that is left out is 1 to ngspice.
        let arguments = function.mayBeShort && arguments.count == 1 ? [1] + arguments : arguments
        try check(arguments.count, against: function.argumentCount, of: name, at: offset)
        switch function.value {
        case .of1(let function): return function(arguments[0])
        case .of2(let function): return function(arguments[0], arguments[1])
        case .conditional: return arguments[0] != 0 ? arguments[1] : arguments[2]
        case .random:
            throw .random(name, at: offset)
        }
    }

    private mutating func call(
        _ function: ExpressionFunction, _ name: String, at offset: Int, arguments: [ParameterValue]
    ) throws(EvaluationError) -> ParameterValue {
        try check(arguments.count, against: function.parameters.count, of: name, at: offset)
        guard frames.count < Self.recursionLimit else {
            throw EvaluationError(
                .other, offset: offset,
                message: "functions call one another more than \(Self.recursionLimit) levels deep")
        }
        var frame: [String: ParameterValue] = [:]
        for (parameter, argument) in zip(function.parameters, arguments) {
            frame[parameter] = frame[parameter] ?? argument
        }
        frames.append(frame)
        defer { frames.removeLast() }
        do throws(EvaluationError) {
            return try value(of: function.body)
        } catch {
            // Of functions that call one another the innermost is to blame.
            let message = isBlamed ? error.message : "in \(name): \(error.message)"
            isBlamed = true
            throw EvaluationError(error.kind, offset: offset, message: message)
        }
    }

    private func check(
        _ count: Int, against expected: Int, of name: String, at offset: Int
    ) throws(EvaluationError) {
        guard count != expected else { return }
        let noun = expected == 1 ? "argument" : "arguments"
        throw EvaluationError(
            .other, offset: offset, message: "\(name) takes \(expected) \(noun), not \(count)")
    }

    private mutating func spend(_ count: Int, at offset: Int = 0) throws(EvaluationError) {
        steps += count
        guard steps <= Self.stepLimit else {
            throw EvaluationError(
                .other, offset: offset,
                message: "the expression takes more than \(Self.stepLimit) operations")
        }
    }
}
