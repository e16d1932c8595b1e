/// What rules look at: the lines and statements of the deck's own file, and the circuit.
struct DeckText {
    enum Role {
        case title
        case blank
        case comment
        /// A line that ngspice takes for a comment because of its first character.
        case junk
        case statement
        /// Of a statement, by `+` or by `\\` before it.
        case continuation
        /// Of a line that is no statement, or of none.
        case looseContinuation
        /// In a `.control` section, its first and last line among them.
        case control
    }

    struct Line {
        let role: Role
        /// Without its end.
        let range: Range<Int>
        /// Where the next line begins.
        let next: Int
        let physical: PhysicalLine
        /// The index of the line where the statement begins that this one belongs to.
        let head: Int?

        /// Whether it is a part of a statement.
        var isText: Bool { role == .statement || role == .continuation }
    }

    let deck: Deck
    let circuit: Circuit
    let lines: [Line]
    /// Those of the deck's own file below the title.
    let statements: [Statement]
    /// What ends a line here.
    let newline: String

    var bytes: [UInt8] { deck.file.bytes }

    init(_ deck: Deck, _ circuit: Circuit) {
        self.deck = deck
        self.circuit = circuit
        lines = Self.lines(of: deck)
        let bytes = deck.file.bytes
        newline =
            bytes.firstIndex(of: Byte.lineFeed).map { $0 > 0 && bytes[$0 - 1] == 0x0d } == true
            ? "\r\n" : "\n"
        let start = lines.first?.next ?? 0
        statements = deck.statements.filter {
            $0.file == deck.file && $0.name.range.lowerBound >= start
        }
    }

    private static func lines(of deck: Deck) -> [Line] {
        let file = deck.file
        let bytes = file.bytes
        var lines: [Line] = []
        var head: Int?
        var joined = false
        var isControl = false
        for (index, range) in file.lines.enumerated() {
            let next = index + 1 < file.lineStarts.count ? file.lineStarts[index + 1] : bytes.count
            let physical = PhysicalLine(
                bytes, range, joined: joined,
                hasDollarComments: file.hasDollarComments
                    && !deck.dialect.mayNameVariable(bytes[range]),
                hasHashComments: deck.dialect.hasHashComments)
            func add(_ role: Role, head: Int? = nil) {
                lines.append(
                    Line(role: role, range: range, next: next, physical: physical, head: head))
            }
            guard index > 0 else {
                add(.title)
                joined = physical.continuesOnNextLine
                continue
            }
            if physical.kind != .blank || physical.continuesOnNextLine {
                joined = physical.continuesOnNextLine
            }
            let content = bytes[physical.content]
            if isControl {
                if physical.kind == .statement, content.hasPrefixCaseInsensitively(".endc") {
                    isControl = false
                }
                add(.control)
                continue
            }
            switch physical.kind {
            case .blank: add(.blank)
            case .comment: add(.comment)
            case .unusual:
                head = nil
                add(.junk)
            case .continuation: add(head == nil ? .looseContinuation : .continuation, head: head)
            case .statement where content.hasPrefixCaseInsensitively(".control"):
                (isControl, head) = (true, nil)
                add(.control)
            case .statement:
                // What can't be continued is no head.
                let isWhole =
                    DeckReader.isEnd(content)
                    || [".inc", ".lib", ".endc"].contains { content.hasPrefixCaseInsensitively($0) }
                head = isWhole ? nil : index
                add(.statement, head: index)
            }
        }
        return lines
    }

    /// The line that holds a byte.
    func line(at offset: Int) -> Line { lines[deck.file.line(at: offset) - 1] }

    /// Whether `\\` ends a comment or a title, by which ngspice joins the next line to it all the same.
    func endsInBackslashes(_ range: Range<Int>) -> Bool {
        PhysicalLine.endsInBackslashes(bytes[range])
    }

    /// Whether an edit reaches the title where that is joined to what follows.
    func isInJoinedTitle(_ edit: TextEdit) -> Bool {
        guard let title = lines.first, edit.range.lowerBound <= title.next else { return false }
        return endsInBackslashes(title.range)
    }

    /// The directives of the file, as they are written.
    var directives: [ArraySlice<UInt8>] {
        lines.filter { $0.role == .comment }.map { bytes[$0.physical.content] }
            .filter(LearningDirectives.isDirective)
    }

    /// Whether a stretch holds blanks alone, and no line end.
    func isBlank(_ range: Range<Int>) -> Bool { bytes[range].allSatisfy(\.isBlank) }

    func text(_ range: Range<Int>) -> String { bytes[range].text }
}

extension PhysicalLine {
    /// The comment behind a statement on this line, its sign included; nil where there is none.
    func inlineComment(in bytes: [UInt8]) -> Range<Int>? {
        guard !continuesOnNextLine, content.upperBound < line.upperBound else { return nil }
        let rest = content.upperBound..<line.upperBound
        return bytes[rest].firstIndex { !$0.isBlank }.map { $0..<line.upperBound }
    }
}
