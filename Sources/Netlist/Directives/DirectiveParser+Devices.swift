/// `trainable` and `input`.
extension DirectiveParser {
    /// `trainable R1 X1.R* rtop VG* min=10 max=10meg vary=log`.
    mutating func parseTrainable(_ keyword: Token) {
        var line = LearningDirectives.Trainable(patterns: [])
        while let token = next() {
            if token.kind == .comma { continue }
            guard token.kind == .word else {
                report(
                    "unexpected-text",
                    "a name is expected here: of a resistor, a source or a parameter", token.range)
                continue
            }
            let name = name(from: token)
            guard skip(.equals) else {
                line.patterns.append(Located(text(name), at: at(name)))
                continue
            }
            guard let value = next(), value.kind == .word else {
                report("missing-value", "\(text(token))= needs a value", token.range)
                continue
            }
            switch lowercased(token) {
            case "min": setBound(\.min, "min", value, &line)
            case "max": setBound(\.max, "max", value, &line)
            case "vary":
                let vary = lowercased(value)
                if let old = line.vary, old.value != vary {
                    report("contradicting-setting", "vary is given twice; keep one", token.range)
                }
                line.vary = Located(vary, at: at(value.range))
            case "local":
                guard let local = LearningDirectives.LocalTerm(rawValue: lowercased(value)) else {
                    report(
                        "unknown-local", "local is adjoint or drops, not \(text(value))",
                        value.range)
                    continue
                }
                if let old = line.local, old.value != local {
                    report("contradicting-setting", "local is given twice; keep one", token.range)
                }
                line.local = Located(local, at: at(value.range))
            default: reportUnknownKey(token, known: Self.trainableKeys)
            }
        }
        if let min = line.min, let max = line.max, min.value > max.value {
            report(
                "empty-bounds", "max is below min; exchange them", max.range.bytes)
        }
        directives.trainable.append(line)
    }

    private mutating func setBound(
        _ path: WritableKeyPath<LearningDirectives.Trainable, Located<Double>?>, _ name: String,
        _ token: Token, _ line: inout LearningDirectives.Trainable
    ) {
        guard let value = finite(token, name) else { return }
        if let old = line[keyPath: path], old.value != value.value {
            report("contradicting-setting", "\(name) is given twice; keep one", token.range)
        }
        line[keyPath: path] = value
    }

    mutating func parseInputs(_ keyword: Token) {
        let before = index
        while let token = next() {
            if token.kind == .comma { continue }
            guard token.kind == .word, current?.kind != .equals else {
                report(
                    "unexpected-text", "the name of a voltage or current source is expected here",
                    token.range)
                if skip(.equals) { _ = next() }
                continue
            }
            let name = lowercased(token)
            guard !directives.inputs.contains(where: { $0.value.lowercased() == name }) else {
                continue
            }
            directives.inputs.append(Located(text(token), at: at(token.range)))
        }
        if index == before {
            report("missing-name", "input needs the name of a source", keyword.range)
        }
    }
}
