extension Statement {
    /// The tokens without what tells CIDER's numerical devices to write their solutions to files
    /// (`print=1`, `save=1`), which no other device has.
    var tokensForNgspice: [Token] {
        guard mayBeNumerical else { return tokens }
        var kept: [Token] = []
        var index = 0
        while index < tokens.count {
            if index + 2 < tokens.count, tokens[index + 1].kind == .equals,
                token(tokens[index], is: "print") || token(tokens[index], is: "save")
            {
                index += 3
            } else {
                kept.append(tokens[index])
                index += 1
            }
        }
        return kept
    }

    /// An error where a device would read its state from a file.
    var initialConditionsFile: Diagnostic? {
        guard mayBeNumerical else { return nil }
        let words = ModelWords.ofNumericalDevice(ngspiceLine)
        guard words.contains(where: { $0.text.lowercasedASCII == "ic.file" }) else { return nil }
        return Diagnostic(
            "initial-conditions-file",
            "a device can't be given its state by a file here; leave out ic.file",
            at: range(of: name))
    }

    private var mayBeNumerical: Bool {
        guard case .device(let letter) = kind else { return false }
        return "dqm".utf8.contains(letter)
    }
}
