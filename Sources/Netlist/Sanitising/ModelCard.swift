/// A `.model` card as ngspice reads it everywhere: parentheses balanced, files of code models by their
/// whole paths, numerical devices with their lines kept apart; and what is wrong with it.
///
/// Models are the one part of a circuit through which a deck could still reach beyond itself: those of
/// XSPICE read tables and signals from files (and in later versions than 39 run programs), CIDER's
/// numerical devices read profiles and write solutions to files of any name. So what stands on the card
/// is not only taken from what was understood of it, but read again as ngspice reads it.
struct ModelCard {
    /// More than one for numerical devices.
    let lines: [String]
    let diagnostics: [Diagnostic]

    /// - Parameter fileParameters: those whose texts are checked paths, in lower case.
    init(_ statement: Statement, _ files: DataFileName, fileParameters: Set<String>) {
        var writer = ModelCardWriter(statement, files, fileParameters: fileParameters)
        writer.write()
        lines = writer.lines
        diagnostics = writer.diagnostics
    }
}

private struct ModelCardWriter {
    private let statement: Statement
    private let files: DataFileName
    private let fileParameters: Set<String>
    private let isNumerical: Bool
    private(set) var lines: [String] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// The files that may be read.
    private var paths: Set<[UInt8]> = []

    private static let numericalTypes: Set<String> = ["numd", "nbjt", "numos"]
    /// Code models of ngspice 42 and later that start a program or load a library.
    private static let programTypes: Set<String> = ["d_process", "d_cosim"]

    init(_ statement: Statement, _ files: DataFileName, fileParameters: Set<String>) {
        self.statement = statement
        self.files = files
        self.fileParameters = fileParameters
        let type = statement.tokens.filter(\.isValue).dropFirst(2).first
        isNumerical =
            type.map { Self.numericalTypes.contains(statement.lowercasedText(of: $0)) } ?? false
    }

    mutating func write() {
        checkType()
        let text =
            PowerModelCard.isMeant(statement) ? PowerModelCard.text(statement) : joined()
        let split = text.split(separator: "\n").map(String.init)
        lines = isNumerical ? withoutOutput(split) : split
        if isNumerical { checkNumericalDevice() } else { checkCodeModel() }
    }

    private mutating func report(_ id: String, _ message: String, at token: Token) {
        diagnostics.append(Diagnostic(id, message, at: statement.range(of: token)))
    }

    private mutating func checkType() {
        let values = statement.tokens.filter(\.isValue)
        guard values.count > 2 else { return }
        if values[2].kind == .expression {
            report("model-type", "the type of a model is a word", at: values[2])
        }
        for token in values.dropFirst(2)
        where Self.programTypes.contains(unquoted(token).lowercasedASCII) {
            report(
                "runs-program",
                "this code model would run a program, which no netlist may do; leave it out",
                at: token)
        }
    }

    // MARK: Text

    private mutating func joined() -> String {
        let tokens = statement.tokens
        var depth = 0
        var result = ""
        var end: Int?
        for (index, token) in tokens.enumerated() {
            switch token.kind {
            case .leftParenthesis: depth += 1
            // ngspice gives up on some that close nothing, and doesn't mind others.
            case .rightParenthesis where depth == 0: continue
            case .rightParenthesis: depth -= 1
            default: break
            }
            if let end, end < token.range.lowerBound {
                // In a numerical device's description, each line is a card of its own.
                let isBroken =
                    isNumerical
                    && statement.file.bytes[end..<token.range.lowerBound].contains(where: {
                        $0 == Byte.lineFeed || $0 == Byte.carriageReturn
                    })
                let isAroundEquals =
                    token.kind == .equals || tokens[index - 1].kind == .equals
                result += isBroken ? "\n+ " : isAroundEquals ? "" : " "
            }
            end = token.range.upperBound
            if isFileName(index), let path = path(token) {
                paths.insert(Array(path.utf8))
                result += "\"" + path + "\""
            } else {
                result += statement.line(of: tokens[index...index])
            }
        }
        return result + String(repeating: ")", count: depth)
    }

    private func unquoted(_ token: Token) -> String {
        let text = statement.text(of: token)
        return token.kind == .string ? String(text.dropFirst().dropLast()) : text
    }

    /// Whether a token names a file: `file="…"`, `input_file="…"`, `state_file "…"`.
    private func isFileName(_ index: Int) -> Bool {
        let tokens = statement.tokens
        guard tokens[index].kind == .string,
            let name = tokens[..<index].last(where: \.isValue)
        else { return false }
        return namesFile(unquoted(name))
    }

    /// Whether a parameter gives the name of a file to read. In the descriptions of numerical devices,
    /// names may be cut short, and `rootfile` is for output, which is left out.
    private func namesFile(_ parameter: String) -> Bool {
        let name = parameter.lowercasedASCII
        guard isNumerical else { return name.hasSuffix("file") }
        return !name.isEmpty && "infile".hasPrefix(name)
    }

    /// The whole path of a file that may be read; nil where an error was reported.
    private mutating func path(_ token: Token) -> String? {
        switch files.path(of: unquoted(token), at: statement.range(of: token)) {
        case .success(let path): return path
        case .failure(let fault):
            diagnostics.append(fault)
            return nil
        }
    }

    // MARK: What ngspice would read

    private func isKnown(_ word: ModelWords.Word) -> Bool { paths.contains(Array(word.text.utf8)) }

    /// Whether a word is the name of a parameter, alone or in braces, whose text is a checked path.
    private func isFileParameter(_ word: ModelWords.Word) -> Bool {
        guard !word.isQuoted else { return false }
        var name = word.text.lowercasedASCII[...]
        if name.hasPrefix("{"), name.hasSuffix("}") { name = name.dropFirst().dropLast() }
        return fileParameters.contains(String(name))
    }

    private mutating func checkCodeModel() {
        let words = ModelWords.ofCodeModel(lines.joined(separator: " ")).dropFirst(3)
        var isName = false
        for word in words {
            if isName {
                guard isKnown(word) || isFileParameter(word) else { return reportHiddenFile(word) }
                isName = false
            } else if word.isQuoted, word.text.utf8.contains(Byte.slash) {
                return reportHiddenFile(word)
            } else {
                isName = namesFile(word.text)
            }
        }
    }

    private mutating func checkNumericalDevice() {
        for line in lines.dropFirst() {
            let words = ModelWords.ofNumericalDevice(line)
            let isDoping =
                words.first { $0.text != "+" }.map {
                    "doping".hasPrefix($0.text.lowercasedASCII)
                } ?? false
            var isName = false
            for word in words {
                if isName || word.text.utf8.contains(Byte.slash) {
                    guard isKnown(word), !word.text.utf8.contains(where: \.isBlank) else {
                        return reportHiddenFile(word)
                    }
                }
                isName = isDoping && namesFile(word.text)
            }
        }
    }

    private mutating func reportHiddenFile(_ word: ModelWords.Word) {
        guard diagnostics.isEmpty else { return }
        report(
            "hidden-file",
            "ngspice would read a file here (\(word.text)), whose name can't be checked; "
                + "write file=\"…\"",
            at: statement.name)
    }

    /// The lines without the `output` cards, which only say what is written to files, and where.
    private func withoutOutput(_ lines: [String]) -> [String] {
        var isOutput = false
        return lines.enumerated().filter { index, line in
            guard index > 0 else { return true }
            let text = line.utf8.dropFirst().drop { $0.isBlank || "=(),".utf8.contains($0) }
            // Another + continues the card before.
            if text.first != Byte.plus {
                let name = text.prefix(while: \.isLetter).lowercasedText
                isOutput = name.utf8.count > 1 && "output".hasPrefix(name)
            }
            return !isOutput
        }.map(\.element)
    }
}
