/// How many devices the scopes of a deck expand to, known before any is made: ten levels of ten calls
/// are a hundred lines of text and ten thousand million devices.
struct ExpandedSize {
    private var counts: [ObjectIdentifier: Int] = [:]

    /// The devices in one use of a scope and in all that it calls, X lines included. There may be more:
    /// what conditions select is left out, and so are calls of a scope by itself and those that nest too
    /// deep, which are errors of their own.
    ///
    /// - Complexity: linear in the statements of all scopes, for all calls together.
    mutating func leastDeviceCount(of scope: Scope, depth: Int = 1) -> Int {
        if let known = counts[ObjectIdentifier(scope)] { return known }
        guard depth <= Elaborator.maximumDepth else { return 0 }
        // For calls that lead back here.
        counts[ObjectIdentifier(scope)] = 0
        var conditions = 0
        var count = 0
        for statement in scope.statements {
            switch statement.kind {
            case .card:
                switch statement.cardName {
                case ".if": conditions += 1
                case ".endif": conditions -= 1
                default: break
                }
            case .device(let letter):
                guard conditions <= 0 else { continue }
                count = count.saturatedSum(1)
                guard letter == UInt8(ascii: "x"), let callee = scope.callee(of: statement) else {
                    continue
                }
                count = count.saturatedSum(leastDeviceCount(of: callee, depth: depth + 1))
            }
        }
        counts[ObjectIdentifier(scope)] = count
        return count
    }
}

extension Scope {
    fileprivate func callee(of statement: Statement) -> Scope? {
        guard let last = statement.callTokens.last else { return nil }
        return subcircuit(named: statement.lowercasedText(of: last))
    }
}

extension Int {
    fileprivate func saturatedSum(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
