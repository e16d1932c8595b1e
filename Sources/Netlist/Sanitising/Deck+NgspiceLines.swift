extension Deck {
    /// The deck as it is handed to ngspice: one line for each statement, with nothing in it that
    /// ngspice could run or write.
    ///
    /// Included files stand in their place; comments (ngspice runs those that begin `*#`), `.control`
    /// blocks, analyses, output and options that steer anything but the simulation are gone; the title
    /// is a fixed one. What is left are devices, whose lines begin with a letter, and the cards that say
    /// what the circuit is.
    ///
    /// - Parameters:
    ///   - external: Names of independent sources, in any case, whose values the host supplies: their
    ///     lines become `V1 in 0 external`.
    ///   - ammeters: Put in series with their sources.
    ///   - extraLines: What is added before the `.end`, unchanged.
    ///   - omittedOptions: Names of options, in lower case, that are left out as well.
    /// - Throws: ``DiagnosticsError`` if an external source is in a subcircuit or doesn't exist.
    public func ngspiceLines(
        external: some Sequence<String> = [], ammeters: [Ammeter] = [], extraLines: [String] = [],
        omittingOptions omittedOptions: Set<String> = []
    ) throws(DiagnosticsError) -> [String] {
        try handedOver(
            external: external, ammeters: ammeters,
            extraLines: ammeters.flatMap(\.lines) + extraLines, omitting: omittedOptions
        ) { _, _ in }
    }

    /// The statement from which a line of those handed over is made, which ngspice counts from 1; nil for
    /// the title, what was added, and a deck that can't be handed over.
    ///
    /// The line that says the mode is none of ngspice's, and what it reads from included files has numbers of
    /// its own, beside one for the line that includes them.
    public func statement(
        ofNgspiceLine number: Int, external: some Sequence<String> = []
    ) -> Statement? {
        var places: [(statement: Statement, lines: Range<Int>)] = []
        let lines = try? handedOver(
            external: external, ammeters: [], extraLines: [], omitting: []
        ) { places.append(($0, $1)) }
        guard let lines else { return nil }
        var count = 0
        var isIncluded = false
        for (index, line) in lines.enumerated() {
            if line == DialectMarks.end { isIncluded = false }
            if line.hasPrefix(DialectMarks.mode) || line == DialectMarks.end || isIncluded {
                continue
            }
            if line == DialectMarks.beginning { isIncluded = true }
            count += 1
            guard count == number else { continue }
            return places.first { $0.lines.contains(index) }?.statement
        }
        return nil
    }

    /// - Parameter note: told each statement with the places of its lines.
    private func handedOver(
        external: some Sequence<String>, ammeters: [Ammeter], extraLines: [String],
        omitting omittedOptions: Set<String>,
        noting note: (Statement, Range<Int>) -> Void
    ) throws(DiagnosticsError) -> [String] {
        var wanted: [String: String] = [:]
        for name in external { wanted[name.lowercasedASCII] = name }
        let terminals = Dictionary(
            ammeters.map { ($0.sourceName, $0.terminal) }, uniquingKeysWith: { first, _ in first })
        var lines = ["spicelearn"]
        lines.reserveCapacity(statements.count + extraLines.count + 2)
        if let behaviour = compatibility.ngbehavior { lines.append(DialectMarks.mode + behaviour) }
        let translatesIncluded = compatibility.translates && !compatibility.contains(.whole)
        var inclusion: Int32 = 0
        func include(_ next: Int32) {
            guard translatesIncluded, next != inclusion else { return }
            if inclusion > 0 { lines.append(DialectMarks.end) }
            if next > 0 { lines.append(DialectMarks.beginning) }
            inclusion = next
        }
        var depth = 0
        var diagnostics: [Diagnostic] = []
        let temperature = temperatureText
        let names = SpelledNames(statements)
        let texts = TextParameters(statements, dialect: dialect)
        let files = dataFiles(findsCapitals: true)
        func add(_ line: String, of statement: Statement) {
            lines.append(
                statement.altersWithTemperature
                    ? replacingTemperature(in: line, by: temperature) : line)
        }
        for statement in statements {
            include(statement.inclusion)
            let first = lines.count
            defer { note(statement, first..<lines.count) }
            switch statement.kind {
            case .card:
                let name = statement.cardName
                if name == ".subckt" || name == ".macro" { depth += 1 }
                if name == ".ends" || name == ".eom" { depth -= 1 }
                if let type = statement.unboundedDelay {
                    diagnostics.append(
                        Diagnostic(
                            "delay-buffer",
                            "without buffer_size, ngspice crashes on this model outside a transient; "
                                + "add buffer_size=1000",
                            at: statement.range(of: type)))
                }
                if name == ".model" {
                    let card = ModelCard(statement, files, fileParameters: texts.fileNames)
                    diagnostics += card.diagnostics
                    for line in card.lines { add(line, of: statement) }
                } else if let line = texts.line(
                    of: statement, nil, files, diagnostics: &diagnostics)
                {
                    add(line, of: statement)
                } else if let line = statement.ngspiceCard(name) {
                    // Without options that are left to it, a line is a comment: ngspice counts it all the same.
                    add(
                        omittedOptions.isEmpty
                            ? line
                            : statement.ngspiceCard(name, omittingOptions: omittedOptions) ?? "*",
                        of: statement)
                }
            case .device(let letter):
                let isSource = letter == UInt8(ascii: "v") || letter == UInt8(ascii: "i")
                let terminal =
                    isSource && depth == 0 && !terminals.isEmpty
                    ? terminals[statement.deviceName] : nil
                if isSource, depth == 0, !wanted.isEmpty,
                    wanted.removeValue(forKey: statement.deviceName) != nil
                {
                    lines.append(statement.externalLine(names, from: terminal))
                } else if let terminal {
                    add(statement.line(from: terminal, names).withBracketsPaired, of: statement)
                } else {
                    if let file = statement.initialConditionsFile { diagnostics.append(file) }
                    let line =
                        texts.line(of: statement, names, files, diagnostics: &diagnostics)
                        ?? statement.soundLine(names, files, diagnostics: &diagnostics)
                        ?? statement.ngspiceLine(names)
                    add(isSource ? line.withBracketsPaired : line, of: statement)
                }
            }
        }
        include(0)
        diagnostics += wanted.values.sorted().map(missingSource)
        guard diagnostics.isEmpty else { throw DiagnosticsError(diagnostics) }
        lines += extraLines
        lines.append(".end")
        return lines
    }

    func dataFiles(findsCapitals: Bool) -> DataFileName {
        DataFileName(
            folder: file.path.lastIndex(of: "/").map { String(file.path[...$0]) } ?? "",
            confinement: confinement, findsCapitals: findsCapitals)
    }

    private func missingSource(_ name: String) -> Diagnostic {
        let isInner = name.utf8.contains(Byte.dot)
        return Diagnostic(
            "external-source", .error,
            isInner
                ? "\(name) is in a subcircuit, where its value can't be supplied; "
                    + "move the source to the top level"
                : "there is no voltage or current source \(name) at the top level",
            at: nil)
    }
}

extension Statement {
    /// The device's name as ngspice is handed it.
    public var deviceName: String { DeviceName.ngspiceText(file.bytes[name.range]) }

    /// The tokens on one line, with a space wherever anything stood between them.
    func ngspiceLine(_ names: SpelledNames) -> String {
        line(of: tokensForNgspice[...], spelling: names)
    }

    /// The tokens on one line, as they are.
    var ngspiceLine: String { line(of: tokensForNgspice[...]) }

    /// Tokens on one line.
    ///
    /// - Parameter replacements: what is written in the place of tokens, by where they begin.
    func line(
        of tokens: ArraySlice<Token>, spelling names: SpelledNames? = nil,
        replacing replacements: [Int: String] = [:]
    ) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(range.bytes.count)
        var end: Int?
        /// Of a name that is spelled out without the parenthesis that ends it.
        var endOfNode: Int?
        for token in tokens {
            if token.kind == .rightParenthesis, token.range.lowerBound == endOfNode { continue }
            if let end, end < token.range.lowerBound { result.append(Byte.space) }
            if !replacements.isEmpty, let text = replacements[token.range.lowerBound] {
                result += text.utf8
            } else if let spelled = names?.text(of: token, in: self) {
                result += spelled
                if !spelled.contains(Byte.leftParenthesis) { endOfNode = token.range.upperBound }
            } else if isContinued {
                appendCollapsed(bytes(of: token), to: &result)
            } else {
                result += file.bytes[token.range]
            }
            end = token.range.upperBound
        }
        // White space other than the blank and the tab means something else to ngspice.
        for index in result.indices where result[index] < 0x20 { result[index] = Byte.space }
        return (result.contains(0xb5) ? Micro.asciiText(result) : result).text
    }

    private func appendCollapsed(_ bytes: [UInt8], to result: inout [UInt8]) {
        var wasBlank = false
        for byte in bytes {
            if !(wasBlank && byte.isBlank) { result.append(byte) }
            wasBlank = byte.isBlank
        }
    }

    /// The line of an independent source whose value the host supplies.
    ///
    /// - Parameter terminal: what its positive node is called in place of the deck's name.
    func externalLine(_ names: SpelledNames, from terminal: String? = nil) -> String {
        let values = tokens.filter(\.isValue).prefix(3)
        var words = values.map { names.text(of: $0, in: self)?.text ?? text(of: $0) }
        if let terminal, words.count > 1 { words[1] = terminal }
        return words.joined(separator: " ") + " external"
    }

    /// The line of an independent source whose positive node has another name.
    func line(from terminal: String, _ names: SpelledNames) -> String {
        let values = tokens.filter(\.isValue)
        return line(
            of: tokensForNgspice[...], spelling: names,
            replacing: values.count > 1 ? [values[1].range.lowerBound: terminal] : [:])
    }

    /// A card that is part of the circuit, but no `.model`; nil for the others.
    ///
    /// - Parameter omitted: options that are left out as well.
    func ngspiceCard(_ name: String, omittingOptions omitted: Set<String> = []) -> String? {
        guard case .structure(let structure) = DotCard(name) else { return nil }
        switch structure {
        case .options: return simulationOptions(omitting: omitted)
        case .model: return nil
        case .temperature:
            // In a title, what can't be read is not what a card says elsewhere.
            return switch temperature {
            case .number(_, let value), .expression(let value): ".temp \(text(of: value))"
            case .unreadable: ".temp 27"
            case .missing: ".temp 0"
            }
        default: return ngspiceLine
        }
    }

    /// An `.options` line with those options only that steer the simulation.
    private func simulationOptions(omitting omitted: Set<String>) -> String? {
        var kept: [String] = []
        var index = 1
        while index < tokens.count {
            let token = tokens[index]
            let hasValue = index + 2 < tokens.count && tokens[index + 1].kind == .equals
            let name = lowercasedText(of: token)
            if token.kind == .word, Self.simulationOptionNames.contains(name),
                !omitted.contains(name)
            {
                kept.append(
                    hasValue
                        ? line(of: tokens[index...(index + 2)].filter { $0.kind != .comma }[...])
                        : text(of: token))
            }
            index += hasValue ? 3 : 1
        }
        return kept.isEmpty ? nil : ".options " + kept.joined(separator: " ")
    }

    static let simulationOptionNames: Set<String> = [
        "abstol", "autostop", "badmos3", "bypass", "chgtol", "convlimit", "convstep",
        "convabsstep", "cshunt", "defad", "defas", "defl", "defw", "epsmin", "gmin", "gminsteps",
        "indverbosity", "itl1", "itl2", "itl3", "itl4", "itl5", "itl6", "keepopinfo", "maxevtiter",
        "maxopalter", "maxord", "maxwarns", "method", "minbreak", "noinit", "noopac", "noopalter",
        "noopiter", "pivrel", "pivtol", "ramptime", "reltol", "rshunt", "rseries", "scale", "seed",
        "sollim", "srcsteps", "temp", "tnom", "trtol", "trytocompact", "vntol", "xmu",
    ]
}

extension String {
    /// The line of an independent source without parentheses that close nothing, and with those closed that
    /// are open at its end: to ngspice they are blanks there, but elsewhere it crashes on some of them.
    var withBracketsPaired: String {
        var depth = 0
        var isPaired = true
        for byte in utf8 where isPaired {
            if byte == Byte.leftParenthesis { depth += 1 }
            if byte == Byte.rightParenthesis { depth -= 1 }
            isPaired = depth >= 0
        }
        guard !isPaired || depth > 0 else { return self }
        var result: [UInt8] = []
        depth = 0
        for byte in utf8 {
            if byte == Byte.leftParenthesis { depth += 1 }
            if byte == Byte.rightParenthesis {
                guard depth > 0 else {
                    result.append(Byte.space)
                    continue
                }
                depth -= 1
            }
            result.append(byte)
        }
        result += repeatElement(Byte.rightParenthesis, count: depth)
        return result.text
    }
}
