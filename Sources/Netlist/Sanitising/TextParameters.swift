/// Parameters that hold texts: `.param tables="0110"`, `X1 a b part data="curve.txt"`.
///
/// ngspice puts a text wherever a parameter's name stands, on `.model` cards too, where it may become the name
/// of a file or of the parameter that takes one. So a text has no slash in it, which no file beyond ngspice's
/// own empty folder can do without, unless it stands where only the name of a file is meant; then it is the
/// checked path of that file.
struct TextParameters {
    /// Those that cards take for the name of a file, `file=data`, in lower case.
    let fileNames: Set<String>
    /// Whether X devices and `.subckt` cards give texts.
    private let passesTexts: Bool
    /// Whether there are code models, which alone read such files.
    private let hasCodeModels: Bool

    init(_ statements: [Statement], dialect: Dialect) {
        passesTexts = dialect.passesTexts
        hasCodeModels = statements.contains { $0.kind == .device(UInt8(ascii: "a")) }
        var names = Set(statements.lazy.flatMap(\.fileParameters))
        guard !names.isEmpty else {
            fileNames = []
            return
        }
        let holders = statements.filter { Self.holdsTexts($0, dialect.passesTexts) }
        var defined: Set<String> = []
        // What such a parameter is given may be another one.
        var count = -1
        while !names.isEmpty, count != names.count + defined.count {
            count = names.count + defined.count
            for statement in holders {
                for (name, value) in statement.textAssignments where names.contains(name) {
                    defined.insert(name)
                    if value.kind != .string { names.insert(statement.bareName(value)) }
                }
            }
        }
        fileNames = names.intersection(defined)
    }

    private static func holdsTexts(_ statement: Statement, _ passesTexts: Bool) -> Bool {
        guard !statement.isParameterCard else { return true }
        return passesTexts
            && (statement.kind == .device(UInt8(ascii: "x"))
                || [".subckt", ".macro"].contains(statement.cardName))
    }

    /// The line that gives ngspice a statement with texts; nil where it has none.
    ///
    /// - Parameter names: how names of nodes are spelled out, on a device's line.
    func line(
        of statement: Statement, _ names: SpelledNames?, _ files: DataFileName,
        diagnostics: inout [Diagnostic]
    ) -> String? {
        guard Self.holdsTexts(statement, passesTexts),
            statement.file.bytes[statement.range.bytes].contains(Byte.doubleQuote)
        else { return nil }
        var paths: [Int: String] = [:]
        for (name, value) in statement.textAssignments
        where value.kind == .string && fileNames.contains(name) {
            let text = String(statement.text(of: value).dropFirst().dropLast())
            switch files.path(of: text, at: statement.range(of: value)) {
            case .success(let path): paths[value.range.lowerBound] = "\"" + path + "\""
            case .failure(let fault): diagnostics.append(fault)
            }
        }
        let line = statement.line(of: statement.tokens[...], spelling: names, replacing: paths)
        if hasCodeModels, diagnostics.isEmpty,
            let fault = fault(in: line, of: statement, paths: paths)
        {
            diagnostics.append(fault)
        }
        return line
    }

    /// An error where a line hands on a text that could be the path of a file.
    private func fault(in line: String, of statement: Statement, paths: [Int: String])
        -> Diagnostic?
    {
        let known = Set(paths.values)
        let text =
            statement.isParameterCard
            ? line.utf8[...]
            : line.utf8[(line.utf8.firstIndex(of: Byte.equals) ?? line.endIndex)...]
        var rest = text
        while let open = rest.firstIndex(of: Byte.doubleQuote) {
            let inner = rest[open...].dropFirst().prefix { $0 != Byte.doubleQuote }
            rest = rest[inner.endIndex...].dropFirst()
            guard inner.contains(where: { $0 == Byte.slash || $0 == UInt8(ascii: "\\") }),
                !known.contains("\"" + inner.text + "\"")
            else { continue }
            return Diagnostic(
                "hidden-file",
                "ngspice could read the file \(inner.text) by this text; "
                    + "write file=\"…\" in the model itself, or leave out what looks like a path",
                at: statement.range(of: statement.name))
        }
        return nil
    }
}

extension Statement {
    /// The parameters by which a `.model` card names files: `file=data`, `file={data}`.
    fileprivate var fileParameters: [String] {
        guard cardName == ".model" else { return [] }
        let values = tokens.filter(\.isValue)
        return zip(values, values.dropFirst()).compactMap { name, value in
            guard name.kind == .word, lowercasedText(of: name).hasSuffix("file"),
                value.kind != .string
            else { return nil }
            let parameter = bareName(value)
            return parameter.isEmpty ? nil : parameter
        }
    }

    /// The name that a word or braces consist of, in lower case; empty where it is another text.
    fileprivate func bareName(_ token: Token) -> String {
        let text = lowercasedText(of: token)
        let name = token.kind == .word ? text : String(text.dropFirst().dropLast())
        return name.utf8.allSatisfy(\.isIdentifierByte) ? name : ""
    }

    /// `name = "text"` and `name = other`, on lines that give parameters.
    fileprivate var textAssignments: [(name: String, value: Token)] {
        tokens.indices.dropFirst().compactMap { index in
            guard index + 2 < tokens.count, tokens[index].kind == .word,
                tokens[index + 1].kind == .equals,
                tokens[index + 2].kind == .string || !bareName(tokens[index + 2]).isEmpty
            else { return nil }
            return (lowercasedText(of: tokens[index]), tokens[index + 2])
        }
    }
}
