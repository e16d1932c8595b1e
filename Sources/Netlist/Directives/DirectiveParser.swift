/// Reads the tokens of one directive.
struct DirectiveParser {
    private let file: SourceFile
    private let tokens: [Token]
    /// The whole directive, to blame where something is missing.
    private let whole: SourceRange
    var directives: LearningDirectives
    private(set) var diagnostics: DiagnosticCollector
    private(set) var index = 0

    private static let keywords = [
        "rule", "loss", "trainable", "input", "output", "class", "encode", "ignore", "data", "test",
        "train",
        "compat",
    ]
    static let ruleKeys = ["nudge", "nudging"]
    static let trainKeys = [
        "optimizer", "rate", "steps", "tolerance", "start", "seed", "duration", "batch", "epochs",
        "order", "schedule", "until", "probability",
    ]
    static let trainableKeys = ["min", "max", "vary", "local"]

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
        case "data": parseFile(\.data, "data", keyword)
        case "test": parseTest(keyword)
        case "loss": parseLoss(keyword)
        case "class": parseClass(keyword)
        case "encode": parseEncoding(keyword)
        case "ignore": parseIgnored(keyword)
        case "compat": parseCompatibility(keyword)
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

    var current: Token? { index < tokens.count ? tokens[index] : nil }

    /// Whether a name with = after it comes next.
    var isAtSetting: Bool {
        index + 1 < tokens.count && tokens[index].kind == .word && tokens[index + 1].kind == .equals
    }

    mutating func next() -> Token? {
        guard let token = current else { return nil }
        index += 1
        return token
    }

    mutating func skip(_ kind: Token.Kind) -> Bool {
        guard current?.kind == kind else { return false }
        index += 1
        return true
    }

    /// A name with the parenthesis that belongs to it, `R(1)`.
    mutating func name(from token: Token) -> Range<Int> {
        let rest = tokens[index...].prefix(3)
        guard file.bytes[token.range.lowerBound].lowercased == UInt8(ascii: "r"),
            rest.map(\.kind) == [.leftParenthesis, .word, .rightParenthesis],
            zip([token] + rest, rest).allSatisfy({ $0.range.upperBound == $1.range.lowerBound })
        else { return token.range }
        index += 3
        return token.range.lowerBound..<tokens[index - 1].range.upperBound
    }

    func text(_ token: Token) -> String { text(token.range) }
    func text(_ range: Range<Int>) -> String { file.bytes[range].text }
    func lowercased(_ token: Token) -> String { file.bytes[token.range].lowercasedText }
    func at(_ range: Range<Int>) -> SourceRange { SourceRange(file: file, bytes: range) }

    mutating func report(_ id: String, _ message: String, _ range: Range<Int>) {
        diagnostics.error(id, message, at: at(range))
    }

    // MARK: Values

    /// Stores a setting, or says that it contradicts an earlier one.
    mutating func set<Value: Equatable & Sendable>(
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

    /// A finite number that is positive, or at least not negative.
    mutating func number(_ token: Token, _ name: String, positive: Bool) -> Located<Double>? {
        guard let value = finite(token, name) else { return nil }
        guard positive ? value.value > 0 : value.value >= 0 else {
            report(
                "bad-value", "\(name) must \(positive ? "be positive" : "not be negative")",
                token.range)
            return nil
        }
        return value
    }

    mutating func finite(_ token: Token, _ name: String) -> Located<Double>? {
        guard !skipDecimals(after: token, name) else { return nil }
        guard let parsed = SpiceNumber.parse(text(token)), parsed.value.isFinite else {
            report(
                "not-a-number",
                "\(name) needs a number\(name == "rate" ? " or auto" : ""), not \(text(token))",
                token.range)
            return nil
        }
        guard isPlain(parsed, token.range, name) else { return nil }
        return Located(parsed.value, at: at(token.range))
    }

    /// The finite number that this stretch is.
    mutating func finite(in range: Range<Int>, _ name: String) -> Double? {
        let text = text(range)
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        if parts.count == 2, SpiceNumber.parse(parts[0]) != nil,
            parts[1].utf8.first?.isDigit == true
        {
            reportDecimalComma(name, "\(parts[0])", "\(parts[1])", range)
            return nil
        }
        guard let parsed = SpiceNumber.parse(text), parsed.value.isFinite else {
            report("not-a-number", "\(name) needs a number, not \(text)", range)
            return nil
        }
        return isPlain(parsed, range, name) ? parsed.value : nil
    }

    /// Takes commas with digits right behind them, `0..1,5`, which are decimal commas, for a part of what
    /// stands before them.
    mutating func takeDecimals(into range: inout Range<Int>) {
        while let comma = current, comma.kind == .comma, index + 1 < tokens.count,
            comma.range.lowerBound == range.upperBound,
            tokens[index + 1].range.lowerBound == comma.range.upperBound,
            file.bytes[comma.range.upperBound].isDigit
        {
            range = range.lowerBound..<tokens[index + 1].range.upperBound
            index += 2
        }
    }

    /// Whether a number is what its writer means. On a device's line ngspice's reading counts, and there
    /// is a warning; here nobody but us reads it.
    private mutating func isPlain(
        _ number: SpiceNumber.Parsed, _ range: Range<Int>, _ name: String
    ) -> Bool {
        guard let suspicion = number.suspicion else { return true }
        let text = text(range)
        let reason: String
        if text.contains("%") {
            let share = SpiceNumber.shortest(number.value / 100)
            reason = "\(name) is no percentage; write the number itself, \(share)"
        } else if let correct = suspicion.correction {
            reason = "\(name) can't be \(text); write \(correct)"
        } else {
            reason = "\(name) can't be \(text); write the number in full"
        }
        report("not-a-number", reason, range)
        return false
    }

    /// Whether a decimal comma and digits follow a number, which is an error: `1,5k`.
    private mutating func skipDecimals(after token: Token, _ name: String) -> Bool {
        guard let comma = current, comma.kind == .comma, index + 1 < tokens.count else {
            return false
        }
        let decimals = tokens[index + 1]
        guard token.range.upperBound == comma.range.lowerBound,
            comma.range.upperBound == decimals.range.lowerBound, decimals.kind == .word,
            SpiceNumber.parse(text(token)) != nil,
            file.bytes[decimals.range].first?.isDigit == true
        else { return false }
        index += 2
        reportDecimalComma(
            name, text(token), text(decimals),
            token.range.lowerBound..<decimals.range.upperBound)
        return true
    }

    private mutating func reportDecimalComma(
        _ name: String, _ whole: String, _ decimals: String, _ range: Range<Int>
    ) {
        report(
            "decimal-comma",
            "\(name) has a decimal comma; a decimal fraction has a point, \(whole).\(decimals)",
            range)
    }

    mutating func integer(_ token: Token, _ name: String) -> UInt64? {
        guard !skipDecimals(after: token, name) else { return nil }
        if let value = UInt64(text(token)) { return value }
        if let number = SpiceNumber.parse(text(token)) {
            guard isPlain(number, token.range, name) else { return nil }
            if let whole = UInt64(exactly: number.value) { return whole }
        }
        report("not-a-whole-number", "\(name) needs a whole number, 0 or more", token.range)
        return nil
    }

    // MARK: Data

    /// `data train.csv`: all up to white space, or what stands in double quotes.
    mutating func parseFile(
        _ path: WritableKeyPath<LearningDirectives, Located<String>?>, _ name: String,
        _ keyword: Token
    ) {
        guard let first = current else {
            report("missing-name", "\(name) needs the name of a CSV file", keyword.range)
            return
        }
        var range = first.range.lowerBound..<(tokens.last ?? first).range.upperBound
        if first.kind == .string {
            range = (first.range.lowerBound + 1)..<(first.range.upperBound - 1)
            if tokens.count > index + 1 {
                report(
                    "unexpected-text", "\(name) takes one file name", tokens[index + 1].range)
                return
            }
        } else if let blank = file.bytes[range].firstIndex(where: \.isBlank) {
            report(
                "unexpected-text",
                "\(name) takes one file name; put a name with spaces in double quotes",
                blank..<range.upperBound)
            return
        }
        index = tokens.count
        guard !range.isEmpty else {
            report("missing-name", "\(name) needs the name of a CSV file", first.range)
            return
        }
        set(path, Located(text(range), at: at(range)), name) { $0 }
    }
}
