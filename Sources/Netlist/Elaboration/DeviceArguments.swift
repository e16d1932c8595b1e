/// The values on a device's line, read from left to right; commas and parentheses only separate.
struct DeviceArguments {
    let statement: Statement
    private(set) var index = 1

    init(_ statement: Statement) {
        self.statement = statement
        skipSeparators()
    }

    private mutating func skipSeparators() {
        while index < statement.tokens.count, !statement.tokens[index].isValue,
            statement.tokens[index].kind != .equals
        {
            index += 1
        }
    }

    /// The next token; nil at the end.
    var peek: Token? { index < statement.tokens.count ? statement.tokens[index] : nil }

    /// The token after the next.
    var second: Token? {
        var copy = self
        _ = copy.next()
        return copy.peek
    }

    mutating func next() -> Token? {
        guard let token = peek else { return nil }
        index += 1
        skipSeparators()
        return token
    }

    /// Takes the next token if it is a value, not an `=`.
    mutating func nextValue() -> Token? {
        guard let token = peek, token.isValue else { return nil }
        return next()
    }

    mutating func skipEquals() -> Bool {
        guard peek?.kind == .equals else { return false }
        _ = next()
        return true
    }
}

extension Elaborator {
    /// The two nodes of a device, or nil with an error where they are missing.
    func twoNodes(_ arguments: inout DeviceArguments, _ frame: Frame) -> (Int, Int)? {
        let statement = arguments.statement
        let first = arguments.nextValue()
        guard let first, let second = arguments.nextValue() else {
            if let first { excuse([node(first, statement, frame)]) }
            let end = statement.tokens.last ?? statement.name
            diagnostics.error(
                "missing-node",
                "\(statement.text(of: statement.name)) needs two nodes",
                at: statement.range(of: end)
            )
            return nil
        }
        return (node(first, statement, frame), node(second, statement, frame))
    }

    /// Lets nodes of a device that can't be read count as connected, so that they aren't reported, too.
    func excuse(_ nodes: some Sequence<Int>) {
        for node in nodes {
            connections.attach(node, node)
            connections.conduct(node, 0)
        }
    }
}
