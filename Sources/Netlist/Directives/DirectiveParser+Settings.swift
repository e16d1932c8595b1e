/// `rule` and `train`.
extension DirectiveParser {
    /// `rule al nudge=0.1 nudging=centered`, `train rate=auto steps=1000`.
    mutating func parseSettings(allowsRule: Bool) {
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
        set(\.rule, Located(lowercased(token), at: at(token.range)), "rule") { $0 }
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
                    "unknown-nudging",
                    "nudging is centered, one-sided or limit, not \(text(value))",
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
        case "start":
            guard let start = LearningDirectives.StartName(rawValue: lowercased(value)) else {
                report(
                    "unknown-start", "a training starts at deck or random, not at \(text(value))",
                    value.range)
                return
            }
            set(\.start, Located(start, at: at(value.range)), name, describe: \.rawValue)
        case "seed":
            guard let number = integer(value, "seed") else { return }
            set(\.seed, Located(number, at: at(value.range)), name) { "\($0)" }
        case "tolerance":
            guard let number = number(value, "tolerance", positive: false) else { return }
            set(\.tolerance, number, name) { "\($0)" }
        case "duration":
            guard let number = number(value, "duration", positive: true) else { return }
            set(\.duration, number, name) { "\($0)" }
        case "batch", "epochs":
            guard let number = integer(value, name) else { return }
            guard let count = Int(exactly: number), count > 0 else {
                report("bad-value", "\(name) must be at least 1", value.range)
                return
            }
            set(
                name == "batch" ? \.batch : \.epochs, Located(count, at: at(value.range)), name
            ) { "\($0)" }
        case "order": setChoice(\.order, name, value, "an order")
        case "schedule": setChoice(\.schedule, name, value, "a schedule")
        case "until": parseGoal(value)
        case "probability":
            guard let number = number(value, name, positive: true) else { return }
            guard number.value <= 1 else {
                report("bad-value", "a probability is at most 1", value.range)
                return
            }
            set(\.probability, number, name) { "\($0)" }
        default:
            reportUnknownKey(key, known: Self.ruleKeys + Self.trainKeys)
        }
    }

    mutating func reportUnknownKey(_ key: Token, known: [String]) {
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
        case "limit": .limit
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
}
