/// How numbers of a deck follow from numbers in its text: the operations of all expressions that depend on
/// one, in an order in which each follows its operands.
///
/// An expression that a parameter enters in several places, or a parameter that several expressions use, has
/// one node: the tape grows with the text and not with the number of ways through it.
public struct ValueTape: Sendable {
    enum Operation: Sendable {
        /// A number in the text: an index into `texts`.
        case text(Int)
        case constant
        case negate
        case not
        case binary(Expression.BinaryOperator)
        case power(PowerRule)
        /// One of numparam's functions: an index into `BuiltInFunction.numbered`.
        case function(Int)
        /// The first operand decides between the others.
        case conditional
    }

    struct Node: Sendable {
        let operation: Operation
        var operands: SIMD4<Int32> = SIMD4(repeating: -1)
        /// With the texts as they are.
        let value: Double
    }

    private(set) var nodes: [Node] = []
    /// The numbers in the text that expressions use.
    public private(set) var texts: [NumberText] = []
    private var leaves: [NumberText: Int] = [:]

    init() {}

    mutating func append(_ operation: Operation, _ operands: [Int], value: Double) -> Int {
        var node = Node(operation: operation, value: value)
        for (place, operand) in operands.enumerated() { node.operands[place] = Int32(operand) }
        nodes.append(node)
        return nodes.count - 1
    }

    /// The node of a number in the text, one for each.
    mutating func leaf(_ text: NumberText) -> Int {
        if let known = leaves[text] { return known }
        let node = append(.text(texts.count), [], value: text.value)
        texts.append(text)
        leaves[text] = node
        return node
    }

    /// All nodes on which one depends, itself included, in the order of the tape.
    ///
    /// - Complexity: O(n log n) for n of them.
    func reached(from roots: some Sequence<Int>) -> [Int] {
        var seen: Set<Int> = []
        var stack = Array(roots)
        while let node = stack.popLast() {
            guard seen.insert(node).inserted else { continue }
            let operands = nodes[node].operands
            for place in 0..<4 where operands[place] >= 0 { stack.append(Int(operands[place])) }
        }
        return seen.sorted()
    }

    /// The texts on which a node depends, in the order in which the deck's expressions use them.
    func texts(of node: Int) -> [NumberText] {
        reached(from: CollectionOfOne(node)).compactMap {
            if case .text(let index) = nodes[$0].operation { texts[index] } else { nil }
        }
    }

    /// How a node's value follows from one text with the others held; nil where it has no fractional linear form.
    func relation(of root: Int, to text: NumberText) -> FractionalLinear? {
        var forms: [Int: FractionalLinear?] = [:]
        for index in reached(from: CollectionOfOne(root)) {
            let node = nodes[index]
            /// Nil where the operand doesn't depend on the text.
            func form(_ place: Int) -> FractionalLinear?? { forms[Int(node.operands[place])] }
            func value(_ place: Int) -> Double { nodes[Int(node.operands[place])].value }
            switch node.operation {
            case .text(let number):
                if texts[number] == text { forms[index] = .some(.identity) }
            case .constant: break
            case .negate:
                guard let inner = form(0) else { continue }
                forms[index] = .some(
                    inner.flatMap { FractionalLinear(a: -1, b: 0, c: 0, d: 1).composed(with: $0) })
            case .binary(let operation):
                switch (form(0), form(1)) {
                case (nil, nil): break
                case (let left?, nil):
                    forms[index] = .some(
                        left.flatMap { operation.ofLeft(right: value(1))?.composed(with: $0) })
                case (nil, let right?):
                    forms[index] = .some(
                        right.flatMap { operation.ofRight(left: value(0))?.composed(with: $0) })
                case (let left?, let right?):
                    forms[index] = .some(
                        left.flatMap { l in right.flatMap { operation.joined(l, $0) } })
                }
            case .conditional where form(0) == nil:
                let place = value(0) != 0 ? 1 : 2
                if let branch = form(place) { forms[index] = branch }
            case .not, .power, .function, .conditional:
                if (0..<4).contains(where: { node.operands[$0] >= 0 && form($0) != nil }) {
                    forms[index] = .some(nil)
                }
            }
        }
        return forms[root] ?? nil
    }
}

/// Where a value comes from.
public enum ValueOrigin: Sendable, Hashable {
    case constant
    /// It is this number of the text, as it is.
    case text(NumberText)
    /// A node of the deck's `ValueTape`.
    case node(Int)
}

/// Collects the tape while a deck is elaborated.
public final class ValueRecorder {
    private(set) var tape = ValueTape()

    public init() {}

    /// What an operation on operands comes from.
    func record(
        _ operation: ValueTape.Operation, _ operands: [(value: Double, origin: ValueOrigin)],
        value: Double
    ) -> ValueOrigin {
        guard operands.contains(where: { $0.origin != .constant }) else { return .constant }
        return .node(tape.append(operation, operands.map { node($0) }, value: value))
    }

    private func node(_ operand: (value: Double, origin: ValueOrigin)) -> Int {
        switch operand.origin {
        case .constant: tape.append(.constant, [], value: operand.value)
        case .text(let text): tape.leaf(text)
        case .node(let node): node
        }
    }

    /// The texts on which a value depends.
    func texts(of value: ParameterValue) -> [NumberText] { tape.texts(of: value.origin) }
}

extension ValueTape {
    /// The texts on which a value of this origin depends.
    func texts(of origin: ValueOrigin) -> [NumberText] {
        switch origin {
        case .constant: []
        case .text(let text): [text]
        case .node(let node): texts(of: node)
        }
    }
}

extension Expression.BinaryOperator {
    /// The value as a function of the left operand; nil where it has no fractional linear form or doesn't
    /// depend on it at all.
    fileprivate func ofLeft(right: Double) -> FractionalLinear? {
        switch self {
        case .add: FractionalLinear(a: 1, b: right, c: 0, d: 1)
        case .subtract: FractionalLinear(a: 1, b: -right, c: 0, d: 1)
        case .multiply: right == 0 ? nil : FractionalLinear(a: right, b: 0, c: 0, d: 1)
        case .divide: right == 0 ? nil : FractionalLinear(a: 1, b: 0, c: 0, d: right)
        default: nil
        }
    }

    fileprivate func ofRight(left: Double) -> FractionalLinear? {
        switch self {
        case .add: FractionalLinear(a: 1, b: left, c: 0, d: 1)
        case .subtract: FractionalLinear(a: -1, b: left, c: 0, d: 1)
        case .multiply: left == 0 ? nil : FractionalLinear(a: left, b: 0, c: 0, d: 1)
        case .divide: left == 0 ? nil : FractionalLinear(a: 0, b: left, c: 1, d: 0)
        default: nil
        }
    }

    /// The value where both operands depend on one number: sums and quotients of linear forms.
    fileprivate func joined(
        _ left: FractionalLinear, _ right: FractionalLinear
    ) -> FractionalLinear? {
        guard left.c == 0, right.c == 0 else { return nil }
        let (l, r) = (
            (a: left.a / left.d, b: left.b / left.d), (a: right.a / right.d, b: right.b / right.d)
        )
        switch self {
        case .add: return FractionalLinear(a: l.a + r.a, b: l.b + r.b, c: 0, d: 1)
        case .subtract: return FractionalLinear(a: l.a - r.a, b: l.b - r.b, c: 0, d: 1)
        case .divide: return FractionalLinear(a: l.a, b: l.b, c: r.a, d: r.b)
        default: return nil
        }
    }
}

extension FractionalLinear {
    /// x ↦ self(inner(x)); nil if a coefficient overflows.
    func composed(with inner: Self) -> Self? {
        let product = (
            a: a * inner.a + b * inner.c, b: a * inner.b + b * inner.d,
            c: c * inner.a + d * inner.c, d: c * inner.b + d * inner.d
        )
        let largest = max(
            max(product.a.magnitude, product.b.magnitude),
            max(product.c.magnitude, product.d.magnitude))
        guard largest.isFinite, largest > 0 else { return nil }
        // A common factor changes nothing; a power of two changes no digit either.
        let factor =
            (-256...256).contains(largest.exponent)
            ? 1 : Double(sign: .plus, exponent: -largest.exponent, significand: 1)
        return Self(
            a: product.a * factor, b: product.b * factor, c: product.c * factor,
            d: product.d * factor)
    }
}
