/// `loss`, `class`, `encode`, `ignore`, `test`, and what a training is to reach.
extension DirectiveParser {
    /// `loss cross-entropy temperature=20m`.
    mutating func parseLoss(_ keyword: Token) {
        guard let name = next(), name.kind == .word, current?.kind != .equals else {
            report("missing-name", "loss needs a name, like *.learn loss squared", keyword.range)
            return
        }
        var loss = LearningDirectives.Loss(
            name: Located(lowercased(name), at: at(name.range)), settings: [])
        while let token = next() {
            if token.kind == .comma { continue }
            guard token.kind == .word, skip(.equals), let value = next(), value.kind == .word else {
                report(
                    "unexpected-text", "a setting such as temperature=20m is expected", token.range)
                continue
            }
            guard let number = number(value, lowercased(token), positive: true) else { continue }
            loss.settings.append((Located(lowercased(token), at: at(token.range)), number))
        }
        if let old = directives.loss, old.name.value != loss.name.value {
            report("contradicting-setting", "there are two losses; keep one", name.range)
            return
        }
        directives.loss = loss
    }

    /// `class species names=setosa,versicolor,virginica`.
    mutating func parseClass(_ keyword: Token) {
        guard let column = name("class needs the column of the data that has it", keyword) else {
            return
        }
        var result = LearningDirectives.ClassColumn(column: column, names: [])
        while let token = next() {
            if token.kind == .comma { continue }
            guard token.kind == .word, skip(.equals) else {
                report(
                    "unexpected-text", "names=A,B,C, low= or high= is expected here", token.range)
                continue
            }
            switch lowercased(token) {
            case "names":
                while let value = current, !isAtSetting {
                    _ = next()
                    if value.kind == .comma { continue }
                    guard let name = plainText(value) else {
                        report("unexpected-text", "the name of a class is expected", value.range)
                        continue
                    }
                    result.names.append(name)
                }
            case "low", "high":
                guard let value = next(), let number = finite(value, lowercased(token)) else {
                    continue
                }
                if lowercased(token) == "low" { result.low = number } else { result.high = number }
            default: reportUnknownKey(token, known: ["names", "low", "high"])
            }
        }
        if let old = directives.classColumn,
            old.column.value != column.value || old.names.map(\.value) != result.names.map(\.value)
        {
            report(
                "contradicting-setting", "a sample has one class: keep one of the class lines",
                column.range.bytes)
            return
        }
        directives.classColumn = result
    }

    /// `encode petal* V* from=0..7 to=0..1`, `encode x Vp Vn`, `encode color V1=red V2=green`.
    mutating func parseEncoding(_ keyword: Token) {
        guard let column = name("encode needs a column of the data", keyword) else { return }
        var result = LearningDirectives.Encoding(column: column, sources: [])
        var hasTarget = false
        while let token = next() {
            if token.kind == .comma { continue }
            guard token.kind == .word else {
                report("unexpected-text", "the name of a source is expected here", token.range)
                continue
            }
            guard skip(.equals) else {
                result.sources.append((Located(text(token), at: at(token.range)), nil))
                continue
            }
            guard let value = next(), let said = plainText(value) else {
                report("missing-value", "\(text(token))= needs a value", token.range)
                continue
            }
            switch lowercased(token) {
            case "from", "to":
                var range = said.range.bytes
                takeDecimals(into: &range)
                let interval = interval(range, lowercased(token))
                if lowercased(token) == "from" {
                    result.from = interval
                } else {
                    (result.to, hasTarget) = (interval, true)
                }
            default: result.sources.append((Located(text(token), at: at(token.range)), said))
            }
        }
        guard !result.sources.isEmpty else {
            report("missing-name", "encode needs the source that it sets", column.range.bytes)
            return
        }
        if result.from != nil, !hasTarget {
            report(
                "missing-value",
                "from= is the range of the data: say to which of the source, to=0..1",
                column.range.bytes)
        }
        directives.encodings.append(result)
    }

    private mutating func interval(
        _ range: Range<Int>, _ name: String
    ) -> Located<LearningDirectives.Encoding.Interval>? {
        let parts = text(range).split(separator: "..", omittingEmptySubsequences: false)
        var numbers: [Double] = []
        if parts.count == 2, !parts.contains(where: \.isEmpty) {
            let end = range.lowerBound + parts[0].utf8.count
            for part in [range.lowerBound..<end, (end + 2)..<range.upperBound] {
                guard let number = finite(in: part, name) else { return nil }
                numbers.append(number)
            }
        }
        guard numbers.count == 2, name == "to" || numbers[0] < numbers[1] else {
            report(
                "bad-value",
                name == "from"
                    ? "from needs two numbers with .. between, the lesser first, like from=0..1"
                    : "to needs two numbers with .. between, like to=0..1",
                range)
            return nil
        }
        return Located(
            LearningDirectives.Encoding.Interval(from: numbers[0], to: numbers[1]), at: at(range))
    }

    /// `ignore id note*`.
    mutating func parseIgnored(_ keyword: Token) {
        let before = index
        while let token = next() {
            if token.kind == .comma { continue }
            guard let name = plainText(token) else {
                report("unexpected-text", "the name of a column is expected here", token.range)
                continue
            }
            directives.ignored.append(name)
        }
        if index == before {
            report("missing-name", "ignore needs the name of a column", keyword.range)
        }
    }

    /// `test test.csv` or `test split=0.3`.
    mutating func parseTest(_ keyword: Token) {
        guard isAtSetting, let key = current, lowercased(key) == "split" else {
            parseFile(\.test, "test", keyword)
            return
        }
        _ = next()
        _ = next()
        guard let value = next(), let share = number(value, "split", positive: true) else { return }
        guard share.value < 1 else {
            report("bad-value", "split is a share of the data, below 1", value.range)
            return
        }
        set(\.split, share, "split") { "\($0)" }
    }

    /// `until=tolerance`, `until=loss<1e-4`, `until=accuracy>=0.95`, `until=plateau`.
    mutating func parseGoal(_ first: Token) {
        var range = first.range
        func isComparison(_ character: Character?) -> Bool {
            character.map { "<>=".contains($0) } ?? false
        }
        while let token = current,
            token.range.lowerBound == range.upperBound || isComparison(text(range).last)
                || isComparison(text(token).first)
        {
            range = range.lowerBound..<token.range.upperBound
            _ = next()
        }
        let bytes = Array(text(range).utf8)
        // Where the number begins, whose case counts.
        let start =
            bytes.lastIndex { "<>=".utf8.contains($0) }.flatMap { comparison in
                bytes[(comparison + 1)...].firstIndex { !$0.isBlank }
            } ?? bytes.count
        let number = (range.lowerBound + start)..<range.upperBound
        let goal: LearningDirectives.Goal
        switch bytes[..<start].filter({ !$0.isBlank }).lowercasedText {
        case "tolerance": goal = .tolerance
        case "plateau": goal = .plateau
        case "loss<", "loss<=":
            guard let loss = finite(in: number, "loss") else { return }
            guard loss > 0 else {
                report("bad-value", "a loss to reach must be positive", number)
                return
            }
            goal = .loss(loss)
        case "accuracy>", "accuracy>=":
            guard let share = finite(in: number, "accuracy") else { return }
            guard share > 0, share <= 1 else {
                report(
                    "bad-value", "accuracy is a share of the samples, above 0 and at most 1", number
                )
                return
            }
            goal = .accuracy(share)
        default:
            report(
                "unknown-goal",
                "a training goes on until tolerance, loss<X, accuracy>=X or plateau, not "
                    + text(range), range)
            return
        }
        set(\.until, Located(goal, at: at(range)), "until") { "\($0)" }
    }

    mutating func setChoice<Choice: RawRepresentable & CaseIterable & Equatable & Sendable>(
        _ path: WritableKeyPath<LearningDirectives, Located<Choice>?>, _ name: String,
        _ value: Token, _ what: String
    ) where Choice.RawValue == String {
        guard let choice = Choice(rawValue: lowercased(value)) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            report(
                "unknown-\(name)", "\(text(value)) is not \(what); there are \(names)", value.range)
            return
        }
        set(path, Located(choice, at: at(value.range)), name, describe: \.rawValue)
    }

    private mutating func name(_ missing: String, _ keyword: Token) -> Located<String>? {
        guard !isAtSetting, let token = next(), let name = plainText(token) else {
            report("missing-name", missing, keyword.range)
            return nil
        }
        return name
    }

    /// A word, or what stands in double quotes.
    private func plainText(_ token: Token) -> Located<String>? {
        switch token.kind {
        case .word: return Located(text(token), at: at(token.range))
        case .string:
            let inner = (token.range.lowerBound + 1)..<(token.range.upperBound - 1)
            return Located(text(inner), at: at(inner))
        default: return nil
        }
    }
}
