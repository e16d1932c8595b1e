/// Reads files line by line into statements: joins continuations, sets comments and control blocks
/// aside, follows includes.
struct DeckReader {
    let mainFile: SourceFile
    let dialect: Dialect
    var files: DeckFiles

    private(set) var statements: [Statement] = []
    var diagnostics = DiagnosticCollector()
    private var directives = LearningDirectives()
    var titleCard: String?
    private var subcircuitDepth = 0
    private var unreadWords: Set<String> = []
    private var hasControl = false
    /// The `.control` line whose `.endc` has not come yet.
    private var control: SourceRange?
    /// The first line of the circuit behind it.
    private var swallowed: SourceRange?
    /// The commands behind it that change the circuit or its options.
    private var commands: [SourceRange] = []
    private var changingCommands: [[SourceRange]] = []
    /// The card that ends the block of another simulator's lines that is being read.
    private var endOfBlock: String?

    private var tokenCount = 0
    /// True once an error said that the deck is too large: no more is read.
    private var isFull = false

    /// The line that continuation lines may still extend.
    var pending: (file: SourceFile, segments: [Range<Int>], isJunk: Bool)?
    /// The last line of a device or card, and whether an include, an `.end` or a title stands behind it: ngspice
    /// continues it all the same, also from one file to another.
    private var lastLine: (range: SourceRange, isApart: Bool)?

    init(file: SourceFile, includes: IncludeReader, dialect: Dialect) {
        var dialect = dialect
        dialect.compatibility = dialect.compatibility ?? file.ownCompatibility ?? []
        self.dialect = dialect
        mainFile =
            dialect.compatibility?.contains(.pspice) == true
            ? SourceFile(path: file.path, bytes: file.bytes, hasDollarComments: false) : file
        files = DeckFiles(
            mainFile, includes: includes, expandsVariables: dialect.expandsVariables)
    }

    mutating func read() -> Deck {
        if files.textBytes > InputLimits.textBytes {
            refuse(
                "the file has more than \(InputLimits.textBytes >> 20) MiB",
                at: SourceRange(file: mainFile, bytes: 0..<0))
        }
        let titleLine = readFile(mainFile, section: nil)
        endCommands()
        if let titleLine, mainFile.bytes[titleLine].allSatisfy(\.isBlank), !statements.isEmpty {
            diagnostics.warning(
                "empty-title",
                "the first line is the title even where it is empty; "
                    + "ngspice reads the second one as a part of the circuit",
                at: SourceRange(file: mainFile, bytes: titleLine))
        }
        return Deck(
            file: mainFile,
            title: titleCard ?? titleLine.map { Self.title(mainFile.bytes[$0]) } ?? "",
            statements: statements,
            directives: directives,
            diagnostics: diagnostics.sorted(files: files.all),
            unreadWords: unreadWords,
            hasControl: hasControl,
            changingCommands: changingCommands,
            files: files.all,
            dialect: dialect,
            confinement: files.confinement)
    }

    /// What a first line says, without the `*` that makes a comment of it for other tools.
    private static func title(_ line: ArraySlice<UInt8>) -> String {
        guard line.first == Byte.star else { return line.text }
        let words = line.dropFirst().drop(while: \.isBlank)
        return words.isEmpty ? line.text : words.text
    }

    // MARK: Files

    /// Reads a file, or one `.lib` section of it, and gives the title line if it has one.
    mutating func readFile(_ file: SourceFile, section: (name: String, from: SourceRange)?)
        -> Range<Int>?
    {
        guard isReadable(file) else { return nil }
        files.enter(file, section: section?.name)
        defer { files.leave() }
        let isMain = files.isInMain
        var titleLine: Range<Int>?
        var joined = false
        var isBeyondEnd = false
        var inSection = section == nil
        var sectionFound = false
        let bytes = file.bytes

        for line in file.lines {
            guard !isFull else { return titleLine }
            if isMain && titleLine == nil {
                // ngspice takes the first line for the title even where it is empty.
                titleLine = line
                readTitle(line)
                joined = PhysicalLine(bytes, line).continuesOnNextLine
                continue
            }
            let physical = PhysicalLine(
                bytes, line, joined: joined,
                hasDollarComments: file.hasDollarComments && !dialect.mayNameVariable(bytes[line]),
                hasHashComments: dialect.hasHashComments)
            // A joined line may follow after empty ones.
            if physical.kind != .blank || physical.continuesOnNextLine {
                joined = physical.continuesOnNextLine
            }
            let content = bytes[physical.content]
            if physical.kind == .statement, Self.isReadAtOnce(content) { joined = false }
            if let section {
                if !inSection {
                    if physical.kind == .statement,
                        IncludeLine.opensSection(content, named: section.name)
                    {
                        (inSection, sectionFound) = (true, true)
                    }
                    continue
                }
                if physical.kind == .statement, content.hasPrefixCaseInsensitively(".endl") {
                    inSection = false
                    continue
                }
            }
            if control != nil {
                if physical.kind == .statement, content.hasPrefixCaseInsensitively(".endc") {
                    (control, swallowed) = (nil, nil)
                    endCommands()
                    continue
                }
                let range = SourceRange(file: file, bytes: physical.content)
                if physical.kind == .statement, ControlCommand.changesCircuit(content) {
                    commands.append(range)
                }
                if swallowed == nil, ControlSection.swallows(physical.kind, content) {
                    swallowed = range
                }
                continue
            }
            if let end = endOfBlock {
                if content.lowercasedText.hasPrefix(end) { endOfBlock = nil }
                continue
            }
            switch physical.kind {
            case .blank: break
            case .comment: readDirective(file, physical.content)
            case .continuation: extend(file, physical)
            case .unusual:
                flush()
                lastLine = nil
                pending = (file, [physical.content], true)
                diagnostics.warning(
                    "unusual-first-character",
                    "ngspice reads a line that begins with this character as a comment; "
                        + "begin comments with *",
                    at: SourceRange(
                        file: file,
                        bytes: physical.content.lowerBound..<(physical.content.lowerBound + 1)))
            case .statement:
                flush()
                if Self.isReadAtOnce(content) {
                    lastLine?.isApart = true
                } else {
                    lastLine = nil
                }
                if content.first == UInt8(ascii: "@") {
                    diagnostics.error(
                        "line-begins-with-at",
                        "ngspice stops reading the file at a line that begins with @; remove it",
                        at: SourceRange(file: file, bytes: physical.content))
                } else if content.hasPrefixCaseInsensitively(".control") {
                    control = SourceRange(file: file, bytes: physical.content)
                    hasControl = true
                } else if content.hasPrefixCaseInsensitively(".endc") {
                    diagnostics.warning(
                        "unmatched-endc",
                        "this .endc has no .control, and ngspice passes over it; remove it",
                        at: SourceRange(file: file, bytes: physical.content))
                } else if Self.isEnd(content) {
                    // ngspice passes over it and reads on.
                    if section == nil, !isBeyondEnd {
                        isBeyondEnd = true
                        warnOfText(after: line.upperBound, in: file)
                    }
                } else if content.hasPrefixCaseInsensitively(".inc") {
                    include(file, physical.content)
                } else if content.hasPrefixCaseInsensitively(".lib") {
                    // LTspice and PSpice have no sections.
                    if dialect.compatibility?.translates == true {
                        include(file, physical.content)
                    } else {
                        includeSection(file, physical.content)
                    }
                } else if content.hasPrefixCaseInsensitively(".endl") {
                    diagnostics.error(
                        "unmatched-endl",
                        "ngspice stops at an .endl outside of the section that a .lib line asks "
                            + "for; remove it",
                        at: SourceRange(file: file, bytes: physical.content))
                } else {
                    pending = (file, [physical.content], false)
                    if !Self.isReadAtOnce(content) {
                        lastLine = (SourceRange(file: file, bytes: physical.content), false)
                    }
                    noteNesting(content)
                    endOfBlock = end(ofBlock: content, before: line.upperBound, in: file)
                }
            }
        }
        flush()
        if isMain, let control { reportOpenControl(control) }
        if let section, !sectionFound {
            diagnostics.error(
                "unknown-section",
                "\(file.path) has no section \(section.name); it would begin with "
                    + ".lib \(section.name)",
                at: section.from)
        }
        return titleLine
    }

    /// Takes the commands of a `.control` section that ends here.
    private mutating func endCommands() {
        if !commands.isEmpty { changingCommands.append(commands) }
        commands = []
    }

    private mutating func reportOpenControl(_ control: SourceRange) {
        let fault = "this .control block has no .endc, and so all that follows belongs to it"
        guard let swallowed else {
            diagnostics.warning("missing-endc", fault, at: control)
            return
        }
        let line = swallowed.file.line(at: swallowed.bytes.lowerBound)
        diagnostics.error(
            "missing-endc",
            "\(fault), the circuit from line \(line) on too; put .endc behind the commands",
            at: control)
    }

    /// Whether ngspice is done with a line before it looks for `\\` at its end.
    private static func isReadAtOnce(_ content: ArraySlice<UInt8>) -> Bool {
        isEnd(content)
            || [".inc", ".lib", ".title"].contains { content.hasPrefixCaseInsensitively($0) }
    }

    static func isEnd(_ content: ArraySlice<UInt8>) -> Bool {
        guard content.hasPrefixCaseInsensitively(".end") else { return false }
        let next = content.startIndex + 4
        return next == content.endIndex || content[next].isBlank
    }

    private mutating func warnOfText(after offset: Int, in file: SourceFile) {
        for line in file.lines(from: offset) {
            let physical = PhysicalLine(file.bytes, line)
            if physical.kind == .statement || physical.kind == .continuation {
                diagnostics.warning(
                    "text-after-end",
                    "ngspice -b reads on after .end, and takes this for a part of the circuit; "
                        + "make it a comment",
                    at: SourceRange(file: file, bytes: physical.content))
                return
            }
        }
    }

    /// The card that ends what a line begins, if it comes: what stands between has no meaning here, and only
    /// the first line is reported.
    private func end(
        ofBlock content: ArraySlice<UInt8>, before offset: Int, in file: SourceFile
    ) -> String? {
        guard content.first == Byte.dot,
            let end = DotCard.endsOfBlocks[content.prefix { !$0.isBlank }.lowercasedText],
            file.lines(from: offset).contains(where: {
                file.bytes[$0].drop(while: \.isBlank).lowercasedText.hasPrefix(end)
            })
        else { return nil }
        return end
    }

    private mutating func noteNesting(_ content: ArraySlice<UInt8>) {
        if content.hasPrefixCaseInsensitively(".subckt")
            || content.hasPrefixCaseInsensitively(".macro")
        {
            subcircuitDepth += 1
        } else if content.hasPrefixCaseInsensitively(".ends")
            || content.hasPrefixCaseInsensitively(".eom")
        {
            subcircuitDepth = max(0, subcircuitDepth - 1)
        }
    }

    // MARK: Lines

    private mutating func extend(_ file: SourceFile, _ physical: PhysicalLine) {
        if let lastLine, lastLine.isApart || pending == nil, !files.areNamesOnly {
            diagnostics.error(
                "continues-apart",
                "ngspice passes over what stands between, and continues \(lastLine.range.place) with "
                    + "this line; write it there, or make it a comment",
                at: SourceRange(file: file, bytes: physical.content))
            return
        }
        guard pending != nil else {
            diagnostics.warning(
                "nothing-to-continue",
                "ngspice ignores this continuation: no line before it can be continued, and a title is none",
                at: SourceRange(file: file, bytes: physical.content))
            return
        }
        pending?.segments.append(physical.content)
    }

    /// Turns the line that is complete now into a statement.
    mutating func flush() {
        guard let (file, segments, isJunk) = pending else { return }
        pending = nil
        guard !isJunk else { return }
        guard hasRoom(for: segments, file) else { return }
        let tokenizer = Tokenizer.tokenize(file.bytes, segments)
        // Whatever else is on it: it becomes a comment.
        let isForeign =
            tokenizer.tokens.first.map { DotCard.isForeign(file.bytes[$0.range]) } ?? false
        let byteFault = isForeign ? nil : file.byteFault(in: segments)
        if let byteFault { diagnostics.add(byteFault) }
        let isPassedOver = Self.isPassedOver(tokenizer.tokens, file)
        for imbalance in tokenizer.imbalances where !isForeign {
            let delimiter = String(UnicodeScalar(imbalance.delimiter))
            let fault =
                imbalance.delimiter == Byte.rightBrace
                ? "this } closes no {; remove it" : "this \(delimiter) is never closed"
            let range = SourceRange(
                file: file, bytes: imbalance.offset..<(imbalance.offset + 1))
            if isPassedOver {
                diagnostics.warning("unbalanced-delimiter", fault, at: range)
            } else {
                diagnostics.error("unbalanced-delimiter", fault, at: range)
            }
        }
        var tokens = tokenizer.tokens
        guard let first = tokens.first else { return }
        let initial = file.bytes[first.range.lowerBound]
        let range = SourceRange(file: file, bytes: first.range)
        let kind: Statement.Kind
        if initial == Byte.dot {
            kind = .card
        } else if initial.isLetter {
            kind = .device(initial.lowercased)
            tokens = NodeTokens.joined(tokens, file.bytes)
        } else {
            noteUnread(segments, file)
            diagnostics.error(
                "not-a-statement",
                "a line begins with a device's letter, a dot card, + or *; "
                    + "begin a comment with *",
                at: range)
            return
        }
        guard isForeign || tokenizer.imbalances.isEmpty && byteFault == nil else {
            noteUnread(segments, file)
            return
        }
        let isSource = kind == .device(UInt8(ascii: "v")) || kind == .device(UInt8(ascii: "i"))
        if isSource, let warning = file.bracketWarning(in: tokens) { diagnostics.add(warning) }
        if !isForeign, !isPassedOver,
            let fault = file.valueFault(in: tokens)
                ?? (isSource ? nil : file.bracketFault(in: tokens, isDevice: kind != .card))
        {
            diagnostics.add(fault)
            noteUnread(segments, file)
            return
        }
        let statement = Statement(
            file: file, kind: kind, tokens: tokens, inclusion: files.inclusion,
            isContinued: segments.count > 1)
        if kind == .card, statement.token(first, is: ".title") {
            // ngspice takes no title from an included file.
            guard file == mainFile else { return }
            titleCard =
                file.bytes[first.range.upperBound..<segments[0].upperBound]
                .drop(while: \.isBlank).text
            return
        }
        statements.append(statement)
        tokenCount += statement.tokens.count
    }

    /// Whether this is a card for output, whose delimiters ngspice doesn't look at.
    private static func isPassedOver(_ tokens: [Token], _ file: SourceFile) -> Bool {
        let cards: [StaticString] = [".print", ".plot", ".four", ".fourier", ".width"]
        guard let name = tokens.first.map({ file.bytes[$0.range] }) else { return false }
        return cards.contains { name.isCaseInsensitively($0) }
    }

    private mutating func noteUnread(_ segments: [Range<Int>], _ file: SourceFile) {
        for segment in segments {
            let bytes = Array(file.bytes[segment])
            var index = 0
            while let word = bytes.nextWord(from: &index) {
                unreadWords.insert(bytes[word].lowercasedText)
            }
        }
    }

    mutating func add(_ statement: Statement) { statements.append(statement) }

    /// Takes the line of an include whose file is not read for what is included.
    mutating func addInclude(_ file: SourceFile, _ content: Range<Int>, _ words: [Range<Int>]) {
        flush()
        let end = file.bytes[content].firstIndex(where: \.isBlank) ?? content.upperBound
        statements.append(
            Statement(
                file: file, kind: .card,
                tokens: [Token(kind: .word, range: content.lowerBound..<end)]
                    + words.map { Token(kind: .string, range: $0) },
                inclusion: 0, isContinued: false))
    }

    /// Whether another statement may be read; otherwise an error that ends the reading.
    private mutating func hasRoom(for segments: [Range<Int>], _ file: SourceFile) -> Bool {
        let length = segments.reduce(0) { $0 + $1.count }
        let reason: String
        if length > InputLimits.lineBytes {
            reason = "this line is longer than \(InputLimits.lineBytes >> 20) MiB"
        } else if statements.count >= InputLimits.statements {
            reason = "a deck has at most \(InputLimits.statements) lines of devices and cards"
        } else if tokenCount > InputLimits.tokens {
            reason = "a deck has at most \(InputLimits.tokens) words and signs"
        } else {
            return true
        }
        let start = segments[0].lowerBound
        refuse(
            reason,
            at: SourceRange(file: file, bytes: start..<min(start + 1, segments[0].upperBound)))
        return false
    }

    mutating func refuse(_ reason: String, at range: SourceRange) {
        guard !isFull else { return }
        isFull = true
        diagnostics.error("too-much-text", reason, at: range)
    }

    // MARK: Directives

    private mutating func readDirective(_ file: SourceFile, _ content: Range<Int>) {
        guard LearningDirectives.isDirective(file.bytes[content]) else { return }
        let range = SourceRange(file: file, bytes: content)
        guard subcircuitDepth == 0 else {
            diagnostics.error(
                "directive-in-subcircuit",
                "*.learn lines belong to the top level; move this one out of the .subckt "
                    + "and name its devices X….R…",
                at: SourceRange(
                    file: file, bytes: content.lowerBound..<(content.lowerBound + 7)))
            return
        }
        directives.add(range, diagnostics: &diagnostics)
    }
}
