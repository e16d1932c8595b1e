#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A time function of an independent source, as far as its value at time zero goes.
private enum TimeFunction: String {
    case pulse, sin, exp, pwl, sffm, am, trnoise, trrandom

    /// How many numbers must follow.
    var minimumCount: Int {
        switch self {
        case .pulse, .sin, .exp, .sffm: 2
        case .am, .trnoise, .trrandom: 1
        case .pwl: 2
        }
    }

    /// What ngspice takes for the DC value where no other is given.
    func valueAtZero(
        _ x: [Double], of kind: Circuit.Source.Kind, in dialect: Dialect
    ) -> Double {
        func at(_ index: Int) -> Double { index < x.count ? x[index] : 0 }
        switch self {
        case .pulse: return at(0) + (at(1) - at(0)) * Self.pulse(x)
        case .exp:
            guard x.count >= 6, at(2) < 0, at(3) > 0, at(5) > 0 else { return at(0) }
            // Up from the first delay on, down from the second on.
            let up = 1 - Self.exponential(at(2) / at(3)),
                down = at(4) < 0 ? 1 - Self.exponential(at(4) / at(5)) : 0
            return at(0) + (at(1) - at(0)) * (up - down)
        case .sin:
            // Before its delay it has the value of its phase; with a negative one it is under way at time zero.
            let time = max(-at(3), 0)
            return at(0)
                + at(1) * Self.exponential(-time * at(4))
                * Self.sine(2 * .pi * at(2) * time + at(5) * .pi / 180)
        case .sffm:
            let (five, six) = (at(5) * .pi / 180, at(6) * .pi / 180)
            switch dialect.frequencyModulation(of: kind) {
            case .plain: return at(0) + at(1) * Self.sine(five + at(3) * Self.sine(six))
            case .limited(let carrier, let signal):
                let ratio = at(carrier) / at(signal)
                let index = at(3) > ratio ? ratio : max(at(3), 0)
                return at(0) + at(1) * Self.sine(six + index * Self.sine(five))
            case .none: return 0
            }
        case .am, .trnoise, .trrandom: return 0
        case .pwl:
            guard at(0) < 0 else { return at(1) }
            var index = 0
            while index + 3 < x.count {
                if x[index + 2] > 0 {
                    let fraction = (0 - x[index]) / (x[index + 2] - x[index])
                    return x[index + 1] + fraction * (x[index + 3] - x[index + 1])
                }
                index += 2
            }
            return at(index + 1)
        }
    }

    /// How much of its height a pulse has at time zero: what has begun before, by a negative delay, where all its
    /// times are given.
    private static func pulse(_ x: [Double]) -> Double {
        guard x.count >= 7, x[2] < 0, x[6] > 0 else { return 0 }
        let (rise, fall, width) = (x[3], x[4], x[5])
        let time = (-x[2]).truncatingRemainder(dividingBy: x[6])
        if time < rise { return time / rise }
        if time <= rise + width { return 1 }
        return time < rise + width + fall ? 1 - (time - rise - width) / fall : 0
    }

    private static func exponential(_ power: Double) -> Double {
        #if canImport(Glibc)
            Glibc.exp(power)
        #elseif canImport(Musl)
            Musl.exp(power)
        #else
            Darwin.exp(power)
        #endif
    }

    private static func sine(_ angle: Double) -> Double {
        #if canImport(Glibc)
            Glibc.sin(angle)
        #elseif canImport(Musl)
            Musl.sin(angle)
        #else
            Darwin.sin(angle)
        #endif
    }
}

extension Elaborator {
    /// `Vname n+ n- [[dc] value] [ac [magnitude [phase]]] [function(…)] [m=value]`.
    func elaborateSource(_ statement: Statement, _ kind: Circuit.Source.Kind, _ frame: Frame) {
        let letter = kind == .voltage ? UInt8(ascii: "v") : UInt8(ascii: "i")
        guard let (name, ngspiceName) = names(statement, letter, frame) else { return }
        var arguments = DeviceArguments(statement)
        guard let (positive, negative) = twoNodes(&arguments, frame) else { return }
        connections.attach(positive, negative)
        var line = SourceLine()
        let isRead = read(&arguments, &line, statement, kind, frame)
        if kind == .voltage {
            if line.isPort {
                connections.conduct(positive, negative)
            } else {
                connections.fixVoltage(
                    positive, negative, name, statement.range(of: statement.name))
            }
        }
        guard isRead else { return }
        if frame.scope.isMultiplied, kind == .current, let m = frame.values["m"] {
            line.multiplicity = multiplicity(line.multiplicity, inherited: m)
            noteUse(m, by: "the multiplicity", at: statement.range)
        }
        let range = statement.range(of: statement.name)
        guard !line.isPort, !line.isRandom, !line.isSound || line.leading ?? line.dc != nil else {
            for value in [line.leading, line.dc].compactMap(\.self) {
                noteUse(value.parameter, by: name, at: value.range)
            }
            // An RF port is a source with a resistance in series; what a sound begins with ngspice knows.
            otherDevices.append(
                Circuit.Device(
                    name: name, ngspiceName: ngspiceName,
                    letter: Character(UnicodeScalar(letter)), nodes: [positive, negative],
                    isLinear: !line.isPort, controls: [], range: range))
            return
        }
        let value = line.leading ?? line.dc
        sources.append(
            Circuit.Source(
                name: name, ngspiceName: ngspiceName, kind: kind, positive: positive,
                negative: negative,
                dcValue: value?.number ?? line.function ?? 0,
                variesWithTime: value == nil && line.function != nil,
                multiplicity: line.multiplicity,
                source: value?.source
                    ?? .unwritable(
                        reason: line.function == nil
                            ? "it has no value; write one after its nodes"
                            : "its value comes from a function of time; write one before it, like dc 1"
                    ),
                range: range))
    }

    private struct SourceValue {
        let number: Double
        let source: NumberSource
        let parameter: ParameterValue
        let range: SourceRange
    }

    private struct SourceLine {
        var leading: SourceValue?
        var dc: SourceValue?
        var function: Double?
        var multiplicity = 1.0
        var isPort = false
        /// True where ngspice draws the value at random.
        var isRandom = false
        /// True where it plays a sound file.
        var isSound = false
    }

    /// The words that may stand on an independent source's line.
    static let sourceKeywords = [
        "dc", "ac", "acmag", "acphase", "sine", "distof1", "distof2", "pulse", "sin", "exp", "pwl",
        "sffm", "am", "trnoise",
        "trrandom", "portnum", "z0", "pwr", "freq", "phase", "r", "td",
    ]

    private func read(
        _ arguments: inout DeviceArguments, _ line: inout SourceLine, _ statement: Statement,
        _ kind: Circuit.Source.Kind, _ frame: Frame
    ) -> Bool {
        if arguments.peek?.kind == .equals { _ = arguments.next() }
        if let token = arguments.peek, token.isValue, arguments.second?.kind != .equals,
            isNumber(token, statement, frame)
        {
            _ = arguments.next()
            guard let value = sourceValue(token, &line, statement, frame) else { return false }
            line.leading = value
        }
        while let token = arguments.next() {
            let name = statement.lowercasedText(of: token)
            if kind == .voltage, name == "file" {
                guard readSoundFile(&arguments, statement) else { return false }
                continue
            }
            guard token.kind == .word,
                Self.sourceKeywords.contains(name) || (name == "m" && kind == .current)
                    || (name == "snd" && kind == .voltage)
            else {
                guard literal(ValueText(token, in: statement)) == nil else {
                    diagnostics.error(
                        "two-values",
                        "ngspice reads one value here, and a decimal fraction has a point: "
                            + "\(statement.text(of: token)) is one too many",
                        at: statement.range(of: token))
                    return false
                }
                diagnostics.error(
                    "unknown-device-parameter",
                    statement.splitNumber(endingAt: token)?.remedy
                        ?? "a \(kind == .voltage ? "voltage" : "current") source has no "
                        + "\(statement.text(of: token))"
                        + suggestion(for: name, in: Self.sourceKeywords),
                    at: statement.range(of: token))
                return false
            }
            _ = arguments.skipEquals()
            var numbers: [SourceValue] = []
            while let next = arguments.peek, next.isValue, arguments.second?.kind != .equals,
                isNumber(next, statement, frame)
            {
                _ = arguments.next()
                guard let value = sourceValue(next, &line, statement, frame) else { return false }
                numbers.append(value)
                if name != "dc" {
                    noteUse(
                        value.parameter, by: statement.text(of: statement.name), at: value.range)
                }
                if ["dc", "m", "r", "td", "portnum", "z0", "pwr", "freq", "phase"].contains(name) {
                    break
                }
            }
            if let function = TimeFunction(rawValue: name == "sine" ? "sin" : name) {
                guard numbers.count >= function.minimumCount else {
                    diagnostics.error(
                        "missing-value",
                        "\(name) needs at least \(function.minimumCount) numbers",
                        at: statement.range(of: token))
                    return false
                }
                line.function = function.valueAtZero(
                    numbers.map(\.number), of: kind, in: deck.dialect)
                continue
            }
            switch name {
            case "dc": line.dc = numbers.first
            case "m": line.multiplicity = numbers.first?.number ?? 1
            case "portnum": line.isPort = true
            case "snd":
                guard checkSound(numbers.map(\.number), token, statement) else { return false }
                line.isSound = true
            default: break
            }
        }
        return true
    }

    /// Passes over the name of a sound file, which is looked for when the deck is handed over.
    private func readSoundFile(
        _ arguments: inout DeviceArguments, _ statement: Statement
    ) -> Bool {
        guard deck.dialect.playsSounds else {
            diagnostics.error(
                "sound-file", "ngspice reads sound files from version 47 on",
                at: statement.soundFile.map(statement.range(of:)) ?? statement.range)
            return false
        }
        _ = arguments.skipEquals()
        guard let file = arguments.nextValue(), file.kind != .expression else {
            diagnostics.error(
                "missing-value", "the name of a sound file must follow: file \"sweep.wav\"",
                at: statement.range)
            return false
        }
        return true
    }

    /// Checks the numbers of `snd(id offset factor delay channel oversampling)`; ngspice ends on some others.
    private func checkSound(_ x: [Double], _ token: Token, _ statement: Statement) -> Bool {
        guard statement.soundFile != nil, x.count == 6, (0..<6).contains(x[0].rounded()),
            x[4].rounded() >= 0, x[5] > 0, x[5] <= 256
        else {
            diagnostics.error(
                "sound-file",
                "a sound needs a file before it and six numbers, the first from 0 to 5, the last from 1 to "
                    + "256: file \"sweep.wav\" snd(0 0 1 0 0 1)",
                at: statement.range(of: token))
            return false
        }
        return true
    }

    private func isNumber(_ token: Token, _ statement: Statement, _ frame: Frame) -> Bool {
        guard token.kind == .word else { return true }
        if literal(ValueText(token, in: statement)) != nil { return true }
        let name = statement.lowercasedText(of: token)
        return !Self.sourceKeywords.contains(name) && hasParameter(name, in: frame)
    }

    private func sourceValue(
        _ token: Token, _ line: inout SourceLine, _ statement: Statement, _ frame: Frame
    ) -> SourceValue? {
        let text = ValueText(token, in: statement)
        guard !isRandom(text, frame, of: statement.text(of: statement.name)) else {
            line.isRandom = true
            return SourceValue(
                number: 0, source: .unwritable(reason: "it is drawn at random"),
                parameter: ParameterValue(0), range: text.source)
        }
        guard let value = number(text, frame, "the value of \(statement.text(of: statement.name))")
        else { return nil }
        return SourceValue(
            number: value.number,
            source: NumberSource(value.origin, at: statement.range(of: token)),
            parameter: value, range: text.source)
    }
}
