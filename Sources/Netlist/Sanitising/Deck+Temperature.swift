extension Deck {
    /// What `temper` stands for in this deck, °C: the text that `.temp` or `.options temp=` gives, and
    /// 27 without one.
    ///
    /// ngspice evaluates `temper` in models and devices anew whenever a paused analysis goes on, and
    /// version 39 crashes there. Here the temperature never changes, so it can stand in its place.
    var temperatureText: String {
        var text = "27"
        for statement in statements where statement.kind == .card {
            guard statement.cardName.hasPrefix(".opt") else { continue }
            for (name, value) in statement.loosePairs(from: 1) where name == "temp" {
                text = value.bytes.text
            }
        }
        for statement in statements where statement.cardName == ".temp" {
            text =
                switch statement.temperature {
                case .number(_, let value), .expression(let value): statement.text(of: value)
                case .unreadable: "27"
                case .missing: "0"
                }
        }
        let delimiters: Set<Character> = ["{", "}", "'", "\""]
        return "(\(String(text.filter { !delimiters.contains($0) })))"
    }
}

extension Statement {
    /// Whether ngspice would evaluate `temper` on this line by altering a device or model. On the lines
    /// of sources it is an ordinary variable, and resistors become sources.
    var altersWithTemperature: Bool {
        switch kind {
        case .card: cardName == ".model"
        case .device(let letter): !"vbiegfhrx".utf8.contains(letter)
        }
    }
}

/// `line` with another text for each mention of `temper` in its expressions. Before the first `=`, brace
/// or quote there are names, of the line itself, of nodes and of models, which may be `temper` too.
func replacingTemperature(in line: String, by value: String) -> String {
    guard line.lowercasedASCII.contains("temper") else { return line }
    let bytes = Array(line.utf8)
    let names = bytes.prefix { !"={'\"".utf8.contains($0) }
    var result = Array(names)
    var word: [UInt8] = []
    func flush() {
        result += word.lowercasedText == "temper" ? Array(value.utf8) : word
        word = []
    }
    for byte in bytes[names.count...] {
        if byte.isIdentifierByte || byte == Byte.dot {
            word.append(byte)
        } else {
            flush()
            result.append(byte)
        }
    }
    flush()
    return result.text
}
