/// Reads the tokens of one directive.
struct DirectiveParser {
    private let file: SourceFile
    private let tokens: [Token]
    /// The whole directive, to blame where something is missing.
    private let whole: SourceRange
    private(set) var directives: LearningDirectives
    private(set) var diagnostics: DiagnosticCollector
    private var index = 0

    private static let keywords = ["rule", "trainable", "input", "output", "data", "train"]
    private static let ruleKeys = ["nudge", "nudging"]
    private static let trainKeys = [
        "optimizer", "rate", "steps", "tolerance", "seed", "duration",
    ]
    private static let trainableKeys = ["min", "max", "vary"]

    init(
        file: SourceFile, tokens: [Token], whole: SourceRange, directives: LearningDirectives,
        diagnostics: DiagnosticCollector
    ) {
        self.file = file
        self.tokens = tokens
        self.whole = whole
        self.directives = directives
        self.diagnostics = diagnostics
    }

    mutating func parse() {
        guard let keyword = next() else {
            report(
                "missing-keyword",
                "*.learn needs one of \(Self.keywords.joined(separator: ", "))", whole.bytes)
            return
        }
        switch lowercased(keyword) {
        case "rule": parseSettings(allowsRule: true)
        case "train": parseSettings(allowsRule: false)
        case "trainable": parseTrainable(keyword)
        case "input": parseInputs(keyword)
        case "output": parseOutputs(keyword)
        case "data": parseData(keyword)
        case let other:
            report(
                "unknown-keyword",
                "*.learn has no \(other)"
                    + (nearestName(to: other, in: Self.keywords).map { "; did you mean \($0)?" }
                        ?? "; it has \(Self.keywords.joined(separator: ", "))"),
                keyword.range)
        }
    }

    // MARK: Tokens

    private var current: Token? { index < tokens.count ? tokens[index] : nil }

    private mutating func next() -> Token? {
        guard let token = current else { return nil }
        index += 1
        return token
    }

    private mutating func skip(_ kind: Token.Kind) -> Bool {
        guard current?.kind == kind else { return false }
        index += 1
        return true
    }

    private func text(_ token: Token) -> String { text(token.range) }
    private func text(_ range: Range<Int>) -> String { file.bytes[range].text }
    private func lowercased(_ token: Token) -> String { file.bytes[token.range].lowercasedText }
    private func at(_ range: Range<Int>) -> SourceRange { SourceRange(file: file, bytes: range) }

    mutating func report(_ id: String, _ message: String, _ range: Range<Int>) {
        diagnostics.error(id, message, at: at(range))
    }

    // MARK: Settings

    /// `rule al nudge=0.1 nudging=centered`, `train rate=auto steps=1000`.
    private mutating func parseSettings(allowsRule: Bool) {
        while let token = next() {
            if token.kind == .comma { continue }
            guard token.kind == .word else {
                report("unexpected-text", "a setting such as steps=1000 is expected", token.range)
                continue
            }
            if skip(.equals) {
                parseSetting(token)
            } else if allowsRule {
                parseRule(token)
            } else {
                report(
                    "unexpected-text",
                    "a setting such as steps=1000 is expected, with = after its name", token.range)
            }
        }
    }

    private mutating func parseRule(_ token: Token) {
        let name = lowercased(token)
        guard let rule = LearningDirectives.RuleName(rawValue: name) else {
            let names = LearningDirectives.RuleName.allCases.map(\.rawValue)
            report(
                "unknown-rule",
                "there is no rule \(text(token)); rules are \(names.joined(separator: ", "))",
                token.range)
            return
        }
        set(\.rule, Located(rule, at: at(token.range)), "rule", describe: \.rawValue)
    }

    private mutating func parseSetting(_ key: Token) {
        let name = lowercased(key)
        guard let value = next(), value.kind == .word else {
            report("missing-value", "\(name)= needs a value", key.range)
            return
        }
        switch name {
        case "nudge":
            guard let number = number(value, "nudge", positive: true) else { return }
            set(\.nudge, number, name) { "\($0)" }
        case "nudging":
            guard let nudging = Self.nudging(lowercased(value)) else {
                report(
                    "unknown-nudging", "nudging is centered or one-sided, not \(text(value))",
                    value.range)
                return
            }
            set(\.nudging, Located(nudging, at: at(value.range)), name, describe: \.rawValue)
        case "optimizer":
            guard let optimizer = LearningDirectives.OptimizerName(rawValue: lowercased(value))
            else {
                let names = LearningDirectives.OptimizerName.allCases.map(\.rawValue)
                report(
                    "unknown-optimizer",
                    "there is no optimizer \(text(value)); optimizers are "
                        + names.joined(separator: ", "), value.range)
                return
            }
            set(\.optimizer, Located(optimizer, at: at(value.range)), name, describe: \.rawValue)
        case "rate":
            parseRate(value)
        case "steps":
            guard let number = integer(value, "steps") else { return }
            guard let steps = Int(exactly: number) else {
                report("bad-value", "steps is too large", value.range)
                return
            }
            set(\.steps, Located(steps, at: at(value.range)), name) { "\($0)" }
        case "seed":
            guard let number = integer(value, "seed") else { return }
            set(\.seed, Located(number, at: at(value.range)), name) { "\($0)" }
        case "tolerance":
            guard let number = number(value, "tolerance", positive: false) else { return }
            set(\.tolerance, number, name) { "\($0)" }
        case "duration":
            guard let number = number(value, "duration", positive: true) else { return }
            set(\.duration, number, name) { "\($0)" }
        default:
            reportUnknownKey(key, known: Self.ruleKeys + Self.trainKeys)
        }
    }

    private mutating func reportUnknownKey(_ key: Token, known: [String]) {
        let name = lowercased(key)
        let hint: String
        if Self.trainableKeys.contains(name) {
            hint = "; it belongs on a *.learn trainable line"
        } else if Self.ruleKeys.contains(name) {
            hint = "; it belongs on a *.learn rule line"
        } else if Self.trainKeys.contains(name) {
            hint = "; it belongs on a *.learn train line"
        } else {
            hint =
                nearestName(to: name, in: known).map { "; did you mean \($0)?" }
                ?? "; settings here are \(known.joined(separator: ", "))"
        }
        report("unknown-setting", "there is no setting \(text(key)) here\(hint)", key.range)
    }

    private static func nudging(_ text: String) -> LearningDirectives.Nudging? {
        switch text {
        case "centered", "centred": .centered
        case "one-sided", "onesided", "one_sided": .onesided
        default: nil
        }
    }

    private mutating func parseRate(_ value: Token) {
        let rate: LearningDirectives.Rate
        if ["auto", "automatic"].contains(lowercased(value)) {
            rate = .automatic
        } else {
            guard let number = number(value, "rate", positive: true) else { return }
            rate = .fixed(number.value)
        }
        set(\.rate, Located(rate, at: at(value.range)), "rate") { rate in
            switch rate {
            case .automatic: "auto"
            case .fixed(let number): "\(number)"
            }
        }
    }

    /// Stores a setting, or says that it contradicts an earlier one.
    private mutating func set<Value: Equatable & Sendable>(
        _ path: WritableKeyPath<LearningDirectives, Located<Value>?>, _ new: Located<Value>,
        _ name: String, describe: (Value) -> String
    ) {
        guard let old = directives[keyPath: path] else {
            directives[keyPath: path] = new
            return
        }
        guard old.value != new.value else { return }
        report(
            "contradicting-setting",
            "\(name) is \(describe(new.value)) here but \(describe(old.value)) on line "
                + "\(old.range.file.line(at: old.range.bytes.lowerBound)); keep one of them",
            new.range.bytes)
    }

    // MARK: Numbers

    /// A finite number that is positive, or at least not negative.
    private mutating func number(_ token: Token, _ name: String, positive: Bool) -> Located<Double>?
    {
        guard let value = finite(token, name) else { return nil }
        guard positive ? value.value > 0 : value.value >= 0 else {
            report(
                "bad-value", "\(name) must \(positive ? "be positive" : "not be negative")",
                token.range)
            return nil
        }
        return value
    }

    private mutating func finite(_ token: Token, _ name: String) -> Located<Double>? {
        guard let parsed = SpiceNumber.parse(text(token)), parsed.value.isFinite else {
            report(
                "not-a-number",
                "\(name) needs a number\(name == "rate" ? " or auto" : ""), not \(text(token))",
                token.range)
            return nil
        }
        return Located(parsed.value, at: at(token.range))
    }

    private mutating func integer(_ token: Token, _ name: String) -> UInt64? {
        if let value = UInt64(text(token)) { return value }
        if let value = SpiceNumber.parse(text(token))?.value, let whole = UInt64(exactly: value) {
            return whole
        }
        report("not-a-whole-number", "\(name) needs a whole number, 0 or more", token.range)
        return nil
    }

    // MARK: Names

    /// `trainable R1 X1.R* min=10 max=10meg vary=log`.
    private mutating func parseTrainable(_ keyword: Token) {
        var line = LearningDirectives.Trainable(patterns: [])
        while let token = next() {
            if token.kind == .comma { continue }
            guard token.kind == .word else {
                report("unexpected-text", "a resistor's name is expected here", token.range)
                continue
            }
            guard skip(.equals) else {
                line.patterns.append(Located(text(token), at: at(token.range)))
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
                guard let vary = LearningDirectives.TrainedVariable(rawValue: lowercased(value))
                else {
                    report(
                        "unknown-variable", "vary is conductance or log, not \(text(value))",
                        value.range)
                    continue
                }
                if let old = line.vary, old.value != vary {
                    report("contradicting-setting", "vary is given twice; keep one", token.range)
                }
                line.vary = Located(vary, at: at(value.range))
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
        guard let value = number(token, name, positive: true) else { return }
        if let old = line[keyPath: path], old.value != value.value {
            report("contradicting-setting", "\(name) is given twice; keep one", token.range)
        }
        line[keyPath: path] = value
    }

    private mutating func parseInputs(_ keyword: Token) {
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

    /// `output V(b)=0.2 V(a,c)`.
    private mutating func parseOutputs(_ keyword: Token) {
        let before = index
        while let token = next() {
            if token.kind == .comma { continue }
            guard token.kind == .word, lowercased(token) == "v", skip(.leftParenthesis) else {
                report("not-an-output", "an output is V(node) or V(node,node)", token.range)
                skipOutput()
                continue
            }
            parseOutput(from: token)
        }
        if index == before {
            report("missing-name", "output needs V(node) or V(node,node)", keyword.range)
        }
    }

    /// Goes on after what was not an output, so that the rest of the line is still read.
    private mutating func skipOutput() {
        while let token = current, token.kind != .word || lowercased(token) != "v" {
            _ = token
            index += 1
        }
    }

    private mutating func parseOutput(from first: Token) {
        var nodes: [Token] = []
        var end: Token?
        while let token = next() {
            if token.kind == .rightParenthesis {
                end = token
                break
            }
            if token.kind == .comma { continue }
            guard token.kind == .word else { break }
            nodes.append(token)
        }
        guard let end, (1...2).contains(nodes.count) else {
            report(
                "not-an-output", "an output is V(node) or V(node,node)",
                first.range.lowerBound..<(end ?? nodes.last ?? first).range.upperBound)
            skipOutput()
            return
        }
        var target: Located<Double>?
        if skip(.equals) {
            guard let value = next(), value.kind == .word else {
                report(
                    "missing-value", "a target in volts must follow the =",
                    first.range.lowerBound..<end.range.upperBound)
                return
            }
            guard let number = finite(value, "a target") else { return }
            target = number
        }
        let range = first.range.lowerBound..<end.range.upperBound
        let names = nodes.map(text)
        let output = LearningDirectives.Output(
            name: Located("\(text(first))(\(names.joined(separator: ",")))", at: at(range)),
            positive: Located(names[0], at: at(nodes[0].range)),
            negative: nodes.count > 1 ? Located(names[1], at: at(nodes[1].range)) : nil,
            target: target)
        add(output)
    }

    private mutating func add(_ output: LearningDirectives.Output) {
        let key = output.name.value.lowercased()
        guard
            let index = directives.outputs.firstIndex(where: { $0.name.value.lowercased() == key })
        else {
            directives.outputs.append(output)
            return
        }
        guard let target = output.target else { return }
        if let old = directives.outputs[index].target, old.value != target.value {
            report(
                "contradicting-setting",
                "the target of \(output.name.value) is \(target.value) here but \(old.value) on "
                    + "line \(old.range.file.line(at: old.range.bytes.lowerBound)); "
                    + "keep one of them",
                target.range.bytes)
            return
        }
        directives.outputs[index].target = target
    }

    // MARK: Data

    /// `data train.csv`: all up to white space, or what stands in double quotes.
    private mutating func parseData(_ keyword: Token) {
        guard let first = current else {
            report("missing-name", "data needs the name of a CSV file", keyword.range)
            return
        }
        var range = first.range.lowerBound..<(tokens.last ?? first).range.upperBound
        if first.kind == .string {
            range = (first.range.lowerBound + 1)..<(first.range.upperBound - 1)
            if tokens.count > index + 1 {
                report(
                    "unexpected-text", "data takes one file name", tokens[index + 1].range)
                return
            }
        } else if let blank = file.bytes[range].firstIndex(where: \.isBlank) {
            report(
                "unexpected-text",
                "data takes one file name; put a name with spaces in double quotes",
                blank..<range.upperBound)
            return
        }
        index = tokens.count
        guard !range.isEmpty else {
            report("missing-name", "data needs the name of a CSV file", first.range)
            return
        }
        set(\.data, Located(text(range), at: at(range)), "data") { $0 }
    }
}
