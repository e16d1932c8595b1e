/// What stands on a controlled source's line after what controls it, where that is one constant gain:
/// `gain [m=…]` or `gain=… [m=…]`.
private struct GainArguments {
    let gain: Token
    /// Whether the gain stands by itself: ngspice multiplies only such a one by m.
    let isPositional: Bool
    private(set) var multiplicity: (key: Token, value: Token)?

    /// - Parameter count: how many values stand before the gain.
    /// - Returns: nil for any other form; of several numbers ngspice makes a polynomial.
    init?(_ statement: Statement, after count: Int) {
        var arguments = DeviceArguments(statement)
        for _ in 0..<count where arguments.nextValue() == nil { return nil }
        guard let first = arguments.nextValue() else { return nil }
        if arguments.skipEquals() {
            guard statement.token(first, is: "gain"), let value = arguments.nextValue() else {
                return nil
            }
            (gain, isPositional) = (value, false)
        } else {
            (gain, isPositional) = (first, true)
        }
        while let key = arguments.next() {
            guard statement.token(key, is: "m"), arguments.skipEquals(),
                let value = arguments.nextValue()
            else { return nil }
            multiplicity = (key, value)
        }
    }
}

extension Statement {
    /// That the line of a controlled source with a constant gain ends before it, or before what controls it: ngspice
    /// then loads no deck at all. Where the `m=` of a source of current follows, it takes a gain of 0, and this is a
    /// warning.
    func missingGain(_ letter: UInt8, _ name: String) -> Diagnostic? {
        let isByVoltage = letter == UInt8(ascii: "e") || letter == UInt8(ascii: "g")
        var arguments = DeviceArguments(self)
        var last = self.name
        for _ in 0..<(isByVoltage ? 4 : 3) {
            guard let value = arguments.nextValue() else {
                return Diagnostic(
                    "missing-source",
                    "\(name) has nothing that controls it: put the name of a voltage source and the gain "
                        + "behind its nodes",
                    at: range(of: last))
            }
            last = value
        }
        var isRead = false
        let known = bytes(in: tokens[0].range.lowerBound..<last.range.upperBound).text
        if let key = arguments.peek {
            guard token(key, is: "m"), arguments.second?.kind == .equals else { return nil }
            last = key
            _ = arguments.next()
            if arguments.skipEquals(), arguments.nextValue() != nil,
                let gain = arguments.nextValue()
            {
                return Diagnostic(
                    "missing-gain",
                    "the gain of \(name) has to stand before its m=, right behind what controls it",
                    at: range(of: gain))
            }
            isRead = letter == UInt8(ascii: "g") || letter == UInt8(ascii: "f")
        }
        return Diagnostic(
            "missing-gain", isRead ? .warning : .error,
            "\(name) has no gain\(isRead ? ", and ngspice takes 0" : ""): put a number behind what controls it, "
                + "\(known.split(whereSeparator: \.isWhitespace).joined(separator: " ")) 2",
            at: range(of: last))
    }
}

extension Elaborator {
    /// What a line with a constant gain says.
    enum TransferReading {
        case transfer(Circuit.Transfer)
        /// ngspice draws the gain at random when it reads the deck.
        case random
        /// The gain is wrong, which was reported, or known only to the simulation.
        case unknown
        /// The line has another form.
        case other
    }

    /// Reads `Ename n+ n- c+ c- gain`, `Gname n+ n- c+ c- gain [m=…]`, `Fname n+ n- source gain [m=…]` or
    /// `Hname n+ n- source gain`.
    ///
    /// - Parameter nodes: the device's: two, or with those that control it four.
    func readTransfer(
        _ statement: Statement, _ letter: UInt8, nodes: [Int], _ frame: Frame
    ) -> TransferReading {
        let isCurrent = letter == UInt8(ascii: "f") || letter == UInt8(ascii: "g")
        let control: Circuit.Transfer.Control
        if nodes.count == 4 {
            control = .voltage(positive: nodes[2], negative: nodes[3])
        } else {
            let values = statement.tokens.dropFirst().filter(\.isValue)
            guard values.count > 2, let source = deviceName(values[2], statement, frame) else {
                return .other
            }
            control = .current(through: source)
        }
        let controls = nodes.count == 4 ? 4 : 3
        guard let arguments = GainArguments(statement, after: controls) else {
            warnOfSecondGain(statement, after: controls)
            return .other
        }
        if !isCurrent, let key = arguments.multiplicity?.key {
            diagnostics.error(
                "unknown-device-parameter",
                "a controlled voltage source has no m; sources of voltage can't be in parallel",
                at: statement.range(of: key))
            return .unknown
        }
        let gain = constant(arguments.gain, "the gain", statement, frame)
        let multiplicity =
            isCurrent && arguments.isPositional
            ? multiplicity(arguments.multiplicity?.value, statement, frame) : .number(1)
        switch (gain, multiplicity) {
        case (.number(let gain), .number(let multiplicity)):
            return .transfer(Circuit.Transfer(gain: gain * multiplicity, control: control))
        case (.unknown, _), (_, .unknown): return .unknown
        default: return .random
        }
    }

    /// Of two numbers ngspice makes a polynomial, which is hardly what a decimal comma says.
    private func warnOfSecondGain(_ statement: Statement, after count: Int) {
        let values = statement.tokens.dropFirst().filter(\.isValue).dropFirst(count)
        guard values.count == 2, let first = values.first, let second = values.last,
            values.allSatisfy({ literal(ValueText($0, in: statement)) != nil })
        else { return }
        let (constant, factor) = (statement.text(of: first), statement.text(of: second))
        diagnostics.warning(
            "two-values",
            "ngspice makes a polynomial of these two numbers, \(constant) + \(factor)*x; "
                + "a gain is one number, with a decimal point",
            at: statement.range(of: second))
    }

    private enum Constant {
        case number(Double)
        case random
        /// Wrong, which was reported, or known only to the simulation.
        case unknown
    }

    /// How many such devices are in parallel.
    private func multiplicity(
        _ own: Token?, _ statement: Statement, _ frame: Frame
    ) -> Constant {
        // ngspice appends m={m}, and so the X line's m replaces the device's own.
        if frame.scope.isMultiplied, let m = frame.values["m"] {
            noteUse(m, by: "the multiplicity", at: statement.range)
            guard deck.compatibility.contains(.hspice), let own,
                case .number(let number) = constant(own, "m", statement, frame)
            else { return .number(m.number) }
            return .number(multiplicity(number, inherited: m))
        }
        guard let own else { return .number(1) }
        return constant(own, "m", statement, frame)
    }

    /// A finite number.
    private func constant(
        _ token: Token, _ what: String, _ statement: Statement, _ frame: Frame
    ) -> Constant {
        let text = ValueText(token, in: statement)
        let value: ParameterValue
        switch evaluate(text, frame) {
        case .number(let number): value = number
        case .random: return .random
        case .simulation, .text, nil: return .unknown
        }
        guard value.number.isFinite else {
            diagnostics.error(
                "not-finite",
                "\(what) of \(statement.text(of: statement.name)) is "
                    + "\(value.number.isNaN ? "not a number" : "infinite"), which ngspice can't read",
                at: text.source)
            return .unknown
        }
        return .number(value.number)
    }
}
