import Foundation
import Netlist

/// The one way in which a cell says a number: an optional sign, decimal digits with at most one point and at
/// least one digit, and an optional exponent: `-0.25`, `.5`, `3.`, `1e-3`, `+2E5`.
///
/// Whatever a spreadsheet, a locale or another program writes instead is refused, with the right spelling where it
/// is clear what is meant: read as something near, it would be a silently wrong number.
enum CSVNumber {
    /// Why a cell is no number, and the way out.
    struct Fault: Error {
        let message: String
    }

    /// The double nearest to the number; beyond the smallest, zero.
    ///
    /// - Parameter unit: what the column's numbers are in, for messages.
    static func parse(_ text: String, unit: String = "volts or amperes") throws(Fault) -> Double {
        guard !text.isEmpty else { throw Fault(message: "there is no value here") }
        guard isDecimal(text) else { throw Fault(message: fault(of: text, unit)) }
        guard let value = Double(text), value.isFinite else {
            throw Fault(message: "\(shown(text)) is larger than any number here, about 1.8e308")
        }
        return value
    }

    private static func isDecimal(_ text: some StringProtocol) -> Bool {
        var rest = Array(text.utf8)[...]
        func dropSign() {
            if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
                rest = rest.dropFirst()
            }
        }
        func dropDigits() -> Int {
            let end = rest.firstIndex { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            let count = rest.count
            rest = rest[(end ?? rest.endIndex)...]
            return count - rest.count
        }
        dropSign()
        var digits = dropDigits()
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            digits += dropDigits()
        }
        guard digits > 0 else { return false }
        if let first = rest.first, first | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            dropSign()
            guard dropDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func fault(of text: String, _ unit: String) -> String {
        let name = shown(text)
        func spelled(_ change: String, _ why: String) -> String? {
            isDecimal(change) ? "\(name) \(why): write \(change)" : nil
        }
        let lowercase = text.lowercased()
        let unsigned = lowercase.drop { $0 == "-" || $0 == "+" }
        if ["nan", "inf", "infinity"].contains(String(unsigned)) || unsigned.hasPrefix("nan(") {
            return "\(name) is not a finite number: leave this sample out, or write its value"
        }
        if unsigned.hasPrefix("0x") {
            return "\(name) is hexadecimal: write it as a decimal number"
        }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "\(name) has a control character in it: write nothing but the number"
        }
        if text.hasSuffix("%"), let value = Double(text.dropLast()), isDecimal(text.dropLast()) {
            return "\(name) is a percentage: write \(SpiceNumber.shortest(value / 100))"
        }
        let minus = text.replacing("\u{2212}", with: "-")
        if let message = spelled(minus, "has a minus sign that is not ASCII's") { return message }
        let commas = text.count { $0 == "," }
        if commas == 1, !text.contains("."), isDecimal(text.replacing(",", with: ".")) {
            let whole = text.replacing(",", with: "")
            let isGroup = text.split(separator: ",").last?.count == 3
            return
                "\(name) has a comma in it: write \(text.replacing(",", with: "."))"
                + (isGroup ? ", or \(whole) where it separates thousands" : "")
        }
        let plain = text.filter { !",'_ \u{A0}\u{202F}\u{2009}’".contains($0) }
        if plain != text, let message = spelled(plain, "has separators between its digits") {
            return message
        }
        if let value = SpiceNumber.parse(text), value.warning == nil {
            return
                "\(name) has a unit or a scale factor: write \(unit), "
                + SpiceNumber.shortest(value.value)
        }
        return "\(name) is not a number: write \(unit), like 0.25 or 1e-3"
    }

    /// A cell for a line of text.
    private static func shown(_ text: String) -> String {
        let visible = text.unicodeScalars.prefix(40).map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7F
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
        return visible.joined() + (text.unicodeScalars.count > 40 ? "…" : "")
    }
}
