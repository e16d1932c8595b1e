import Foundation

/// The manual page of a command, made of what `--help` says.
struct ManualPage {
    let command: CommandDescription
    /// The whole program.
    let program: CommandDescription
    /// Of the page, as 2026-12-01.
    let date: String

    /// The pages of the program and of each of its commands.
    static func all(of program: CommandDescription, date: String) -> [ManualPage] {
        ([program] + program.shownCommands).map {
            ManualPage(command: $0, program: program, date: date)
        }
    }

    /// `spicelearn-train`.
    var name: String { Self.name(of: command) }

    private static func name(of command: CommandDescription) -> String {
        command.fullName.replacing(" ", with: "-")
    }

    private static let section = 1

    var fileName: String { "\(name).\(Self.section)" }

    private var isOfProgram: Bool { command.commandName == program.commandName }

    /// The text for man.
    var text: String {
        var page = Roff()
        page.title(
            name, section: Self.section, date: date,
            source: "\(program.commandName) \(VersionText.own)", manual: "User Commands")
        page.section("NAME")
        page.line("\(Roff.escaped(name)) \\- \(Roff.escaped(Self.summary(of: command)))")
        page.section("SYNOPSIS")
        let withOptions = command.shownCommands.isEmpty ? [command] : command.shownCommands
        for (index, command) in (isOfProgram ? [command] : withOptions).enumerated() {
            if index > 0 { page.lineBreak() }
            page.line(Self.synopsis(of: command))
        }
        page.section("DESCRIPTION")
        let discussion = Discussion(command.discussion ?? "")
        Self.append(discussion.description, to: &page, otherwise: command.abstract)
        if isOfProgram { appendCommands(to: &page) }
        for part in command.shownCommands where !isOfProgram {
            page.section(part.fullName.uppercased())
            let discussion = Discussion(part.discussion ?? "")
            Self.append([.prose(part.abstract ?? "")] + discussion.blocks, to: &page)
            Self.appendArguments(of: part, to: &page)
        }
        if isOfProgram || command.shownCommands.isEmpty {
            if !command.operands.isEmpty { page.section("ARGUMENTS") }
            Self.append(command.operands, to: &page)
            page.section("OPTIONS")
            Self.append(command.options, to: &page)
        }
        appendExitStatus(to: &page)
        appendSurroundings(to: &page)
        if !discussion.examples.isEmpty {
            page.section("EXAMPLES")
            Self.append(discussion.examples, to: &page)
        }
        page.section("SEE ALSO")
        page.line(seeAlso)
        return page.text
    }

    /// Without the full stop, and beginning small unless with a name.
    private static func summary(of command: CommandDescription) -> String {
        let text = command.abstract ?? ""
        let sentence = text.hasSuffix(".") ? text.dropLast() : text[...]
        return sentence.prefix(1).lowercased() + sentence.dropFirst()
    }

    /// The options with short names, such as -o, are those by which a command is known; the others follow below.
    private static func synopsis(of command: CommandDescription) -> String {
        var words = [Roff.bold(command.fullName)]
        if !command.shownCommands.isEmpty { words.append(Roff.italic("command")) }
        words += command.operands.map { operand in
            let name =
                Roff.italic(operand.valueName ?? "") + (operand.isRepeating ? dots : "")
            return operand.isOptional ? "[\(name)]" : name
        }
        words += command.options.filter { $0.kind == .option }.compactMap { option in
            guard let name = option.spellings.first, !name.hasPrefix("--") || !option.isOptional
            else { return nil }
            let text = Roff.bold(name) + " " + Roff.italic(option.valueName ?? "")
            return option.isOptional ? "[\(text)]" : text
        }
        return (words + ["[\(Roff.italic("option"))]\(dots)"]).joined(separator: " ")
    }

    /// Behind what may be repeated.
    private static let dots = "\\ \\&..."

    private static func append(
        _ blocks: [Discussion.Block], to page: inout Roff, otherwise: String? = nil
    ) {
        if blocks.isEmpty, let otherwise { page.line(Roff.prose(otherwise)) }
        for (index, block) in blocks.enumerated() {
            switch block {
            case .prose(let text):
                if index > 0 { page.paragraph() }
                page.line(Roff.prose(text))
            case .example(let lines): page.example(lines)
            }
        }
    }

    /// Under the titles that they have in the help.
    private static func append(_ arguments: [CommandDescription.Argument], to page: inout Roff) {
        var titles: [String?] = []
        for argument in arguments where !titles.contains(argument.sectionTitle) {
            titles.append(argument.sectionTitle)
        }
        // What has no title comes first: below one, it would seem to belong there.
        for title in titles.filter({ $0 == nil }) + titles.filter({ $0 != nil }) {
            if let title { page.subsection(title) }
            for argument in arguments where argument.sectionTitle == title {
                page.item(tag: tag(of: argument), argument.explanation)
            }
        }
    }

    private static func appendArguments(of command: CommandDescription, to page: inout Roff) {
        append(command.operands + command.options, to: &page)
    }

    private static func tag(of argument: CommandDescription.Argument) -> String {
        let value = Roff.italic(argument.valueName ?? "")
        switch argument.kind {
        case .positional: return value
        case .flag: return argument.spellings.map(Roff.bold).joined(separator: ", ")
        case .option:
            return argument.spellings.map(Roff.bold).joined(separator: ", ") + " " + value
        }
    }

    private func appendCommands(to page: inout Roff) {
        page.section("COMMANDS")
        for command in program.shownCommands {
            page.item(tag: Self.reference(to: Self.name(of: command)), command.abstract ?? "")
        }
    }

    private func appendExitStatus(to page: inout Roff) {
        page.section("EXIT STATUS")
        for meaning in ExitStatus.meanings {
            if let commands = meaning.commands, !isOfProgram,
                !commands.contains(command.commandName)
            {
                continue
            }
            page.item(tag: Roff.bold(meaning.codes), meaning.text)
        }
    }

    private func appendSurroundings(to page: inout Roff) {
        guard isOfProgram else { return }
        page.section("ENVIRONMENT")
        page.item(
            tag: Roff.bold("SPICELEARN_NGSPICE"),
            "The shared library of another ngspice than the installed one; --ngspice wins over it.")
        page.section("FILES")
        page.item(
            tag: Roff.italic("deck.cir"),
            """
            A netlist that ngspice reads. What is to be learned stands in comment lines that begin with *.learn.
            """)
        page.item(
            tag: Roff.italic("train.csv"),
            """
            Samples: a row for each, with columns that are named by sources, V1, and by outputs, V(b) or \
            "V(a,c)".
            """)
    }

    private var seeAlso: String {
        let pages = ([program] + program.shownCommands).map(Self.name).filter { $0 != name }
        return (pages + ["ngspice"]).map(Self.reference).joined(separator: ",\n")
    }

    private static func reference(to page: String) -> String {
        "\(Roff.bold(page))(\(section))"
    }
}

/// What a command says of itself, in parts.
struct Discussion {
    enum Block: Equatable {
        case prose(String)
        case example([String])

        /// Whether there are commands in it.
        fileprivate var isExample: Bool {
            guard case .example(let lines) = self else { return false }
            return lines.contains { $0.contains("spicelearn ") }
        }
    }

    private(set) var blocks: [Block] = []

    /// - Parameter text: paragraphs with empty lines between them; those that are indented are examples. What it
    ///   says of exit codes is left out, for which there is a section.
    init(_ text: String) {
        for part in text.split(separator: "\n\n") {
            let lines = part.split(separator: "\n")
            if lines.allSatisfy({ $0.hasPrefix("  ") }) {
                blocks.append(.example(lines.map { String($0.dropFirst(2)) }))
            } else if !part.hasPrefix("Exit codes: ") {
                blocks.append(.prose(lines.joined(separator: " ")))
            }
        }
    }

    /// All but the commands that are shown.
    var description: [Block] {
        blocks.indices.filter { !isPartOfExample($0) }.map { blocks[$0] }
    }

    /// The commands that are shown, with what introduces them.
    var examples: [Block] { blocks.indices.filter(isPartOfExample).map { blocks[$0] } }

    private func isPartOfExample(_ index: Int) -> Bool {
        if blocks[index].isExample { return true }
        guard case .prose(let text) = blocks[index], text.hasSuffix(":") else { return false }
        return index + 1 < blocks.count && blocks[index + 1].isExample
    }
}
