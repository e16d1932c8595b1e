extension Statement {
    /// The name of the sound file that a voltage source plays, `file sweep.wav snd(…)`; nil on other lines.
    var soundFile: Token? {
        guard kind == .device(UInt8(ascii: "v")),
            let keyword = tokens.dropFirst(3).firstIndex(where: { token($0, is: "file") })
        else { return nil }
        return tokens[(keyword + 1)...].first(where: \.isValue)
    }

    /// The line of such a source with the file named by its whole path; nil for other lines.
    ///
    /// - Parameter names: how names of nodes are spelled out.
    func soundLine(
        _ names: SpelledNames?, _ files: DataFileName, diagnostics: inout [Diagnostic]
    ) -> String? {
        guard let file = soundFile, let index = tokens.firstIndex(of: file) else { return nil }
        let text = text(of: file)
        let name = file.kind == .string ? String(text.dropFirst().dropLast()) : text
        switch files.path(of: name, at: range(of: file)) {
        case .success(let path):
            let sign = tokens[index - 1].kind == .equals ? "" : "="
            return line(
                of: tokens[...], spelling: names,
                replacing: [file.range.lowerBound: sign + "\"" + path + "\""])
        case .failure(let fault):
            diagnostics.append(fault)
            return nil
        }
    }
}
