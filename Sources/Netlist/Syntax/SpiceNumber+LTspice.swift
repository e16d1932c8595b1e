extension SpiceNumber {
    /// The number that `text` is where ngspice reads a resistor's value for LTspice: `4k7` is 4700, `4R7`
    /// 4.7, `R15` 0.15. Nil where ngspice finds no number, as in `100R`.
    ///
    /// Digits behind a scale factor are decimals of the digits before it, with or without a point among
    /// those (`INPevaluateRKM_R`): `1.5k2` is 15.2 · 100.
    static func parseForLTspice(utf8 text: some Collection<UInt8>) -> Parsed? {
        let bytes = Array(text)
        guard let letter = bytes.firstIndex(where: { $0.isLetter }),
            bytes[letter...].contains(where: \.isDigit)
                || bytes[letter].lowercased == UInt8(ascii: "r")
        else { return parse(utf8: bytes) }
        var scale: (power: Int, length: Int)?
        let rest = bytes[letter...].map(\.lowercased)
        switch rest[0] {
        case UInt8(ascii: "t"): scale = (12, 1)
        case UInt8(ascii: "g"): scale = (9, 1)
        case UInt8(ascii: "k"): scale = (3, 1)
        case UInt8(ascii: "u"): scale = (-6, 1)
        case UInt8(ascii: "n"): scale = (-9, 1)
        case UInt8(ascii: "p"): scale = (-12, 1)
        case UInt8(ascii: "l"): scale = (-3, 1)
        case UInt8(ascii: "r"):
            // Only digits may follow it, and they must.
            guard rest.count > 1, rest.dropFirst().allSatisfy(\.isDigit) else { return nil }
            scale = (0, 1)
        case UInt8(ascii: "m"):
            if rest.starts(with: "meg".utf8) {
                scale = (6, 3)
            } else if !rest.starts(with: "mil".utf8) {
                scale = (-3, 1)
            }
        default: break
        }
        guard let scale else { return parse(utf8: bytes) }
        let decimals = bytes[(letter + scale.length)...].prefix(while: \.isDigit)
        let whole = bytes[..<letter]
        let places = whole.firstIndex(of: Byte.dot).map { whole.endIndex - $0 - 1 } ?? 0
        let digits = whole.filter { $0 != Byte.dot }
        let isNumber = digits.drop { $0 == Byte.minus || $0 == Byte.plus }.allSatisfy(\.isDigit)
        guard !decimals.isEmpty, isNumber else { return parse(utf8: bytes) }
        let decimal = digits.text + "." + decimals.text + "e\(scale.power - places)"
        return parse(decimal)
    }
}
