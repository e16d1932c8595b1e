/// The circuit's nodes by ngspice's names.
struct NodeTable {
    private(set) var all = [Circuit.Node(name: "0", ngspiceName: "0")]
    /// Where each node is first named.
    private(set) var firstUses: [SourceRange?] = [nil]
    /// The device that names each node first.
    private(set) var firstDevices = [""]
    private var indices: [String: Int] = ["0": 0]

    /// Whether ngspice takes a node of this name, in lower case, for ground wherever it stands.
    static func isGround(_ name: String) -> Bool { name == "0" || name == "gnd" }

    /// Lower case, µ as u, and every other byte beyond ASCII an underscore: two nodes may become one
    /// by it.
    static func ngspiceText(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(where: { !$0.isASCII }) else {
            if bytes.allSatisfy({ $0 == $0.lowercased }) {
                return String(decoding: bytes, as: UTF8.self)
            }
            return String(decoding: bytes.map(\.lowercased), as: UTF8.self)
        }
        return String(
            decoding: Micro.asciiText(bytes).map { $0.isASCII ? $0.lowercased : Byte.underscore },
            as: UTF8.self)
    }

    /// Names with a parenthesis in them (`Net-(R1-Pad2)`): ngspice ends them at the closing one, and in the
    /// lines that it is handed the opening one is spelled out (`DeviceName`).
    static func nodeText(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(Byte.leftParenthesis) else { return ngspiceText(bytes) }
        return DeviceName.spelledOut(
            ngspiceText(bytes.filter { $0 != Byte.rightParenthesis }[...]),
            unless: { $0 != Byte.leftParenthesis })
    }

    /// The name as a user reads it, with the parenthesis that ends it.
    static func balanced(_ bytes: ArraySlice<UInt8>) -> String {
        let open = bytes.reduce(0) {
            $0 + ($1 == Byte.leftParenthesis ? 1 : $1 == Byte.rightParenthesis ? -1 : 0)
        }
        return open > 0 ? bytes.text + String(repeating: ")", count: open) : bytes.text
    }

    mutating func index(
        of ngspiceName: String, name: () -> String, at range: SourceRange,
        device: () -> String, _ diagnostics: inout DiagnosticCollector
    ) -> Int {
        if let index = indices[ngspiceName] {
            // Only these can come from other characters.
            if ngspiceName.utf8.contains(where: { $0 == Byte.underscore || $0 == UInt8(ascii: "u") }
            ) {
                let known = all[index].name
                let spelled = name()
                if known.lowercasedASCII != spelled.lowercasedASCII {
                    diagnostics.error(
                        "colliding-names",
                        "ngspice reads both \(known) and \(spelled) as \(ngspiceName); "
                            + "rename one of them in ASCII",
                        at: range)
                }
            }
            return index
        }
        all.append(Circuit.Node(name: name(), ngspiceName: ngspiceName))
        firstUses.append(range)
        firstDevices.append(device())
        indices[ngspiceName] = all.count - 1
        return all.count - 1
    }

    func index(of ngspiceName: String) -> Int? { indices[ngspiceName] }
}

extension String {
    /// Lower case, ASCII letters only, as names are compared.
    var lowercasedASCII: String { Array(utf8).lowercasedText }
}
