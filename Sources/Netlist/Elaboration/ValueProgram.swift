#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Numbers of a deck as functions of some numbers in its text, for new values of these: what ngspice will
/// compute from the text when they are written, and the derivatives of that.
///
/// ```swift
/// let program = circuit.program(computing: [origin], from: [text])
/// program.values(at: [2_200])            // one for each origin
/// program.derivatives(at: [2_200], by: 0)
/// ```
public struct ValueProgram: Sendable {
    private struct Instruction {
        let operation: ValueTape.Operation
        /// Registers.
        let operands: SIMD4<Int32>
    }

    /// The first registers are the inputs.
    private let inputCount: Int
    private let instructions: [Instruction]
    /// What the registers hold before; constants stay.
    private let registers: [Double]
    private let outputs: [Int]

    /// - Parameters:
    ///   - origins: of the numbers to compute.
    ///   - texts: the numbers that vary; all others stay as they are.
    init(
        _ tape: ValueTape, computing origins: [(origin: ValueOrigin, value: Double)],
        from texts: [NumberText]
    ) {
        inputCount = texts.count
        var registers = texts.map(\.value)
        var instructions: [Instruction] = []
        var places: [Int: Int] = [:]
        let inputs = Dictionary(
            texts.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let roots = origins.compactMap { origin -> Int? in
            if case .node(let node) = origin.origin { node } else { nil }
        }
        /// Registers that change with the inputs.
        var varying = Set(0..<texts.count)
        for index in tape.reached(from: roots) {
            let node = tape.nodes[index]
            if case .text(let number) = node.operation, let input = inputs[tape.texts[number]] {
                places[index] = input
                continue
            }
            var operands = node.operands
            for place in 0..<4 where operands[place] >= 0 {
                operands[place] = Int32(places[Int(operands[place])] ?? 0)
            }
            places[index] = registers.count
            registers.append(node.value)
            // Constants get an instruction of their own, too, so that registers keep their numbers.
            let isVarying = (0..<4).contains {
                operands[$0] >= 0 && varying.contains(Int(operands[$0]))
            }
            if isVarying { varying.insert(registers.count - 1) }
            instructions.append(
                Instruction(
                    operation: isVarying ? node.operation : .constant,
                    operands: isVarying ? operands : SIMD4(repeating: -1)))
        }
        outputs = origins.map { origin in
            switch origin.origin {
            case .text(let text):
                if let input = inputs[text] { return input }
            case .node(let node):
                if let place = places[node] { return place }
            case .constant: break
            }
            registers.append(origin.value)
            instructions.append(
                Instruction(operation: .constant, operands: SIMD4(repeating: -1)))
            return registers.count - 1
        }
        self.instructions = instructions
        self.registers = registers
    }

    /// The numbers, for these values of the texts.
    public func values(at inputs: [Double]) -> [Double] {
        let registers = run(inputs)
        return outputs.map { registers[$0] }
    }

    /// ∂number/∂text of every number, for one of the texts.
    public func derivatives(at inputs: [Double], by input: Int) -> [Double] {
        let values = run(inputs)
        var slopes = [Double](repeating: 0, count: values.count)
        slopes[input] = 1
        for (number, instruction) in instructions.enumerated() {
            let index = inputCount + number
            let partials = partials(instruction, values, index)
            var sum = 0.0
            for place in 0..<4 where instruction.operands[place] >= 0 && partials[place] != 0 {
                sum += partials[place] * slopes[Int(instruction.operands[place])]
            }
            slopes[index] = sum
        }
        return outputs.map { slopes[$0] }
    }

    /// Σ over the numbers of weight · ∂number/∂text, for every text, in one pass.
    public func gradient(at inputs: [Double], weights: [Double]) -> [Double] {
        let values = run(inputs)
        var slopes = [Double](repeating: 0, count: values.count)
        for (output, weight) in zip(outputs, weights) { slopes[output] += weight }
        for (number, instruction) in instructions.enumerated().reversed() {
            let index = inputCount + number
            guard slopes[index] != 0 else { continue }
            let partials = partials(instruction, values, index)
            for place in 0..<4 where instruction.operands[place] >= 0 && partials[place] != 0 {
                slopes[Int(instruction.operands[place])] += partials[place] * slopes[index]
            }
        }
        return Array(slopes[..<inputCount])
    }

    private func run(_ inputs: [Double]) -> [Double] {
        var values = registers
        for index in 0..<inputCount { values[index] = inputs[index] }
        for (number, instruction) in instructions.enumerated() {
            func operand(_ place: Int) -> Double { values[Int(instruction.operands[place])] }
            let value: Double
            switch instruction.operation {
            case .text, .constant: continue
            case .negate: value = 0 - operand(0)
            case .not: value = operand(0) == 0 ? 1 : 0
            case .binary(let operation): value = operation(operand(0), operand(1))
            case .power(let rule): value = rule(operand(0), operand(1))
            case .conditional: value = operand(0) != 0 ? operand(1) : operand(2)
            case .function(let number):
                switch BuiltInFunction.numbered[number].value {
                case .of1(let function): value = function(operand(0))
                case .of2(let function): value = function(operand(0), operand(1))
                case .conditional: value = operand(0) != 0 ? operand(1) : operand(2)
                case .random: continue
                }
            }
            values[inputCount + number] = value
        }
        return values
    }

    /// The derivatives of an instruction's result by its operands.
    private func partials(
        _ instruction: Instruction, _ values: [Double], _ index: Int
    ) -> SIMD4<Double> {
        func operand(_ place: Int) -> Double { values[Int(instruction.operands[place])] }
        switch instruction.operation {
        case .text, .constant, .not: return .zero
        case .negate: return SIMD4(-1, 0, 0, 0)
        case .binary(let operation):
            let (a, b) = operation.partials(operand(0), operand(1))
            return SIMD4(a, b, 0, 0)
        case .power(let rule):
            let (a, b) = rule.partials(operand(0), operand(1))
            return SIMD4(a, b, 0, 0)
        case .conditional: return operand(0) != 0 ? SIMD4(0, 1, 0, 0) : SIMD4(0, 0, 1, 0)
        case .function(let number):
            let name = BuiltInFunction.names[number]
            if name == "ternary_fcn" {
                return operand(0) != 0 ? SIMD4(0, 1, 0, 0) : SIMD4(0, 0, 1, 0)
            }
            if case .of2 = BuiltInFunction.numbered[number].value {
                let (a, b) = BuiltInFunction.partials(name, operand(0), operand(1))
                return SIMD4(a, b, 0, 0)
            }
            return SIMD4(BuiltInFunction.derivative(name, operand(0), values[index]), 0, 0, 0)
        }
    }
}

extension Expression.BinaryOperator {
    /// ∂/∂a and ∂/∂b; 0 where the value is a step.
    fileprivate func partials(_ a: Double, _ b: Double) -> (Double, Double) {
        switch self {
        case .add: (1, 1)
        case .subtract: (1, -1)
        case .multiply: (b, a)
        case .divide: (1 / b, -a / (b * b))
        case .remainder: (1, -(a / b).rounded(.towardZero))
        case .power: PowerRule.magnitude.partials(a, b)
        case .wholeQuotient, .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
            .and,
            .or:
            (0, 0)
        }
    }
}

extension PowerRule {
    /// ∂/∂a and ∂/∂b of a to the power of b.
    func partials(_ a: Double, _ b: Double) -> (Double, Double) {
        /// Of a positive base.
        func plain(_ base: Double) -> (Double, Double) {
            let slope = b == 0 ? 0 : b * pow(base, b - 1)
            return (slope, base > 0 ? pow(base, b) * log(base) : 0)
        }
        switch self {
        case .magnitude:
            let (slope, ofExponent) = plain(a.magnitude)
            return (a < 0 ? -slope : slope, ofExponent)
        case .ltspice, .hspice:
            guard a < 0 else { return plain(a) }
            let whole = b.rounded(self == .hspice ? .toNearestOrAwayFromZero : .toNearestOrEven)
            return (self(a, b) == 0 ? 0 : whole * pow(a, whole - 1), 0)
        }
    }
}

extension BuiltInFunction {
    /// The derivative of a function of one argument at x, where it is y; 0 where it is a step.
    fileprivate static func derivative(_ name: String, _ x: Double, _ y: Double) -> Double {
        ElementaryFunction.named[name]?.slope(x, y) ?? 0
    }

    /// The derivatives of a function of two arguments.
    fileprivate static func partials(_ name: String, _ a: Double, _ b: Double) -> (Double, Double) {
        switch name {
        case "pow":
            (b == 0 ? 0 : b * pow(a, b - 1), a > 0 ? pow(a, b) * log(a) : 0)
        case "pwr": PowerRule.magnitude.partials(a, b)
        case "max": b > a ? (0, 1) : (1, 0)
        case "min": b < a ? (0, 1) : (1, 0)
        default: (0, 0)
        }
    }
}
