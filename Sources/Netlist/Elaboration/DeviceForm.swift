/// How a controlled source, capacitor or inductor gives its value.
struct DeviceForm {
    var isLinear = true
    /// E, F, G or H.
    let isControlled: Bool

    init(_ statement: Statement, _ letter: UInt8, _ values: [Token]) {
        isControlled = "efgh".utf8.contains(letter)
        guard values.count > 2 else { return }
        switch letter {
        case UInt8(ascii: "e"), UInt8(ascii: "g"), UInt8(ascii: "f"), UInt8(ascii: "h"):
            let words: [StaticString] = [
                "poly", "value", "vol", "cur", "table", "laplace", "freq", "vcvs", "vccs",
                "cccs", "ccvs",
            ]
            isLinear = !values.dropFirst(2).contains { token in
                words.contains { statement.token(token, is: $0) }
            }
            if values[2].kind == .expression || Self.isMultiInput(statement, letter) {
                isLinear = false
            }
        case UInt8(ascii: "b"):
            isLinear = false
        case UInt8(ascii: "c"), UInt8(ascii: "l"):
            // A value that depends on the circuit's state. The name and the nodes may be words such as
            // `time`.
            let first = values[2]
            let values = first.range.lowerBound..<statement.range.bytes.upperBound
            isLinear = !BehaviouralText.isWanted(statement.bytes(in: values))
            // A charge becomes a behavioural source, whatever it depends on.
            if statement.token(first, is: "q") { isLinear = false }
        default: isLinear = true
        }
    }
    /// Whether the output depends on several voltages by `nand(2)`, `and(2)`, `or(2)` or `nor(2)`, from
    /// which ngspice makes a code model.
    private static func isMultiInput(_ statement: Statement, _ letter: UInt8) -> Bool {
        guard letter == UInt8(ascii: "e") else { return false }
        let functions: [StaticString] = ["nand", "and", "nor", "or"]
        return zip(statement.tokens, statement.tokens.dropFirst()).contains { token, next in
            next.kind == .leftParenthesis && token.range.upperBound == next.range.lowerBound
                && functions.contains { statement.token(token, is: $0) }
        }
    }
}
