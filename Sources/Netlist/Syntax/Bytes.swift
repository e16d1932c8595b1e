/// Classes of bytes in SPICE text, named so that scanners read as sentences.
enum Byte {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let verticalTab = UInt8(0x0b)
    static let formFeed = UInt8(0x0c)
    static let endOfFile = UInt8(0x1a)
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let star = UInt8(ascii: "*")
    static let plus = UInt8(ascii: "+")
    static let minus = UInt8(ascii: "-")
    package static let dot = UInt8(ascii: ".")
    static let comma = UInt8(ascii: ",")
    static let equals = UInt8(ascii: "=")
    static let semicolon = UInt8(ascii: ";")
    static let slash = UInt8(ascii: "/")
    static let backslash = UInt8(ascii: "\\")
    static let dollar = UInt8(ascii: "$")
    static let quote = UInt8(ascii: "'")
    static let doubleQuote = UInt8(ascii: "\"")
    static let leftBrace = UInt8(ascii: "{")
    static let rightBrace = UInt8(ascii: "}")
    static let leftParenthesis = UInt8(ascii: "(")
    static let rightParenthesis = UInt8(ascii: ")")
    static let underscore = UInt8(ascii: "_")
}

extension UInt8 {
    /// White space within a line.
    var isBlank: Bool { self == Byte.space || (self >= 0x09 && self <= 0x0d && self != 0x0a) }

    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isLetter: Bool {
        let lower = self | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    /// Letters, digits and the underscore: what an identifier in an expression consists of.
    var isIdentifierByte: Bool { isLetter || isDigit || self == Byte.underscore }

    /// A byte of a parameter's name: ngspice takes those beyond ASCII for underscores.
    var isParameterByte: Bool { isIdentifierByte || !isASCII }

    var isASCII: Bool { self < 0x80 }

    /// Lower case, ASCII only, as ngspice compares names.
    var lowercased: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }
}

extension Collection where Element == UInt8 {
    /// The text, with bytes that are not UTF-8 shown as replacement characters.
    var text: String { String(decoding: self, as: UTF8.self) }

    /// The text in lower case, ASCII letters only: the key by which names are compared.
    var lowercasedText: String {
        var result = String()
        result.reserveCapacity(count)
        if allSatisfy(\.isASCII) {
            for byte in self { result.unicodeScalars.append(Unicode.Scalar(byte.lowercased)) }
            return result
        }
        return String(decoding: map(\.lowercased), as: UTF8.self)
    }

    /// Whether the bytes are this ASCII text in any case; `text` must be lower case.
    func isCaseInsensitively(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { expected in
            guard count == expected.count else { return false }
            return zip(self, expected).allSatisfy { $0.lowercased == $1 }
        }
    }

    /// Whether the bytes begin with this ASCII text in any case; `text` must be lower case.
    func hasPrefixCaseInsensitively(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { expected in
            guard count >= expected.count else { return false }
            return zip(self, expected).allSatisfy { $0.lowercased == $1 }
        }
    }
}

extension [UInt8] {
    /// The next run of letters, digits, underscores and bytes beyond ASCII at or behind `index`, which moves to its end; nil if none
    /// is left.
    func nextWord(from index: inout Int) -> Range<Int>? {
        while index < count, !self[index].isParameterByte { index += 1 }
        let start = index
        while index < count, self[index].isParameterByte { index += 1 }
        return start < index ? start..<index : nil
    }
}
