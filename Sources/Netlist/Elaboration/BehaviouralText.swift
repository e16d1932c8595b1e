/// What an expression that the simulation evaluates mentions, read without understanding it: ngspice's
/// grammar there is wider than that of parameters.
struct BehaviouralText {
    /// A name that is no function, no node, no number and no key before `=`.
    struct Name {
        let text: String
        let offset: Int
    }

    private(set) var names: [Name] = []
    /// The arguments of `v(…)` and `i(…)`.
    private(set) var nodes: [Range<Int>] = []
    private(set) var branches: [Range<Int>] = []
    private(set) var isBalanced = true

    /// What needs no definition.
    static let constants: Set<String> = [
        "time", "temper", "hertz", "pi", "e", "i", "yes", "no", "true", "false", "params",
    ]

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
                // The sign of an exponent belongs to the number.
                continue
            }
            var next = index
            while next < bytes.count, bytes[next].isBlank { next += 1 }
            let follower = next < bytes.count ? bytes[next] : 0
            let word = bytes[start..<index]
            if follower == Byte.leftParenthesis {
                guard word.isCaseInsensitively("v") || word.isCaseInsensitively("i") else {
                    continue
                }
                let close = Self.close(bytes, next)
                guard let close else {
                    isBalanced = false
                    return
                }
                let arguments = bytes[(next + 1)..<close].split(separator: Byte.comma)
                for argument in arguments {
                    let trimmed = argument.drop(while: \.isBlank).prefix { !$0.isBlank }
                    guard !trimmed.isEmpty else { continue }
                    let range = trimmed.startIndex..<trimmed.endIndex
                    if word.isCaseInsensitively("v") {
                        nodes.append(range)
                    } else {
                        branches.append(range)
                    }
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
            let isCall = index < bytes.count && bytes[index] == Byte.leftParenthesis
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
        for name in text.names {
            let place = source(name.offset..<(name.offset + name.text.utf8.count))
            switch parameter(name.text, in: frame) {
            case .success(let value): textUses.use(value, by: user, at: statement.range)
            case .failure: break
            case nil:
                guard !BehaviouralText.constants.contains(name.text) else { continue }
                diagnostics.error(
                    "unknown-parameter",
                    "there is no parameter \(name.text)"
                        + suggestion(for: name.text, in: parameterNames(frame)),
                    at: place)
            }
        }
        for node in text.nodes {
            let place = source(node)
            references.read.append(
                References.Read(
                    candidates: nodeCandidates(place.file.bytes[place.bytes], frame), range: place))
        }
        for branch in text.branches {
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
