import Netlist
import NgspiceBridge

extension Deck {
    /// What ngspice said of a deck that it can't load, at the place in the netlist that it is about.
    ///
    /// ngspice names a line by its number among those that it was handed, and shows its text as it reads it;
    /// what it says of a device alone begins with the device's name.
    ///
    /// - Parameters:
    ///   - error: what was thrown when the lines were handed over.
    ///   - external: the external sources of `ngspiceLines`, with which the lines were made.
    /// - Returns: `DiagnosticsError` where the place is known, and the error itself where it is not.
    func located(_ error: NgspiceError, _ circuit: Circuit, external: [String] = []) -> any Error {
        let said = error.ngspiceMessages
        for (index, line) in said.enumerated() {
            if line.hasPrefix("Error on line"), index + 1 < said.count,
                let statement = statement(
                    said[index + 1], number: Self.lineNumber(line), circuit, external)
            {
                let reason = LoadFailure(
                    line: said[index + 1], reason: said.dropFirst(index + 2).first ?? "",
                    before: said[..<index])
                return DiagnosticsError([reason.diagnostic(of: statement, in: self)])
            }
            if let match = line.firstMatch(of: /^Undefined parameter \[(.+)\]$/),
                let fault = undefinedParameter(String(match.1), before: said[..<index], external)
            {
                return DiagnosticsError([fault])
            }
            if let match = line.firstMatch(of: /^Netlist line no\. (\d+):/), index + 1 < said.count,
                !said[index + 1].hasPrefix("Undefined parameter"),
                let statement = Int(match.1).flatMap({
                    self.statement(ofNgspiceLine: $0, external: external)
                })
            {
                return DiagnosticsError([Self.refusedLine(said[index + 1], statement)])
            }
            if let (number, reason) = Self.expressionFault(line),
                let statement = statement(ofNgspiceLine: number, external: external),
                case .device = statement.kind
            {
                let rest = index + 1 < said.count ? Self.unread(said[index + 1]) : nil
                return DiagnosticsError([
                    statement.unknownFunction(in: reason)
                        ?? (reason == "syntax error" ? rest : nil).map(statement.expressionFault)
                        ?? Self.refusedLine(reason, statement)
                ])
            }
            if let (name, reason) = Self.deviceFault(line),
                let range = circuit.range(ofNgspiceName: name)
            {
                return Self.refusal("device", reason, at: range)
            }
            if let (names, reason) = Self.fatalFault(line) {
                if let range = names.lazy.compactMap(circuit.range(ofNgspiceName:)).first {
                    return Self.refusal("device", reason, at: range)
                }
                if let range = names.lazy.compactMap(range(ofModel:)).first {
                    return Self.refusal("model", reason, at: range)
                }
            }
        }
        // Of an expression that can't be evaluated, ngspice complains in each iteration.
        if [.load, .singular, .convergence].contains(error.kind),
            let index = said.lastIndex(where: { $0.hasPrefix("in line ") }), index > 0,
            let range = circuit.range(ofExpressionIn: String(said[index].dropFirst(8)))
        {
            let reason = said[index - 1].replacing("Error: ", with: "")
            return DiagnosticsError([
                Diagnostic(
                    "not-evaluated",
                    "\(error.message): ngspice can't evaluate this expression, \(reason)", at: range
                )
            ])
        }
        return error
    }

    /// The word that ngspice takes for a parameter. Of a line in a subcircuit it says no number.
    private func undefinedParameter(
        _ name: String, before said: ArraySlice<String>, _ external: [String]
    ) -> Diagnostic? {
        let number = said.last?.firstMatch(of: /^Netlist line no\. (\d+):/).flatMap { Int($0.1) }
        let candidates =
            number.flatMap { statement(ofNgspiceLine: $0, external: external) }.map { [$0] }
            ?? statements
        for statement in candidates {
            // `i (v1)`: with the blank ngspice takes the i for a parameter.
            if ["v", "i"].contains(name), statement.range(ofCall: name, isSplit: true) != nil {
                return statement.unknownFunction(in: "no such function '\(name)'")
            }
            guard
                let index = statement.tokens.indices.dropFirst().first(where: {
                    statement.text(of: statement.tokens[$0]).lowercased() == name
                })
            else { continue }
            let tokens = statement.tokens
            let range = statement.range(of: tokens[index])
            if index + 1 < tokens.count, tokens[index + 1].kind == .equals {
                return Diagnostic(
                    "unknown-device-parameter",
                    "ngspice knows no \(name) on this line; leave it and its value out", at: range)
            }
            guard tokens[index - 1].kind == .equals, index > 1 else {
                return Self.refusedLine("there is no parameter \(name)", statement)
            }
            let key = statement.text(of: tokens[index - 2])
            let isMaker = statement.modelName != nil && key.lowercased() == "mfg"
            return Diagnostic(
                "unknown-parameter",
                "ngspice takes \(statement.text(of: tokens[index])) for the name of a parameter, which isn't "
                    + "there; leave \(key)= out"
                    + (isMaker ? ", or read the netlist as LTspice does, --compat lt" : ""),
                at: range)
        }
        return candidates.first { $0.range(ofCall: name) != nil }?
            .unknownFunction(in: "no such function '\(name)'")
    }

    private static func refusal(
        _ what: String, _ reason: String, at range: SourceRange
    ) -> DiagnosticsError {
        DiagnosticsError([
            Diagnostic("refused-\(what)", "ngspice can't use this \(what): \(reason)", at: range)
        ])
    }

    /// The name on a `.model` line, of the first so named.
    private func range(ofModel name: String) -> SourceRange? {
        // `x1:dm` is from the subcircuit that X1 calls.
        let name = name.split(separator: ":").last.map(String.init) ?? name
        return statements.lazy.compactMap { $0.modelName }.first { $0.text == name }?.range
    }

    /// The statement that a line is of, whose first word is a device's name or, where ngspice puts another
    /// device in its place, contains it.
    private func statement(
        _ line: String, number: Int?, _ circuit: Circuit, _ external: [String]
    ) -> Statement? {
        let word = String(line.prefix { !$0.isWhitespace })
        if let range = circuit.range(ofNgspiceName: word) {
            return statements.first { $0.range(of: $0.name) == range }
        }
        guard let number,
            let statement = statement(ofNgspiceLine: number, external: external)
        else { return nil }
        return word.contains(statement.deviceName) || word.hasPrefix(".") ? statement : nil
    }

    /// `Error on line 4 or its substitute:`
    private static func lineNumber(_ line: String) -> Int? {
        guard let match = line.firstMatch(of: /^Error on line (\d+)/) else { return nil }
        return Int(match.1)
    }

    /// `Error: no such function 'foo' at line 4`, from version 43 on, which then ends ngspice.
    private static func expressionFault(_ line: String) -> (number: Int, reason: String)? {
        let form = /^(?:Error: |YYparse error, )(.+?)(?:, in expression: .+)? at line (\d+)$/
        guard let match = line.firstMatch(of: form), let number = Int(match.2) else { return nil }
        return (number, String(match.1))
    }

    /// What the parser had not read of an expression, of `rest in all`, as versions from 43 on say.
    private static func unread(_ line: String) -> String? {
        line.hasPrefix("in ") || line == "in"
            ? "" : line.range(of: " in ").map { String(line[..<$0.lowerBound]) }
    }

    fileprivate static func refusedLine(_ reason: String, _ statement: Statement) -> Diagnostic {
        Diagnostic(
            "refused-line", "ngspice can't read this line: \(reason)",
            at: statement.range(of: statement.name))
    }

    /// `Fatal error: t1: transmission line z0 must be given`
    private static func deviceFault(_ line: String) -> (name: String, reason: String)? {
        guard let match = line.firstMatch(of: /^(?:Fatal e|E)rror: ([a-z]\S*): (.+)$/) else {
            return nil
        }
        return (String(match.1), String(match.2))
    }

    /// `Fatal error: model ym: lossy line series resistance not given`, or
    /// `Fatal error: BSIM3: mosfet mm, model m1: Effective channel length <= 0`: the names in it, and all of it.
    private static func fatalFault(_ line: String) -> (names: [String], reason: String)? {
        if let match = line.firstMatch(of: /mal formed B line: (\S+)/) {
            return (
                [String(match.1)], "a B line has v=… or i=…, and one of them only"
            )
        }
        guard let match = line.firstMatch(of: /^Fatal error: (.+)$/) else { return nil }
        let words = match.1.split(separator: " ").filter { $0.hasSuffix(":") || $0.hasSuffix(",") }
        return (words.map { String($0.dropLast()) }, String(match.1))
    }
}

/// One line that ngspice can't load.
private struct LoadFailure {
    /// As ngspice reads it: in lower case, expressions evaluated.
    let line: String
    let reason: String
    /// What was said before, oldest first.
    let before: ArraySlice<String>

    func diagnostic(of statement: Statement, in deck: Netlist.Deck) -> Diagnostic {
        let isModel =
            reason.contains("could not find a valid modelname")
            || reason.contains("incorrect model type")
        if isModel, let fault = deck.modelTypeFault(of: statement) { return fault }
        if let index = before.lastIndex(where: { $0.contains("syntax error, parsing stopped") }) {
            return statement.expressionFault(rest: before[(index + 1)...].first ?? "")
        }
        // Of other lines, ngspice has complained before.
        let unknown = before.reversed().compactMap(statement.unknownFunction)
        if let fault = unknown.first(where: { $0.range != statement.range(of: statement.name) })
            ?? unknown.first
        {
            return fault
        }
        if let model = missingModel, let range = statement.range(ofWord: model) {
            return Diagnostic("unknown-model", "there is no model \(model)", at: range)
        }
        if let match = reason.firstMatch(of: /unknown parameter \((.+?)\)/),
            let range = statement.range(ofWord: String(match.1))
        {
            let split = statement.tokens.last {
                statement.text(of: $0).lowercased() == match.1.lowercased()
            }.flatMap(statement.splitNumber)
            return Diagnostic(
                "unknown-device-parameter",
                split?.remedy
                    ?? "ngspice knows no \(match.1) on this line; leave it "
                    + (statement.isAssigned(range)
                        ? "and its value out" : "out, or put its name and = before a value"),
                at: range)
        }
        if reason.contains("could not find a valid modelname"), let number = bareNumber,
            let range = statement.lastBareValue(before: Self.flags)
        {
            return Diagnostic(
                "unexpected-text",
                "ngspice takes a number here for the name of a model; write "
                    + (statement.kind == .device(UInt8(ascii: "d"))
                        ? "area=\(number)" : "the parameter's name and = before it"),
                at: range)
        }
        if isModel, let fault = deck.modelLevelFault(of: statement) { return fault }
        let earlier = before.last { $0.hasPrefix("Error:") }.map { $0.dropFirst(7) + ": " } ?? ""
        return Deck.refusedLine(earlier + reason, statement)
    }

    private var missingModel: String? {
        for said in before.reversed() + [reason] {
            if let match = said.firstMatch(of: /can't find model '(.+?)'/) {
                return String(match.1)
            }
            if let match = said.firstMatch(of: /definition of model (\S+)/) {
                return String(match.1)
            }
        }
        return nil
    }

    /// Words that stand by themselves behind a model.
    private static let flags: Set<String> = ["off", "thermal"]

    /// A number without a name, such as a diode's bare area, which stands where ngspice looks for the model.
    private var bareNumber: String? {
        line.replacing(/\S+\s*=\s*\S+/, with: "").split(separator: " ").dropFirst(3)
            .last { !Self.flags.contains(String($0)) }.map(String.init)
            .flatMap { SpiceNumber.parse($0) == nil ? nil : $0.trimmed }
    }
}

extension Netlist.Deck {
    /// The types of models that ngspice knows, by the letters of the devices that take them.
    private static let modelTypes: KeyValuePairs<Character, [String]> = [
        "r": ["r"], "c": ["c"], "l": ["l"], "d": ["d", "numd"],
        "q": ["npn", "pnp", "nbjt"], "j": ["njf", "pjf"],
        "m": ["nmos", "pmos", "vdmos", "nsoi", "psoi", "numos"],
        "z": ["nmf", "pmf", "nhfet", "phfet"], "s": ["sw"], "w": ["csw"], "o": ["ltra"],
        "u": ["urc"], "y": ["txl"], "p": ["cpl"],
    ]

    /// The model's name on a device's line, and the card of that name with its type.
    private func model(
        of statement: Statement
    ) -> (name: Token, card: Statement, type: Token)? {
        for token in statement.tokens.dropFirst() where token.isValue {
            let name = statement.text(of: token).lowercased()
            guard let card = statements.first(where: { $0.modelName?.text == name }) else {
                continue
            }
            let values = card.tokens.filter(\.isValue)
            return values.count > 2 ? (token, card, values[2]) : nil
        }
        return nil
    }

    /// What is wrong with the type of a device's model: ngspice doesn't know it, or not for this device.
    fileprivate func modelTypeFault(of statement: Statement) -> Diagnostic? {
        guard case .device(let letter) = statement.kind,
            let (name, card, token) = model(of: statement)
        else { return nil }
        let device = Character(UnicodeScalar(letter))
        let type = card.text(of: token).lowercased()
        let own = Self.modelTypes.first { $0.key == device }?.value ?? []
        guard !own.isEmpty, !own.contains(type) else { return nil }
        let wanted = own.joined(separator: ", ")
        let kind = own.count > 1 ? "one of the types \(wanted)" : "the type \(wanted)"
        guard let other = Self.modelTypes.first(where: { $0.value.contains(type) })?.key else {
            let near = nearestName(to: type, in: own)
            return Diagnostic(
                "unknown-model-type",
                "ngspice knows no model type \(card.text(of: token)) for "
                    + statement.text(of: statement.name)
                    + (near.map { "; did you mean \($0)?" } ?? ": write \(kind)"),
                at: card.range(of: token))
        }
        return Diagnostic(
            "wrong-model-type",
            "\(statement.text(of: statement.name)) takes a model of \(kind), and "
                + "\(statement.text(of: name)) on line \(card.range.start.line) is of the type \(type), for "
                + "\(other.uppercased()) devices: name another model, or change the type there",
            at: statement.range(of: name))
    }

    /// That ngspice has no model of this level, where all else is as it should be.
    fileprivate func modelLevelFault(of statement: Statement) -> Diagnostic? {
        guard let (_, card, type) = model(of: statement),
            let index = card.tokens.indices.last(where: {
                card.text(of: card.tokens[$0]).lowercased() == "level"
                    && $0 + 2 < card.tokens.count && card.tokens[$0 + 1].kind == .equals
            })
        else { return nil }
        let level = card.tokens[index + 2]
        return Diagnostic(
            "unknown-model-level",
            "ngspice has no level \(card.text(of: level)) of \(card.text(of: type)); write one that it has, "
                + "such as level=1",
            at: card.range(of: level))
    }
}

extension Statement {
    /// `no such function 'foo'`, at the call on this line.
    fileprivate func unknownFunction(in reason: String) -> Diagnostic? {
        guard let match = reason.firstMatch(of: /no such function '(.+?)'/) else { return nil }
        let name = String(match.1)
        if ["v", "i"].contains(name), let range = range(ofCall: name, isSplit: true) {
            return Diagnostic(
                "unknown-function",
                "ngspice reads no blank between \(name) and its bracket on this line; write \(name)(…)",
                at: range)
        }
        let near = nearestName(to: name, in: BehaviouralFunction.names)
        return Diagnostic(
            "unknown-function",
            "ngspice has no function \(name) in expressions of devices"
                + (near.map { "; did you mean \($0)?" }
                    ?? "; write it out, or define it: .func \(name)(x) {…}"),
            at: self.range(ofCall: name) ?? self.range(of: self.name))
    }

    /// Where the parser of expressions gives up, before a text that is left; it has each number in another spelling.
    fileprivate func expressionFault(rest: String) -> Diagnostic {
        let key = tokens.firstIndex { $0.kind == .equals }
        let start = key.map { tokens[$0].range.upperBound } ?? name.range.upperBound
        let whole = SourceRange(file: file, bytes: start..<range.bytes.upperBound)
        let next = rest.first { !$0.isWhitespace }
        guard let next else {
            let end = range.bytes.upperBound
            return Diagnostic(
                "bad-expression",
                "ngspice can't read this expression, which ends too early: write what is missing here",
                at: SourceRange(file: file, bytes: end - 1..<end))
        }
        // What is left has as many of this sign as the text from the place on.
        let count = rest.count { $0 == next }
        let places = whole.bytes.filter { file.bytes[$0] == next.asciiValue }
        let place = next.isLetter || next.isNumber ? nil : places.suffix(count).first
        return Diagnostic(
            "bad-expression",
            "ngspice can't read this expression beyond \(place == nil ? "a part of it" : "this \(next)"): "
                + "something is missing before it, or it is one too many",
            at: place.map { SourceRange(file: file, bytes: $0..<$0 + 1) } ?? trimmed(whole))
    }

    private func trimmed(_ range: SourceRange) -> SourceRange {
        let first = range.bytes.first { file.bytes[$0] != UInt8(ascii: " ") }
        return SourceRange(
            file: file, bytes: (first ?? range.bytes.lowerBound)..<range.bytes.upperBound)
    }

    /// The first use of a function in an expression.
    ///
    /// - Parameter isSplit: whether only one with a blank before its bracket is looked for.
    fileprivate func range(ofCall name: String, isSplit: Bool = false) -> SourceRange? {
        let wanted = Array(name.utf8)
        let text = file.bytes[range.bytes].map { (65...90).contains($0) ? $0 | 0x20 : $0 }
        func isWord(_ index: Int) -> Bool {
            guard text.indices.contains(index) else { return false }
            let byte = text[index]
            return (97...122).contains(byte) || (48...57).contains(byte) || byte == 95
        }
        let beginning = text.firstIndex { "={'".utf8.contains($0) } ?? text.endIndex
        for index in text[beginning...].indices where text[index...].starts(with: wanted) {
            let end = index + wanted.count
            guard !isWord(index - 1), !isWord(end),
                text[end...].first(where: { $0 != 32 && $0 != 9 }) == UInt8(ascii: "("),
                !isSplit || text[end] != UInt8(ascii: "(")
            else { continue }
            let start = range.bytes.lowerBound
            return SourceRange(file: file, bytes: start + index..<start + end)
        }
        return nil
    }

    /// Whether a = follows the word there.
    fileprivate func isAssigned(_ range: SourceRange) -> Bool {
        zip(tokens, tokens.dropFirst()).contains { $0.range == range.bytes && $1.kind == .equals }
    }
}

extension String {
    /// `3` for `3.000000000000000e+00`.
    fileprivate var trimmed: String {
        Double(self).map(SpiceNumber.shortest) ?? self
    }
}

extension Circuit {
    /// The name on the line of a device that ngspice knows by this one.
    func range(ofNgspiceName name: String) -> SourceRange? {
        otherDevices.first { $0.ngspiceName == name }?.range
            ?? resistors.first { $0.ngspiceName == name }?.range
            ?? sources.first { $0.ngspiceName == name }?.range
    }

    /// The same of a device whose line has an expression, in the place of which ngspice puts a B source that
    /// has the whole name behind its b.
    fileprivate func range(ofExpressionIn name: String) -> SourceRange? {
        range(ofNgspiceName: name)
            ?? (name.hasPrefix("b") ? range(ofNgspiceName: String(name.dropFirst())) : nil)
    }
}
