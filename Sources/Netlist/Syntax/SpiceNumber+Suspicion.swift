extension SpiceNumber {
    /// Why a number is hardly what its writer meant.
    struct Suspicion: Sendable, Hashable {
        /// What ngspice reads, and how to write what was meant.
        let warning: String
        /// The right spelling by itself, where there is one.
        var correction: String?
        /// Whether digits follow the letters, and are not read.
        var isCutShort = false
    }

    /// What a writer should know about the characters behind a number, if anything.
    ///
    /// - Parameters:
    ///   - suffix: where the digits and their exponent end.
    ///   - scale: the factor at the start of the suffix.
    static func suspicion(
        of text: UnsafeBufferPointer<UInt8>, suffix: Int, scale: Scale, value: Double,
        in dialect: Dialect
    ) -> Suspicion? {
        let letters = text[suffix...]
        let isRead = "ngspice reads \(spelled(text)) as \(shortest(value))"
        let digits = spelled(text[..<suffix])
        if letters.contains(UInt8(ascii: "%")) {
            return Suspicion(
                warning: "\(isRead), and takes no notice of the %: write \(shortest(value / 100)), "
                    + "or leave a tolerance out")
        }
        if letters.contains(where: isDigit) {
            let correction = inFull(text, suffix: suffix, scale: scale)
            return Suspicion(
                warning: "\(isRead) and ignores the rest: write \(correction ?? "it in full")",
                correction: correction, isCutShort: true)
        }
        if scale.isReplacement {
            return Suspicion(
                warning: "\(spelled(text)) was taken for µ, but the letter can't be read: write u",
                correction: "\(digits)u")
        }
        if letters.starts(with: [0xCE, 0xBC]) {
            return Suspicion(
                warning: "\(isRead), for it doesn't know the Greek letter mu: write u",
                correction: "\(digits)u")
        }
        let unit = letters.dropFirst().lowercasedText
        if letters.first == UInt8(ascii: "M"), scale.length == 1, !smallUnits.contains(unit) {
            return Suspicion(
                warning:
                    "\(isRead), for M is a thousandth like m: write \(digits)Meg for a million, "
                    + "or \(digits)m",
                correction: "\(digits)Meg or \(digits)m")
        }
        if letters.first.map({ $0 | 0x20 == UInt8(ascii: "a") }) == true {
            return Suspicion(
                warning: dialect.hasAtto
                    ? "\(isRead), for a is 1e-18: write \(digits) for amperes"
                    : "\(isRead), but from version 40 on as \(digits)e-18: leave the letter out",
                correction: digits)
        }
        return nil
    }

    /// What a writer should know about the `e` or `d` of an exponent that has no digits, `1e` or `1e-`; nil where
    /// it begins a unit, as in `1.1eV`.
    static func suspicionOfExponent(
        in text: UnsafeBufferPointer<UInt8>, suffix: Int, scale: Scale, value: Double
    ) -> Suspicion? {
        let read = text[..<suffix]
        let isSigned = read.last == Byte.plus || read.last == Byte.minus
        guard isSigned || suffix == text.count || scale.length > 0 else { return nil }
        let letter = read.dropLast(isSigned ? 1 : 0).suffix(1)
        let number = shortest(value)
        return Suspicion(
            warning: "ngspice reads \(spelled(text)) as \(number), for no digits follow the "
                + "\(spelled(letter)): write \(number)",
            correction: number)
    }

    /// What to write for a number with a comma: `1.5k`, and where three digits follow, `1.000, or 1000 for
    /// thousands`.
    static func withoutComma(_ whole: String, _ decimals: String) -> String {
        let isGroup = decimals.utf8.count == 3 && decimals.utf8.allSatisfy(\.isDigit)
        return "\(whole).\(decimals)" + (isGroup ? ", or \(whole)\(decimals) for thousands" : "")
    }

    /// Units of which a million would be out of the ordinary, so that M before them is a thousandth
    /// to the writer, too.
    private static let smallUnits: Set<String> = [
        "a", "amp", "amps", "v", "volt", "volts", "h", "s", "f",
    ]

    /// The right spelling of `4k7`, `4R7`, `2M2` and `1.5.2k`, as they stand on schematics or were
    /// mistyped; nil where there is none.
    private static func inFull(
        _ text: UnsafeBufferPointer<UInt8>, suffix: Int, scale: Scale
    ) -> String? {
        let whole = text[..<suffix]
        let letters = text[suffix...]
        if letters.first == Byte.dot {
            // Of two points the second is one too many.
            let rest = letters.dropFirst()
            let decimals = rest.prefix(while: isDigit)
            guard !decimals.isEmpty, rest[decimals.endIndex...].allSatisfy(\.isLetter),
                // The point of an exponent, 1e3.5, is none that can be left out.
                whole.allSatisfy({ isDigit($0) || $0 == Byte.dot })
            else { return nil }
            return "\(spelled(whole))\(spelled(rest))"
        }
        let isR = letters.first.map { $0 | 0x20 == UInt8(ascii: "r") } ?? false
        guard isR || scale.length > 0 else { return nil }
        let decimals = letters.dropFirst(isR ? 1 : scale.length)
        guard whole.allSatisfy(isDigit), decimals.allSatisfy(isDigit) else { return nil }
        let factor = isR ? "" : spelled(letters.prefix(scale.length))
        // 2M2 on a schematic is 2.2 MΩ.
        return "\(spelled(whole)).\(spelled(decimals))\(factor == "M" ? "Meg" : factor)"
    }

    private static func spelled(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: Array(bytes.prefix(40)), as: UTF8.self)
    }
}
