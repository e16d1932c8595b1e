/// A deck's circuit as two pieces of text, from which a new deck with several copies of it can be made.
///
/// ```
/// <cards>
/// .subckt copy port
/// <devices>
/// .ends
/// x1 0 copy
/// x2 0 copy
/// ```
///
/// ngspice itself then renames every node and device of each copy: the deck's node `a` is `x1.a`, its
/// `X1.mid` is `x1.x1.mid`, and devices at the top level may be connected to them by these names. So no
/// kind of device has to be understood to be copied.
public struct CircuitParts: Sendable {
    /// Parameters, functions, models, subcircuit definitions, options and temperature.
    public let cards: [String]
    /// The devices of the top level.
    public let devices: [String]
}

extension Deck {
    /// The circuit's text, sanitised as by ``ngspiceLines(external:ammeters:extraLines:omittingOptions:)``, in two pieces.
    ///
    /// - Parameters:
    ///   - replacements: Lines to write in the place of devices, by the range of the device's name; an
    ///     empty one leaves the device out.
    ///   - omittedOptions: Names of options, in lower case, that the new deck sets itself.
    /// - Throws: ``DiagnosticsError`` for what can't be copied: global nodes, which all copies would
    ///   share, and sources in subcircuits that vary with time.
    public func circuitParts(
        replacing replacements: [SourceRange: String] = [:],
        omittingOptions omittedOptions: Set<String> = []
    ) throws(DiagnosticsError) -> CircuitParts {
        var cards: [String] = []
        var devices: [String] = []
        var diagnostics: [Diagnostic] = []
        if !compatibility.isSubset(of: [.kicad, .eagle]) {
            diagnostics.append(
                Diagnostic(
                    "dialect",
                    "copies of a circuit are written in ngspice's own language, and not in that of "
                        + "\(compatibility.ngbehavior ?? ""); write the netlist in it, without compat",
                    at: directives.compat?.range))
        }
        var depth = 0
        let names = SpelledNames(statements)
        let texts = TextParameters(statements, dialect: dialect)
        let files = dataFiles(findsCapitals: false)
        for statement in statements {
            switch statement.kind {
            case .card:
                let name = statement.cardName
                let opens = name == ".subckt" || name == ".macro"
                let closes = name == ".ends" || name == ".eom"
                if opens { depth += 1 }
                defer { if closes { depth -= 1 } }
                switch name {
                case _ where name.hasPrefix(".global"):
                    diagnostics.append(
                        Diagnostic(
                            "global-node",
                            "copies of a circuit can't have a global node each; "
                                + "pass the node through the subcircuits' ports",
                            at: statement.range))
                case ".ic", ".nodeset": continue
                case ".if", ".elseif", ".else", ".endif":
                    let line = statement.ngspiceLine
                    cards.append(line)
                    // Devices that the condition selects lie in the other piece.
                    if depth == 0 { devices.append(line) }
                case ".model":
                    let card = ModelCard(statement, files, fileParameters: texts.fileNames)
                    diagnostics += card.diagnostics
                    cards += card.lines
                default:
                    guard
                        let line = texts.line(of: statement, nil, files, diagnostics: &diagnostics)
                            ?? statement.ngspiceCard(name, omittingOptions: omittedOptions)
                    else { continue }
                    cards.append(line)
                }
            case .device(let letter):
                let range = statement.range(of: statement.name)
                let replacement = replacements[range]
                if let file = statement.initialConditionsFile { diagnostics.append(file) }
                if depth > 0, replacement == nil, statement.variesWithTime {
                    diagnostics.append(
                        Diagnostic(
                            "time-function",
                            "\(statement.text(of: statement.name)) varies with time, but a copy of "
                                + "the circuit is at rest; move the source to the top level or give "
                                + "it a DC value alone", at: range))
                }
                let isSource = letter == UInt8(ascii: "v") || letter == UInt8(ascii: "i")
                let own =
                    texts.line(of: statement, names, files, diagnostics: &diagnostics)
                    ?? statement.soundLine(names, files, diagnostics: &diagnostics)
                    ?? statement.ngspiceLine(names)
                let line = replacement ?? (isSource ? own.withBracketsPaired : own)
                guard !line.isEmpty else { continue }
                if depth > 0 { cards.append(line) } else { devices.append(line) }
            }
        }
        guard diagnostics.isEmpty else { throw DiagnosticsError(diagnostics) }
        return CircuitParts(cards: cards, devices: devices)
    }

    /// The independent sources that have a time function, by the range of the name.
    public var timeVaryingSources: Set<SourceRange> {
        Set(
            statements.lazy.filter(\.variesWithTime).map { $0.range(of: $0.name) })
    }

    /// Where devices have values that follow the time by an expression of their own: at an operating point it is 0.
    public var timeInExpressions: [SourceRange] {
        statements.compactMap { statement in
            guard case .device = statement.kind else { return nil }
            return statement.tokens.dropFirst(3).first { token in
                (token.kind == .expression || token.kind == .word)
                    && statement.bytes(of: token).followsTime
            }.map(statement.range(of:))
        }
    }
}

extension Collection<UInt8> {
    /// Whether the word `time` is in it, and no node's name in brackets.
    fileprivate var followsTime: Bool {
        let bytes = Array(self)
        var index = 0
        while let word = bytes.nextWord(from: &index) {
            if bytes[word].isCaseInsensitively("time"),
                bytes[..<word.lowerBound].last != Byte.leftParenthesis
            {
                return true
            }
        }
        return false
    }
}

extension Statement {
    /// Whether this is an independent source with a time function.
    fileprivate var variesWithTime: Bool {
        guard case .device(let letter) = kind,
            letter == UInt8(ascii: "v") || letter == UInt8(ascii: "i")
        else { return false }
        return tokens.dropFirst(3).contains { token in
            token.kind == .word && Self.timeFunctions.contains(lowercasedText(of: token))
        }
    }

    private static let timeFunctions: Set<String> = [
        "pulse", "sin", "sine", "exp", "pwl", "sffm", "am", "trnoise", "trrandom", "snd",
    ]
}
