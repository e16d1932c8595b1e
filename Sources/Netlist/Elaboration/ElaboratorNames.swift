extension Elaborator {
    /// ngspice takes a parenthesis right behind a device's or node's name for a part of it, and puts a
    /// number there where braces follow.
    func checkSeparation(after token: Token, _ statement: Statement) {
        let end = token.range.upperBound
        let bytes = statement.file.bytes
        let place = SourceRange(
            file: statement.file, bytes: end..<min(end + 1, bytes.count))
        guard token.kind != .expression else {
            diagnostics.error(
                "expression-as-name", "a node can't be named by an expression",
                at: statement.range(of: token))
            return
        }
        let text = bytes[token.range]
        if (token.kind == .word ? text : text.dropFirst().dropLast()).contains(Byte.doubleQuote) {
            diagnostics.error(
                "quote-in-name", "ngspice ends a name at a quote; leave it out",
                at: statement.range(of: token))
            return
        }
        guard end < bytes.count else { return }
        switch bytes[end] {
        case Byte.leftParenthesis:
            diagnostics.error(
                "glued-parenthesis",
                "ngspice takes the parenthesis for a part of the name; put a space before it, "
                    + "or, where it belongs to the name of a node or device, rename that",
                at: place)
        case Byte.leftBrace, Byte.quote:
            diagnostics.error(
                "expression-as-name",
                "an expression can't be a part of a name; put a space before it",
                at: place)
        default: break
        }
    }

    /// ngspice takes a name with the word `temper` for an expression with its variable of that name, and
    /// crashes where it finds no brace that begins it.
    func refuseReservedName(_ statement: Statement) {
        guard let range = statement.reservedName,
            reservedNames.insert(range.file.bytes[range.bytes].lowercasedText).inserted
        else { return }
        // Behind two nodes, a resistor's, capacitor's or inductor's value.
        let isValue =
            statement.kind != .card
            && "rcl".utf8.contains(range.file.bytes[statement.name.range.lowerBound].lowercased)
            && statement.tokens.filter(\.isValue).dropFirst(3).contains { $0.range == range.bytes }
        diagnostics.error(
            "reserved-name",
            "ngspice takes temper here for its variable, the temperature, and crashes; "
                + (isValue
                    ? "put an expression in braces"
                    : "rename this, with a letter, a digit or _ beside the word"),
            at: range)
    }

    /// The same of a line that an `.if` leaves out, and of the subcircuit that it calls: ngspice looks at both
    /// before it evaluates the condition.
    func refuseReservedNames(leftOut statement: Statement, _ scope: Scope) {
        refuseReservedName(statement)
        guard statement.kind == .device(UInt8(ascii: "x")), let last = statement.callTokens.last,
            let called = scope.subcircuit(named: statement.lowercasedText(of: last)),
            scopesLeftOut.insert(ObjectIdentifier(called)).inserted
        else { return }
        for inner in called.statements where inner.kind != .card {
            refuseReservedNames(leftOut: inner, called)
        }
    }

    /// The elements that are added to a circuit that learns, beside its outputs, have names of their own.
    private func refuseOurName(_ name: String, isNode: Bool, at range: SourceRange) {
        guard purpose == .learning else { return }
        var rest = name[...]
        if !isNode {
            guard let letter = rest.popFirst(), "vih".contains(letter) else { return }
        }
        guard rest.hasPrefix("spicelearn_") else { return }
        rest = rest.dropFirst("spicelearn_".count)
        if let letter = rest.first, "pqij".contains(letter) { rest = rest.dropFirst() }
        guard !rest.isEmpty, rest.utf8.allSatisfy(\.isDigit),
            reservedNames.insert(name).inserted
        else { return }
        diagnostics.error(
            "our-name",
            "spicelearn calls an element by this name that it puts beside an output; "
                + "give this \(isNode ? "node" : "device") another one", at: range)
    }

    /// The device's names, or nil where another one has the same.
    func names(_ statement: Statement, _ letter: UInt8, _ frame: Frame) -> (
        name: String, ngspiceName: String
    )? {
        guard canHold(1, at: statement) else { return nil }
        let bytes = statement.file.bytes[statement.name.range]
        let local = DeviceName.ngspiceText(bytes)
        let ngspiceName = frame.deviceName(local, letter: letter)
        let range = statement.range(of: statement.name)
        let shown = NodeTable.balanced(bytes)
        if !frame.isTop, bytes.contains(Byte.leftParenthesis) {
            diagnostics.error(
                "glued-parenthesis",
                "in a subcircuit, ngspice can't read the name \(shown) with its parentheses; "
                    + "rename the device",
                at: range)
        }
        refuseOurName(ngspiceName, isNode: false, at: range)
        if let other = deviceNames.updateValue(range, forKey: ngspiceName) {
            diagnostics.error(
                "duplicate-device",
                "there is already a device \(frame.prefix)\(shown), on line "
                    + "\(other.start.line); give this one another name",
                at: range)
            return nil
        }
        return (frame.prefix.isEmpty ? shown : frame.prefix + shown, ngspiceName)
    }

    /// Whether there is room for another use of a subcircuit; otherwise an error that ends it all.
    func canHold(_ scope: Scope, at statement: Statement) -> Bool {
        canHold(expandedSize.leastDeviceCount(of: scope), at: statement)
    }

    private func canHold(_ count: Int, at statement: Statement) -> Bool {
        guard count > deviceLimit - deviceNames.count else { return true }
        diagnostics.error(
            "too-large",
            "with this \(count > 1 ? "subcircuit" : "device"), the circuit has more than "
                + "\(deviceLimit) devices",
            at: statement.range(of: statement.name))
        isStopped = true
        return false
    }

    func hasDevice(_ ngspiceName: String) -> Bool { deviceNames[ngspiceName] != nil }

    func node(_ token: Token, _ statement: Statement, _ frame: Frame) -> Int {
        checkSeparation(after: token, statement)
        var bytes = statement.file.bytes[token.range]
        if token.kind == .string { bytes = bytes.dropFirst().dropLast() }
        // PSpice's spelling of a transistor's substrate.
        if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]"), bytes.count > 2,
            statement.kind == .device(UInt8(ascii: "q")),
            deck.translates(statement, from: .pspice)
        {
            bytes = bytes.dropFirst().dropLast()
        }
        let name = NodeTable.nodeText(bytes)
        let isOtherGround = statement.hidesGround(token)
        if NodeTable.isGround(name), !isOtherGround { return 0 }
        let range = statement.range(of: token)
        let isGlobal = isOtherGround || reader.globals.contains(name)
        if !isGlobal, let port = frame.ports[name] { return port }
        let isFlat = frame.isTop || isGlobal
        let (ngspicePrefix, prefix) = isFlat ? ("", "") : (frame.ngspicePrefix, frame.prefix)
        if isFlat { refuseOurName(name, isNode: true, at: range) }
        return nodes.index(
            of: ngspicePrefix + name, name: { prefix + NodeTable.balanced(bytes) }, at: range,
            device: { frame.prefix + statement.text(of: statement.name) }, &diagnostics)
    }
}

extension Statement {
    /// A name on a device's line with the word `temper`, as ngspice finds words.
    ///
    /// It looks on the lines of all devices but those that may have expressions without braces. There a word is
    /// what stands between white space and signs of arithmetic, but not between brackets or double quotes:
    /// `net-temper` and `(temper)`, not `[temper]`, `x.temper` or `temper#2`. In expressions it may stand.
    fileprivate var reservedName: SourceRange? {
        guard case .device(let letter) = kind, !"vbiegfh".utf8.contains(letter) else { return nil }
        let text = bytes(in: range.bytes)
        let names = text.prefix { !"={'".utf8.contains($0) }
        // The word before a = is what is set.
        let isSetting = names.count < text.count && text[names.count] == UInt8(ascii: "=")
        let end =
            isSetting
            ? names.lastIndex { !$0.isBlank }.map { last in
                names[...last].lastIndex { $0.isBlank || $0 == Byte.comma }.map { $0 + 1 } ?? 0
            } ?? 0 : names.count
        func isEdge(_ byte: UInt8) -> Bool {
            byte.isBlank || byte == Byte.comma || byte < 0x20
                || #"+-*/()<>?:|&^!%\"#.utf8.contains(byte)
        }
        let length = "temper".utf8.count
        var index = 0
        while index + length <= end {
            let next = index + length
            if text[index..<next].lowercasedText == "temper", index == 0 || isEdge(text[index - 1]),
                next == text.count || isEdge(text[next])
            {
                let place = range.bytes.lowerBound + index
                return tokens.first { $0.range.contains(place) }.map(range(of:))
            }
            index += 1
        }
        return nil
    }

    /// Whether this is a `gnd` beside a bracket or tilde on an A device's line, `[a gnd]`: ngspice looks for the
    /// word between blanks, commas and parentheses only, and has a node of this name there that is not ground.
    fileprivate func hidesGround(_ token: Token) -> Bool {
        let text = file.bytes
        guard kind == .device(UInt8(ascii: "a")), text[token.range].isCaseInsensitively("gnd")
        else { return false }
        func isHidden(_ place: Int) -> Bool {
            text.indices.contains(place) && "[]~".utf8.contains(text[place])
        }
        return isHidden(token.range.lowerBound - 1) || isHidden(token.range.upperBound)
    }
}
