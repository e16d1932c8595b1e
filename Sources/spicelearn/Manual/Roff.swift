/// A manual page in the macros of man(7), which groff and mandoc format alike.
struct Roff {
    private(set) var text = ""
    /// Right below a title, where a paragraph begins by itself.
    private var isBelowTitle = true

    /// - Parameter arguments: of which each stays one word, whatever is in it.
    private mutating func request(_ name: String, _ arguments: String...) {
        let words = arguments.map { argument in
            argument.contains(" ") || argument.isEmpty ? "\"\(argument)\"" : argument
        }
        text += ([".\(name)"] + words).joined(separator: " ") + "\n"
        isBelowTitle = ["SH", "SS"].contains(name)
    }

    mutating func title(_ name: String, section: Int, date: String, source: String, manual: String)
    {
        request(
            "TH", Self.escaped(name.uppercased()), "\(section)", date, Self.escaped(source),
            Self.escaped(manual))
        // A flag that is divided, or stretched, can't be copied.
        request("nh")
        request("ad", "l")
    }

    mutating func section(_ title: String) { request("SH", Self.escaped(title)) }
    mutating func subsection(_ title: String) { request("SS", Self.escaped(title)) }
    mutating func paragraph() { if !isBelowTitle { request("PP") } }
    mutating func lineBreak() { request("br") }

    /// A tag, and what follows indented below it.
    ///
    /// - Parameter tag: already roff.
    mutating func item(tag: String, _ prose: String) {
        request("TP")
        line(tag)
        line(Self.prose(prose))
    }

    /// - Parameter roff: text that needs no escaping any more.
    mutating func line(_ roff: String) {
        // What begins with a dot would be a request.
        text += (roff.hasPrefix(".") ? "\\&" : "") + roff + "\n"
        isBelowTitle = false
    }

    /// Lines that are shown as they are.
    mutating func example(_ lines: [String]) {
        paragraph()
        request("RS", "4")
        request("EX")
        for text in lines { line(Self.escaped(text)) }
        request("EE")
        request("RE")
    }

    static func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }
    static func italic(_ text: String) -> String { "\\fI\(escaped(text))\\fR" }

    /// Text with the flags that it names in bold.
    static func prose(_ text: String) -> String {
        var (result, rest) = ("", text[...])
        while let match = rest.firstMatch(of: /(^|[ (])(--[a-z][-a-z]*|-[a-z]\b)/) {
            result += escaped(rest[..<match.range.lowerBound] + match.1) + bold(String(match.2))
            rest = rest[match.range.upperBound...]
        }
        return result + escaped(rest)
    }

    /// Text of which each character is shown as it is: a hyphen stays what a shell reads as one, and a quotation
    /// mark what it was.
    static func escaped(_ text: some StringProtocol) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": "\\e"
            case "-": "\\-"
            case "'": "\\(aq"
            case "\"": "\\(dq"
            case "`": "\\(ga"
            case "^": "\\(ha"
            case "~": "\\(ti"
            case _ where scalar.isASCII: String(scalar)
            default:
                "\\[u" + String(repeating: "0", count: max(0, 4 - hexadecimal(scalar).count))
                    + hexadecimal(scalar) + "]"
            }
        }.joined()
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        String(scalar.value, radix: 16, uppercase: true)
    }
}
