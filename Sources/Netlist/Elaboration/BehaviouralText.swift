/// What an expression that the simulation evaluates mentions, read without understanding it: ngspice's
/// grammar there is wider than that of parameters.
struct BehaviouralText {
    /// A name that is no function, no node, no number and no key before `=`.
    struct Name {
        let text: String
        let offset: Int
    }

    struct Call {
        let name: Name
        let argumentCount: Int
    }

    private(set) var names: [Name] = []
    /// The arguments of each `v(…)`, which should be one or two.
    private(set) var voltages: [[Range<Int>]] = []
    /// Those of each `i(…)`, which should be one.
    private(set) var branches: [[Range<Int>]] = []
    /// Other functions, where they are called.
    private(set) var calls: [Call] = []
    private(set) var isBalanced = true
    private(set) var numbers: [Range<Int>] = []
    /// Each `1e-` before an operand, at which ngspice stops: it takes the sign for that of an exponent.
    private(set) var signsWithoutExponent: [Range<Int>] = []

    /// What needs no definition.
    static let constants: Set<String> = [
        "time", "temper", "hertz", "pi", "e", "i", "yes", "no", "true", "false", "params",
    ]

    /// Whether what follows `1e` or `1d` is the sign of its exponent, which ngspice takes even where no digit
    /// follows it.
    private static func endsBeforeItsSign(_ bytes: [UInt8], _ number: Range<Int>) -> Bool {
        let sign = number.upperBound
        let letter = bytes[sign - 1] | 0x20
        let digits = bytes[number].dropLast()
        return (letter == UInt8(ascii: "e") || letter == UInt8(ascii: "d"))
            && digits.allSatisfy { $0.isDigit || $0 == Byte.dot }
            && digits.filter { $0 == Byte.dot }.count <= 1
            && sign < bytes.count && (bytes[sign] == Byte.plus || bytes[sign] == Byte.minus)
    }

    /// Whether an operand follows with no operator between, as the `v` of `1e-v(a)`.
    private static func isBeforeOperand(_ bytes: [UInt8], _ end: Int) -> Bool {
        let rest = bytes[end...].drop(while: \.isBlank)
        // A parameter of the device is none.
        let next = rest.drop(while: \.isIdentifierByte).first { !$0.isBlank }
        return rest.first == Byte.dot || rest.first == Byte.leftParenthesis
            || rest.first?.isIdentifierByte == true && next != Byte.equals
    }

    init(_ bytes: [UInt8]) {
        var depth = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == Byte.leftParenthesis { depth += 1 }
            if byte == Byte.rightParenthesis {
                depth -= 1
                if depth < 0 { isBalanced = false }
            }
            guard byte.isIdentifierByte || byte == Byte.dot || byte == UInt8(ascii: "@") else {
                index += 1
                continue
            }
            let start = index
            let isName = byte.isLetter || byte == Byte.underscore
            while index < bytes.count,
                bytes[index].isIdentifierByte || bytes[index] == Byte.dot
                    || byte == UInt8(ascii: "@") && "@[]:".utf8.contains(bytes[index])
            {
                index += 1
            }
            if !isName {
                if Self.endsBeforeItsSign(bytes, start..<index) {
                    index += 1
                    let exponent = index
                    while index < bytes.count, bytes[index].isIdentifierByte { index += 1 }
                    let hasDigits = exponent < index && bytes[exponent].isDigit
                    if !hasDigits, Self.isBeforeOperand(bytes, index) {
                        signsWithoutExponent.append(start..<exponent)
                        index = exponent
                        continue
                    }
                }
                if byte != UInt8(ascii: "@") { numbers.append(start..<index) }
                continue
            }
            var next = index
            while next < bytes.count, bytes[next].isBlank { next += 1 }
            let follower = next < bytes.count ? bytes[next] : 0
            let word = bytes[start..<index]
            if follower == Byte.leftParenthesis {
                guard word.isCaseInsensitively("v") || word.isCaseInsensitively("i") else {
                    calls.append(
                        Call(
                            name: Name(text: word.lowercasedText, offset: start),
                            argumentCount: Self.argumentCount(bytes, next)))
                    continue
                }
                let close = Self.close(bytes, next)
                guard let close else {
                    isBalanced = false
                    return
                }
                let arguments = bytes[(next + 1)..<close].split(separator: Byte.comma).map {
                    $0.drop(while: \.isBlank).prefix { !$0.isBlank }
                }.filter { !$0.isEmpty }.map { $0.startIndex..<$0.endIndex }
                if word.isCaseInsensitively("v") {
                    voltages.append(arguments)
                } else {
                    branches.append(arguments)
                }
                index = close + 1
            } else if follower == Byte.equals,
                next + 1 >= bytes.count || bytes[next + 1] != Byte.equals
            {
                continue
            } else {
                names.append(Name(text: word.lowercasedText, offset: start))
            }
        }
        if depth != 0 { isBalanced = false }
    }

    /// Whether the text asks for voltages, currents, time, temperature or frequency, which makes
    /// ngspice hand it to the simulation.
    static func isWanted(_ bytes: [UInt8]) -> Bool {
        var index = 0
        while let range = bytes.nextWord(from: &index) {
            let word = bytes[range]
            // ngspice drops blanks before it looks for `v(`.
            let follower = bytes[index...].first { !$0.isBlank }
            let isCall = follower == Byte.leftParenthesis
            if isCall, word.isCaseInsensitively("v") || word.isCaseInsensitively("i") {
                return true
            }
            if word.isCaseInsensitively("time") || word.isCaseInsensitively("temper")
                || word.isCaseInsensitively("hertz")
            {
                return true
            }
        }
        return false
    }

    private static func argumentCount(_ bytes: [UInt8], _ open: Int) -> Int {
        var depth = 0
        var count = 1
        for byte in bytes[open..<(close(bytes, open) ?? bytes.count)] {
            switch byte {
            case Byte.leftParenthesis: depth += 1
            case Byte.rightParenthesis: depth -= 1
            case Byte.comma where depth == 1: count += 1
            default: break
            }
        }
        return count
    }

    private static func close(_ bytes: [UInt8], _ open: Int) -> Int? {
        var depth = 0
        for index in open..<bytes.count {
            if bytes[index] == Byte.leftParenthesis { depth += 1 }
            if bytes[index] == Byte.rightParenthesis {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }
}

extension Elaborator {
    /// Checks an expression that the simulation evaluates, and notes what it depends on.
    func readBehavioural(
        _ range: Range<Int>, _ statement: Statement, by user: String, _ frame: Frame
    ) {
        let text = BehaviouralText(statement.bytes(in: range))
        func source(_ offsets: Range<Int>) -> SourceRange {
            SourceRange(
                file: statement.file,
                bytes: (range.lowerBound + offsets.lowerBound)..<(range.lowerBound
                    + offsets.upperBound))
        }
        guard text.isBalanced else {
            diagnostics.error(
                "unbalanced-delimiter", "parentheses don't balance in this expression",
                at: source(0..<range.count))
            return
        }
        warnOfHiddenParameters(ValueText(range, in: statement), frame)
        for number in text.numbers { checkNumber(source(number)) }
        for number in text.signsWithoutExponent {
            let place = source(number)
            let bytes = place.file.bytes[place.bytes]
            let sign = bytes.suffix(1).text
            diagnostics.error(
                "bad-number",
                "ngspice takes the \(sign) for an exponent's, and finds no digits: write "
                    + "\(bytes.dropLast(2).text) \(sign) …, or the exponent's digits",
                at: place)
        }
        for power in OddPowers.find(
            in: statement.bytes(in: range),
            OddPowers.Names(
                value: { self.constant($0, frame) }, function: { frame.scope.function(named: $0) }))
        {
            warnOfOddPower(source(power))
        }
        for name in text.names {
            let place = source(name.offset..<(name.offset + name.text.utf8.count))
            switch parameter(name.text, in: frame) {
            case .success(let value): noteUse(value, by: user, at: statement.range)
            case .failure(let error):
                if case .random = error.kind { warnOfRandomValue(at: place, of: user) }
            case nil:
                guard !BehaviouralText.constants.contains(name.text) else { continue }
                diagnostics.error(
                    "unknown-parameter",
                    "there is no parameter \(name.text)"
                        + suggestion(for: name.text, in: parameterNames(frame)),
                    at: place)
            }
        }
        for call in text.calls {
            guard let fault = fault(of: call, in: frame) else { continue }
            let start = call.name.offset
            diagnostics.error(
                "bad-arguments", fault, at: source(start..<(start + call.name.text.utf8.count)))
        }
        for call in text.calls where isRandom(call.name.text, call.argumentCount, in: frame) {
            let start = call.name.offset
            warnOfRandomValue(
                at: source(start..<(start + call.name.text.utf8.count)), of: user)
        }
        for surplus in text.voltages.compactMap({ $0.dropFirst(2).first }) {
            diagnostics.error(
                "bad-arguments", "v(…) takes one node or two; remove this one", at: source(surplus))
        }
        for surplus in text.branches.compactMap({ $0.dropFirst().first }) {
            diagnostics.error(
                "bad-arguments", "i(…) takes one device; remove this one", at: source(surplus))
        }
        for voltage in text.voltages {
            let nodes = voltage.map { node in
                let place = source(node)
                return References.Read(
                    candidates: nodeCandidates(place.file.bytes[place.bytes], frame), range: place)
            }
            references.read += nodes
            references.controls[otherDevices.count, default: []].append(nodes.map(\.candidates))
        }
        if !text.branches.isEmpty || statement.bytes(in: range).contains(UInt8(ascii: "@")) {
            references.readsCurrent.insert(otherDevices.count)
        }
        for branch in text.branches.joined() {
            let place = source(branch)
            let local = DeviceName.ngspiceText(place.file.bytes[place.bytes])
            // Of other devices ngspice measures the current itself.
            guard local.hasPrefix("v"), frame.isTop || !local.contains(".") else { continue }
            references.devices.append(
                References.Device(
                    ngspiceName: frame.deviceName(local, letter: UInt8(ascii: "v")),
                    use: .current, range: place))
        }
    }

    /// What is wrong with the number of a call's arguments, or with a call within the deck's own function that it
    /// calls; nil where nothing is.
    private func fault(
        of call: BehaviouralText.Call, in frame: Frame, depth: Int = 0
    ) -> String? {
        let name = call.name.text
        guard let own = frame.scope.function(named: name) else {
            return BehaviouralFunction.fault(of: name, argumentCount: call.argumentCount)
        }
        let wanted = own.parameters.count
        if wanted > 0, call.argumentCount != wanted {
            return
                "\(name) takes \(wanted) argument\(wanted == 1 ? "" : "s"), not \(call.argumentCount)"
        }
        guard depth < Self.maximumDepth else { return nil }
        return BehaviouralText(own.text).calls.lazy.compactMap {
            self.fault(of: $0, in: frame, depth: depth + 1)
        }.first.map { "within the function \(name): \($0)" }
    }

    /// Whether a function draws at random, or is the deck's own and calls one that does.
    ///
    /// - Parameter count: of its arguments, where that is known: `limit` of three is no random function.
    private func isRandom(
        _ function: String, _ count: Int?, in frame: Frame, depth: Int = 0
    ) -> Bool {
        if let own = frame.scope.function(named: function) {
            return depth < Self.maximumDepth
                && own.body.functionNames.contains {
                    isRandom($0, nil, in: frame, depth: depth + 1)
                }
        }
        guard let known = BuiltInFunction.named[function], case .random = known.value else {
            return false
        }
        return count == nil || count == known.argumentCount
    }

    /// Of the numbers that end in letters and digits, ngspice takes the rest for another number, and
    /// stops.
    private func checkNumber(_ place: SourceRange) {
        let bytes = place.file.bytes[place.bytes]
        let parsed = bytes.withUnsafeBufferPointer {
            SpiceNumber.parse(utf8: $0, in: deck.dialect, takesSignAfterD: true)
        }
        guard let suspicion = parsed?.suspicion else { return }
        guard suspicion.isCutShort else {
            diagnostics.warning("suspicious-number", suspicion.warning, at: place)
            return
        }
        diagnostics.error(
            "bad-number",
            "\(bytes.text) is not a number that ngspice reads; write "
                + (suspicion.correction ?? "it in full"),
            at: place)
    }

    /// The value that a part of such an expression has before the simulation.
    private func constant(_ text: ArraySlice<UInt8>, _ frame: Frame) -> Double? {
        if let number = SpiceNumber.parse(utf8: text, in: deck.dialect) { return number.value }
        guard text.allSatisfy(\.isParameterByte) else {
            let expression = try? Expression(parsingUTF8: Array(text), in: deck.dialect)
            return try? expression?.evaluate(in: Unrecorded(elaborator: self, frame: frame)).number
        }
        guard case .success(let value) = parameter(text.lowercasedText, in: frame) else {
            return nil
        }
        return value.number
    }

    /// For what only a warning depends on.
    private struct Unrecorded: ExpressionEnvironment {
        let elaborator: Elaborator
        let frame: Frame

        func parameter(named name: String) throws(EvaluationError) -> ParameterValue? {
            guard case .success(let value) = elaborator.parameter(name, in: frame) else {
                return nil
            }
            return ParameterValue(value.number)
        }

        func function(named name: String) -> ExpressionFunction? {
            frame.scope.function(named: name)
        }
    }

    private func warnOfOddPower(_ place: SourceRange) {
        diagnostics.warning(
            "odd-power",
            "where this is negative, ngspice "
                + (deck.dialect.powersKeepSign
                    ? "before version 47 loses the minus of its odd power"
                    : "loses the minus of its odd power, and from version 47 on keeps it")
                + "; write a product, or pwr(x, n), which keeps it everywhere",
            at: place)
    }

    /// Reads all expressions on a device's line from a token on; of a B device's, all the text.
    func readBehaviouralLine(
        _ statement: Statement, from first: Int, isAll: Bool, by user: String, _ frame: Frame
    ) {
        guard first < statement.tokens.count else { return }
        if isAll {
            let start = statement.tokens[first].range.lowerBound
            readBehavioural(start..<statement.range.bytes.upperBound, statement, by: user, frame)
            return
        }
        for index in first..<statement.tokens.count where statement.tokens[index].isValue {
            let token = statement.tokens[index]
            let isAssigned = statement.tokens[index - 1].kind == .equals
            guard token.kind == .expression || isAssigned else {
                useMentions(ValueText(token, in: statement), by: user, statement.range, frame)
                continue
            }
            readBehavioural(
                ValueText(token, in: statement).range, statement, by: user, frame)
        }
    }
}
