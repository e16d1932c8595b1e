/// Numbers as ngspice reads them on device lines, and the shortest text that reads back.
///
/// The grammar is that of ngspice's `INPevaluate`: an optional sign, decimal digits with at most one
/// point, an exponent after `e` or `d`, a scale factor, and letters that are ignored.
///
/// | factor | t | g | meg | k | m | mil | u, µ | n | p | f |
/// | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
/// | scale | 10¹² | 10⁹ | 10⁶ | 10³ | 10⁻³ | 25.4·10⁻⁶ | 10⁻⁶ | 10⁻⁹ | 10⁻¹² | 10⁻¹⁵ |
///
/// Upper and lower case are the same, so `1M` is a thousandth. From version 40 on there is `a` for
/// 10⁻¹⁸, and so `1A` is no ampere any more.
///
/// ngspice accumulates digits in a double and multiplies by a rounded power of ten, and so misses
/// the nearest double by up to a few units in the last place. Here the value is always the double
/// nearest to the decimal (except for `mil`, which may round twice), so that text and value determine each
/// other.
public enum SpiceNumber {
    /// What a text says as a number.
    public struct Parsed: Sendable, Hashable {
        public let value: Double
        /// Set where the value is hardly what the writer meant.
        let suspicion: Suspicion?
        /// What was read, and how to write what was meant.
        public var warning: String? { suspicion?.warning }
    }

    /// The number that `text` is, or nil if ngspice would see something else or more than one number.
    ///
    /// `4k7` is 4000 and carries a warning. `1,000`, `1 k` and `5-3` are nil: ngspice splits them and
    /// lets the last part win (a resistor of `1,000` has 1 mΩ, one of `5-3` has -3 Ω). So is `1d-3`,
    /// for the sign after `d` also splits.
    ///
    /// - Complexity: linear in the text's length.
    public static func parse(_ text: some StringProtocol, in dialect: Dialect = Dialect())
        -> Parsed?
    {
        var copy = String(text)
        return copy.withUTF8 { parse(utf8: $0, in: dialect) }
    }

    /// The number that these bytes are; a lone byte B5 is the µ of Latin-1.
    public static func parse(utf8 text: some Collection<UInt8>, in dialect: Dialect = Dialect())
        -> Parsed?
    {
        text.withContiguousStorageIfAvailable { parse(utf8: $0, in: dialect) }
            ?? Array(text).withUnsafeBufferPointer { parse(utf8: $0, in: dialect) }
    }

    /// The number that these bytes are; a lone byte B5 is the µ of Latin-1.
    public static func parse(
        utf8 text: UnsafeBufferPointer<UInt8>, in dialect: Dialect = Dialect()
    ) -> Parsed? {
        parse(utf8: text, in: dialect, takesSignAfterD: false)
    }

    /// - Parameter takesSignAfterD: whether `1d-3` is a number, as it is in expressions that the simulation
    ///   evaluates.
    static func parse(
        utf8 text: UnsafeBufferPointer<UInt8>, in dialect: Dialect, takesSignAfterD: Bool
    ) -> Parsed? {
        var index = 0
        var isNegative = false
        if let sign = text.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            isNegative = sign == UInt8(ascii: "-")
            index = 1
        }
        guard var decimal = DecimalText(scanning: text, from: &index) else { return nil }
        var lacksExponent = false
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            lacksExponent = !decimal.scanExponent(text, from: &index, signAllowed: true)
        } else if index < text.count, text[index] | 0x20 == UInt8(ascii: "d") {
            index += 1
            lacksExponent = !decimal.scanExponent(
                text, from: &index, signAllowed: takesSignAfterD)
        }
        let suffix = UnsafeBufferPointer(rebasing: text[index...])
        guard !suffix.contains(where: endsToken) else { return nil }

        let scale = Scale(suffix, in: dialect)
        var value = decimal.value(in: text, scaledBy: scale.isMil ? 0 : scale.powerOfTen)
        // 25.4e-6 has no double, but these two have.
        if scale.isMil { value = value * 254 / 1e7 }
        if isNegative { value = -value }
        var doubt: Suspicion?
        if !suffix.isEmpty {
            doubt = suspicion(of: text, suffix: index, scale: scale, value: value, in: dialect)
        }
        if lacksExponent, doubt == nil {
            doubt = suspicionOfExponent(in: text, suffix: index, scale: scale, value: value)
        }
        return Parsed(value: value, suspicion: doubt)
    }

    /// The shortest decimal that reads back as `x`, in a spelling that ngspice reads on device lines
    /// and in `.param`: `100`, `0.25`, `123456.789`, `5e-05`, `1e+16`.
    ///
    /// - Precondition: none, but no text reads back as a NaN; infinities give `1e999`.
    public static func shortest(_ x: Double) -> String {
        guard x.isFinite else { return x.isNaN ? "nan" : x < 0 ? "-1e999" : "1e999" }
        let text = x.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Characters at which ngspice ends a number and starts the next token.
    private static func endsToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20: true
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"),
            UInt8(ascii: "^"), UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "'"),
            UInt8(ascii: "\""), UInt8(ascii: ";"):
            true
        default: false
        }
    }

    /// A scale factor at the start of the letters behind a number.
    struct Scale {
        var powerOfTen = 0
        /// Bytes of the factor itself, without the ignored letters.
        var length = 0
        var isMil = false
        /// U+FFFD: what decoding as UTF-8 makes of the µ of Latin-1.
        var isReplacement = false

        init(_ letters: UnsafeBufferPointer<UInt8>, in dialect: Dialect) {
            guard let first = letters.first else { return }
            func follows(_ second: Character, _ third: Character) -> Bool {
                letters.count >= 3 && letters[1] | 0x20 == second.asciiValue
                    && letters[2] | 0x20 == third.asciiValue
            }
            switch first {
            case UInt8(ascii: "t"), UInt8(ascii: "T"): (powerOfTen, length) = (12, 1)
            case UInt8(ascii: "g"), UInt8(ascii: "G"): (powerOfTen, length) = (9, 1)
            case UInt8(ascii: "k"), UInt8(ascii: "K"): (powerOfTen, length) = (3, 1)
            case UInt8(ascii: "u"), UInt8(ascii: "U"): (powerOfTen, length) = (-6, 1)
            case UInt8(ascii: "n"), UInt8(ascii: "N"): (powerOfTen, length) = (-9, 1)
            case UInt8(ascii: "p"), UInt8(ascii: "P"): (powerOfTen, length) = (-12, 1)
            case UInt8(ascii: "f"), UInt8(ascii: "F"): (powerOfTen, length) = (-15, 1)
            case UInt8(ascii: "a"), UInt8(ascii: "A"):
                if dialect.hasAtto { (powerOfTen, length) = (-18, 1) }
            case UInt8(ascii: "m"), UInt8(ascii: "M"):
                if follows("e", "g") {
                    (powerOfTen, length) = (6, 3)
                } else if follows("i", "l") {
                    (powerOfTen, length, isMil) = (-6, 3, true)
                } else {
                    (powerOfTen, length) = (-3, 1)
                }
            case 0xB5: (powerOfTen, length) = (-6, 1)
            case 0xC2 where letters.count >= 2 && letters[1] == 0xB5:
                (powerOfTen, length) = (-6, 2)
            case 0xEF where letters.count >= 3 && letters[1] == 0xBF && letters[2] == 0xBD:
                (powerOfTen, length, isReplacement) = (-6, 3, true)
            default: break
            }
        }
    }
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

/// The digits of a decimal number somewhere in a text, with the power of ten that belongs to them.
struct DecimalText {
    /// The first 19 significant digits.
    private var mantissa: UInt64 = 0
    /// How many significant digits there are in all; the mantissa is exact up to 19.
    private var significantDigits = 0
    /// The digits and the point.
    private var range = 0..<0
    /// Of the last digit.
    private var powerOfTen = 0

    /// Reads digits with at most one point, and leaves `index` behind them. Nil if there are none.
    init?(scanning text: UnsafeBufferPointer<UInt8>, from index: inout Int) {
        let start = index
        var digits = 0
        var isFraction = false
        while index < text.count {
            let byte = text[index]
            if isDigit(byte) {
                digits += 1
                if isFraction { powerOfTen -= 1 }
                if significantDigits > 0 || byte != UInt8(ascii: "0") {
                    if significantDigits < 19 {
                        mantissa = mantissa &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
                    }
                    significantDigits += 1
                }
            } else if byte == UInt8(ascii: "."), !isFraction {
                isFraction = true
            } else {
                break
            }
            index += 1
        }
        guard digits > 0 else { return nil }
        range = start..<index
    }

    /// Reads sign and digits after the exponent's letter; without digits the exponent is zero.
    ///
    /// - Returns: whether there were digits.
    mutating func scanExponent(
        _ text: UnsafeBufferPointer<UInt8>, from index: inout Int, signAllowed: Bool
    ) -> Bool {
        var isNegative = false
        if signAllowed, index < text.count,
            text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-")
        {
            isNegative = text[index] == UInt8(ascii: "-")
            index += 1
        }
        var exponent = 0
        let start = index
        while index < text.count, isDigit(text[index]) {
            // Far beyond the largest double however many digits the mantissa has.
            if exponent < 1 << 40 { exponent = exponent * 10 + Int(text[index] - 48) }
            index += 1
        }
        powerOfTen += isNegative ? -exponent : exponent
        return index > start
    }

    /// The double nearest to digits × 10^(power + scale), ties to even.
    ///
    /// Up to 2⁵³ and 10²² one exact operation on exact operands rounds correctly (W. D. Clinger,
    /// How to read floating point numbers accurately, 1990, doi:10.1145/93542.93557); the rest goes
    /// through the standard library.
    func value(in text: UnsafeBufferPointer<UInt8>, scaledBy scale: Int) -> Double {
        if significantDigits == 0 { return 0 }
        let power = powerOfTen + scale
        if significantDigits <= 19 {
            if mantissa <= 1 << 53 {
                if power == 0 { return Double(mantissa) }
                if power > 0, power <= 22 { return Double(mantissa) * Self.exactPowers[power] }
                if power < 0, power >= -22 { return Double(mantissa) / Self.exactPowers[-power] }
            }
            return Self.nearest("\(mantissa)", power: power, digits: significantDigits)
        }
        // A double's halfway points have at most 767 significant digits: beyond them it only
        // matters whether anything else than zeros follows.
        let kept = 770
        var digits = [UInt8]()
        digits.reserveCapacity(kept + 1)
        var hasRemainder = false
        for byte in text[range] where isDigit(byte) {
            if digits.isEmpty, byte == UInt8(ascii: "0") { continue }
            if digits.count < kept {
                digits.append(byte)
            } else if byte != UInt8(ascii: "0") {
                hasRemainder = true
                break
            }
        }
        var dropped = significantDigits - digits.count
        if hasRemainder {
            digits.append(UInt8(ascii: "1"))
            dropped -= 1
        }
        return Self.nearest(
            String(decoding: digits, as: UTF8.self), power: power + dropped, digits: digits.count)
    }

    private static func nearest(_ digits: String, power: Int, digits count: Int) -> Double {
        if power + count > 400 { return .infinity }
        if power + count < -400 { return 0 }
        return Double("\(digits)e\(power)") ?? .nan
    }

    /// The double nearest to 10^power, -22 ≤ power ≤ 22: what a suffix stands for.
    static func factor(_ power: Int) -> Double {
        power < 0 ? 1 / exactPowers[-power] : exactPowers[power]
    }

    private static let exactPowers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
