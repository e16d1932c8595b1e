/// An expression as ngspice's numparam reads it in `{…}`, `'…'` and `.param`.
///
/// The grammar is that of ngspice 39 in its default mode, measured and read from its source
/// (`xpressn.c`). Loosest first, every level from left to right:
///
/// | operators | meaning |
/// | --- | --- |
/// | `c ? a : b` | both branches are evaluated; an inner one needs parentheses before the `:` |
/// | `\|\|`, then `&&` | 1 or 0; both sides are evaluated |
/// | `== = != <> < <= > >=` | 1 or 0, also from left to right: `3 > 2 > 1` is 0 |
/// | `+ -` | a sign at the start belongs here: `-2^2` is -4 |
/// | `* / % \` | `%` with the dividend's sign, `\` the whole part of \|a / b\| |
/// | `** ^` | \|a\|^b: `(-2)^3` is 8, `2^3^2` is 64 |
/// | `!` | 1 for 0, else 0 |
/// | `-3` | after an operator, a minus belongs to the number: `2*-3^2` is 18 |
///
/// Numbers take the factors of device lines, except that `mil` is a thousandth and `1d3` an error.
///
/// What ngspice silently reads as something else is an error here: it loses or displaces the minus
/// of `2*-b`, reads `a ? b ? c : d : e` as `a ? c : e`, and takes functions with surplus arguments.
/// One argument for a function of two is read as ngspice does, with a 1 before it, and warned of.
///
/// ```swift
/// let expression = try Expression(parsing: "2*rx + 50")
/// expression.identifiers  // ["rx"]
/// ```
public struct Expression: Sendable {
    /// One operation of the tree.
    struct Node: Sendable {
        enum Kind: Sendable {
            /// `literal` indexes `literals`.
            case number(literal: Int)
            /// `name` indexes `names`.
            case name(Int)
            case negate
            case not
            case binary(BinaryOperator)
            case conditional
            case call(name: Int, argumentCount: Int)
            /// A voltage, a current or a device's quantity; `name` is its text.
            case simulation(Int)
        }

        let kind: Kind
        /// The index at which the subtree of this node begins.
        let first: Int
        /// Of the byte to blame.
        let offset: Int
    }

    enum BinaryOperator: Sendable {
        case add, subtract, multiply, divide, remainder, wholeQuotient, power
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, and, or
    }

    struct Literal: Sendable {
        let value: Double
        /// Where to rewrite it; nil for a constant.
        let text: NumberText?
    }

    /// In post-order, so that neither evaluation nor deallocation recurses.
    let nodes: [Node]
    let names: [String]
    let literals: [Literal]

    /// The parameters mentioned, in lower case, also those inside the arguments of functions.
    public let identifiers: Set<String>
    /// The functions called, in lower case, numparam's own included.
    public let functionNames: Set<String>

    /// A number that is hardly what the writer meant.
    struct SuspiciousNumber {
        /// In bytes from the start of the text.
        let range: Range<Int>
        /// What is read, and how to write it.
        let warning: String
    }

    let suspiciousNumbers: [SuspiciousNumber]

    /// A call of a function of two arguments with one.
    struct ShortCall {
        let function: String
        let offset: Int
    }

    /// Calls to which ngspice adds an argument, as far as no `.func` has the same name.
    var shortCalls: [ShortCall] {
        nodes.compactMap { node in
            guard case .call(let name, 1) = node.kind,
                BuiltInFunction.named[names[name]]?.mayBeShort == true
            else { return nil }
            return ShortCall(function: names[name], offset: node.offset)
        }
    }

    /// The number that may be rewritten, where the expression is just one.
    var literal: NumberText? {
        guard nodes.count == 1, case .number(let index) = nodes[0].kind else { return nil }
        return literals[index].text
    }

    /// Reads one expression, without its braces or quotes.
    ///
    /// - Parameters:
    ///   - text: the bytes from which errors count offsets.
    ///   - dialect: how numbers are read.
    ///   - isPSpice: whether `&`, `|` and `~` are `&&`, `||` and `!`.
    ///   - locate: gives the place of a number in a source file, for numbers that may be rewritten;
    ///     the others are constants.
    /// - Complexity: linear in the text's length.
    public init(
        parsingUTF8 text: some Collection<UInt8>, in dialect: Dialect = Dialect(),
        isPSpice: Bool = false,
        locate: ((Range<Int>) -> SourceRange?)? = nil
    ) throws(ExpressionError) {
        let bytes = Array(text)
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<Self, ExpressionError> in
            var parser = ExpressionParser(
                text: buffer, dialect: dialect, isPSpice: isPSpice, locate: locate)
            do throws(ExpressionError) {
                try parser.parse()
                return .success(Self(parser))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// Reads one expression, without its braces or quotes.
    public init(
        parsing text: some StringProtocol, in dialect: Dialect = Dialect(),
        locate: ((Range<Int>) -> SourceRange?)? = nil
    ) throws(ExpressionError) {
        try self.init(parsingUTF8: text.utf8, in: dialect, locate: locate)
    }

    /// Reads the expression that lies at `range` in one piece; its numbers may be rewritten.
    public init(parsing range: SourceRange, in dialect: Dialect = Dialect())
        throws(ExpressionError)
    {
        try self.init(parsingUTF8: range.file.bytes[range.bytes], in: dialect) { number in
            let start = range.bytes.lowerBound
            return SourceRange(
                file: range.file,
                bytes: start + number.lowerBound..<start + number.upperBound)
        }
    }

    private init(_ parser: ExpressionParser) {
        nodes = parser.nodes
        names = parser.names
        literals = parser.literals
        identifiers = parser.identifiers
        functionNames = parser.functionNames
        suspiciousNumbers = parser.suspiciousNumbers
    }
}

extension Expression {
    /// The nodes that are the operands of the node at `index`, from left to right.
    func operands(of index: Int, count: Int) -> [Int] {
        var operands: [Int] = []
        var last = index - 1
        for _ in 0..<count {
            operands.append(last)
            last = nodes[last].first - 1
        }
        return operands.reversed()
    }

    /// Condition and branches of the conditional at `index`.
    func threeOperands(of index: Int) -> (condition: Int, first: Int, second: Int) {
        let second = index - 1
        let first = nodes[second].first - 1
        return (nodes[first].first - 1, first, second)
    }
}

/// Why a text is no expression.
public struct ExpressionError: Error, Sendable, Hashable {
    /// In bytes from the start of the text.
    public let offset: Int
    /// What is wrong and, where there is one, the way out.
    public let message: String
}
