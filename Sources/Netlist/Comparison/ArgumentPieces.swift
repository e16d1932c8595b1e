extension Argument.Value {
    /// What a value consists of: one number or name, or the names, numbers and operators of an
    /// expression.
    enum Piece: Equatable {
        case number(Double)
        case text(String)
    }

    /// Functions whose arguments are nodes or devices.
    static let nodeFunctions: Set<String> = ["v", "i", "vm", "vp", "vr", "vi", "vdb"]

    /// - Parameter dialect: of the deck that the statement is from.
    func pieces(in statement: Statement, _ dialect: Dialect) -> [Piece] {
        let bytes = statement.bytes(of: token)
        // File names, mostly: their case counts.
        if token.kind == .string { return [.text(bytes.text)] }
        if isName { return [.text(Self.nodeName(bytes[...]))] }
        let inner = Self.withoutDelimiters(bytes[...])
        let isResistance =
            token.kind == .word && statement.kind == .device(UInt8(ascii: "r"))
            && dialect.compatibility?.contains(.ltspice) == true
        let number =
            isResistance
            ? SpiceNumber.parseForLTspice(utf8: inner)
            : SpiceNumber.parse(utf8: inner, in: dialect)
        if let number { return [.number(number.value)] }
        if token.kind == .word, !bytes.contains(where: { "()+*/^?".utf8.contains($0) }) {
            return [.text(bytes.lowercasedText)]
        }
        return Self.pieces(ofExpression: inner, dialect)
    }

    /// As ngspice knows it; of all the names that look like ground it takes only `gnd` for 0.
    private static func nodeName(_ bytes: ArraySlice<UInt8>) -> String {
        let name = NodeTable.ngspiceText(bytes)
        return name == "gnd" ? "0" : name
    }

    /// Blanks, and what `{…}` and `'…'` begin and end with.
    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte.isBlank || byte == Byte.leftBrace || byte == Byte.rightBrace || byte == Byte.quote
    }

    private static func withoutDelimiters(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = bytes.firstIndex { !isDelimiter($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isDelimiter($0) }.map { $0 + 1 } ?? start
        return bytes[start..<end]
    }

    private static func pieces(
        ofExpression bytes: ArraySlice<UInt8>, _ dialect: Dialect
    ) -> [Piece] {
        var result: [Piece] = []
        var isInCall = false
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            guard !isDelimiter(byte) else {
                index += 1
                continue
            }
            let start = index
            guard byte.isIdentifierByte || byte == Byte.dot else {
                index += 1
                if byte == Byte.leftParenthesis, case .text(let word)? = result.last {
                    isInCall = nodeFunctions.contains(word)
                } else if byte == Byte.rightParenthesis {
                    isInCall = false
                }
                result.append(.text(bytes[start..<index].text))
                continue
            }
            let isNumber = !isInCall && (byte.isDigit || byte == Byte.dot)
            while index < bytes.endIndex,
                bytes[index].isIdentifierByte || bytes[index] == Byte.dot
                    || isNumber && isExponentSign(bytes, index)
            {
                index += 1
            }
            let word = bytes[start..<index]
            if isNumber, let number = SpiceNumber.parse(utf8: word, in: dialect) {
                result.append(.number(number.value))
            } else {
                result.append(.text(isInCall ? nodeName(word) : word.lowercasedText))
            }
        }
        return result
    }

    private static func isExponentSign(_ bytes: ArraySlice<UInt8>, _ index: Int) -> Bool {
        guard bytes[index] == Byte.plus || bytes[index] == Byte.minus, index > bytes.startIndex
        else { return false }
        let before = bytes[index - 1].lowercased
        return before == UInt8(ascii: "e") || before == UInt8(ascii: "d")
    }
}
