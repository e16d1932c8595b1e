/// All points in which `actual` differs from `expected`, in the order of the expected deck; what is
/// extra follows.
///
/// Devices, models and subcircuits are compared by their names, wherever they stand; other cards in
/// their order, kind by kind. Two numbers are equal if
///
///     |expected − actual| ≤ absoluteTolerance + relativeTolerance · max(|expected|, |actual|)
///
/// however they are written (`1k`, `1000`, `1e3`). Comments and what they say about learning, spacing,
/// case, continuation lines, the title and `.control` blocks make no difference.
public func compare(
    expected: Deck, actual: Deck, relativeTolerance: Double = 0, absoluteTolerance: Double = 0
) -> [Difference] {
    DeckComparison(relative: relativeTolerance, absolute: absoluteTolerance)
        .differences(ComparableDeck(expected), ComparableDeck(actual))
}

/// A deck's statements, each under the key by which its counterpart is found.
private struct ComparableDeck {
    struct Entry {
        let key: String
        let name: String
        let statement: Statement
    }

    private(set) var entries: [Entry] = []
    private(set) var indices: [String: Int] = [:]

    init(_ deck: Deck) {
        var scopes: [String] = []
        var counts: [String: Int] = [:]
        for statement in deck.statements {
            let name = statement.lowercasedText(of: statement.name)
            let scope = scopes.joined(separator: "/")
            var key = scope + "\u{0}"
            var shown = statement.text(of: statement.name)
            switch statement.kind {
            case .device: key += name
            case .card:
                let values = statement.tokens.dropFirst().filter(\.isValue)
                let kind = Self.kinds[name] ?? name
                key += kind
                if [".model", ".subckt", ".func"].contains(kind), let first = values.first {
                    key += "\u{0}" + statement.lowercasedText(of: first)
                    shown += " " + statement.text(of: first)
                }
                if kind == ".subckt" {
                    scopes.append(values.first.map(statement.lowercasedText(of:)) ?? "")
                } else if kind == ".ends" {
                    _ = scopes.popLast()
                    continue
                }
            }
            let count = counts[key, default: 0]
            counts[key] = count + 1
            if count > 0 { key += "\u{0}\(count)" }
            indices[key] = entries.count
            let prefix = scope.isEmpty ? "" : scope + "/"
            entries.append(Entry(key: key, name: prefix + shown, statement: statement))
        }
    }

    /// Other names for the same card.
    private static let kinds = [
        ".macro": ".subckt", ".eom": ".ends", ".option": ".options", ".opt": ".options",
        ".para": ".param", ".params": ".param", ".measure": ".meas", ".fourier": ".four",
    ]
}

private struct DeckComparison {
    let relative: Double
    let absolute: Double

    func differences(_ expected: ComparableDeck, _ actual: ComparableDeck) -> [Difference] {
        var result: [Difference] = []
        for entry in expected.entries {
            guard let index = actual.indices[entry.key] else {
                result.append(
                    Difference(
                        kind: .missing, name: entry.name, message: "\(entry.name) is missing",
                        expected: entry.statement.range(of: entry.statement.name), actual: nil))
                continue
            }
            result += differences(entry.name, entry.statement, actual.entries[index].statement)
        }
        for entry in actual.entries where expected.indices[entry.key] == nil {
            result.append(
                Difference(
                    kind: .extra, name: entry.name, message: "\(entry.name) is not expected",
                    expected: nil, actual: entry.statement.range(of: entry.statement.name)))
        }
        return result
    }

    private func differences(_ name: String, _ a: Statement, _ b: Statement) -> [Difference] {
        let first = a.tokens.dropFirst().filter { $0.isValue || $0.kind == .equals }
        let second = b.tokens.dropFirst().filter { $0.isValue || $0.kind == .equals }
        var result: [Difference] = []
        let nameCount = a.leadingNameCount
        for (index, (x, y)) in zip(first, second).enumerated() {
            let kind = difference(a, x, b, y, areNames: index < nameCount)
            guard let kind else { continue }
            let old = a.text(of: x)
            let new = b.text(of: y)
            result.append(
                Difference(
                    kind: kind, name: name, message: "\(name) has \(new), not \(old)",
                    expected: a.range(of: x), actual: b.range(of: y)))
        }
        if first.count != second.count {
            let isShort = second.count < first.count
            let token = isShort ? first[second.count] : second[first.count]
            let text = isShort ? a.text(of: token) : b.text(of: token)
            result.append(
                Difference(
                    kind: .structure, name: name,
                    message: isShort
                        ? "\(name) lacks \(text)" : "\(name) has \(text) in addition",
                    expected: isShort ? a.range(of: token) : a.range,
                    actual: isShort ? b.range : b.range(of: token)))
        }
        return result
    }

    /// How two tokens differ; nil if they are equal.
    private func difference(
        _ a: Statement, _ x: Token, _ b: Statement, _ y: Token, areNames: Bool
    ) -> Difference.Kind? {
        let (first, second) = (a.bytes(of: x), b.bytes(of: y))
        if first == second { return nil }
        if areNames { return first.lowercasedText == second.lowercasedText ? nil : .structure }
        let (left, right) = (Self.pieces(first, x.kind), Self.pieces(second, y.kind))
        guard left.count == right.count else { return .structure }
        var result: Difference.Kind?
        for (l, r) in zip(left, right) {
            switch (l, r) {
            case (.number(let p), .number(let q)):
                if !areEqual(p, q) { result = result ?? .value }
            case (.text(let p), .text(let q)):
                if p != q { return .structure }
            default: return .structure
            }
        }
        return result
    }

    private func areEqual(_ a: Double, _ b: Double) -> Bool {
        a == b || abs(a - b) <= absolute + relative * max(abs(a), abs(b))
    }

    private enum Piece {
        case number(Double)
        case text(String)
    }

    /// A word as a number if it is one, an expression as its names, numbers and operators.
    private static func pieces(_ bytes: [UInt8], _ kind: Token.Kind) -> [Piece] {
        let inner = kind == .word ? bytes[...] : bytes.dropFirst().dropLast()
        if let number = SpiceNumber.parse(utf8: inner) { return [.number(number.value)] }
        if kind == .word, !bytes.contains(where: { "()+*/^?".utf8.contains($0) }) {
            return [.text(bytes.lowercasedText)]
        }
        var result: [Piece] = []
        var index = inner.startIndex
        while index < inner.endIndex {
            let byte = inner[index]
            if byte.isBlank {
                index += 1
                continue
            }
            let start = index
            if byte.isIdentifierByte || byte == Byte.dot {
                let isNumber = byte.isDigit || byte == Byte.dot
                while index < inner.endIndex,
                    inner[index].isIdentifierByte || inner[index] == Byte.dot
                        || isNumber && isExponentSign(inner, index)
                {
                    index += 1
                }
                let word = inner[start..<index]
                if isNumber, let number = SpiceNumber.parse(utf8: word) {
                    result.append(.number(number.value))
                } else {
                    result.append(.text(word.lowercasedText))
                }
            } else {
                index += 1
                result.append(.text(inner[start..<index].text))
            }
        }
        return result
    }

    private static func isExponentSign(_ bytes: ArraySlice<UInt8>, _ index: Int) -> Bool {
        guard bytes[index] == Byte.plus || bytes[index] == Byte.minus, index > bytes.startIndex
        else { return false }
        let before = bytes[index - 1].lowercased
        return before == UInt8(ascii: "e") || before == UInt8(ascii: "d")
    }
}

extension Statement {
    /// How many of the first values are names even where they look like numbers: nodes, mostly.
    fileprivate var leadingNameCount: Int {
        guard case .device(let letter) = kind else {
            return cardName == ".subckt" || cardName == ".macro" ? callTokens.count : 1
        }
        switch letter {
        case UInt8(ascii: "x"): return callTokens.count
        case UInt8(ascii: "e"), UInt8(ascii: "g"):
            return tokens.contains { $0.kind == .equals || $0.kind == .expression } ? 2 : 4
        case UInt8(ascii: "m"), UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "o"): return 4
        case UInt8(ascii: "q"), UInt8(ascii: "j"), UInt8(ascii: "z"), UInt8(ascii: "u"),
            UInt8(ascii: "f"), UInt8(ascii: "h"), UInt8(ascii: "w"):
            return 3
        default: return 2
        }
    }
}
