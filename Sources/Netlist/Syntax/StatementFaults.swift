/// What makes ngspice stop at a line or read another one than is written.
extension SourceFile {
    /// The first byte at which ngspice would stop or cut the line; nil if there is none.
    func byteFault(in segments: [Range<Int>]) -> Diagnostic? {
        func fault(_ id: String, _ message: String, at offset: Int) -> Diagnostic {
            Diagnostic(id, message, at: SourceRange(file: self, bytes: offset..<(offset + 1)))
        }
        for segment in segments {
            var offset = segment.lowerBound
            while offset < segment.upperBound {
                let byte = bytes[offset]
                if byte == UInt8(ascii: "`") {
                    return fault(
                        "unsafe-character",
                        "a backquote begins a command in ngspice; remove it", at: offset)
                }
                if byte >= 0x20 && byte < 0x7f || byte == Byte.tab || byte == Byte.verticalTab
                    || byte == Byte.formFeed
                {
                    offset += 1
                    continue
                }
                if byte == 0xb5 {
                    // The µ of Latin-1.
                    offset += 1
                    continue
                }
                guard !byte.isASCII else {
                    return fault(
                        "control-character",
                        "control characters can't be part of a statement; remove this one",
                        at: offset)
                }
                let length = UTF8Length.ofCharacter(at: offset, in: bytes)
                guard length > 0 else {
                    return fault(
                        "invalid-utf8",
                        "ngspice reads UTF-8 only outside comments; "
                            + "write this character in ASCII or UTF-8",
                        at: offset)
                }
                offset += length
            }
        }
        return nil
    }

    /// The first parenthesis without its partner on a device's line or a card that lists nodes; nil if there
    /// is none. In models ngspice doesn't mind, and among the points of a TABLE they are mere separators,
    /// one more or less of which is in amplifiers that vendors publish. So they are on the lines of
    /// independent sources, where one that is left over is worth a warning.
    func bracketFault(in tokens: [Token], isDevice: Bool) -> Diagnostic? {
        let name = tokens[0].range
        let cards: [StaticString] = [".subckt", ".macro", ".global", ".ic", ".nodeset"]
        guard isDevice || cards.contains(where: { bytes[name].isCaseInsensitively($0) }) else {
            return nil
        }
        var open: [Int] = []
        for token in withoutPoints(tokens) {
            switch token.kind {
            case .leftParenthesis: open.append(token.range.lowerBound)
            case .rightParenthesis:
                guard open.popLast() != nil else {
                    return fault("this ) closes no (; remove it", at: token.range.lowerBound)
                }
            case .word:
                // A node's name, whose last parenthesis is a token of its own.
                for offset in token.range {
                    if bytes[offset] == Byte.leftParenthesis { open.append(offset) }
                    if bytes[offset] == Byte.rightParenthesis { _ = open.popLast() }
                }
            default: break
            }
        }
        return open.last.map { fault("this ( is never closed; close it or leave it out", at: $0) }
    }

    /// The same of an independent source's line as a warning.
    func bracketWarning(in tokens: [Token]) -> Diagnostic? {
        bracketFault(in: tokens, isDevice: true).map {
            Diagnostic($0.id, .warning, $0.message, at: $0.range)
        }
    }

    private func fault(_ message: String, at offset: Int) -> Diagnostic {
        Diagnostic(
            "unbalanced-delimiter", message,
            at: SourceRange(file: self, bytes: offset..<(offset + 1))
        )
    }

    private func withoutPoints(_ tokens: [Token]) -> ArraySlice<Token> {
        guard "eg".utf8.contains(bytes[tokens[0].range.lowerBound].lowercased),
            tokens.contains(where: {
                $0.kind == .word && bytes[$0.range].isCaseInsensitively("table")
            }), let end = tokens.lastIndex(where: { $0.kind == .expression })
        else { return tokens[...] }
        return tokens[...end]
    }

    /// The first `=` without a value; nil if there is none.
    func valueFault(in tokens: [Token]) -> Diagnostic? {
        for (index, token) in tokens.enumerated() where token.kind == .equals {
            let next = index + 1 < tokens.count ? tokens[index + 1].kind : nil
            guard next == nil || next == .comma || next == .rightParenthesis else { continue }
            return Diagnostic(
                "missing-value", "a value must follow the =",
                at: SourceRange(file: self, bytes: token.range))
        }
        return nil
    }
}
