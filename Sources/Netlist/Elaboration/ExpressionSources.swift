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

    /// How the value of a subtree depends on the texts at its leaves.
    ///
    /// The chain rule from the root down: the root's value as a function of a node is the one of its
    /// parent composed with the operation, and so each leaf costs one composition only. Functions of
    /// the form (a·x + b) / (c·x + d) compose as the matrices [a b; c d] multiply.
    ///
    /// - Complexity: linear in the size of the subtree and in the sources of its leaves.
    func sources(
        at root: Int, _ values: [Double], _ leaves: [Int: [NumberText: FractionalLinear?]]
    ) -> [NumberText: FractionalLinear?] {
        let start = nodes[root].first
        var dependences = [Dependence](repeating: .none, count: root - start + 1)
        dependences[root - start] = .relation(.identity)
        var sources: [NumberText: FractionalLinear?] = [:]

        for index in stride(from: root, through: start, by: -1) {
            let dependence = dependences[index - start]
            if case .none = dependence { continue }
            func set(_ operand: Int, _ inner: FractionalLinear?) {
                dependences[operand - start] = dependence.composed(with: inner)
            }
            switch nodes[index].kind {
            case .simulation: break
            case .negate: set(index - 1, FractionalLinear(a: -1, b: 0, c: 0, d: 1))
            case .not: set(index - 1, nil)
            case .binary(let operation):
                let right = index - 1
                let left = nodes[right].first - 1
                let (ofLeft, ofRight) = operation.relations(values[left], values[right])
                set(left, ofLeft)
                set(right, ofRight)
            case .conditional:
                let (condition, first, second) = threeOperands(of: index)
                set(condition, nil)
                set(values[condition] != 0 ? first : second, .identity)
            case .number, .name, .call:
                if let leaf = leaves[index] {
                    for (text, inner) in leaf {
                        let isKnown = sources[text] != nil
                        sources[text] = .some(
                            isKnown ? nil : dependence.composed(with: inner).relation)
                    }
                } else if case .call(let name, let count) = nodes[index].kind {
                    let operands = operands(of: index, count: count)
                    if names[name] == "ternary_fcn", count == 3 {
                        set(operands[0], nil)
                        set(values[operands[0]] != 0 ? operands[1] : operands[2], .identity)
                    } else {
                        for operand in operands { set(operand, nil) }
                    }
                }
            }
        }
        return sources
    }

    /// How the value of the root depends on a node.
    private enum Dependence {
        case none
        case unknownForm
        case relation(FractionalLinear)

        var relation: FractionalLinear? {
            if case .relation(let relation) = self { relation } else { nil }
        }

        func composed(with inner: FractionalLinear?) -> Self {
            switch self {
            case .none: return .none
            case .unknownForm: return .unknownForm
            case .relation(let outer):
                guard let inner, let both = outer.composed(with: inner) else { return .unknownForm }
                return .relation(both)
            }
        }
    }
}

extension Expression.BinaryOperator {
    /// The value as a function of each operand with the other one held constant; nil where it has no
    /// fractional linear form or doesn't depend on the operand at all.
    fileprivate func relations(
        _ left: Double, _ right: Double
    ) -> (left: FractionalLinear?, right: FractionalLinear?) {
        switch self {
        case .add:
            (
                FractionalLinear(a: 1, b: right, c: 0, d: 1),
                FractionalLinear(a: 1, b: left, c: 0, d: 1)
            )
        case .subtract:
            (
                FractionalLinear(a: 1, b: -right, c: 0, d: 1),
                FractionalLinear(a: -1, b: left, c: 0, d: 1)
            )
        case .multiply:
            (
                right == 0 ? nil : FractionalLinear(a: right, b: 0, c: 0, d: 1),
                left == 0 ? nil : FractionalLinear(a: left, b: 0, c: 0, d: 1)
            )
        case .divide:
            (
                right == 0 ? nil : FractionalLinear(a: 1, b: 0, c: 0, d: right),
                left == 0 ? nil : FractionalLinear(a: 0, b: left, c: 1, d: 0)
            )
        default: (nil, nil)
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
