extension Deck {
    /// The deck's text with options that ngspice follows, whatever the deck said of them, and every other byte
    /// as it was.
    ///
    /// The value of an option that is on an `.options` line of the deck's own file is replaced there; the others
    /// come on a line of their own before `.end`, where they win over the lines before.
    ///
    /// ```swift
    /// deck.setting(options: [("reltol", "1e-6")])  // … .options reltol=1e-6, .end
    /// ```
    ///
    /// - Parameter options: names in lower case, with their values as text.
    public func setting(options: [(name: String, value: String)]) -> [UInt8] {
        var changes: [(range: Range<Int>, text: String)] = []
        var missing: [String] = []
        for option in options {
            let places = statements.filter {
                $0.kind == .card && $0.cardName.hasPrefix(".opt") && $0.file == file
            }.flatMap { statement in
                statement.loosePairs(from: 1).filter { $0.name == option.name }.map {
                    $0.value.range
                }
            }
            // ngspice takes the last line, and on a line the first.
            changes += places.map { ($0, option.value) }
            if places.isEmpty { missing.append("\(option.name)=\(option.value)") }
        }
        if !missing.isEmpty {
            let place = endLine ?? file.bytes.count
            let newline =
                file.bytes.firstIndex(of: Byte.lineFeed)
                .map { $0 > 0 && file.bytes[$0 - 1] == 0x0d ? "\r\n" : "\n" } ?? "\n"
            let isOpen = place > 0 && file.bytes[place - 1] != Byte.lineFeed
            changes.append(
                (
                    place..<place,
                    (isOpen ? newline : "") + ".options \(missing.joined(separator: " "))" + newline
                ))
        }
        var result: [UInt8] = []
        var copied = 0
        for change in changes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            result += file.bytes[copied..<change.range.lowerBound] + Array(change.text.utf8)
            copied = change.range.upperBound
        }
        return result + file.bytes[copied...]
    }

    /// The deck's text at another temperature, °C: in place of those that its own file says by `.temp` and
    /// `.options temp=`.
    public func setting(temperature: Double) -> [UInt8] {
        let text = SpiceNumber.shortest(temperature)
        let bytes = setting(options: [("temp", text)])
        // The last `.temp` line wins over every option.
        var changes: [Range<Int>] = []
        for statement in statements where statement.cardName == ".temp" && statement.file == file {
            let values = statement.tokens.dropFirst().filter(\.isValue)
            if let first = values.first, let last = values.last {
                changes.append(first.range.lowerBound..<last.range.upperBound)
            } else if let last = statement.tokens.last {
                changes.append(last.range.upperBound..<last.range.upperBound)
            }
        }
        guard !changes.isEmpty else { return bytes }
        var result: [UInt8] = []
        var copied = 0
        for range in changes.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            // A word that ends there doesn't end any more.
            let gap = range.isEmpty ? " " : ""
            result += file.bytes[copied..<range.lowerBound] + Array((gap + text).utf8)
            copied = range.upperBound
        }
        return result + file.bytes[copied...]
    }

    /// Where the line of the first `.end` begins that no `.control` block holds.
    private var endLine: Int? {
        var isControl = false
        for line in file.lines.dropFirst() {
            let content = file.bytes[line].drop(while: \.isBlank)
            if content.hasPrefixCaseInsensitively(".control") { isControl = true }
            if content.hasPrefixCaseInsensitively(".endc") { isControl = false }
            guard !isControl, content.hasPrefixCaseInsensitively(".end") else { continue }
            let next = content.startIndex + 4
            if next == content.endIndex || content[next].isBlank || content[next] == 0x0d
                || content[next] == Byte.lineFeed
            {
                return line.lowerBound
            }
        }
        return nil
    }
}
