/// Devices' names as ngspice is handed them.
///
/// A device is altered by its name in a command, where `$` begins a variable, `\` takes the next character
/// for itself, and others redirect or group; KLayout's `R$2` has one of them. Such characters are spelled
/// out in all that is handed over: `R$2` is `r_ascii24_2`, the same for every mention.
public enum DeviceName {
    /// Whether ngspice's command language takes a name as one plain word: 1 to 400 letters, digits and `_`, behind the
    /// first of them also `. # + - / :`.
    public static func isOneWord(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 400 else { return false }
        return first.isIdentifierByte && name.utf8.allSatisfy { plainBytes[Int($0)] }
    }

    /// By byte: each step of a training asks for the names of all resistors.
    private static let plainBytes = (UInt8.min...UInt8.max).map(isPlain)

    /// In lower case, as ngspice reads it, with what no command can hold spelled out.
    static func ngspiceText(_ bytes: ArraySlice<UInt8>) -> String {
        spelledOut(NodeTable.ngspiceText(bytes), unless: isPlain)
    }

    /// Whether a command can hold the name as it is.
    static func isPlain(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { !$0.isASCII || isPlain($0) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isIdentifierByte || ".#+-/:".utf8.contains(byte)
    }

    static func spelledOut(_ name: String, unless isKept: (UInt8) -> Bool) -> String {
        guard !name.utf8.allSatisfy(isKept) else { return name }
        var result: [UInt8] = []
        for byte in name.utf8 {
            if isKept(byte) {
                result.append(byte)
            } else {
                result += "_ascii\(String(byte, radix: 16))_".utf8
            }
        }
        return result.text
    }
}

/// The names in a deck that have to be spelled out, and where its lines mention them.
struct SpelledNames {
    /// In lower case.
    private let devices: Set<String>

    init(_ statements: [Statement]) {
        var devices: Set<String> = []
        for statement in statements where statement.kind != .card {
            let name = statement.file.bytes[statement.name.range]
            if !DeviceName.isPlain(name) { devices.insert(name.lowercasedText) }
        }
        self.devices = devices
    }

    /// Another text for a token of a device's line; nil where it stays.
    func text(of token: Token, in statement: Statement) -> [UInt8]? {
        guard case .device(let letter) = statement.kind else { return nil }
        let bytes = statement.file.bytes[token.range]
        if token == statement.name {
            return DeviceName.isPlain(bytes) ? nil : Array(DeviceName.ngspiceText(bytes).utf8)
        }
        if Self.isNode(token, letter, in: statement) {
            let name = token.kind == .string ? bytes.dropFirst().dropLast() : bytes
            return Array(NodeTable.nodeText(name).utf8)
        }
        guard !devices.isEmpty else { return nil }
        if token.kind == .word, "fhkwa".utf8.contains(letter),
            devices.contains(bytes.lowercasedText)
        {
            return Array(DeviceName.ngspiceText(bytes).utf8)
        }
        guard "bcegilrv".utf8.contains(letter) else { return nil }
        return currents(in: statement.bytes(of: token))
    }

    /// Whether a token is a node's name with a parenthesis in it.
    static func isNode(_ token: Token, _ letter: UInt8, in statement: Statement) -> Bool {
        guard token.kind == .word || token.kind == .string, !"abdefghkmq".utf8.contains(letter),
            statement.file.bytes[token.range].contains(Byte.leftParenthesis)
        else { return false }
        let assignment = statement.tokens.first { $0.kind == .equals }
        return assignment.map { token.range.upperBound <= $0.range.lowerBound } ?? true
    }

    /// The text of an expression with `i(V$1)` spelled out; nil where there is none.
    private func currents(in bytes: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var copied = 0
        var index = 0
        while let word = bytes.nextWord(from: &index) {
            guard bytes[word].isCaseInsensitively("i"), index < bytes.count,
                bytes[index] == Byte.leftParenthesis,
                let close = bytes[index...].firstIndex(of: Byte.rightParenthesis)
            else { continue }
            let name = bytes[(index + 1)..<close].drop(while: \.isBlank).prefix { !$0.isBlank }
            guard devices.contains(name.lowercasedText) else { continue }
            result += bytes[copied..<name.startIndex] + DeviceName.ngspiceText(name).utf8
            copied = name.endIndex
        }
        return copied == 0 ? nil : result + bytes[copied...]
    }
}
