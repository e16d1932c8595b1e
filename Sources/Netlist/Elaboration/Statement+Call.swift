/// What an X line says.
extension Statement {
    /// The name of the subcircuit that an X line calls, in lower case; empty where there is none.
    var calledSubcircuit: String {
        let values = callTokens
        return values.last.map(lowercasedText(of:)) ?? ""
    }

    /// The nodes and the subcircuit's name of an X line.
    var callTokens: [Token] {
        var result: [Token] = []
        for (index, token) in tokens.enumerated().dropFirst() where token.isValue {
            if self.token(token, is: "params:") { break }
            if index + 1 < tokens.count, tokens[index + 1].kind == .equals { break }
            result.append(token)
        }
        return result
    }

    /// The names to the left of an `=`, in lower case.
    var assignedNames: [String] {
        tokens.indices.dropFirst().filter {
            tokens[$0].kind == .equals && tokens[$0 - 1].kind == .word
        }.map { lowercasedText(of: tokens[$0 - 1]) }
    }
}
