#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension Statement {
    /// A `.model` card as ngspice reads it everywhere: parentheses balanced, files of code models by
    /// their whole paths, numerical devices with their lines kept apart and without the files that they
    /// write.
    ///
    /// - Parameter folder: the deck's, with its slash; ngspice looks for relative paths there.
    func modelCard(folder: String) -> String {
        let isNumerical =
            tokens.filter(\.isValue).dropFirst(2).first.map {
                ["numd", "nbjt", "numos"].contains(lowercasedText(of: $0))
            } ?? false
        var depth = 0
        var result = ""
        var end: Int?
        for (index, token) in tokens.enumerated() where !(isNumerical && namesOutputFile(index)) {
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
                    && file.bytes[end..<token.range.lowerBound].contains(where: {
                        $0 == 0x0A || $0 == 0x0D
                    })
                let isAroundEquals =
                    token.kind == .equals || tokens[index - 1].kind == .equals
                result += isBroken ? "\n+ " : isAroundEquals ? "" : " "
            }
            end = token.range.upperBound
            if namesDataFile(index), let path = resolved(token, folder: folder) {
                result += "\"" + path + "\""
            } else {
                result += line(of: tokens[index...index])
            }
        }
        return result + String(repeating: ")", count: depth)
    }

    /// The tokens that name files which are not there.
    func missingDataFiles(folder: String) -> [Token] {
        guard cardName == ".model" else { return [] }
        return tokens.indices.filter(namesDataFile).map { tokens[$0] }
            .filter { resolved($0, folder: folder) == nil }
    }

    /// The type of a model of XSPICE's analog delay that doesn't say how much it stores: it then divides
    /// the end of a transient by its step, 0/0 at an operating point, and writes outside its memory.
    var unboundedDelay: Token? {
        guard cardName == ".model", !assignedNames.contains("buffer_size") else { return nil }
        let values = tokens.filter(\.isValue)
        guard values.count > 2, lowercasedText(of: values[2]) == "delay" else { return nil }
        return values[2]
    }

    /// Whether a token is the name of a file with a code model's data: `file="…"`, `input_file="…"`,
    /// `state_file="…"`.
    private func namesDataFile(_ index: Int) -> Bool {
        index >= 2 && tokens[index].kind == .string && tokens[index - 1].kind == .equals
            && lowercasedText(of: tokens[index - 2]).hasSuffix("file")
            && !namesOutputFile(index)
    }

    /// Whether a token is a part of `rootfile="…"`, by which a numerical device names files that it
    /// writes.
    private func namesOutputFile(_ index: Int) -> Bool {
        (max(0, index - 2)...index).contains { start in
            start + 1 < tokens.count && tokens[start + 1].kind == .equals
                && lowercasedText(of: tokens[start]) == "rootfile"
        }
    }

    private func resolved(_ token: Token, folder: String) -> String? {
        let name = String(text(of: token).dropFirst().dropLast())
        guard let path = realpath(name.hasPrefix("/") ? name : folder + name, nil) else {
            return nil
        }
        defer { free(path) }
        return String(cString: path)
    }
}
