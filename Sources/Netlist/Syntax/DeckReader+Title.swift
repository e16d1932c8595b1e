/// The first line, which is the title, whatever it says, but for what ngspice looks at before it knows.
extension DeckReader {
    /// Takes what ngspice takes of a first line that begins with a dot, and says so.
    mutating func readTitle(_ line: Range<Int>) {
        let content = PhysicalLine(mainFile.bytes, line).content
        let range = SourceRange(file: mainFile, bytes: content)
        let text = mainFile.bytes[content]
        guard !LearningDirectives.isDirective(text) else {
            diagnostics.error(
                "directive-in-title",
                "the first line is the title, and no directive is read from it; put a title above",
                at: range)
            return
        }
        guard text.first == Byte.dot else { return }
        let name = text.prefix { !$0.isBlank }.lowercasedText
        // An indented card is a title like any other.
        let effect =
            content.lowerBound == line.lowerBound ? TitleCard(name, in: dialect) : nil
        switch effect {
        case .include:
            warn(range, "but ngspice includes the file all the same")
            include(mainFile, content)
        case .library where IncludeLine.words(mainFile.bytes, content).count > 1:
            warn(range, "but ngspice includes the section all the same")
            includeSection(mainFile, content)
        case .library: warn(range, "and so ngspice takes no notice of this card")
        case .temperature: readTemperature(inTitle: line, range)
        case .fatal: refuseTitle(range, "stops at \(name) there")
        // What KiCad begins with, and no card that could be missed.
        case nil where name == ".title":
            titleCard = text.dropFirst(name.utf8.count).drop(while: \.isBlank).text
        case nil where DotCard(name) != nil || [".inc", ".lib"].contains(where: name.hasPrefix):
            warn(range, "and so ngspice takes no notice of this card")
        case nil: break
        }
    }

    /// Takes a title that begins with `.temp`, glued to what follows or not, for ngspice's card. It looks for no
    /// comment there.
    private mutating func readTemperature(inTitle line: Range<Int>, _ range: SourceRange) {
        warn(range, "but ngspice sets the temperature all the same")
        let text = mainFile.bytes[line]
        var start = line.lowerBound + 5
        var tokens = [Token(kind: .word, range: line.lowerBound..<start)]
        while start < line.upperBound, text[start].isBlank { start += 1 }
        if start < line.upperBound, text[start] == UInt8(ascii: "=") {
            tokens.append(Token(kind: .equals, range: start..<(start + 1)))
            start += 1
        }
        while start < line.upperBound, text[start].isBlank { start += 1 }
        let end = text.lastIndex { $0 > Byte.space }.map { $0 + 1 } ?? start
        if start < end { tokens.append(Token(kind: .word, range: start..<end)) }
        add(
            Statement(
                file: mainFile, kind: .card, tokens: tokens, inclusion: files.inclusion,
                isContinued: false))
    }

    private mutating func warn(_ range: SourceRange, _ effect: String) {
        diagnostics.warning(
            "title-card", "the first line is the title, \(effect); put a title above", at: range)
    }

    private mutating func refuseTitle(_ range: SourceRange, _ reason: String) {
        diagnostics.error(
            "title-card", "the first line is the title, and ngspice \(reason); put a title above",
            at: range)
    }

    /// Reports a text in an encoding, or with line ends, that ngspice can't read, once and by name: byte by
    /// byte, it is nothing but zeros.
    mutating func isReadable(_ file: SourceFile) -> Bool {
        let fault: (id: String, message: String)
        if let encoding = WideEncoding(of: file.bytes) {
            fault = (
                "utf-16",
                "this file is in \(encoding.rawValue), which ngspice can't read; save it as UTF-8"
            )
        } else if file.hasCarriageReturnsOnly {
            fault = (
                "carriage-returns",
                "the lines of this file end in a carriage return alone, which ngspice can't read; "
                    + "save it with line feeds: tr '\\r' '\\n' < file"
            )
        } else {
            return true
        }
        // Its first line is nothing to look at.
        let unseen = SourceFile(path: file.path, bytes: [])
        diagnostics.error(fault.id, fault.message, at: SourceRange(file: unseen, bytes: 0..<0))
        return false
    }
}

extension SourceFile {
    /// Whether the text has several lines and no line feed: that of a Macintosh before 2001, or of some
    /// spreadsheets.
    fileprivate var hasCarriageReturnsOnly: Bool {
        lineStarts.count == 1
            && bytes.contains(Byte.carriageReturn)
            && bytes.drop { $0 != Byte.carriageReturn }.contains { $0 > Byte.space }
    }
}

/// An encoding with more than one byte for each letter.
private enum WideEncoding: String {
    case utf16 = "UTF-16"
    case utf32 = "UTF-32"

    /// Looks for the mark at a text's beginning, or for zeros beside its first letters.
    init?(of bytes: [UInt8]) {
        let start = Array(bytes.prefix(4))
        let zeros = start.map { $0 == 0 }
        if [[0xff, 0xfe, 0, 0], [0, 0, 0xfe, 0xff]].contains(start)
            || [[false, true, true, true], [true, true, true, false]].contains(zeros)
        {
            self = .utf32
        } else if [[0xff, 0xfe], [0xfe, 0xff]].contains(Array(start.prefix(2)))
            || [[false, true, false, true], [true, false, true, false]].contains(zeros)
        {
            self = .utf16
        } else {
            return nil
        }
    }
}

/// What ngspice does with a card in the first line beside taking it for the title.
private enum TitleCard {
    case include
    case library
    case temperature
    /// It ends.
    case fatal

    init?(_ name: String, in dialect: Dialect) {
        if name.hasPrefix(".inc") {
            self = .include
        } else if name.hasPrefix(".lib") {
            self = .library
        } else if !dialect.readsCardsInTitle {
            return nil
        } else if name.hasPrefix(".temp") {
            self = .temperature
        } else if [".para", ".meas", ".subckt", ".ends"].contains(where: name.hasPrefix) {
            self = .fatal
        } else {
            return nil
        }
    }
}
